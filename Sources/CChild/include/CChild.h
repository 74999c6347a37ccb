#ifndef OFFPRINT_CHILD_H
#define OFFPRINT_CHILD_H
#include <sys/types.h>

/// Forks, which Swift hides. The child ends when its parent does. Only for a process of one thread.
pid_t offprint_fork(void);

#endif
