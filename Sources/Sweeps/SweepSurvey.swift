import Foundation
import HDF5
import Notebook

/// What the points of a sweep have come to, from one look into each file: states, times, claims, and which arrays there are.
public struct SweepSurvey {
  /// One point.
  public struct Row {
    /// What the row is about.
    public var point: SweepPoint
    /// What has become of it.
    public var state: PointState
    /// Seconds that it took; NaN when it is not done.
    public var seconds = Double.nan
    /// What was measured for each of the survey's claims, by name.
    public var measured: [String: Double] = [:]
    /// The claims that it reproduced.
    public var reproduced: Set<String> = []
  }

  /// An array that every point may have.
  struct Array {
    /// Whether it is a trace; otherwise a tensor.
    var isTrace: Bool
    /// Below its root: "symmetric/loss".
    var path: String
    var shape: [Int]

    var fullPath: String { "\(isTrace ? "traces" : "tensors")/\(path)" }
    var count: Int { shape.reduce(1, *) }
  }

  /// What was surveyed.
  public let points: SweepPoints
  /// Where it lies.
  public let files: SweepFiles
  /// One for each point, in their order.
  public private(set) var rows: [Row] = []
  /// Every claim that some point has, as the first of them states it.
  public private(set) var claims: [StoredClaim] = []
  /// Arrays of the same shape in every point that is done.
  private(set) var arrays: [Array] = []
  /// Arrays that are not, with the reason.
  private(set) var leftOut: [(path: String, reason: String)] = []
  /// Texts about code and machine, each with all the values that points have for it.
  private(set) var provenance: [String: Set<String>] = [:]

  private static let provenanceNames = [
    "title", "arxiv", "fidelity", "git_commit", "library_versions", "cpu_family", "vector_extension", "blas_core",
  ]

  /// Reads what is there. A file that cannot be read makes its point a failed one.
  public init(_ points: SweepPoints, files: SweepFiles) {
    self.points = points
    self.files = files
    let failures = SweepFailures(files).read()
    var found: [String: (array: Array, points: Int)] = [:]
    for index in 0..<points.count {
      var row = Row(point: points[index], state: files.state(of: points[index], failures: failures))
      if row.state == .done {
        do {
          try look(into: files.folders.resultsFile(row.point.identity), &row, &found)
        } catch {
          row.state = .failed("\(error)")
        }
      }
      rows.append(row)
    }
    let done = done.count
    for (path, entry) in found.sorted(by: { $0.key < $1.key }) where !leftOut.contains(where: { $0.path == path }) {
      if entry.points == done {
        arrays.append(entry.array)
      } else {
        leftOut.append((path, "\(entry.points) of \(done) points have it"))
      }
    }
    claims.sort { $0.name < $1.name }
  }

  /// The points that are done.
  public var done: [Row] { rows.filter { $0.state == .done } }

  /// A claim over the seeds of a combination of settings.
  public func statistics(of claim: String, combination: Int) -> ClaimStatistics {
    let seeds = points.sweep.seeds.values.count
    let done = rows[combination * seeds..<(combination + 1) * seeds].filter { $0.state == .done }
    return ClaimStatistics(
      measured: done.map { $0.measured[claim] ?? .nan }, reproduced: done.count { $0.reproduced.contains(claim) })
  }

  private mutating func look(into file: String, _ row: inout Row, _ found: inout [String: (array: Array, points: Int)]) throws {
    let results = try Results(file)
    row.seconds = try results.duration
    for claim in try results.storedClaims() {
      row.measured[claim.name] = claim.measured
      if claim.verdict == .reproduced { row.reproduced.insert(claim.name) }
      if !claims.contains(where: { $0.name == claim.name }) { claims.append(claim) }
    }
    let root = try HDF5File.open(file).root
    for name in Self.provenanceNames {
      provenance[name, default: []].insert(try root.attributes.get(name, as: String.self))
    }
    for array in try Self.arrays(of: root) {
      guard let known = found[array.fullPath] else {
        found[array.fullPath] = (array, 1)
        continue
      }
      found[array.fullPath]?.points += 1
      if known.array.shape != array.shape, !leftOut.contains(where: { $0.path == array.fullPath }) {
        leftOut.append((array.fullPath, "its shape is \(known.array.shape) in one point, \(array.shape) in another"))
      }
    }
  }

  private static func arrays(of root: HDF5Group) throws -> [Array] {
    func collect(_ group: HDF5Group, below prefix: String, isTrace: Bool) throws -> [Array] {
      try group.children.flatMap { child -> [Array] in
        if child.kind == .group {
          return try collect(group.group(child.name), below: prefix + child.name + "/", isTrace: isTrace)
        }
        let dataset = try group.dataset(child.name)
        return dataset.isScale ? [] : [Array(isTrace: isTrace, path: prefix + child.name, shape: dataset.shape)]
      }
    }
    return try [("traces", true), ("tensors", false)].flatMap { name, isTrace in
      root.contains(name) ? try collect(root.group(name), below: "", isTrace: isTrace) : []
    }
  }
}
