import Foundation

extension Process {
  /// Waits until it has ended. Not `waitUntilExit()`: after the system's clock has been set back that may sleep for as long.
  package func waitForEnd() {
    while isRunning { usleep(2_000) }
  }
}
