/// Which elements of an axis a slice takes: a number (the axis disappears), a range of any kind, `All()` or `Every(step)`.
public protocol AxisSelection: Sendable {
  /// The elements of an axis of this extent; stops if there are none such.
  func selected(of extent: Int) -> SelectedElements
}

/// The elements `start`, `start + step`, ... of an axis, `count` of them.
public struct SelectedElements: Sendable, Hashable {
  /// The first one.
  public var start: Int
  /// How many.
  public var count: Int
  /// The distance of neighbours, negative for the opposite direction.
  public var step: Int
  /// Whether the axis disappears.
  public var dropsAxis: Bool

  /// Elements of an axis that stays unless `dropsAxis`.
  public init(start: Int, count: Int, step: Int = 1, dropsAxis: Bool = false) {
    self.start = start
    self.count = count
    self.step = step
    self.dropsAxis = dropsAxis
  }

  fileprivate init(_ range: Range<Int>, of extent: Int) {
    guard range.lowerBound >= 0, range.upperBound <= extent else {
      fatalError("Tensor.slice: elements \(range) of an axis of extent \(extent)")
    }
    self.init(start: range.lowerBound, count: range.count)
  }
}

/// The whole axis.
public struct All: AxisSelection, Hashable {
  /// All elements, in order.
  public init() {}
  /// All of them.
  public func selected(of extent: Int) -> SelectedElements { SelectedElements(start: 0, count: extent) }
}

/// Every `step`-th element: `Every(2)`, `Every(2, from: 1)`, `Every(-1)` for the opposite order.
public struct Every: AxisSelection, Hashable {
  private let step: Int
  private let start: Int?
  private let end: Int?

  /// The elements `start`, `start + step`, ... up to but without `end`; by default from one end of the axis to the other, in the
  /// direction of the step.
  public init(_ step: Int, from start: Int? = nil, to end: Int? = nil) {
    guard step != 0 else { fatalError("Tensor.slice: Every(0)") }
    self.step = step
    self.start = start
    self.end = end
  }

  /// The elements within the axis.
  public func selected(of extent: Int) -> SelectedElements {
    let first = start ?? (step > 0 ? 0 : extent - 1)
    let past = end ?? (step > 0 ? extent : -1)
    guard (0...extent).contains(first) || (first == -1 && extent == 0), (-1...extent).contains(past) else {
      fatalError("Tensor.slice: every \(step) from \(first) to \(past) of an axis of extent \(extent)")
    }
    let distance = step > 0 ? past - first : first - past
    return SelectedElements(start: first, count: Swift.max(0, (distance + abs(step) - 1) / abs(step)), step: step)
  }
}

extension Int: AxisSelection {
  /// One element, from the end if negative; the axis disappears.
  public func selected(of extent: Int) -> SelectedElements {
    let index = self < 0 ? self + extent : self
    guard (0..<extent).contains(index) else { fatalError("Tensor.slice: element \(self) of an axis of extent \(extent)") }
    return SelectedElements(start: index, count: 1, dropsAxis: true)
  }
}

extension Range: AxisSelection where Bound == Int {
  /// The elements of the range.
  public func selected(of extent: Int) -> SelectedElements { SelectedElements(self, of: extent) }
}

extension ClosedRange: AxisSelection where Bound == Int {
  /// The elements of the range.
  public func selected(of extent: Int) -> SelectedElements { SelectedElements(lowerBound..<upperBound + 1, of: extent) }
}

extension PartialRangeFrom: AxisSelection where Bound == Int {
  /// The elements from the bound on.
  public func selected(of extent: Int) -> SelectedElements {
    SelectedElements(lowerBound..<Swift.max(lowerBound, extent), of: extent)
  }
}

extension PartialRangeUpTo: AxisSelection where Bound == Int {
  /// The elements before the bound.
  public func selected(of extent: Int) -> SelectedElements { SelectedElements(0..<upperBound, of: extent) }
}

extension PartialRangeThrough: AxisSelection where Bound == Int {
  /// The elements up to the bound.
  public func selected(of extent: Int) -> SelectedElements { SelectedElements(0..<upperBound + 1, of: extent) }
}
