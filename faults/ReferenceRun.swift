import Foundation
import Notebook
import Plotting
import TestSupport

/// A run that is tried again and again under faults, and its result when nothing disturbs it.
struct ReferenceRun {
  let arguments: [String]
  /// How long it takes.
  let seconds: Double
  /// The size of its result.
  let bytes: Int
  private let reference: String
  private let result: String
  private var checkpoint: String { result.replacing(".h5", with: ".checkpoint") }

  /// A second or two, with a checkpoint at every opportunity.
  static func long(in folder: String) throws -> ReferenceRun {
    try ReferenceRun(
      [
        "symmetry-curse", "--preset", "smoke", "--no-figures", "--checkpoint", "0.02", "--set", "population.symmetricSteps=40000",
      ],
      in: folder)
  }

  /// A fraction of a second.
  static func short(in folder: String) throws -> ReferenceRun {
    try ReferenceRun(["large-step-perceptron", "--preset", "smoke"], in: folder)
  }

  private init(_ run: [String], in folder: String) throws {
    arguments = ["run"] + run + ["--quiet"]
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let began = ContinuousClock.now
    let outcome = try Program.run(arguments, in: folder)
    seconds = (.now - began) / .seconds(1)
    guard outcome.status == 0, let file = files(in: folder).first(where: { $0.hasSuffix(".h5") }) else {
      throw NotebookError.shape("the run that is to be disturbed does not even run: \(outcome.errors)")
    }
    (result, reference) = (file, "\(folder)/\(file)")
    bytes = FileManager.default.contents(atPath: reference)?.count ?? 0
  }

  func hasCheckpoint(in folder: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(checkpoint)") }

  func hasResult(in folder: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(result)") }

  /// Every checkpoint is a new file.
  func checkpointNumber(in folder: String) -> UInt64? {
    (try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(checkpoint)")[.systemFileNumber] as? NSNumber)?.uint64Value
  }

  /// Puts the result into `folder`, where it fits.
  /// - Returns: whether it is there.
  @discardableResult
  func copyResult(to folder: String) throws -> Bool {
    let target = URL(filePath: "\(folder)/\(result)")
    try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    guard (try? FileManager.default.copyItem(atPath: reference, toPath: target.path)) != nil else {
      try? FileManager.default.removeItem(at: target)
      return false
    }
    return true
  }

  /// What the files in `folder` tell against the program; nil when all is well.
  func whatIsWrong(in folder: String, mustHaveResult: Bool) throws -> String? {
    guard FileManager.default.fileExists(atPath: "\(folder)/\(result)") else {
      return mustHaveResult ? "the result is gone" : nil
    }
    let found = try differences(between: reference, and: "\(folder)/\(result)")
    return found.isEmpty ? nil : "the result differs: \(found.prefix(3))"
  }

  /// False of a picture under its final name that lacks its end.
  private static func isWhole(_ path: String) -> Bool {
    guard !path.contains("/."), let terminal = Terminal.allCases.first(where: { path.hasSuffix(".\($0)") }) else { return true }
    return terminal.isWhole(FileManager.default.contents(atPath: path) ?? Data())
  }

  /// The same of a run that may have failed: then it says so in one line, and the result is the old one.
  func whatIsWrong(_ outcome: Program.Outcome, in folder: String, mustHaveResult: Bool) throws -> String? {
    guard outcome.status == 0 || outcome.status == 1 && outcome.lines.count == 1 else {
      return "ended with \(outcome.status): \(outcome.errors)"
    }
    return try whatIsWrong(in: folder, mustHaveResult: mustHaveResult || outcome.status == 0)
  }
}
