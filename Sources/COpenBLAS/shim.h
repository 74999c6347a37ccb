#include <cblas.h>
// Plain structs instead of C's complex types, which Swift cannot import.
#define lapack_complex_float struct lapack_complex_float_
#define lapack_complex_double struct lapack_complex_double_
struct lapack_complex_float_ { float real, imag; };
struct lapack_complex_double_ { double real, imag; };
#include <lapacke.h>
