import Datasets
import Tensors

/// Everything a run has recorded so far, in memory: small, since the cadence bounds traces. Checkpoints hold its traces; the results
/// file is written from it in one go.
struct Recording {
  /// An array with named axes, ready to be written.
  struct Entry {
    var values: Values
    var dimensions: [Dimension]
    var units: String
    var longName: String
  }

  enum Values {
    case doubles([Double])
    case floats([Float])
    case flags([Bool])

    /// Share of the values that are finite; 1 of none.
    var finiteShare: Double {
      switch self {
      case .doubles(let values): values.isEmpty ? 1 : Double(values.count(where: \.isFinite)) / Double(values.count)
      case .floats(let values): values.isEmpty ? 1 : Double(values.count(where: \.isFinite)) / Double(values.count)
      case .flags: 1
      }
    }
  }

  /// By path below /tensors, in the order recorded.
  var tensors: [(path: String, entry: Entry)] = []
  /// Measured durations and rates, below /run/timings: the one kind of data that two equal runs do not share.
  var timings: [(path: String, entry: Entry)] = []
  var traces: [Trace] = []
  var dataSources: [DataSource] = []

  /// Tensors with values that are not finite: those where none is, and those where some are.
  var tensorsNotFinite: (wholly: [String], partly: [String]) {
    var found: (wholly: [String], partly: [String]) = ([], [])
    for (path, entry) in tensors {
      let share = entry.values.finiteShare
      if share == 0 { found.wholly.append(path) } else if share < 1 { found.partly.append(path) }
    }
    return found
  }

  /// A line for each loop with values that are not finite: "symmetric/loss is not finite from step 12 on", of several traces with their
  /// names in braces and the first of their steps.
  var divergences: [String] {
    let diverged = traces.compactMap { trace in
      trace.samples.divergedAt.map { (path: trace.path.split(separator: "/"), step: $0) }
    }
    var groups: [String] = []
    for trace in diverged {
      let group = trace.path.dropLast().joined(separator: "/")
      if !groups.contains(group) { groups.append(group) }
    }
    return groups.map { group in
      let members = diverged.filter { $0.path.dropLast().joined(separator: "/") == group }
      let names = members.compactMap(\.path.last).joined(separator: ", ")
      let prefix = group.isEmpty ? "" : "\(group)/"
      return "\(prefix)\(members.count == 1 ? names : "{\(names)}") is not finite from step \(members.map(\.step).min() ?? 0) on"
    }
  }
}

/// A series of values over the steps of a loop. Made by ``Recorder/trace(_:_:along:units:)``, filled in a loop's `measure`.
public final class Trace {
  /// Its name below /traces, with groups: "symmetric/loss".
  public let path: String
  let longName: String
  let units: String
  let dimensions: [Dimension]
  /// What a checkpoint keeps.
  var samples = Samples()

  struct Samples: Codable {
    @Packed var steps: [Int] = []
    /// One row of `width` values for each recorded step.
    @Packed var values: [Double] = []
    /// The first step with a value that is not finite.
    var divergedAt: Int?
  }

  var width: Int { dimensions.reduce(1) { $0 * $1.count } }

  init(path: String, longName: String, units: String, dimensions: [Dimension]) {
    self.path = path
    self.longName = longName
    self.units = units
    self.dimensions = dimensions
  }

  func append(_ row: some Collection<Double>, at step: Int) {
    precondition(
      row.count == width, "trace '\(path)' takes \(width) values a step (\(dimensions.map(\.name))), got \(row.count)")
    samples.steps.append(step)
    samples.values.append(contentsOf: row)
    if samples.divergedAt == nil, row.contains(where: { !$0.isFinite }) { samples.divergedAt = step }
  }
}
