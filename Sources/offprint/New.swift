import ArgumentParser
import Foundation
import Notebook

struct New: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Start a new paper: its file in a topic, its place in the topic's list, its test.",
    discussion: "The new experiment builds and runs as it is (gradient descent on a quadratic): replace its parts one by one.")

  @Argument(help: "The paper's name: lower-case words joined by hyphens.") var slug: String
  @Option(help: "The topic's folder below experiments/; a new one is made.") var topic: String

  func validate() throws {
    for (name, what) in [(slug, "a paper's name"), (topic, "a topic")] {
      guard name.wholeMatch(of: /[a-z][a-z0-9]*(-[a-z0-9]+)*/) != nil else {
        throw ValidationError("\(what) is lower-case words joined by hyphens, got '\(name)'")
      }
    }
    guard !Catalog.entries.contains(where: { $0.paper.slug == slug }) else {
      throw ValidationError("there is a paper named '\(slug)' already: offprint show \(slug)")
    }
    guard FileManager.default.fileExists(atPath: "experiments") else {
      throw ValidationError("there is no experiments/ here: call this from the project's root")
    }
    let module = Self.capitalized(topic)
    guard !FileManager.default.fileExists(atPath: "Sources/\(module)"), !["Offprint", "Experiments"].contains(module) else {
      throw ValidationError("a topic cannot be named '\(topic)': \(module) is a module of Offprint itself")
    }
    // Before anything is written, so that a refusal leaves nothing behind.
    for path in [experimentPath, testPath] where FileManager.default.fileExists(atPath: path) {
      throw ValidationError("\(path) is there already")
    }
  }

  func run() throws {
    try write(Scaffold.experiment(slug: slug, typeName: typeName), to: experimentPath)
    try register("experiments/\(topic)/Topic.swift")
    try write(Scaffold.test(typeName: typeName, module: Self.capitalized(topic)), to: testPath)
    Console.print(
      "\nnext: make build, then .build/release/offprint run \(slug) --preset smoke; CONTRIBUTING.md says how to go on")
  }

  private var typeName: String { Self.capitalized(slug) }
  private var experimentPath: String { "experiments/\(topic)/\(typeName).swift" }
  private var testPath: String { "Tests/\(Self.capitalized(topic))Tests/\(typeName)Tests.swift" }

  /// "low-rank-recovery" is LowRankRecovery.
  private static func capitalized(_ name: String) -> String { name.split(separator: "-").map(\.capitalized).joined() }

  private func write(_ text: String, to path: String) throws {
    try AtomicFile.makeFolder(URL(filePath: path).deletingLastPathComponent().relativePath)
    try AtomicFile.write(Data(text.utf8), to: path)
    Console.print(path)
  }

  /// Adds the type to the topic's list, which this keeps one to a line.
  private func register(_ path: String) throws {
    guard let source = try? String(contentsOfFile: path, encoding: .utf8) else {
      return try write(Scaffold.topic(topic, typeName: typeName), to: path)
    }
    let entry = "    \(typeName).self"
    // The end of a list that has entries, or an empty one.
    for (end, replacement) in [(/,?\n  \]\)\s*$/, ",\n\(entry),\n  ])\n"), (/\[\s*\]\)\s*$/, "[\n\(entry)\n  ])\n")] {
      guard source.firstMatch(of: end) != nil else { continue }
      try AtomicFile.write(Data(source.replacing(end, with: replacement).utf8), to: path)
      return Console.print("\(path): added \(typeName).self")
    }
    Console.print("\(path): add \(typeName).self to the list by hand")
  }
}
