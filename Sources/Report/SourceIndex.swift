import Foundation

/// What the checkout's Swift sources say about the papers: the doc comment of each experiment, where its files lie, and which
/// parts of the library they name. Empty where there are no sources: a report does not need them.
struct SourceIndex {
  /// One paper's sources.
  struct Paper {
    /// The doc comment of the experiment, without its slashes.
    var comment = ""
    /// As seen from the project's root.
    var files: [String] = []
    /// The names of ``parts`` that its files contain.
    var uses: Set<String> = []
  }

  /// A public declaration of the library.
  struct Part {
    var name: String
    /// The module that declares it.
    var module: String
    /// The first sentence of its doc comment.
    var summary: String
    /// As seen from the project's root.
    var file: String
  }

  private(set) var papers: [String: Paper] = [:]
  private(set) var parts: [Part] = []

  /// The modules whose parts are listed, in the order of the floors, from the top.
  static let modules = [
    "Optimizers", "Solvers", "Transport", "Lenses", "Problems", "Networks", "Training", "Datasets", "Diagnostics", "Transforms",
    "Tensors",
  ]

  /// - Parameter root: the project's root.
  init(root: String) {
    for module in Self.modules {
      for file in Self.swiftFiles(below: "Sources/\(module)", root: root) {
        parts += Self.parts(of: module, in: file, root: root)
      }
    }
    // Overloads have one name.
    var seen: Set<String> = []
    parts = parts.filter { seen.insert($0.name).inserted }
    let names = Set(parts.map(\.name))
    let folders = Dictionary(grouping: Self.swiftFiles(below: "experiments", root: root)) { file in
      file.split(separator: "/").dropLast().joined(separator: "/")
    }
    for (folder, files) in folders {
      for file in files {
        let text = Self.text(file, root: root)
        guard let match = text.firstMatch(of: /slug: "([a-z0-9-]+)"/) else { continue }
        // A paper is a folder, or the files of one name in its topic's folder.
        let stem = file.split(separator: "/").last?.dropLast(".swift".count) ?? ""
        let isTopic = folder.split(separator: "/").count == 2
        let own = isTopic ? files.filter { $0.hasPrefix("\(folder)/\(stem).") || $0.hasPrefix("\(folder)/\(stem)+") } : files
        let words = own.reduce(into: Set<String>()) { words, file in
          for word in Self.text(file, root: root).matches(of: /[A-Za-z_][A-Za-z0-9_]*/) { words.insert(String(word.0)) }
        }
        papers[String(match.1)] = Paper(
          comment: Self.comment(above: /\benum [A-Za-z0-9]+: Experiment\b/, in: text), files: own.sorted(),
          uses: words.intersection(names))
      }
    }
  }

  private static func swiftFiles(below folder: String, root: String) -> [String] {
    let found = FileManager.default.enumerator(atPath: "\(root)/\(folder)")?.compactMap { $0 as? String } ?? []
    return found.filter { $0.hasSuffix(".swift") }.sorted().map { "\(folder)/\($0)" }
  }

  private static func text(_ file: String, root: String) -> String {
    String(decoding: FileManager.default.contents(atPath: "\(root)/\(file)") ?? Data(), as: UTF8.self)
  }

  /// The doc comment that ends above the first line with `declaration`.
  private static func comment(above declaration: Regex<Substring>, in text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let place = lines.firstIndex(where: { $0.contains(declaration) }) else { return "" }
    return comment(endingBefore: place, in: lines).joined(separator: "\n")
  }

  private static func comment(endingBefore place: Int, in lines: [Substring]) -> [String] {
    var first = place
    while first > 0, lines[first - 1].hasPrefix("///") || lines[first - 1].hasPrefix("@") { first -= 1 }
    return lines[first..<place].filter { $0.hasPrefix("///") }.map { String($0.dropFirst(3).drop { $0 == " " }) }
  }

  /// What a file declares for others at its outermost level.
  private static func parts(of module: String, in file: String, root: String) -> [Part] {
    let lines = text(file, root: root).split(separator: "\n", omittingEmptySubsequences: false)
    return lines.indices.compactMap { place in
      // A pattern costs more than a look at how the line begins.
      guard lines[place].hasPrefix("public ") || lines[place].hasPrefix("package "),
        let match = lines[place].prefixMatch(
          of: /(?:public|package) (?:final |indirect )?(?:struct|class|enum|protocol|func) ([A-Za-z0-9]+)/)
      else { return nil }
      let comment = self.comment(endingBefore: place, in: lines).prefix { !$0.isEmpty && !$0.hasPrefix("- ") }.joined(
        separator: " ")
      let sentence = comment.firstMatch(of: /^.*?[.:](?= |$)/).map { String($0.0) } ?? comment
      return Part(name: String(match.1), module: module, summary: sentence.replacing("``", with: "`"), file: file)
    }
  }
}
