#include <hdf5.h>
#include <hdf5_hl.h>

#include "one_file_driver.h"

// Macros with casts or comma operators do not reach Swift; these give their values.
static inline size_t offprint_variable_length(void) { return H5T_VARIABLE; }
static inline unsigned offprint_read_write(void) { return H5F_ACC_RDWR; }
static inline unsigned offprint_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned offprint_all_objects(void) { return H5F_OBJ_ALL; }
static inline haddr_t offprint_undefined_address(void) { return HADDR_UNDEF; }
