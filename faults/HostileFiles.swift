import Foundation
import HDF5
import TestSupport

/// Files that are damaged, or made to do harm: nothing crashes, hangs, fills the memory, leaves a file or a second line of errors; nothing in
/// them is run, and no other file is read.
enum HostileFiles: FaultFamily {
  static let name = "hostile"
  static let title = "Hostile files"

  /// Damaged copies at factor 1, each read by two commands of some 40 ms; 5,000 are `--factor 10`.
  private static let mutations = 500
  /// Smoke runs of a second in all: traces, labels, large compressed arrays.
  private static let papers = ["two-pass-softmax", "large-step-perceptron", "symmetry-curse", "sinkhorn-newton-sparse"]

  static func run(_ trials: Trials) throws -> [Fault] {
    try withFolder { folder in
      let sources = try makeSources(in: folder)
      return try mutated(sources, trials, in: folder)
    }
  }

  static func makeSources(in folder: String) throws -> [String] {
    let outcome = try Program.run(["run"] + papers + ["--preset", "smoke", "--quiet"], in: folder)
    let sources = papers.map { "\(folder)/results/\($0)/smoke-seed0.h5" }
    guard sources.allSatisfy(FileManager.default.fileExists(atPath:)) else {
      throw HDF5Error(operation: "make", path: folder, message: "the smoke runs failed: \(outcome.errors)")
    }
    return sources
  }

  private static func mutated(_ paths: [String], _ trials: Trials, in folder: String) throws -> [Fault] {
    let sources = try paths.map(Source.init)
    let kinds = Mutation.allCases
    let results = try inParallel(trials.scaled(mutations)) { number in
      let kind = kinds[number % kinds.count]
      let which = number / kinds.count % sources.count
      var random = RandomWords(trials.key.named("mutation \(number)"))
      let bytes = kind.damaged(sources[which], other: sources[(which + 1) % sources.count], &random)
      // One more command in turn; the numbers of kinds, sources and commands have no common divisor.
      let others = [["claims"], ["figures", "--terminal", "svg"], ["compare", paths[which]]]
      let trial = try HostileTrial(bytes, in: "\(folder)/\(number)")
      defer { trial.remove() }
      return (kind.row, try [["inspect"], others[number % others.count]].map { try trial.run($0) })
    }
    var faults: [Fault] = []
    for (row, attempts) in results {
      if !faults.contains(where: { $0.name == row }) { faults.append(Fault(row)) }
      guard let place = faults.firstIndex(where: { $0.name == row }) else { continue }
      if let wrong = attempts.compactMap(\.wrong).first {
        faults[place].lose(wrong)
      } else {
        // The second command says whether somebody may have worked with wrong numbers.
        faults[place].count(attempts.map(\.outcome).contains("refused in one line") ? "refused in one line" : attempts[1].outcome)
      }
    }
    return faults
  }

  /// Two at a time, since each is a process of its own; in their order.
  static func inParallel<Result: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Result) throws -> [Result] {
    let results = Results<Result>()
    DispatchQueue.concurrentPerform(iterations: 2) { worker in
      for number in stride(from: worker, to: count, by: 2) {
        let result = Swift.Result { try body(number) }
        results.add(number, result)
      }
    }
    return try results.sorted.map { try $0.get() }
  }

  private final class Results<Element: Sendable>: @unchecked Sendable {  // Guarded by its lock.
    private let lock = NSLock()
    private var elements: [Int: Swift.Result<Element, any Error>] = [:]

    func add(_ number: Int, _ result: Swift.Result<Element, any Error>) { lock.withLock { elements[number] = result } }
    var sorted: [Swift.Result<Element, any Error>] { elements.sorted { $0.key < $1.key }.map(\.value) }
  }
}

/// Files that no accident makes: see ``BuiltFile``.
enum BuiltFiles: FaultFamily {
  static let name = "built"
  static let title = "Hostile files"

  static func run(_ trials: Trials) throws -> [Fault] {
    try withFolder { folder in try BuiltFile.tried(on: HostileFiles.makeSources(in: folder)[2], in: folder) }
  }
}

/// A file in a folder of its own, and the program tried on it.
struct HostileTrial: Sendable {
  let folder: String
  private let bytes: Data
  private var file: String { "\(folder)/x.h5" }

  init(_ bytes: Data, in folder: String) throws {
    (self.folder, self.bytes) = (folder, bytes)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try bytes.write(to: URL(filePath: "\(folder)/x.h5"))
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// - Parameter command: the name and the options; the file comes after them.
  func run(_ command: [String]) throws -> (outcome: String, wrong: String?) {
    try judge(MeasuredRun(command + ["x.h5"], in: folder), command[0])
  }

  /// The commands that look at all results, with this as one of them.
  func runPages(of paper: String) throws -> (outcome: String, wrong: String?) {
    let results = "\(folder)/results/\(paper)"
    try FileManager.default.createDirectory(atPath: results, withIntermediateDirectories: true)
    try bytes.write(to: URL(filePath: "\(results)/quick-seed0.h5"))
    defer { try? FileManager.default.removeItem(atPath: "\(folder)/results") }
    var last: (outcome: String, wrong: String?) = ("read", nil)
    for command in [["list"], ["show", paper], ["report"]] {
      last = try judge(MeasuredRun(command, in: folder), command[0])
      if last.wrong != nil { break }
    }
    return last
  }

  private func judge(_ run: MeasuredRun, _ command: String) throws -> (outcome: String, wrong: String?) {
    let left = files(in: folder).filter { $0 != "x.h5" && !$0.hasPrefix("results/") }
    let harm = files(in: folder).compactMap { HostileStrings.broken($0, in: folder) }.first
    // Figures and pages are what was asked for, complete ones.
    let stray = left.filter { path in
      !["figures/", "report/", "notebook.ipynb"].contains(where: path.hasPrefix) || path.contains("/.")
        || run.status == 1 && !path.hasSuffix(".gp")
    }
    for name in ["figures", "report", "notebook.ipynb"] { try? FileManager.default.removeItem(atPath: "\(folder)/\(name)") }
    let isTouched = FileManager.default.contents(atPath: file) != bytes
    let wrong =
      run.broken ?? harm
      ?? (isTouched ? "the file was changed" : stray.isEmpty ? nil : "left behind: \(stray.joined(separator: ", "))")
    return (run.outcome, wrong.map { "\(command) on \(folder.split(separator: "/").last ?? ""): \($0)" })
  }
}
