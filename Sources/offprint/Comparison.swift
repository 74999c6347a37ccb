import Foundation
import HDF5
import Notebook

/// What differs between two results: settings, claims, and every array, bit by bit.
struct Comparison: Encodable {
  var a, b: String
  /// Settings with other values, as JSON; nil where a result has no such setting.
  var settings: [Change] = []
  /// Claims with other numbers or verdicts; nil where a result has no such claim.
  var claims: [Change] = []
  /// Commit, libraries, processor: what may explain a difference.
  var provenance: [Change] = []
  /// Arrays that differ, are missing in one of the two, or have other shapes.
  var arrays: [ArrayDifference] = []
  /// How many arrays were compared.
  var compared = 0

  struct Change: Encodable {
    var name: String
    var a, b: String?
  }

  struct ArrayDifference: Encodable {
    var path: String
    /// "only in a", "only in b", "[3] against [4]"; nil when the numbers can be compared.
    var note: String?
    var values = 0
    /// How many values differ in any bit; two NaNs are equal.
    var different = 0
    /// The largest difference, and the largest in units of the larger of the two numbers; infinite where one is not finite.
    var largest = 0.0, relative = 0.0
  }

  /// - Throws: NotebookError when a file is no result, HDF5Error when an array cannot be read.
  init(_ a: Results, _ b: Results) throws {
    (self.a, self.b) = (a.path, b.path)
    settings = Self.changes(try a.settingsLeaves.mapValues { try $0.text() }, try b.settingsLeaves.mapValues { try $0.text() })
    claims = Self.changes(try Self.claims(of: a), try Self.claims(of: b))
    provenance = Self.changes(try Self.provenance(of: a), try Self.provenance(of: b))
    let (left, right) = (try Self.arrays(in: a.path), try Self.arrays(in: b.path))
    for path in Set(left.keys).union(right.keys).sorted() {
      guard let first = left[path] else {
        arrays.append(ArrayDifference(path: path, note: "only in b"))
        continue
      }
      guard let second = right[path] else {
        arrays.append(ArrayDifference(path: path, note: "only in a"))
        continue
      }
      compared += 1
      if let difference = try Self.difference(first, second, at: path) { arrays.append(difference) }
    }
  }

  /// Whether no array differs by more than `tolerance`, in units of the larger of two numbers; 0 asks for equal bits.
  func areArraysEqual(within tolerance: Double) -> Bool {
    arrays.allSatisfy { $0.note == nil && (tolerance > 0 ? $0.relative <= tolerance : $0.different == 0) }
  }

  private static func changes(_ a: [String: String], _ b: [String: String]) -> [Change] {
    Set(a.keys).union(b.keys).sorted().filter { a[$0] != b[$0] }.map { Change(name: $0, a: a[$0], b: b[$0]) }
  }

  private static func claims(of results: Results) throws -> [String: String] {
    let claims = try results.storedClaims()
    // Twice the same name is no result's doing, but a damaged group can list it.
    return Dictionary(claims.map { ($0.name, "\($0.measured.exact), \($0.verdict.rawValue)") }) { first, _ in first }
  }

  private static func provenance(of results: Results) throws -> [String: String] {
    let facts = try results.provenance.filter { !["started", "seconds", "command", "threads"].contains($0.name) }
    return Dictionary(uniqueKeysWithValues: facts.map { ($0.name, $0.value) })
  }

  /// Every dataset below /traces and /tensors, by path.
  private static func arrays(in path: String) throws -> [String: HDF5Dataset] {
    var found: [String: HDF5Dataset] = [:]
    let root = try HDF5File.open(path).root
    for name in ["traces", "tensors"] where root.contains(name) {
      try root.group(name).walk { step in
        switch step.thing {
        case .dataset(let dataset): found[step.path] = dataset
        case .tooDeep: throw NotebookError.notAResult(path, reason: "\(step.path) lies too deep")
        case .group, .metBefore, .other: break
        }
      }
    }
    return found
  }

  private static func difference(_ a: HDF5Dataset, _ b: HDF5Dataset, at path: String) throws -> ArrayDifference? {
    guard a.shape == b.shape, a.type == b.type else {
      return ArrayDifference(path: path, note: "\(a.type) \(a.shape) against \(b.type) \(b.shape)")
    }
    guard a.type.isNumeric else {
      let isEqual = try a.type != .string || a.read(as: String.self) == b.read(as: String.self)
      return isEqual ? nil : ArrayDifference(path: path, note: "other texts")
    }
    var difference = ArrayDifference(path: path)
    try a.forEachBlock { offset, count, left in
      let right: [Double] = try a.shape.isEmpty ? b.read() : b.read(offset: offset, count: count)
      for (x, y) in zip(left, right) { difference.add(x, y) }
    }
    return difference.different > 0 ? difference : nil
  }
}

extension Comparison.ArrayDifference {
  fileprivate mutating func add(_ x: Double, _ y: Double) {
    values += 1
    guard x.bitPattern != y.bitPattern, !(x.isNaN && y.isNaN) else { return }
    different += 1
    guard x.isFinite, y.isFinite else {
      (largest, relative) = (.infinity, .infinity)
      return
    }
    largest = max(largest, abs(x - y))
    // Zeros of two signs differ in a bit, by nothing.
    relative = max(relative, x == y ? 0 : abs(x - y) / max(abs(x), abs(y)))
  }
}

extension Double {
  /// All its digits, and one NaN whatever its bits.
  fileprivate var exact: String { isNaN ? "nan" : "\(self)" }
}
