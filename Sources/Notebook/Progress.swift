import Foundation

/// Shows how far a loop is, on standard error: one line with a bar and the time left on a terminal, plain lines otherwise.
final class Progress {
  private let isTerminal: Bool
  private let isQuiet: Bool
  private var name = ""
  private var steps = 0
  private var first = 0
  private var started = ContinuousClock.now
  private var shown = ContinuousClock.now
  private var isLineOpen = false

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    isTerminal = isatty(STDERR_FILENO) == 1
  }

  func begin(_ name: String, steps: Int, from first: Int) {
    self.name = name
    self.steps = steps
    self.first = first
    started = .now
    shown = started
  }

  /// Shows the step when the last line is old enough: 10 a second on a terminal, one in 5 seconds elsewhere.
  func advance(to step: Int) {
    let now = ContinuousClock.now
    guard !isQuiet, now - shown > (isTerminal ? .milliseconds(100) : .seconds(5)) else { return }
    shown = now
    let done = Double(step) / Double(max(steps, 1))
    let elapsed = (now - started) / .seconds(1)
    let left = elapsed * Double(steps - step) / Double(max(step - first, 1))
    let filled = Int((done * 24).rounded())
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 24 - filled)
    let text = "  \(name)  [\(bar)] \(Int(done * 100)) %  step \(step) of \(steps), \(left.asDuration) left"
    write(isTerminal ? "\r\u{1B}[K" + text : text + "\n")
    isLineOpen = isTerminal
  }

  func end() { clear() }

  /// Leaves the terminal's line empty, for whatever is printed next.
  func clear() {
    guard isLineOpen else { return }
    write("\r\u{1B}[K")
    isLineOpen = false
  }

  private func write(_ text: String) { StandardStream.error.write(text) }
}
