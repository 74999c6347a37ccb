/// A named axis of a recorded array, with its coordinate: what xarray calls a dimension.
///
///     let columns = Dimension("columns", [3, 5, 10], "columns of the factor")
///     let algorithm = Dimension("algorithm", ["two-pass", "reload"], "softmax algorithm")
public struct Dimension: Sendable, Codable, Equatable {
  /// What stands at the places of the axis.
  public enum Coordinate: Sendable, Codable, Equatable {
    case integers([Int64])
    case numbers([Double])
    case labels([String])

    var count: Int {
      switch self {
      case .integers(let values): values.count
      case .numbers(let values): values.count
      case .labels(let values): values.count
      }
    }
  }

  /// Names the scale in the file; xarray's name of the dimension. Unique coordinates within a group.
  public var name: String
  /// One value for each place.
  public var coordinate: Coordinate
  /// What it is, in words.
  public var longName: String
  /// "s", "m", or "1" for pure numbers and labels.
  public var units: String

  /// The length of the axis.
  public var count: Int { coordinate.count }

  /// An axis of whole numbers: sizes, counts.
  public init(_ name: String, _ values: [Int], _ longName: String, units: String = "1") {
    self.init(name, .integers(values.map(Int64.init)), longName, units: units)
  }

  /// An axis of numbers: scales, rates.
  public init(_ name: String, _ values: [Double], _ longName: String, units: String = "1") {
    self.init(name, .numbers(values), longName, units: units)
  }

  /// An axis of labels: methods, data sets.
  public init(_ name: String, _ labels: [String], _ longName: String) {
    self.init(name, .labels(labels), longName, units: "1")
  }

  /// Positions 0, 1, 2, ... where no other coordinate has a meaning.
  public init(_ name: String, count: Int, _ longName: String) {
    self.init(name, Array(0..<count), longName)
  }

  init(_ name: String, _ coordinate: Coordinate, _ longName: String, units: String) {
    self.name = name
    self.coordinate = coordinate
    self.longName = longName
    self.units = units
  }
}

/// One place on a dimension: `results.tensor("loss").column(["columns": 5])`.
public enum Selector: Sendable, Equatable, CustomStringConvertible {
  case number(Double)
  case label(String)

  /// A place on a dimension of whole numbers.
  public init(_ value: Int) { self = .number(Double(value)) }
  /// A place on a dimension of numbers; it must be one of its coordinates exactly.
  public init(_ value: Double) { self = .number(value) }
  /// A place on a dimension of labels.
  public init(_ value: String) { self = .label(value) }

  /// "5", or "'two-pass'".
  public var description: String {
    switch self {
    case .number(let value): value.brief
    case .label(let label): "'\(label)'"
    }
  }

  /// Where on `coordinate` this place is; nil when it is not there.
  func index(in coordinate: Dimension.Coordinate) -> Int? {
    switch (self, coordinate) {
    case (.number(let value), .integers(let values)): values.firstIndex { Double($0) == value }
    case (.number(let value), .numbers(let values)): values.firstIndex(of: value)
    case (.label(let label), .labels(let labels)): labels.firstIndex(of: label)
    default: nil
    }
  }
}

extension Selector: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral {
  /// `["columns": 5]`
  public init(integerLiteral value: Int) { self.init(value) }
  /// `["scale": 0.5]`
  public init(floatLiteral value: Double) { self.init(value) }
  /// `["algorithm": "two-pass"]`
  public init(stringLiteral value: String) { self.init(value) }
}
