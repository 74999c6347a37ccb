import Foundation
import HDF5
import Notebook
import Plotting

/// A Jupyter notebook that opens a results file with xarray and draws its main figure again with matplotlib.
public struct PythonNotebook {
  /// The .ipynb document, format 4.5.
  public let json: Data

  /// - Parameters:
  ///   - experiment: the paper.
  ///   - results: the run.
  ///   - file: the path of the results file as seen from the notebook's folder.
  public init<E: Experiment>(_ experiment: E.Type, _ results: Results, file: String) throws {
    let figures = try E.figures(from: results)
    let paper = E.paper
    var cells: [Cell] = [
      Cell(
        markdown: """
          # \(paper.title)

          \(paper.citation). Fidelity: \(paper.fidelity.rawValue).

          \(paper.shows)

          Made by `offprint export \(paper.slug) --notebook`. It needs numpy, h5py, xarray, h5netcdf and matplotlib.
          """),
      Cell(
        code: """
          import h5py
          import matplotlib.pyplot as plt
          import numpy as np
          import xarray as xr

          path = \(Self.python(file))
          with h5py.File(path) as f:
              print(dict(f.attrs)["title"])
              for name, claim in f["claims"].items():
                  print(f"{name:32}  {claim.attrs['expected']:>16}  {claim.attrs['measured']:12.5g}  {claim.attrs['verdict']}")
          """),
    ]
    if let trace = try results.tracePaths.first {
      let parts = trace.split(separator: "/")
      let group = (["traces"] + parts.dropLast().map(String.init)).joined(separator: "/")
      cells.append(Cell(markdown: "Traces and tensors have named dimensions, coordinates and units."))
      cells.append(
        Cell(
          code: """
            group = xr.open_dataset(path, group=\(Self.python(group)), engine="h5netcdf")
            group
            """))
    }
    if let figure = figures.first {
      cells.append(Cell(markdown: "## \(figure.title.isEmpty ? figure.id : figure.title)\n\nMirrors \(figure.mirrors)."))
      cells.append(Cell(code: try Self.drawing(of: figure, from: results)))
    }
    let document = Document(cells: cells)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    json = try encoder.encode(document)
  }

  private struct Document: Encodable {
    var cells: [Cell]
    var metadata = ["kernelspec": ["display_name": "Python 3", "language": "python", "name": "python3"]]
    var nbformat = 4
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var nbformat_minor = 5
  }

  private struct Cell: Encodable {
    var isCode: Bool
    var source: String

    init(markdown: String) { (isCode, source) = (false, markdown) }
    init(code: String) { (isCode, source) = (true, code) }

    private enum CodingKeys: String, CodingKey {
      case kind = "cell_type"
      case id, metadata, source, outputs
      case executionCount = "execution_count"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(isCode ? "code" : "markdown", forKey: .kind)
      // An id of its own, the same whenever the notebook is written.
      let digest = source.utf8.reduce(into: UInt64(14_695_981_039_346_656_037)) { $0 = ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
      try container.encode(String(digest, radix: 16), forKey: .id)
      try container.encode([String: String](), forKey: .metadata)
      let lines = source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      try container.encode(lines.dropLast().map { $0 + "\n" } + lines.suffix(1), forKey: .source)
      if isCode {
        try container.encode([String](), forKey: .outputs)
        try container.encodeNil(forKey: .executionCount)
      }
    }
  }

  // MARK: The figure

  private static func drawing(of figure: Figure, from results: Results) throws -> String {
    var lines = [
      "def column(dataset, start, count, step):",
      "    \"\"\"Every step-th number of a dataset, in row-major order.\"\"\"",
      "    with h5py.File(path) as f:",
      "        return f[dataset][...].ravel()[start::step][:count].astype(float)",
      "",
      "rows, columns = \((figure.panels.count + figure.columns - 1) / figure.columns), \(figure.columns)",
      "fig, axes = plt.subplots(rows, columns, figsize=(4.2 * columns, 3.2 * rows), squeeze=False, layout=\"constrained\")",
    ]
    for (place, panel) in figure.panels.enumerated() {
      lines += ["", "ax = axes[\(place / figure.columns)][\(place % figure.columns)]"]
      for series in panel.series { lines += try drawing(of: series, from: results) }
      if panel.x.scale != .linear { lines.append("ax.set_xscale(\"log\")") }
      if panel.y.scale != .linear { lines.append("ax.set_yscale(\"log\")") }
      lines.append("ax.set(xlabel=\(label(panel.x)), ylabel=\(label(panel.y)), title=\(python(panel.title)))")
      if panel.series.contains(where: { !$0.label.isEmpty }) { lines.append("ax.legend(fontsize=7)") }
    }
    if !figure.title.isEmpty { lines.append("fig.suptitle(\(python(figure.title)))") }
    lines.append("plt.show()")
    return lines.joined(separator: "\n")
  }

  private static func drawing(of series: Series, from results: Results) throws -> [String] {
    let named = series.label.isEmpty ? "" : ", label=\(python(series.label))"
    let axis = series.usesRightAxis ? "ax.twinx()" : "ax"
    func numbers(_ column: Column) throws -> String { try Self.numbers(column, from: results) }
    switch series.kind {
    case .curve(let x, let y, let marks):
      let style =
        switch marks {
        case .line: ""
        case .points: ", marker=\".\", linestyle=\"none\""
        case .linesPoints: ", marker=\".\""
        case .steps: ", drawstyle=\"steps-post\""
        }
      return ["\(axis).plot(\(try numbers(x)), \(try numbers(y))\(style)\(named))"]
    case .band(let x, let lower, let upper):
      return ["\(axis).fill_between(\(try numbers(x)), \(try numbers(lower)), \(try numbers(upper)), alpha=0.25\(named))"]
    case .errorBars(let x, let y, let lower, let upper):
      return [
        "y, lower, upper = (\(try numbers(y)), \(try numbers(lower)), \(try numbers(upper)))",
        "\(axis).errorbar(\(try numbers(x)), y, yerr=(y - lower, upper - y), fmt=\".\", capsize=2\(named))",
      ]
    case .bars(let categories, let groups):
      let width = 0.8 / Double(max(1, groups.count))
      let names = "[\(categories.map(python).joined(separator: ", "))]"
      return try groups.enumerated().map { index, group in
        let shift = (Double(index) - Double(groups.count - 1) / 2) * width
        return
          "\(axis).bar(np.arange(\(categories.count)) + \(shift), \(try numbers(group.values)), \(width), label=\(python(group.label)))"
      } + ["\(axis).set_xticks(np.arange(\(categories.count)), \(names))"]
    case .histogram(let edges, let counts):
      return ["\(axis).stairs(\(list(counts)), \(list(edges)), fill=True, alpha=0.5\(named))"]
    case .heatMap(let grid, _):
      return [
        "mesh = \(axis).pcolormesh(\(try numbers(grid.x)), \(try numbers(grid.y)), \(try numbers(grid.values)).reshape(\(grid.y.values.count), \(grid.x.values.count)), shading=\"nearest\")",
        "fig.colorbar(mesh, ax=ax)",
      ]
    case .contours(let grid, let levels):
      return [
        "\(axis).contour(\(try numbers(grid.x)), \(try numbers(grid.y)), \(try numbers(grid.values)).reshape(\(grid.y.values.count), \(grid.x.values.count)), levels=\(list(levels.sorted())), colors=\"grey\", linewidths=0.6)"
      ]
    case .guide: return []
    }
  }

  /// A column as Python reads it from the file, or its numbers where they were derived.
  private static func numbers(_ column: Column, from results: Results) throws -> String {
    guard let source = column.source, let start = try results.firstElement(of: source) else { return list(column.values) }
    return "column(\(python(source.dataset)), \(start), \(source.count), \(source.stride))"
  }

  private static func list(_ values: [Double]) -> String {
    let texts = values.map { $0.isNaN ? "np.nan" : $0.isInfinite ? ($0 > 0 ? "np.inf" : "-np.inf") : "\($0)" }
    return "np.array([\(texts.joined(separator: ", "))])"
  }

  private static func label(_ axis: Axis) -> String { python(axis.unit.isEmpty ? axis.label : "\(axis.label) [\(axis.unit)]") }

  /// A string literal. Braces of an index are what matplotlib's maths has too.
  private static func python(_ text: String) -> String {
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": literal += "\\\\"
      case "\"": literal += "\\\""
      // Also what turns the direction of the code around it.
      case _ where PlainText.line(String(scalar)) != String(scalar): literal += String(format: "\\u%04x", scalar.value)
      default: literal.unicodeScalars.append(scalar)
      }
    }
    return literal + "\""
  }
}
