#include "CGnuplotStream.h"

#include <gnuplot-iostream.h>

#include <csignal>
#include <cstdio>
#include <ctime>
#include <exception>

namespace {

// gnuplot may end before it has read everything. The signal of the broken pipe is held back in this thread alone, and taken out
// of the queue, so that the process keeps whatever handler it has.
class PipeSignalHeld {
  sigset_t pipe_signal, before;
  bool was_pending;

public:
  PipeSignalHeld() {
    sigset_t pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    was_pending = sigismember(&pending, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  }

  ~PipeSignalHeld() {
    const struct timespec now = {0, 0};
    if (!was_pending) while (sigtimedwait(&pipe_signal, nullptr, &now) == SIGPIPE) {}
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
};

}  // namespace

extern "C" int offprint_gnuplot_run(const char *command, const char *commands, char *message, size_t capacity) {
  PipeSignalHeld held;
  try {
    Gnuplot gnuplot(command);
    gnuplot << commands << std::flush;
    return 0;
  } catch (const std::exception &error) {
    std::snprintf(message, capacity, "%s", error.what());
  } catch (...) {
    std::snprintf(message, capacity, "unknown C++ exception");
  }
  return -1;
}
