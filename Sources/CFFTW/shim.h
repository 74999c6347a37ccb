#include <fftw3.h>
// Swift does not import an array of unknown length.
static inline const char *offprint_fftw_version(void) { return fftw_version; }
