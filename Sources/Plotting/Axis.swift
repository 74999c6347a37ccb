import Foundation

/// One axis of a panel: what it measures, its scale and its range.
public struct Axis: Sendable {
  /// How numbers become positions.
  public enum Scale: Sendable, Equatable {
    /// Equal steps.
    case linear
    /// Equal ratios; ticks are powers of `base`, 10 or 2.
    case log(base: Int = 10)
  }

  /// A tick at a chosen place with a chosen label.
  public struct Tick: Sendable {
    /// Where the tick is.
    public var value: Double
    /// What is written at it.
    public var label: String

    /// A tick at `value`.
    public init(_ value: Double, _ label: String) {
      self.value = value
      self.label = label
    }
  }

  /// What is measured. `$...$` marks maths, see ``Markup``.
  public var label: String
  /// The unit, written in brackets after the label.
  public var unit: String
  /// How numbers become positions.
  public var scale: Scale
  /// The lower end; nil to take it from the data.
  public var from: Double?
  /// The upper end; nil to take it from the data.
  public var to: Double?
  /// Ticks in place of the automatic ones.
  public var ticks: [Tick]
  /// Whether it counts something: ticks stand at whole numbers only.
  public var isCount: Bool

  /// An axis named `label`.
  public init(
    _ label: String, unit: String = "", scale: Scale = .linear, from: Double? = nil, to: Double? = nil, ticks: [Tick] = [],
    isCount: Bool = false
  ) {
    self.label = label
    self.unit = unit
    self.scale = scale
    self.ticks = ticks
    self.isCount = isCount
    // An end that was computed from data which are not finite, or not positive for a logarithm, is none.
    self.from = from.flatMap { coordinate($0) == nil ? nil : $0 }
    self.to = to.flatMap { coordinate($0) == nil ? nil : $0 }
  }

  /// "label [unit]".
  var caption: String { unit.isEmpty ? label : "\(label) [\(unit)]" }

  var isLog: Bool { scale != .linear }

  /// The position of a value on a scale without ends: its logarithm, or itself. Nil where the axis cannot show it.
  func coordinate(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    return isLog ? (value > 0 ? log10(value) : nil) : value
  }

  func value(atCoordinate coordinate: Double) -> Double { isLog ? pow(10, coordinate) : coordinate }
}
