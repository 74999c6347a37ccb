import ArgumentParser
import Foundation
import HDF5
import Notebook

/// Numbers or texts of one dataset, or a slice of it: what `inspect --data` shows.
struct DatasetView {
  private let path: String
  private let shape: [Int]
  private let content: Content
  /// The coordinates of the first axis that stays, where it has numbers.
  private let coordinate: (name: String, values: [Double])?
  private let units: String

  private enum Content {
    case numbers([Double])
    case texts([String])
  }

  private static let mostElements = 1 << 22

  init(_ dataset: HDF5Dataset, slice: Slice?) throws {
    let block = try (slice ?? Slice.everything).block(in: dataset.shape)
    guard let elements = elementCount(of: block.count), elements <= Self.mostElements else {
      throw ValidationError("\(dataset.path) has \(block.count) elements there; take fewer with --slice 0:100")
    }
    path = dataset.path
    shape = block.axes.map { block.count[$0] }
    if dataset.type == .string {
      content = .texts(
        try dataset.read(as: String.self, offset: block.offset, count: block.count, stride: block.stride).map(
          PlainText.line))
    } else if dataset.type.isNumeric {
      content = .numbers(try dataset.read(as: Double.self, offset: block.offset, count: block.count, stride: block.stride))
    } else {
      throw ValidationError("\(dataset.path) holds \(dataset.type) values, which have no text here; h5dump shows them")
    }
    coordinate = try block.axes.first.flatMap { axis in
      guard !dataset.isScale, let scale = try dataset.scales(axis: axis).first, scale.type.isNumeric,
        scale.shape == [dataset.shape[axis]]
      else { return nil }
      let name = scale.path.split(separator: "/").last.map(String.init) ?? ""
      return (
        name,
        try scale.read(as: Double.self, offset: [block.offset[axis]], count: [block.count[axis]], stride: [block.stride[axis]])
      )
    }
    units = dataset.attributes.contains("units") ? try dataset.attributes.get("units", as: String.self) : "1"
  }

  /// One line for each place on the first axis, the rest of the axes side by side; the coordinate comes first.
  var text: String {
    let cells =
      switch content {
      case .numbers(let values): values.map { String(format: "%.9g", $0) }
      case .texts(let texts): texts
      }
    guard let rows = shape.first else { return cells.first ?? "" }
    let width = elementCount(of: Array(shape.dropFirst())) ?? 0
    return (0..<rows).map { row in
      let lead = coordinate.map { [String(format: "%.9g", $0.values[row])] } ?? []
      return (lead + cells[row * width..<(row + 1) * width]).joined(separator: "  ")
    }.joined(separator: "\n")
  }

  /// The first column against its coordinate, drawn with characters.
  func plot(width: Int) throws -> String {
    guard let rows = shape.first, case .numbers(let values) = content, values.contains(where: \.isFinite) else {
      throw ValidationError("\(path) has no series of numbers there to plot")
    }
    let columns = min(6, max(1, shape.dropFirst().reduce(1, *)))
    let total = shape.dropFirst().reduce(1, *)
    let x = coordinate?.values ?? (0..<rows).map(Double.init)
    let series = (0..<columns).map { column in (0..<rows).map { values[$0 * total + column] } }
    return try TerminalPlot(
      title: path + (units == "1" ? "" : " [\(units)]"), xLabel: coordinate?.name ?? "index", x: x, series: series
    ).text(width: width)
  }

  var json: JSON {
    var json = JSON(path: path, shape: shape, coordinate: coordinate?.values, units: units)
    switch content {
    case .numbers(let values): json.values = values
    case .texts(let texts): json.texts = texts
    }
    return json
  }

  /// Numbers or texts, in row-major order.
  struct JSON: Encodable {
    var path: String
    var shape: [Int]
    var coordinate: [Double]?
    var units: String
    var values: [Double]?
    var texts: [String]?
  }
}
