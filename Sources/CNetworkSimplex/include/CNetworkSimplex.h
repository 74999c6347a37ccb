#ifndef OFFPRINT_NETWORK_SIMPLEX_H
#define OFFPRINT_NETWORK_SIMPLEX_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Moves `supplies` (rows of them) to `demands` (columns), equal in sum, over the arcs of least total `costs` (row-major), by LEMON's
/// network simplex. Writes the flows, and the duals: row + column <= cost on every arc, with equality where something flows.
/// Returns 0, or -1 with what failed in `message`. No exception leaves it.
int offprint_transport(
  size_t rows, size_t columns, const int64_t *supplies, const int64_t *demands, const int64_t *costs, int64_t *flows,
  int64_t *row_duals, int64_t *column_duals, char *message, size_t capacity);

/// The version of LEMON.
const char *offprint_lemon_version(void);

#ifdef __cplusplus
}
#endif
#endif
