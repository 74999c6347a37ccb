import Datasets
import Foundation

/// What a run is made from. Its files' names follow from it, so that an existing complete file is a finished run.
public struct RunIdentity: Sendable {
  /// The paper's name: the folder of its results.
  public var slug: String
  /// Its defaults are what the changed settings are changes of.
  public var preset: Preset
  /// 0 unless given.
  public var seed: UInt64
  /// Settings that differ from the preset's, by dotted name.
  var changes: [String: JSONValue]

  /// Whether every setting is the preset's.
  package var changesNothing: Bool { changes.isEmpty }

  /// "quick-seed0", and with changed settings "quick-seed0-1f2e3d4c".
  public var stem: String {
    let base = "\(preset.rawValue)-seed\(seed)"
    guard !changes.isEmpty else { return base }
    // Encoding a dictionary of JSON values cannot fail.
    let text = (try? JSONValue.object(changes).text()) ?? ""
    return "\(base)-\(sha256(of: Data(text.utf8)).prefix(8))"
  }

  /// The command that makes this result.
  public var command: String {
    var words = ["offprint run \(slug)"]
    if preset != .quick { words.append("--preset \(preset.rawValue)") }
    if seed != 0 { words.append("--seed \(seed)") }
    words += changes.sorted { $0.key < $1.key }.map { key, value in "--set \(Self.shellQuoted("\(key)=\(value.argument)"))"
    }
    return words.joined(separator: " ")
  }

  private static func shellQuoted(_ word: String) -> String {
    word.wholeMatch(of: /[A-Za-z0-9_.,=+:\/-]*/) != nil ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}

/// Where results and figures lie.
public struct Folders: Sendable {
  /// Holds a folder for each paper with its results, checkpoints and locks.
  public var results: String
  /// Holds a folder for each paper with its scripts and pictures.
  public var figures: String

  /// The standard folders, as seen from the project's root, unless others are given.
  public init(results: String = "results", figures: String = "figures") {
    self.results = results
    self.figures = figures
  }

  /// Where the result of a run lies when it is complete.
  public func resultsFile(_ run: RunIdentity) -> String { "\(results)/\(run.slug)/\(run.stem).h5" }
  package func checkpoint(_ run: RunIdentity) -> String { "\(results)/\(run.slug)/\(run.stem).checkpoint" }
  /// Whether the run was interrupted and can be resumed.
  public func hasCheckpoint(_ run: RunIdentity) -> Bool { FileManager.default.fileExists(atPath: checkpoint(run)) }
  /// Where a run that goes on shows itself, see ``LiveView``.
  package func liveView(_ run: RunIdentity) -> String { "\(results)/\(run.slug)/.\(run.stem).live" }
  package func lock(_ run: RunIdentity) -> String { "\(results)/\(run.slug)/.\(run.stem).lock" }

  /// The default run's figures lie in figures/<slug>/ itself, those of other runs in a folder of their own below it.
  func figures(slug: String, stem: String) -> String {
    stem == "quick-seed0" ? "\(figures)/\(slug)" : "\(figures)/\(slug)/\(stem)"
  }
}
