import Datasets
import Foundation
import Logging
import Tensors

/// What a running experiment writes into: named random keys, tensors, traces, and the step loop that carries them.
///
/// The recording stays in memory until the run is complete; the results file is then written whole. A Recorder belongs to one run
/// and one thread.
public final class Recorder {
  private let seed: UInt64
  /// For messages to the person who watches.
  public let logger: Logger

  var recording = Recording()
  let loops: LoopJournal

  init(seed: UInt64, loops: LoopJournal, logger: Logger) {
    self.seed = seed
    self.loops = loops
    self.logger = logger
  }

  /// The random key of this name: it depends on the seed and the name alone, never on what was drawn before.
  public func key(_ name: String) -> Key { Key(seed: seed).named(name) }

  /// Records an array under /tensors.
  /// - Parameters:
  ///   - path: its name, "error", or with groups, "sensing/error".
  ///   - longName: what it is, in words.
  ///   - dimensions: one for each axis of `values`, in order.
  ///   - units: "s", "GB/s", or "1" for a pure number.
  public func tensor(
    _ path: String, _ values: Tensor<Double>, _ longName: String, along dimensions: [Dimension], units: String = "1"
  ) throws {
    try record(path, .doubles(values.scalars), shape: values.shape, longName, dimensions, units, into: \.tensors)
  }

  /// Records an array of 32-bit floats, stored as such.
  public func tensor(
    _ path: String, _ values: Tensor<Float>, _ longName: String, along dimensions: [Dimension], units: String = "1"
  ) throws {
    try record(path, .floats(values.scalars), shape: values.shape, longName, dimensions, units, into: \.tensors)
  }

  /// Records flags, stored as an enumeration of TRUE and FALSE that h5py reads as booleans.
  public func tensor(_ path: String, _ values: [Bool], _ longName: String, along dimension: Dimension) throws {
    try record(path, .flags(values), shape: [values.count], longName, [dimension], "1", into: \.tensors)
  }

  /// Records one number under /tensors.
  public func scalar(_ path: String, _ value: Double, _ longName: String, units: String = "1") throws {
    try record(path, .doubles([value]), shape: [], longName, [], units, into: \.tensors)
  }

  /// Records measured times or rates: under /run/timings, where everything lies that two equal runs do not share.
  public func timing(
    _ path: String, _ values: Tensor<Double>, _ longName: String, along dimensions: [Dimension], units: String
  ) throws {
    try record(path, .doubles(values.scalars), shape: values.shape, longName, dimensions, units, into: \.timings)
  }

  /// Notes that a data set from outside was used, so that the result says which; once, however often it is used.
  public func uses(_ source: DataSource) {
    if !recording.dataSources.contains(source) { recording.dataSources.append(source) }
  }

  /// A series over the steps of a loop, recorded under /traces in the group of the loop: "symmetric/loss".
  public func trace(
    _ path: String, _ longName: String, along dimensions: [Dimension] = [], units: String = "1"
  ) throws -> Trace {
    try check(path, dimensions, among: recording.traces.map { ($0.path, $0.dimensions) })
    let trace = Trace(path: path, longName: longName, units: units, dimensions: dimensions)
    if let samples = loops.resumed?.traces[path] { trace.samples = samples }
    recording.traces.append(trace)
    return trace
  }

  private func record(
    _ path: String, _ values: Recording.Values, shape: [Int], _ longName: String, _ dimensions: [Dimension], _ units: String,
    into entries: WritableKeyPath<Recording, [(path: String, entry: Recording.Entry)]>
  ) throws {
    guard dimensions.map(\.count) == shape else {
      throw NotebookError.shape(
        "'\(path)' has shape \(shape), its dimensions are \(dimensions.map { "\($0.name): \($0.count)" }.joined(separator: ", "))"
      )
    }
    try check(path, dimensions, among: recording[keyPath: entries].map { ($0.path, $0.entry.dimensions) })
    let entry = Recording.Entry(values: values, dimensions: dimensions, units: units, longName: longName)
    recording[keyPath: entries].append((path, entry))
  }

  /// Refuses at once what the file could not hold at the end of the run, when all the work is done.
  private func check(
    _ path: String, _ dimensions: [Dimension], among recorded: [(path: String, dimensions: [Dimension])]
  ) throws {
    guard !recorded.contains(where: { $0.path == path }) else { throw NotebookError.duplicateRecord(path) }
    let group = path.split(separator: "/").dropLast()
    let neighbours = recorded.filter { $0.path.split(separator: "/").dropLast() == group }.flatMap(\.dimensions)
    for dimension in dimensions
    where neighbours.contains(where: { $0.name == dimension.name && $0.coordinate != dimension.coordinate }) {
      throw NotebookError.otherCoordinates(path, dimension.name)
    }
  }
}
