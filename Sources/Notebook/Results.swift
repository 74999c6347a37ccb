import Foundation
import HDF5
import Plotting

/// A results file, read: all that figures and claims may look at.
public final class Results {
  /// The path under which figures name the file.
  public let path: String
  /// The paper's name, as `offprint run` takes it.
  public let slug: String
  /// How large the run was.
  public let preset: Preset
  /// The seed that its random numbers follow from.
  public let seed: UInt64
  /// Size in bytes: a figure's script stops when the file is not the one it was written for.
  let size: Int
  let file: HDF5File

  /// - Parameters:
  ///   - path: the file.
  ///   - name: the path to use in scripts, when the file is still under a temporary name.
  /// - Throws: ``HDF5Error`` for a missing file, ``NotebookError`` for one that is damaged, of another program, or of a later format.
  public init(_ path: String, named name: String? = nil) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw HDF5Error(operation: "open", path: path, message: "the file does not exist")
    }
    let file: HDF5File
    do {
      file = try HDF5File.open(path)
    } catch let error as HDF5Error {
      throw NotebookError.notAResult(path, reason: error.message)
    }
    let attributes = file.root.attributes
    guard (try? attributes.get("format", as: String.self)) == ResultsFormat.name else {
      throw NotebookError.notAResult(path, reason: "it was not written by Offprint")
    }
    let version = Int(try attributes.get("format_version", as: Int64.self))
    guard version <= ResultsFormat.version else { throw NotebookError.futureFormat(path, version: version) }
    guard let preset = Preset(rawValue: try attributes.get("preset")) else {
      throw NotebookError.notAResult(path, reason: "unknown preset")
    }
    self.file = file
    self.path = name ?? path
    self.preset = preset
    let slug: String = try attributes.get("slug")
    // It becomes part of the figures' path.
    guard !slug.isEmpty, slug.utf8.allSatisfy({ $0 != UInt8(ascii: "/") && $0 > 32 && $0 < 127 }), !slug.hasPrefix(".") else {
      throw NotebookError.notAResult(path, reason: "it names no paper")
    }
    self.slug = slug
    seed = UInt64(bitPattern: try attributes.get("seed", as: Int64.self))
    size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
  }

  /// The settings of the run.
  public func settings<Settings: Decodable>(as type: Settings.Type = Settings.self) throws -> Settings {
    try JSONDecoder().decode(type, from: Data(settingsText.utf8))
  }

  package var settingsText: String {
    get throws {
      guard let text = try file.root.dataset(ResultsFormat.settings).read(as: String.self).first else {
        throw NotebookError.notAResult(path, reason: "its settings are empty")
      }
      return text
    }
  }

  /// "complete", or "diverged" when a trace has a value that is not finite.
  public var status: String { get throws { try file.root.attributes.get("status") } }

  /// Seconds that the run took.
  public var duration: Double { get throws { try file.root.group("run").attributes.get("duration_seconds") } }

  /// A trace, its first dimension `step`.
  public func trace(_ path: String) throws -> RecordedArray { try array(path, in: ResultsFormat.traces) }
  /// An array recorded with ``Recorder/tensor(_:_:_:along:units:)``.
  public func tensor(_ path: String) throws -> RecordedArray { try array(path, in: ResultsFormat.tensors) }
  /// Measured times or rates.
  public func timing(_ path: String) throws -> RecordedArray { try array(path, in: ResultsFormat.timings) }
  /// One recorded number.
  public func scalar(_ path: String) throws -> Double { try tensor(path).value() }

  /// Whether the run recorded this array: for what is recorded only when some data set is present.
  public func hasTensor(_ path: String) -> Bool { file.root.contains("\(ResultsFormat.tensors)/\(path)") }
  /// Whether the run recorded this trace.
  public func hasTrace(_ path: String) -> Bool { file.root.contains("\(ResultsFormat.traces)/\(path)") }

  /// The names of all traces, groups first.
  public var tracePaths: [String] {
    get throws {
      guard file.root.contains(ResultsFormat.traces) else { return [] }
      let group = try file.root.group(ResultsFormat.traces)
      var paths: [String] = []
      try group.walk { step in
        if case .dataset(let dataset) = step.thing, !dataset.isScale {
          paths.append(String(step.path.dropFirst(group.path.count + 1)))
        }
      }
      return paths
    }
  }

  private func array(_ name: String, in group: String) throws -> RecordedArray {
    let full = "\(group)/\(name)"
    guard file.root.contains(full) else {
      let available = file.root.contains(group) ? try file.root.group(group).children.map(\.name) : []
      throw NotebookError.missing(path, full, available: available)
    }
    return try RecordedArray(file.root.dataset(full), of: path)
  }
}
