/// A kind of fault, tried many times: a row of the table in docs/reliability.md.
struct Fault {
  /// What was done to the program or its files.
  var name: String
  /// How often it came to what.
  private(set) var outcomes: [String: Int] = [:]
  /// What broke a promise, in the words of whoever saw it. None is the only good number.
  private(set) var losses: [String] = []

  init(_ name: String) { self.name = name }

  var tried: Int { outcomes.values.reduce(0, +) + losses.count }

  /// A trial that ended as promised.
  mutating func count(_ outcome: String) { outcomes[outcome, default: 0] += 1 }

  /// A trial that ended otherwise.
  mutating func lose(_ what: String) { losses.append(what) }

  /// A trial that ended as promised when nothing is wrong with it.
  mutating func count(_ outcome: String, unless wrong: String?) {
    if let wrong { lose(wrong) } else { count(outcome) }
  }
}

/// Faults of one kind and how the program takes them: a section of the table.
protocol FaultFamily: Sendable {
  /// As the command line names it: "kills".
  static var name: String { get }
  /// As the table names it: "Killed processes".
  static var title: String { get }
  /// Tries them all, in folders of its own.
  static func run(_ trials: Trials) throws -> [Fault]
}
