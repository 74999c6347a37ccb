import Foundation
import HDF5
import Notebook

/// An HDF5 file as indented text.
struct Inspection {
  private(set) var text: String

  /// Texts and truth values that are read at once.
  private static let mostAtOnce = 1 << 24

  init(of file: HDF5File) throws {
    text = "\(file.path)\n"
    try describe(attributes: file.root.attributes, indent: 1)
    try file.root.walk { step in
      let indent = step.depth + 1
      switch step.thing {
      case .group(let group):
        line("\(step.name)/", indent)
        try describe(attributes: group.attributes, indent: indent + 1)
      case .dataset(let dataset): try describe(dataset, named: step.name, indent: indent)
      case .metBefore, .tooDeep, .other: line("\(step.name)  (\(Self.note(on: step.thing)))", indent)
      }
    }
    text.removeLast()
  }

  /// In a few words, why something is not shown.
  static func note(on thing: HDF5Step.Thing) -> String {
    switch thing {
    case .group, .dataset: ""
    case .metBefore(let path): "the same as \(path)"
    case .tooDeep: "a group, too deep to be shown"
    case .other(let kind): "\(kind), not followed"
    }
  }

  private mutating func describe(_ dataset: HDF5Dataset, named name: String, indent: Int) throws {
    let shape = dataset.shape
    let axes = try shape.indices.map { axis in
      let scale = dataset.isScale ? nil : try dataset.scales(axis: axis).first
      return (scale.map { "\($0.path.split(separator: "/").last ?? ""): " } ?? "") + "\(shape[axis])"
    }
    let units = dataset.attributes.contains("units") ? try dataset.attributes.get("units", as: String.self) : ""
    let unitText = units.isEmpty || units == "1" ? "" : " [\(units)]"
    line("\(name)  (\(axes.joined(separator: ", ")))  \(dataset.type)\(unitText)", indent)
    if dataset.attributes.contains("long_name") {
      line(try dataset.attributes.get("long_name", as: String.self), indent + 1)
    }
    if let summary = try summary(of: dataset) { line(summary, indent + 1) }
  }

  private func summary(of dataset: HDF5Dataset) throws -> String? {
    let count = dataset.count
    guard count > 0 else { return nil }
    if let refusal = dataset.refusal { return "not read: \(refusal)" }
    switch dataset.type {
    case .string where count > Self.mostAtOnce, .bool where count > Self.mostAtOnce: return "\(count) values, not read here"
    case .string:
      let texts = try dataset.read(as: String.self)
      if dataset.shape.isEmpty { return "\(texts[0].split(whereSeparator: \.isNewline).count) lines of text" }
      return texts.prefix(8).joined(separator: ", ") + (texts.count > 8 ? ", ..." : "")
    case .bool:
      let flags = try dataset.read(as: Bool.self)
      return "\(flags.count { $0 }) of \(flags.count) true"
    case .complex64, .complex128, .other: return nil
    default: return try Statistics(of: dataset).text
    }
  }

  private mutating func describe(attributes: HDF5Attributes, indent: Int) throws {
    for (name, text) in try Self.texts(of: attributes).sorted(by: { $0.key < $1.key }) { line("@\(name) = \(text)", indent) }
  }

  /// Every attribute as text.
  static func texts(of attributes: HDF5Attributes) throws -> [String: String] {
    Dictionary(try attributes.names.map { ($0, try text(of: $0, in: attributes)) }) { first, _ in first }
  }

  private static func text(of name: String, in attributes: HDF5Attributes) throws -> String {
    switch try attributes.type(of: name) {
    case .string: try attributes.get(name, as: [String].self).joined(separator: ", ")
    case .bool: try attributes.get(name, as: [Bool].self).map { "\($0)" }.joined(separator: ", ")
    case .complex64, .complex128, .other: "(\(try attributes.type(of: name)))"
    case .float32, .float64: try attributes.get(name, as: [Double].self).map { "\($0)" }.joined(separator: ", ")
    default: try attributes.get(name, as: [Int64].self).map { "\($0)" }.joined(separator: ", ")
    }
  }

  /// What a file says stays on its line.
  private mutating func line(_ content: String, _ indent: Int) {
    text += String(repeating: "  ", count: indent) + PlainText.line(content) + "\n"
  }
}

/// Statistics of a numeric dataset, read block by block, and for a series a sparkline of its first column. Of very large datasets
/// some blocks, evenly spaced, are a sample.
struct Statistics {
  private(set) var minimum = Double.infinity
  private(set) var maximum = -Double.infinity
  private var sum = 0.0
  private var finite = 0
  private var total = 0
  private var series: [Double] = []

  private var isSample = false

  private static let sparkWidth = 40
  /// About how many numbers are read: a second's work or two.
  private static let most = 1 << 27

  init(of dataset: HDF5Dataset) throws {
    let rows = dataset.shape.first ?? 1
    let step = max(1, dataset.count / Self.most)
    isSample = step > 1
    var part = -1
    try dataset.forEachBlock(every: step) { offset, count, block in
      add(block)
      guard let first = offset.first, offset.dropFirst().allSatisfy({ $0 == 0 }) else { return }
      // The first row that is read of every fortieth part.
      for row in first..<first + count[0] where row * Self.sparkWidth / rows > part {
        part = row * Self.sparkWidth / rows
        series.append(block[(row - first) * (block.count / count[0])])
      }
    }
  }

  /// The mean of the finite values; NaN where there is none.
  var mean: Double { sum / Double(finite) }
  /// How many values are not finite.
  var notFinite: Int { total - finite }

  var text: String {
    guard finite > 0 else { return "no finite value among \(total)" }
    if total == 1 { return "= \(String(format: "%.9g", sum))" }
    let odd = finite == total ? "" : ", \(total - finite) not finite"
    let range = String(format: "min %.6g, mean %.6g, max %.6g", minimum, sum / Double(finite), maximum)
    return "\(range)\(odd)\(isSample ? " in a sample of \(total)" : "")  \(sparkline)"
  }

  /// One character a value, between the smallest and the largest; logarithmic when positive values span three decades.
  private var sparkline: String {
    let blocks = Array("▁▂▃▄▅▆▇█")
    let isLogarithmic = minimum > 0 && maximum / minimum > 1000
    let scale = { (value: Double) in isLogarithmic ? log(value) : value }
    let (low, high) = (scale(minimum), scale(maximum))
    return String(
      series.map { value in
        guard value.isFinite else { return "·" }
        let share = high > low ? (scale(value) - low) / (high - low) : 0
        return blocks[min(7, Int(share * 8))]
      })
  }

  private mutating func add(_ values: [Double]) {
    total += values.count
    for value in values where value.isFinite {
      minimum = min(minimum, value)
      maximum = max(maximum, value)
      sum += value
      finite += 1
    }
  }
}
