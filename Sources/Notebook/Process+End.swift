import Foundation

extension Process {
  /// Waits until it has ended. Not with `waitUntilExit()` alone: after the system's clock has been set back that may sleep for as long.
  package func waitForEnd() {
    while isRunning { usleep(2_000) }
    // Returns at once, and lets go of what Foundation keeps in the run loop: this process, and its pipes.
    waitUntilExit()
  }
}
