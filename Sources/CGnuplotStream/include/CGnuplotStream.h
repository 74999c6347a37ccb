#ifndef OFFPRINT_GNUPLOT_STREAM_H
#define OFFPRINT_GNUPLOT_STREAM_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Runs the shell command `command`, feeds it `commands` through gnuplot-iostream and waits for its end.
/// Returns 0, or -1 with what failed in `message`. No exception and no signal leaves it.
int offprint_gnuplot_run(const char *command, const char *commands, char *message, size_t capacity);

#ifdef __cplusplus
}
#endif
#endif
