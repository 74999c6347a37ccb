import Foundation
import HDF5
import TestSupport

/// Texts that would be commands to gnuplot, the shell, LaTeX, a browser or a terminal, in the place of every text of a result.
enum HostileStrings {
  /// The file that appears when one of them is run.
  private static let mark = "PWNED"

  private static let texts = [
    "\"; system(\"touch PWNED\") #", "'; system('touch PWNED') #", "'\u{301}; system('touch PWNED') #",
    "\u{D4E}'; system('touch PWNED') #", "`touch PWNED`", "$(touch PWNED)", "<script>alert(1)</script>",
    "\u{D4E}<script>alert(1)</script>", "\\input{/etc/passwd}", "\\write18{touch PWNED}",
    "\u{D4E}\\immediate\\write18{touch PWNED}",
    "{{{title}}}{{#figures}}", "${touch PWNED}", "\u{1B}]0;x\u{7}\u{1B}[2J", "\u{202E}txt.exe\u{2066}", "\u{9B}2J\u{85}\u{2028}",
    "a\nb\r\nc\n!touch PWNED\n", "\"\"\"\nimport os; os.system('touch PWNED')\n", "%d%n%s", "", " ",
    String(repeating: "W", count: 10_000),
    "\u{1}\u{2}\u{7F}", "../../PWNED", "| touch PWNED", "< touch PWNED",
  ]

  static let files = texts.map { text in
    BuiltFile(row: "commands of gnuplot, shell, LaTeX, HTML, terminal as texts", isForEverything: true) {
      try write(text, into: $0)
    }
  }

  /// Everything but what a reader goes by: the format, the paper's name and the preset.
  private static func write(_ text: String, into path: String) throws {
    let kept = ["format", "slug", "preset", "CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST"]
    func replace(in attributes: HDF5Attributes) throws {
      for name in try attributes.names where !kept.contains(name) {
        if try attributes.type(of: name) == .string { try attributes.set(name, to: text) }
      }
      // As a name it stands in the tree, and as a value.
      if !text.isEmpty, text.utf8.count < 1000 { try attributes.set(text, to: text) }
    }
    try BuiltFile.change(path) { root in
      try replace(in: root.attributes)
      var (groups, traces): ([HDF5Group], [HDF5Dataset]) = ([], [])
      try root.walk { step in
        switch step.thing {
        case .group(let group): groups.append(group)
        case .dataset(let dataset): traces.append(dataset)
        case .metBefore, .tooDeep, .other: break
        }
      }
      for group in groups { try replace(in: group.attributes) }
      for dataset in traces {
        try replace(in: dataset.attributes)
        guard dataset.type == .string, !dataset.path.hasPrefix("/figures") else { continue }
        if dataset.name == "settings" {
          try dataset.overwrite([try settings(with: text, like: dataset.read(as: String.self).first ?? "{}")])
        } else {
          // The first of the labels, so that the others are still found.
          try dataset.overwrite([text] + dataset.read(as: String.self).dropFirst())
        }
      }
      let name = text.filter { $0 != "/" }
      if !name.isEmpty, name != " " {
        let claim = try root.createGroup("claims/\(name)").attributes
        for part in ["statement", "source", "quantity", "expected", "verdict"] { try claim.set(part, to: text) }
        try claim.set("measured", to: 1.0)
        try root.createGroup("data/\(name)").attributes.set("sha256", to: text)
        try root.group("data/\(name)").attributes.set("count", to: Int64(1))
        try root.write([1.0], shape: [1], to: "traces/\(name)", layout: .contiguous)
      }
    }
  }

  /// The settings with one more, whose name and value are the text.
  private static func settings(with text: String, like json: String) throws -> String {
    guard var settings = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] else { return json }
    settings[text] = text
    return String(decoding: try JSONSerialization.data(withJSONObject: settings), as: UTF8.self)
  }

  /// What a file that was written must not hold as it is; nil when all is well.
  static func broken(_ path: String, in folder: String) -> String? {
    if path.hasSuffix(mark) { return "a text was run" }
    let forbidden = ["html": ["<script>alert"], "tex": ["\\input{/etc", "\\write18", "\\immediate"]]
    guard let words = forbidden[URL(filePath: path).pathExtension],
      let bytes = FileManager.default.contents(atPath: "\(folder)/\(path)")
    else { return nil }
    return words.first { bytes.range(of: Data($0.utf8)) != nil }.map { "\(path) holds \($0)" }
  }
}
