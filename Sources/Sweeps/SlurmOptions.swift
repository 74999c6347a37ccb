import Foundation
import Yams

/// What a sweep asks of a Slurm cluster. What is nil is left to the cluster.
///
/// A small file says it once for all sweeps:
///
///     partition: long
///     account: group7
///     time: 2:00:00
///     memory: 4G
///     cpus: 4
///     tasks_at_once: 50
///     points_per_task: 10
///     options: [--qos=low, --constraint=avx2]
public struct SlurmOptions: Sendable, Equatable {
  /// Where the tasks run.
  public var partition: String?
  /// Whom they are charged to.
  public var account: String?
  /// The limit of one task, as sbatch takes it: "30" for minutes, "2:00:00", "1-00" for a day.
  public var time: String?
  /// Of one task: "4G".
  public var memory: String?
  /// Processors of one task, and so the points that it runs at once (default: 1).
  public var cpus: Int?
  /// How many tasks run at once (default: as the cluster likes).
  public var tasksAtOnce: Int?
  /// How many neighbouring points one task runs (default: so many that one job array holds them all).
  public var pointsPerTask: Int?
  /// Further words for sbatch, put into the script as they are: "--qos=low".
  public var options: [String] = []

  /// Nothing asked.
  public init() {}

  /// Reads the file.
  /// - Throws: ``SweepError`` with what is wrong.
  public init(yaml: String, file: String) throws {
    func wrong(_ reason: String) -> SweepError { SweepError("\(file) says nothing about Slurm: \(reason)") }
    guard let root = try? Yams.compose(yaml: yaml), let members = root.mapping else {
      throw wrong("it has no lines such as 'partition: long'")
    }
    for (key, value) in members {
      let name = key.string ?? "?"
      func text() throws -> String {
        guard let text = value.scalar?.string else { throw wrong("'\(name)' is no single value") }
        return text
      }
      func count() throws -> Int {
        guard let count = try Int(text()) else { throw wrong("'\(name)' is no whole number") }
        return count
      }
      switch name {
      case "partition": partition = try text()
      case "account": account = try text()
      case "time": time = try text()
      case "memory": memory = try text()
      case "cpus": cpus = try count()
      case "tasks_at_once": tasksAtOnce = try count()
      case "points_per_task": pointsPerTask = try count()
      case "options":
        let words = try value.sequence.map { $0.map(\.scalar?.string) } ?? [text()]
        guard !words.contains(nil) else { throw wrong("'options' is no list of words") }
        options = words.compactMap(\.self)
      default:
        throw wrong(
          "'\(name)' means nothing there; there are: partition, account, time, memory, cpus, tasks_at_once, points_per_task, options"
        )
      }
    }
  }

  /// These options, and those of `other` where there are none.
  public func filled(from other: SlurmOptions) -> SlurmOptions {
    var filled = self
    filled.partition = partition ?? other.partition
    filled.account = account ?? other.account
    filled.time = time ?? other.time
    filled.memory = memory ?? other.memory
    filled.cpus = cpus ?? other.cpus
    filled.tasksAtOnce = tasksAtOnce ?? other.tasksAtOnce
    filled.pointsPerTask = pointsPerTask ?? other.pointsPerTask
    filled.options = other.options + options
    return filled
  }

  /// The limit of one task in seconds; nil when the cluster sets it, and for words that sbatch may know.
  var seconds: Int? {
    guard let time else { return nil }
    let parts = time.split(separator: "-", omittingEmptySubsequences: false)
    let numbers = parts.last?.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) } ?? []
    guard parts.count <= 2, numbers.count <= 3, !numbers.contains(nil) else { return nil }
    let clock = numbers.compactMap(\.self)
    if parts.count == 2 {
      // Days, then hours, minutes and seconds as far as they are given.
      guard let days = Int(parts[0]) else { return nil }
      return days * 86_400 + zip(clock, [3600, 60, 1]).map { $0 * $1 }.reduce(0, +)
    }
    return zip(clock, clock.count == 3 ? [3600, 60, 1] : [60, 1]).map { $0 * $1 }.reduce(0, +)
  }

  /// - Throws: ``SweepError`` for a number below one, and for a value that does not fit on its line of a script.
  public func check() throws {
    for (name, count) in [("cpus", cpus), ("tasks at once", tasksAtOnce), ("points per task", pointsPerTask)] {
      if let count, count < 1 { throw SweepError("\(name): a number from 1 is wanted, got \(count)") }
    }
    for value in [partition, account, time, memory].compactMap(\.self) {
      guard !value.isEmpty, !value.contains(where: { $0.isWhitespace || $0 == "#" }) else {
        throw SweepError("'\(value)' is no value that sbatch takes")
      }
    }
    for word in options where !word.hasPrefix("-") || word.contains(where: \.isNewline) {
      throw SweepError("'\(word)' is no option of sbatch: one begins with '-' and stands on one line")
    }
  }
}
