import Foundation
import HDF5

/// A claim as a results file holds it.
public struct StoredClaim: Sendable, Equatable {
  /// As in the paper's card.
  public var name: String
  /// What the paper says, where it says it, and what was measured for it.
  public var statement, source, quantity: String
  /// NaN where nothing could be measured.
  public var measured: Double
  /// ">= 1.25"
  public var expected: String
  /// What became of it.
  public var verdict: Verdict
}

/// What a results file says about itself, beside its arrays.
extension Results {
  /// The claims as stored, by name.
  public func storedClaims() throws -> [StoredClaim] {
    guard file.root.contains(ResultsFormat.claims) else { return [] }
    let group = try file.root.group(ResultsFormat.claims)
    return try group.children.map { child in
      let attributes = try group.group(child.name).attributes
      return StoredClaim(
        name: child.name, statement: try attributes.get("statement"), source: try attributes.get("source"),
        quantity: try attributes.get("quantity"), measured: try attributes.get("measured"),
        expected: try attributes.get("expected"),
        verdict: Verdict(rawValue: try attributes.get("verdict")) ?? .notReproduced)
    }
  }

  /// The settings of the run by dotted name, as JSON.
  package var settingsLeaves: [String: JSONValue] {
    get throws { try JSONValue(parsing: settingsText).leaves }
  }

  /// The dotted names of the settings that differ from the preset's.
  public var changedSettings: [String] {
    get throws {
      let names: String = try file.root.dataset(ResultsFormat.settings).attributes.get("changed")
      return names.split(separator: " ").map(String.init)
    }
  }

  /// The data that the run read: what each is called, how many examples it has, and its checksum.
  public var dataSources: [(name: String, count: Int, sha256: String)] {
    get throws {
      guard file.root.contains(ResultsFormat.data) else { return [] }
      let group = try file.root.group(ResultsFormat.data)
      return try group.children.map { child in
        let attributes = try group.group(child.name).attributes
        return (child.name, Int(try attributes.get("count", as: Int64.self)), try attributes.get("sha256"))
      }
    }
  }

  /// Where the result comes from, and when it was made, as text: commit, libraries, processor, times, threads. No host name.
  public var provenance: [(name: String, value: String)] {
    get throws {
      let root = file.root.attributes
      let run = try file.root.group("run").attributes
      let isDirty: Bool = try root.get("git_dirty")
      return [
        ("commit", try root.get("git_commit", as: String.self) + (isDirty ? " with uncommitted changes" : "")),
        ("libraries", try root.get("library_versions")),
        ("processor", try root.get("cpu_family")),
        ("vector extension", try root.get("vector_extension")),
        ("BLAS core", try root.get("blas_core")),
        ("threads", "\(try run.get("threads", as: Int64.self))"),
        ("started", try run.get("started")),
        ("seconds", String(format: "%.1f", try duration)),
        ("command", try run.get("command")),
      ]
    }
  }
}

extension Folders {
  /// Every complete result of a paper, by name: hidden files are still being written.
  public func storedResults(of slug: String) -> [String] {
    let folder = "\(results)/\(slug)"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".h5") && !$0.hasPrefix(".") }.sorted().map { "\(folder)/\($0)" }
  }
}
