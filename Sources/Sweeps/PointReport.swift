/// What a process that runs points says of each, a line on standard output, to the one that started it.
package enum PointReport: Equatable {
  case begun(Int)
  case done(Int, seconds: Double, isReproduced: Bool)
  /// The reason is in the sweep's list of failures.
  case failed(Int)
  /// Another process has it.
  case elsewhere(Int)

  package var line: String {
    switch self {
    case .begun(let index): "begun \(index)"
    case .done(let index, let seconds, let isReproduced): "done \(index) \(seconds) \(isReproduced)"
    case .failed(let index): "failed \(index)"
    case .elsewhere(let index): "elsewhere \(index)"
    }
  }

  /// Nil for a line that says something else.
  package init?(_ line: String) {
    let words = line.split(separator: " ")
    guard words.count >= 2, let index = Int(words[1]) else { return nil }
    switch words[0] {
    case "begun": self = .begun(index)
    case "failed": self = .failed(index)
    case "elsewhere": self = .elsewhere(index)
    case "done":
      guard words.count == 4, let seconds = Double(words[2]), let isReproduced = Bool(String(words[3])) else { return nil }
      self = .done(index, seconds: seconds, isReproduced: isReproduced)
    default: return nil
    }
  }
}
