import Datasets
import Foundation
import HDF5
import Tensors

/// Writes a complete recording into a new HDF5 file, by the rules of the design: Fletcher32 everywhere, one plain chunk for what
/// a figure may plot in place, a dimension scale on every axis, nothing volatile outside /run.
struct ResultsWriter {
  private let file: HDF5File
  private let settings: String

  /// Everything that goes into the file but claims and figures, which are computed from the file itself.
  static func write(
    _ recording: Recording, of paper: Paper, run: RunIdentity, settings: String, history: RunHistory, to path: String
  ) throws {
    let writer = ResultsWriter(file: try HDF5File.create(path), settings: settings)
    try writer.writeHeader(paper, run, recording)
    try writer.writeSettings(changed: run.changes.keys.sorted(), sources: recording.dataSources)
    try writer.writeHistory(history)
    try writer.writeTraces(recording.traces)
    for (path, entry) in recording.tensors { try writer.write(entry, to: "\(ResultsFormat.tensors)/\(path)") }
    for (path, entry) in recording.timings { try writer.write(entry, to: "\(ResultsFormat.timings)/\(path)") }
    try writer.file.close()
  }

  private func writeHeader(_ paper: Paper, _ run: RunIdentity, _ recording: Recording) throws {
    let git = Provenance.git()
    let hasDiverged = recording.traces.contains { $0.samples.divergedAt != nil }
    let attributes = file.root.attributes
    try attributes.set("format", to: ResultsFormat.name)
    try attributes.set("format_version", to: Int64(ResultsFormat.version))
    try attributes.set("slug", to: paper.slug)
    try attributes.set("title", to: paper.title)
    try attributes.set("arxiv", to: paper.arxiv)
    try attributes.set("fidelity", to: paper.fidelity.rawValue)
    try attributes.set("preset", to: run.preset.rawValue)
    try attributes.set("seed", to: Int64(bitPattern: run.seed))
    try attributes.set("status", to: hasDiverged ? "diverged" : "complete")
    try attributes.set("git_commit", to: git.commit)
    try attributes.set("git_dirty", to: git.isDirty)
    try attributes.set(
      "library_versions", to: Provenance.libraryVersions.map { "\($0.name) \($0.version)" }.joined(separator: ", "))
    try attributes.set("cpu_family", to: Processor.family)
    try attributes.set("vector_extension", to: Processor.vectorExtension.rawValue)
    try attributes.set("blas_core", to: BLAS.core)
  }

  private func writeSettings(changed: [String], sources: [DataSource]) throws {
    let dataset = try file.root.writeText(settings, to: ResultsFormat.settings)
    try dataset.attributes.set("long_name", to: "every setting of the run, as JSON")
    try dataset.attributes.set("changed", to: changed.joined(separator: " "))
    for source in sources {
      let attributes = try file.root.createGroup("\(ResultsFormat.data)/\(source.name)").attributes
      try attributes.set("count", to: Int64(source.count))
      try attributes.set("sha256", to: source.sha256)
    }
  }

  private func writeHistory(_ history: RunHistory) throws {
    let attributes = try file.root.createGroup("run").attributes
    try attributes.set("started", to: Provenance.timestamp(history.started))
    try attributes.set("finished", to: Provenance.timestamp(history.finished))
    try attributes.set("duration_seconds", to: history.duration)
    try attributes.set("command", to: history.command)
    try attributes.set("host", to: Provenance.hostName)
    try attributes.set("threads", to: Int64(history.threads))
  }

  /// The traces of one group share one `step` scale: they are recorded by one loop.
  private func writeTraces(_ traces: [Trace]) throws {
    for trace in traces {
      let step = Dimension("step", trace.samples.steps, "updates made")
      let entry = Recording.Entry(
        values: .doubles(trace.samples.values), dimensions: [step] + trace.dimensions, units: trace.units,
        longName: trace.longName)
      let dataset = try write(entry, to: "\(ResultsFormat.traces)/\(trace.path)")
      if let step = trace.samples.divergedAt { try dataset.attributes.set("diverged_at_step", to: Int64(step)) }
    }
  }

  @discardableResult
  private func write(_ entry: Recording.Entry, to path: String) throws -> HDF5Dataset {
    var components = path.split(separator: "/").map(String.init)
    let name = components.removeLast()
    let group = try file.root.createGroup(components.joined(separator: "/"))
    let shape = entry.dimensions.map(\.count)
    let dataset =
      switch entry.values {
      case .doubles(let values): try group.write(values, shape: shape, to: name, layout: layout(shape, bytes: 8 * values.count))
      case .floats(let values): try group.write(values, shape: shape, to: name, layout: layout(shape, bytes: 4 * values.count))
      case .flags(let values): try group.write(values, shape: shape, to: name, layout: layout(shape, bytes: values.count))
      }
    try dataset.attributes.set("units", to: entry.units)
    try dataset.attributes.set("long_name", to: entry.longName)
    for (axis, dimension) in entry.dimensions.enumerated() {
      try dataset.attach(scale: try scale(for: dimension, in: group, of: path), axis: axis)
    }
    return dataset
  }

  /// One chunk that gnuplot can read in place, for all that a figure may plot; compressed chunks near 64 KiB beyond 1 MiB.
  private func layout(_ shape: [Int], bytes: Int) -> HDF5Layout {
    if shape.isEmpty || shape.contains(0) { return .contiguous }
    return bytes <= ResultsFormat.largeTensorBytes
      ? .oneChunk(shape) : .compressed(shape, bytesPerElement: bytes / shape.reduce(1, *))
  }

  /// The scale of `dimension` in `group`, made on first use.
  /// - Throws: ``NotebookError/otherCoordinates(_:_:)`` when the group already has another dimension of that name.
  private func scale(for dimension: Dimension, in group: HDF5Group, of path: String) throws -> HDF5Dataset {
    if group.contains(dimension.name) {
      let existing = try group.dataset(dimension.name)
      guard try Dimension.Coordinate(reading: existing) == dimension.coordinate else {
        throw NotebookError.otherCoordinates(path, dimension.name)
      }
      return existing
    }
    let shape = [dimension.count]
    let dataset =
      switch dimension.coordinate {
      case .integers(let values):
        try group.write(values, shape: shape, to: dimension.name, layout: layout(shape, bytes: 8 * values.count))
      case .numbers(let values):
        try group.write(values, shape: shape, to: dimension.name, layout: layout(shape, bytes: 8 * values.count))
      case .labels(let labels):
        try group.write(labels, shape: shape, to: dimension.name, layout: layout(shape, bytes: 16 * labels.count))
      }
    try dataset.makeScale(dimension.name)
    try dataset.attributes.set("long_name", to: dimension.longName)
    try dataset.attributes.set("units", to: dimension.units)
    return dataset
  }
}

/// What differs between two equal runs.
struct RunHistory {
  var started: Date
  var finished: Date
  /// Seconds of work, over all the sessions of a resumed run.
  var duration: Double
  var command: String
  var threads: Int
}

extension Dimension.Coordinate {
  init(reading dataset: HDF5Dataset) throws {
    switch dataset.type {
    case .int64: self = .integers(try dataset.read())
    case .string: self = .labels(try dataset.read())
    default: self = .numbers(try dataset.read())
    }
  }
}
