import ArgumentParser
import Foundation
import HDF5
import Notebook
import Plotting

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare two results: settings, claims, and every array. Exit code 3 when an array differs.",
    discussion:
      "What two equal runs do not share, times and host, is left out. Equal means equal bits, unless --tolerance is given.")

  @Argument(help: "A results file, or a paper's name (its quick run with seed 0).") var a: String
  @Argument(help: "The other one.") var b: String
  @Option(help: "Largest difference that counts as equal, in units of the larger of the two numbers.") var tolerance = 0.0
  @Flag(help: "Draw the traces of both over each other.") var figure = false
  @Flag(help: "Print JSON.") var json = false
  @OptionGroup var folders: FolderOptions

  func validate() throws {
    if !(tolerance >= 0) { throw ValidationError("--tolerance takes a number from 0") }
  }

  func run() throws {
    let files = try [a, b].map { try StoredResult.path(of: $0, in: folders.folders) }
    try ForeignFile.read(files) { try compare(StoredResult.open(files[0]).results, StoredResult.open(files[1]).results) }
  }

  private func compare(_ left: Results, _ right: Results) throws {
    let comparison = try Comparison(left, right)
    if json {
      Console.print(try Console.json(comparison))
    } else {
      Console.print(ComparisonText(comparison, tolerance: tolerance).text)
    }
    if figure {
      let overlay = try TraceOverlay(left, right)
      for path in try overlay.draw(in: folders.folders) { Console.print(path) }
    }
    if !comparison.areArraysEqual(within: tolerance) { throw ExitCode(ExitStatus.different) }
  }
}

/// A comparison as a person reads it.
struct ComparisonText {
  let text: String

  init(_ comparison: Comparison, tolerance: Double) {
    var parts = ["a  \(comparison.a)\nb  \(comparison.b)"]
    func table(_ title: String, _ changes: [Comparison.Change]) {
      guard !changes.isEmpty else { return }
      let rows = changes.map { [$0.name, $0.a ?? "-", $0.b ?? "-"] }
      parts.append(TextTable(header: [title, "a", "b"], rows: rows).text(width: Console.width))
    }
    table("provenance", comparison.provenance)
    table("setting", comparison.settings)
    table("claim", comparison.claims)
    if !comparison.arrays.isEmpty {
      let rows = comparison.arrays.map { array in
        if let note = array.note { return [array.path, note, "", ""] }
        return [array.path, "\(array.different) of \(array.values)", array.largest.brief, array.relative.brief]
      }
      parts.append(
        TextTable(header: ["array", "values that differ", "largest difference", "relative"], rows: rows).text(
          width: Console.width))
    }
    let different = comparison.arrays.count
    let beyond = comparison.areArraysEqual(within: tolerance) ? ", none beyond the tolerance" : ""
    parts.append(
      different == 0
        ? "all \(comparison.compared) arrays are equal, bit for bit"
        : "\(different) arrays differ, of \(comparison.compared) in both\(tolerance > 0 ? beyond : "")")
    text = parts.joined(separator: "\n\n")
  }
}

/// The traces that two results share, each in a panel with both curves.
struct TraceOverlay {
  private let figure: Figure
  private let name: String

  private static let mostPanels = 12

  init(_ a: Results, _ b: Results) throws {
    let stems = [a, b].map { URL(filePath: $0.path).deletingPathExtension().lastPathComponent }
    let labels = stems[0] == stems[1] ? ["a", "b"] : stems
    let shared = try a.tracePaths.filter(Set(try b.tracePaths).contains)
    let panels = try shared.prefix(Self.mostPanels).map { path in
      let arrays = [try a.trace(path), try b.trace(path)]
      let series = try zip(arrays, labels).map { array, label in
        Series.line(x: Column(try array.coordinate("step").values), y: array.firstColumn, label: label)
      }
      let values = arrays.flatMap(\.firstColumn.values).filter(\.isFinite)
      let isLogarithmic = (values.min() ?? 0) > 0 && (values.max() ?? 1) / (values.min() ?? 1) > 1000
      let unit = arrays[0].units == "1" ? "" : arrays[0].units
      return Panel(
        title: path, x: Axis("step"), y: Axis(arrays[0].longName, unit: unit, scale: isLogarithmic ? .log() : .linear),
        series: series)
    }
    guard !panels.isEmpty else {
      throw NotebookError.shape("\(a.path) and \(b.path) have no trace in common to draw")
    }
    name = "\(a.slug)/compare-\(stems[0])-\(stems[1])"
    figure = Figure("traces", title: "\(labels[0]) and \(labels[1])", panels: panels)
  }

  /// - Returns: the paths of the script and its pictures.
  func draw(in folders: Folders) throws -> [String] {
    let folder = "\(folders.figures)/\(name)"
    try AtomicFile.makeFolder(folder)
    let script = Script(figure, folder: folder, standalone: true)
    try AtomicFile.write(Data(script.text().utf8), to: script.path)
    return [script.path] + (try FigureFiles(folders: folders).render([script.path], terminals: [.svg, .png]))
  }
}

extension RecordedArray {
  /// Along the steps, the first place of every other dimension.
  var firstColumn: Column {
    let width = max(1, dimensions.dropFirst().reduce(1) { $0 * $1.count })
    return Column(stride(from: 0, to: values.count, by: width).map { values[$0] })
  }
}
