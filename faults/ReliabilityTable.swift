import Foundation
import Notebook

/// The faults tried, their counts and outcomes, as the table of a Markdown page.
struct ReliabilityTable {
  private var rows: [String] = []
  private(set) var tried = 0
  private(set) var lost = 0

  private static let begin = "<!-- The table: written by make test-faults. -->"
  private static let end = "<!-- End of the table. -->"

  mutating func add(_ family: String, _ faults: [Fault]) {
    for fault in faults {
      rows.append("| \(family) | \(fault.name) | \(fault.tried) | \(Self.text(of: fault)) | \(fault.losses.count) |")
      tried += fault.tried
      lost += fault.losses.count
    }
  }

  /// "200 finished with the same bits, 3 had finished already"
  static func text(of fault: Fault) -> String {
    let counted = fault.outcomes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
    return (counted + (fault.losses.isEmpty ? [] : ["\(fault.losses.count) LOST"])).joined(separator: ", ")
  }

  var summary: String { "\(tried) faults tried, \(lost) lost" }

  private var text: String {
    let header = "| what | fault | tried | outcome | lost |\n|---|---|---:|---|---:|"
    return "\(header)\n\(rows.joined(separator: "\n"))\n\n\(summary)."
  }

  /// Replaces the table of the page; the rest of it stays.
  func write(into path: String) throws {
    let page = try String(contentsOfFile: path, encoding: .utf8)
    guard let start = page.range(of: Self.begin), let stop = page.range(of: Self.end) else {
      throw NotebookError.shape("\(path) has no place for the table: put the lines '\(Self.begin)' and '\(Self.end)' there")
    }
    let whole = "\(page[..<start.upperBound])\n\n\(text)\n\n\(page[stop.lowerBound...])"
    try AtomicFile.write(Data(whole.utf8), to: path)
  }
}
