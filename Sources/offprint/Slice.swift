import ArgumentParser

/// What to show of a dataset: for each axis a place or a range, "0:10,3,::2" as in NumPy, from the first axis on. Axes that are not named
/// are whole; a negative place counts from the end.
struct Slice: ExpressibleByArgument {
  private enum Part {
    case place(Int)
    case range(from: Int?, to: Int?, step: Int)
  }

  private let parts: [Part]
  private let text: String

  /// The whole dataset.
  static let everything = Slice(parts: [], text: "")

  private init(parts: [Part], text: String) { (self.parts, self.text) = (parts, text) }

  init?(argument: String) {
    text = argument
    var parts: [Part] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let numbers = part.split(separator: ":", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
      guard numbers.allSatisfy({ $0.isEmpty || Int($0) != nil }), numbers.count <= 3 else { return nil }
      if numbers.count == 1 {
        guard let place = Int(numbers[0]) else { return nil }
        parts.append(.place(place))
      } else {
        let step = numbers.count == 3 ? Int(numbers[2]) ?? 1 : 1
        guard step >= 1 else { return nil }
        parts.append(.range(from: Int(numbers[0]), to: Int(numbers[1]), step: step))
      }
    }
    self.parts = parts
  }

  /// The block of a dataset of this shape, and which axes stay: a place takes its axis away.
  func block(in shape: [Int]) throws -> (offset: [Int], count: [Int], stride: [Int], axes: [Int]) {
    guard parts.count <= shape.count else {
      throw ValidationError("the slice \(text) names \(parts.count) axes, the dataset has \(shape.count)")
    }
    var (offset, count, stride) = (shape.map { _ in 0 }, shape, shape.map { _ in 1 })
    var axes = Array(shape.indices)
    for (axis, part) in parts.enumerated() {
      let length = shape[axis]
      func bound(_ place: Int) -> Int { min(max(place < 0 ? length + place : place, 0), length) }
      switch part {
      case .place(let place):
        let index = place < 0 ? length + place : place
        guard (0..<length).contains(index) else {
          throw ValidationError("the slice \(text) asks for \(place) on axis \(axis), which has \(length) places")
        }
        (offset[axis], count[axis]) = (index, 1)
        axes.removeAll { $0 == axis }
      case .range(let from, let to, let step):
        let (start, end) = (bound(from ?? 0), bound(to ?? length))
        (offset[axis], count[axis], stride[axis]) = (start, max(0, (end - start + step - 1) / step), step)
      }
    }
    return (offset, count, stride, axes)
  }
}
