// A driver of libhdf5 that reads files as the default one does, but only those that we open: a virtual dataset names other files,
// which libhdf5 would open by itself, some of them as soon as the dataset is opened or asked for its shape. Reads only.
//
// The permission to open is the driver's information in the list of properties. libhdf5 makes the lists for those other files from the
// open file, and the driver has no `fapl_get` to give its information away. Nothing here changes after the start: a header's variables
// exist once for each file of Swift that is compiled.
#include <hdf5.h>
#include <stdlib.h>

typedef struct {
  H5FD_t base;  // First: libhdf5 sees this part.
  H5FD_t *file;
} offprint_one_file;

static inline H5FD_t *offprint_inner(const H5FD_t *file) { return ((const offprint_one_file *)file)->file; }

static inline H5FD_t *offprint_one_open(const char *name, unsigned flags, hid_t fapl, haddr_t maxaddr) {
  if (!H5Pget_driver_info(fapl) || flags != H5F_ACC_RDONLY) return NULL;
  // Kept: closing it after a failure would empty the record of the reasons.
  static hid_t list = H5I_INVALID_HID;
  if (list < 0 && ((list = H5Pcreate(H5P_FILE_ACCESS)) < 0 || H5Pset_fapl_sec2(list) < 0)) return NULL;
  offprint_one_file *one = (offprint_one_file *)calloc(1, sizeof *one);
  if (!one) return NULL;
  one->file = H5FDopen(name, flags, list, maxaddr);
  if (one->file) return &one->base;
  free(one);
  return NULL;
}

// libhdf5 closes what it fails to open, and a call of its functions empties the record of why: it is put back.
static inline herr_t offprint_one_close(H5FD_t *file) {
  hid_t reasons = H5Eget_current_stack();
  herr_t result = H5FDclose(offprint_inner(file));
  free(file);
  if (result < 0) H5Eclose_stack(reasons);
  else H5Eset_current_stack(reasons);
  return result;
}

static inline int offprint_one_cmp(const H5FD_t *a, const H5FD_t *b) { return H5FDcmp(offprint_inner(a), offprint_inner(b)); }

static inline herr_t offprint_one_query(const H5FD_t *file, unsigned long *flags) {
  // libhdf5 asks without a file, too.
  if (file) return H5FDquery(offprint_inner(file), flags) < 0 ? -1 : 0;
  *flags = 0;
  return 0;
}

static inline haddr_t offprint_one_get_eoa(const H5FD_t *file, H5FD_mem_t type) { return H5FDget_eoa(offprint_inner(file), type); }

static inline herr_t offprint_one_set_eoa(H5FD_t *file, H5FD_mem_t type, haddr_t end) {
  return H5FDset_eoa(offprint_inner(file), type, end);
}

static inline haddr_t offprint_one_get_eof(const H5FD_t *file, H5FD_mem_t type) { return H5FDget_eof(offprint_inner(file), type); }

static inline herr_t offprint_one_get_handle(H5FD_t *file, hid_t fapl, void **handle) {
  return H5FDget_vfd_handle(offprint_inner(file), fapl, handle);
}

static inline herr_t offprint_one_read(H5FD_t *file, H5FD_mem_t type, hid_t list, haddr_t address, size_t size, void *buffer) {
  (void)list;
  return H5FDread(offprint_inner(file), type, H5P_DEFAULT, address, size, buffer);
}

static inline herr_t offprint_one_write(H5FD_t *file, H5FD_mem_t type, hid_t list, haddr_t address, size_t size, const void *buffer) {
  (void)file, (void)type, (void)list, (void)address, (void)size, (void)buffer;
  return -1;
}

static inline herr_t offprint_one_lock(H5FD_t *file, hbool_t writes) { return H5FDlock(offprint_inner(file), writes); }

static inline herr_t offprint_one_unlock(H5FD_t *file) { return H5FDunlock(offprint_inner(file)); }

static const H5FD_class_t offprint_one_file_class = {
#ifdef H5FD_CLASS_VERSION
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)600,
#endif
    .name = "one file",
    .maxaddr = ((haddr_t)1 << 63) - 1,  // What an offset of the operating system reaches.
    .fc_degree = H5F_CLOSE_WEAK,
    .fapl_size = sizeof(int),
    .open = offprint_one_open,
    .close = offprint_one_close,
    .cmp = offprint_one_cmp,
    .query = offprint_one_query,
    .get_eoa = offprint_one_get_eoa,
    .set_eoa = offprint_one_set_eoa,
    .get_eof = offprint_one_get_eof,
    .get_handle = offprint_one_get_handle,
    .read = offprint_one_read,
    .write = offprint_one_write,
    .lock = offprint_one_lock,
    .unlock = offprint_one_unlock,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

/// Makes the driver known to libhdf5, once; negative when that fails.
static inline hid_t offprint_register_one_file_driver(void) { return H5FDregister(&offprint_one_file_class); }

/// Opens a file for reading with the driver in its list of properties.
static inline hid_t offprint_open_one_file(const char *path, hid_t list) {
  const int permission = 1;
  if (H5Pset_driver(list, H5Pget_driver(list), &permission) < 0) return H5I_INVALID_HID;
  return H5Fopen(path, H5F_ACC_RDONLY, list);
}
