import Foundation
import HDF5
import Notebook

import struct Notebook.Dimension

/// Gathers the points of a sweep into one HDF5 file whose arrays have the sweep's axes in front of their own.
///
///     /                attributes: format "offprint-sweep", slug, preset, provenance; /plan the plan's text
///     /traces, /tensors   as in a run, [setting, ..., seed, own dimensions...]; NaN where a point is missing
///     /claims/<name>   what was measured, [setting, ..., seed]
///     /claims_over_seeds/<name>   [setting, ..., statistic]: mean, 95 percent interval, share reproduced, seeds
///     /points          file, state and seconds of each
public struct SweepAggregate {
  private let survey: SweepSurvey
  private let axes: SweepAxes

  /// What is held in memory at once; an array that is larger over all points is held whole nevertheless.
  private static let mostBytes = 256 << 20

  /// The aggregate of what a survey found.
  public init(_ survey: SweepSurvey) {
    self.survey = survey
    axes = SweepAxes(survey.points)
  }

  /// Writes the file; the old one stays until the new one is whole.
  /// - Returns: the arrays that are not in it, with the reason.
  public func write() throws -> [(path: String, reason: String)] {
    let path = survey.files.aggregate
    try AtomicFile.makeFolder(survey.files.folder)
    AtomicFile.removeTemporaries(of: path)
    let temporary = AtomicFile.temporaryName(for: path)
    do {
      let file = try HDF5File.create(temporary)
      var leftOut = survey.leftOut
      for batch in batches() { leftOut += try write(batch, to: file.root) }
      try writeClaims(to: file.root)
      try writePoints(to: file.root)
      try writeHeader(leftOut, to: file.root)
      try file.close()
      try AtomicFile.commit(temporary, to: path)
      return leftOut.sorted { $0.path < $1.path }
    } catch {
      unlink(temporary)
      if let error = error as? HDF5Error { throw NotebookError.notWritable(path, reason: error.message) }
      throw error
    }
  }

  /// Arrays that are read together, so that each points' file is opened once for all of them.
  private func batches() -> [[SweepSurvey.Array]] {
    var batches: [[SweepSurvey.Array]] = []
    var bytes = Int.max
    for array in survey.arrays {
      let size = 8 * array.count * survey.points.count
      if batches.isEmpty || bytes + size > Self.mostBytes {
        batches.append([])
        bytes = 0
      }
      batches[batches.count - 1].append(array)
      bytes += size
    }
    return batches
  }

  private func write(_ batch: [SweepSurvey.Array], to root: HDF5Group) throws -> [(path: String, reason: String)] {
    var gathered = batch.map { Gathered($0, points: survey.points.count) }
    for row in survey.done {
      let results = try Results(survey.files.folders.resultsFile(row.point.identity))
      for place in batch.indices where gathered[place].reason == nil {
        let array = batch[place]
        gathered[place].put(try array.isTrace ? results.trace(array.path) : results.tensor(array.path), at: row.point.index)
      }
    }
    for one in gathered {
      guard one.reason == nil, let first = one.first else { continue }
      var parts = one.array.fullPath.split(separator: "/").map(String.init)
      let name = axes.ownName(parts.removeLast())
      let own = first.dimensions.map { dimension in
        var copy = dimension
        copy.name = axes.ownName(dimension.name)
        return copy
      }
      let group = try root.createGroup(parts.joined(separator: "/"))
      try checkCoordinates(own, in: group, of: one.array.fullPath)
      _ = try axes.write(one.values, to: name, in: group, own: own, units: first.units, longName: first.longName)
    }
    return gathered.compactMap { one in one.reason.map { (one.array.fullPath, $0) } }
  }

  /// Arrays of one group share their scales, in the runs and so here.
  private func checkCoordinates(_ own: [Dimension], in group: HDF5Group, of path: String) throws {
    for dimension in own where group.contains(dimension.name) {
      guard try group.dataset(dimension.name).shape == [dimension.count] else {
        throw NotebookError.otherCoordinates(path, dimension.name)
      }
    }
  }

  private func writeClaims(to root: HDF5Group) throws {
    guard !survey.claims.isEmpty else { return }
    let group = try root.createGroup("claims")
    for claim in survey.claims {
      let measured = survey.rows.map { $0.measured[claim.name] ?? .nan }
      let dataset = try axes.write(measured, to: axes.ownName(claim.name), in: group, longName: claim.quantity)
      try describe(dataset, claim)
    }
    let over = try root.createGroup("claims_over_seeds")
    let statistic = Dimension("statistic", ["mean", "low", "high", "reproduced", "seeds"], "statistic over the seeds")
    let settings = axes.withoutSeed
    for claim in survey.claims {
      let values = survey.points.combinations.indices.flatMap { combination in
        let one = survey.statistics(of: claim.name, combination: combination)
        return [one.mean, one.low, one.high, one.reproduced, Double(one.seeds)]
      }
      let dataset = try settings.write(
        values, to: axes.ownName(claim.name), in: over, own: [statistic],
        longName:
          "\(claim.quantity): mean over seeds, its 95 percent confidence interval (Student t), share of seeds that reproduced it")
      try describe(dataset, claim)
    }
  }

  private func describe(_ dataset: HDF5Dataset, _ claim: StoredClaim) throws {
    try dataset.attributes.set("statement", to: claim.statement)
    try dataset.attributes.set("source", to: claim.source)
    try dataset.attributes.set("expected", to: claim.expected)
  }

  private func writePoints(to root: HDF5Group) throws {
    let group = try root.createGroup("points")
    let files = survey.rows.map { survey.files.folders.resultsFile($0.point.identity) }
    try axes.write(files, to: "file", in: group, longName: "results file of the point")
    try axes.write(survey.rows.map { "\($0.state)" }, to: "state", in: group, longName: "what has become of the point")
    _ = try axes.write(survey.rows.map(\.seconds), to: "seconds", in: group, units: "s", longName: "time that the point took")
  }

  private func writeHeader(_ leftOut: [(path: String, reason: String)], to root: HDF5Group) throws {
    let attributes = root.attributes
    try attributes.set("format", to: "offprint-sweep")
    try attributes.set("format_version", to: Int64(1))
    try attributes.set("slug", to: survey.points.sweep.slug)
    try attributes.set("preset", to: survey.points.sweep.preset.rawValue)
    try attributes.set("points", to: Int64(survey.points.count))
    try attributes.set("points_done", to: Int64(survey.done.count))
    for (name, values) in survey.provenance.sorted(by: { $0.key < $1.key }) {
      try attributes.set(name, to: values.sorted().joined(separator: "; "))
    }
    let lines = leftOut.map { "\($0.path): \($0.reason)" }.joined(separator: "\n")
    try attributes.set("left_out", to: String(lines.prefix(HDF5Attributes.byteLimit / 8)))
    let plan = try root.write([survey.points.sweep.yaml], shape: [], to: "plan", layout: .contiguous)
    try plan.attributes.set("long_name", to: "the sweep's plan, as YAML")
  }
}

/// One array of all points, while it is put together.
private struct Gathered {
  let array: SweepSurvey.Array
  var values: [Double]
  /// As the first point has it.
  var first: RecordedArray?
  /// Why it cannot be one array.
  var reason: String?

  init(_ array: SweepSurvey.Array, points: Int) {
    self.array = array
    values = [Double](repeating: .nan, count: array.count * points)
  }

  mutating func put(_ recorded: RecordedArray, at point: Int) {
    if first == nil { first = recorded }
    for (a, b) in zip(first?.dimensions ?? [], recorded.dimensions) where a != b {
      reason = "the coordinates of its dimension '\(a.name)' differ from point to point"
      values = []
      return
    }
    values.replaceSubrange(point * array.count..<(point + 1) * array.count, with: recorded.values)
  }
}
