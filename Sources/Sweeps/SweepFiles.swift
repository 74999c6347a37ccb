import Foundation
import Notebook

/// Where a sweep's own files lie: beside its results, in results/<slug>/sweeps/.
public struct SweepFiles: Sendable {
  /// Where results and figures lie.
  public var folders: Folders
  /// The paper.
  public var slug: String
  /// What the sweep is called.
  public var name: String

  /// - Throws: ``SweepError`` for a name that is no plain file name.
  public init(_ folders: Folders, slug: String, name: String) throws {
    guard name.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9._-]*/) != nil else {
      throw SweepError("a sweep's name has letters, digits, '.', '_' and '-', got '\(name)'")
    }
    self.folders = folders
    self.slug = slug
    self.name = name
  }

  /// The folder of all sweeps of the paper.
  public var folder: String { "\(folders.results)/\(slug)/sweeps" }
  /// The plan: what `offprint sweep` goes on with.
  public var plan: String { "\(folder)/\(name).yaml" }
  /// Which points failed, and why.
  public var failures: String { "\(folder)/\(name).failures" }
  /// All points in one file.
  public var aggregate: String { "\(folder)/\(name).h5" }
  /// What Slurm is given and what it leaves: scripts, the numbers of jobs, logs.
  public var slurm: String { "\(folder)/\(name).slurm" }
  /// The script of its points.
  public var slurmPoints: String { "\(slurm)/points.sh" }
  /// The script that gathers them.
  public var slurmAggregate: String { "\(slurm)/aggregate.sh" }
  /// The jobs that were submitted, a line each.
  public var slurmJobs: String { "\(slurm)/jobs" }
  /// The figures over seeds.
  public var figures: String { "\(folders.figures)/\(slug)/sweeps/\(name)" }

  /// Keeps the plan, before its first point runs.
  /// - Throws: ``SweepError`` when another plan has the name.
  public func keep(_ sweep: Sweep) throws {
    if FileManager.default.fileExists(atPath: plan) {
      guard try Self.read(plan) == sweep else {
        throw SweepError("\(plan) holds another sweep; choose another --name, or go on with that one: offprint sweep \(plan)")
      }
      return
    }
    try AtomicFile.makeFolder(folder)
    let heading = "# A sweep: `offprint sweep \(plan)` runs what is missing, `offprint aggregate \(plan)` gathers it.\n"
    try AtomicFile.write(Data((heading + sweep.yaml).utf8), to: plan)
  }

  /// Reads a plan.
  /// - Throws: ``SweepError`` for a file that is not there or no plan.
  public static func read(_ path: String) throws -> Sweep {
    guard let data = FileManager.default.contents(atPath: path) else { throw SweepError("there is no plan at \(path)") }
    return try Sweep(yaml: String(decoding: data, as: UTF8.self), file: path)
  }

  /// The plan that somebody means.
  /// - Parameter words: the plan's path; or its name; or the paper's when that has one sweep.
  /// - Throws: ``SweepError`` when there is none, or several.
  public static func plan(_ words: String, in folders: Folders) throws -> String {
    if FileManager.default.fileExists(atPath: words) { return words }
    let names = { (folder: String) in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] }
    let plans = names(folders.results).flatMap { slug in
      names("\(folders.results)/\(slug)/sweeps").filter { $0.hasSuffix(".yaml") && (slug == words || $0 == "\(words).yaml") }
        .map { "\(folders.results)/\(slug)/sweeps/\($0)" }
    }
    guard let only = plans.first, plans.count == 1 else {
      throw SweepError(
        plans.isEmpty
          ? "there is no sweep '\(words)' below \(folders.results); `offprint sweep` makes one"
          : "'\(words)' means several sweeps: \(plans.sorted().joined(separator: ", "))")
    }
    return only
  }

  /// The name of the sweep whose plan lies at `path`.
  public static func name(ofPlan path: String) -> String { URL(filePath: path).deletingPathExtension().lastPathComponent }

  /// The state of a point, from what lies on disk.
  public func state(of point: SweepPoint, failures: [String: String]) -> PointState {
    let file = folders.resultsFile(point.identity)
    if FileManager.default.fileExists(atPath: file) {
      if (try? Results(file)) != nil { return .done }
      return .failed(failures[point.identity.stem] ?? "\(file) is damaged: move it away, and run the sweep again")
    }
    if let reason = failures[point.identity.stem] { return .failed(reason) }
    if RunLock.isHeld(folders.lock(point.identity)) { return .running }
    return folders.hasCheckpoint(point.identity) ? .interrupted : .waiting
  }
}

/// What has become of a point.
public enum PointState: Sendable, Equatable, CustomStringConvertible {
  case done
  /// With the last line of what it said.
  case failed(String)
  /// Some process has it.
  case running
  /// It left a checkpoint, and goes on from there.
  case interrupted
  case waiting

  /// One word.
  public var description: String {
    switch self {
    case .done: "done"
    case .failed: "failed"
    case .running: "running"
    case .interrupted: "interrupted"
    case .waiting: "waiting"
    }
  }
}

extension Sweep {
  /// What the sweep is called when nobody names it: a function of the plan.
  public var defaultName: String { get throws { String(checksum(of: try yaml).prefix(8)) } }
}
