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
  }

  func run() throws {
    let typeName = Self.capitalized(slug)
    let module = Self.capitalized(topic)
    let folder = "experiments/\(topic)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try write(Scaffold.experiment(slug: slug, typeName: typeName), to: "\(folder)/\(typeName).swift")
    try register(typeName, in: "\(folder)/Topic.swift")
    try FileManager.default.createDirectory(atPath: "Tests/\(module)Tests", withIntermediateDirectories: true)
    try write(Scaffold.test(typeName: typeName, module: module), to: "Tests/\(module)Tests/\(typeName)Tests.swift")
    print("\nnext: make build, then .build/release/offprint run \(slug) --preset smoke; CONTRIBUTING.md says how to go on")
  }

  /// "low-rank-recovery" is LowRankRecovery.
  private static func capitalized(_ name: String) -> String { name.split(separator: "-").map(\.capitalized).joined() }

  private func write(_ text: String, to path: String) throws {
    guard !FileManager.default.fileExists(atPath: path) else { throw ValidationError("\(path) is there already") }
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    print(path)
  }

  /// Adds the type to the topic's list, which this keeps one to a line.
  private func register(_ typeName: String, in path: String) throws {
    guard let source = try? String(contentsOfFile: path, encoding: .utf8) else {
      return try write(Scaffold.topic(topic, typeName: typeName), to: path)
    }
    guard let end = source.range(of: "\n  ])", options: .backwards) else {
      return print("\(path): add \(typeName).self to the list by hand")
    }
    try source.replacingCharacters(in: end, with: "\n    \(typeName).self,\n  ])").write(toFile: path, atomically: true, encoding: .utf8)
    print("\(path): added \(typeName).self")
  }
}
