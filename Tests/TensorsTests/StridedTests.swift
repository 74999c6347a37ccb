import Tensors
import Testing

/// Strided copies, additions and permutations against index arithmetic, one element at a time.
@Suite struct StridedTests {
  struct Window: Sendable {
    var extents: [Int], source: [Int], target: [Int], sourceOffset = 0, targetOffset = 0
    var sourceCount: Int, targetCount: Int
  }

  static let windows = [
    Window(extents: [], source: [], target: [], sourceCount: 1, targetCount: 1),
    Window(extents: [7], source: [1], target: [1], sourceCount: 7, targetCount: 7),
    Window(extents: [3, 0, 2], source: [2, 2, 1], target: [2, 2, 1], sourceCount: 6, targetCount: 6),
    // A slice, padding with a border, both along two axes.
    Window(
      extents: [4, 5, 6], source: [200, 10, 1], target: [99, 9, 1], sourceOffset: 37, targetOffset: 13, sourceCount: 900,
      targetCount: 500),
    // Broadcast along the first, the last, a middle axis.
    Window(extents: [6, 5], source: [0, 1], target: [5, 1], sourceCount: 5, targetCount: 30),
    Window(extents: [6, 50], source: [1, 0], target: [50, 1], sourceCount: 6, targetCount: 300),
    Window(extents: [3, 4, 5], source: [5, 0, 1], target: [20, 5, 1], sourceCount: 15, targetCount: 60),
    // Flips.
    Window(extents: [9], source: [-1], target: [1], sourceOffset: 8, sourceCount: 9, targetCount: 9),
    Window(extents: [3, 70], source: [-70, 1], target: [70, 1], sourceOffset: 140, sourceCount: 210, targetCount: 210),
    Window(extents: [3, 7], source: [7, -1], target: [7, 1], sourceOffset: 6, sourceCount: 21, targetCount: 21),
    // Every second of a row, and above the size where threads share the work.
    Window(extents: [11, 8], source: [16, 2], target: [8, 1], sourceCount: 176, targetCount: 88),
    Window(extents: [520, 300], source: [301, 1], target: [300, 1], sourceCount: 520 * 301, targetCount: 156000),
    Window(extents: [520, 300], source: [1, 520], target: [300, 1], sourceCount: 156000, targetCount: 156000),
  ]

  @Test(arguments: windows) func copies(window: Window) {
    check(window, UInt8.self)
    check(window, Float.self)
    check(window, Double.self)
    check(window, SIMD2<Double>.self)

    func check<T: BitwiseCopyable & Equatable & ExpressibleByIntegerLiteral>(_ window: Window, _: T.Type)
    where T: Numeric { check(window, T.self) { T(exactly: $0 % 251)! } }
    func check(_ window: Window, _: SIMD2<Double>.Type) {
      check(window, SIMD2<Double>.self) { SIMD2(Double($0), -Double($0)) }
    }
    func check<T: BitwiseCopyable & Equatable>(_ window: Window, _: T.Type, _ value: (Int) -> T) {
      let source = (0..<window.sourceCount).map { value($0 + 1) }
      var (result, expected) = (
        [T](repeating: value(0), count: window.targetCount), [T](repeating: value(0), count: window.targetCount)
      )
      StridedCopy(
        extents: window.extents, sourceStrides: window.source, targetStrides: window.target, sourceOffset: window.sourceOffset,
        targetOffset: window.targetOffset
      ).run(source, &result)
      forEach(window) { expected[$1] = source[$0] }
      #expect(result == expected)
    }
  }

  /// (source, target) of every element.
  func forEach(_ window: Window, _ body: (Int, Int) -> Void) {
    for i in 0..<window.extents.reduce(1, *) {
      var (rest, source, target) = (i, window.sourceOffset, window.targetOffset)
      for axis in window.extents.indices.reversed() {
        source += rest % window.extents[axis] * window.source[axis]
        target += rest % window.extents[axis] * window.target[axis]
        rest /= window.extents[axis]
      }
      body(source, target)
    }
  }

  static let permutations: [([Int], [Int])] = [
    ([], []), ([5], [0]), ([17, 33], [1, 0]), ([16, 16], [1, 0]), ([3, 40], [1, 0]), ([100, 7], [1, 0]),
    ([2, 5, 6, 3], [0, 3, 1, 2]), ([2, 3, 20, 19], [0, 2, 3, 1]), ([4, 5, 6], [2, 1, 0]), ([4, 5, 6], [1, 2, 0]),
    ([4, 1, 6, 1, 3], [4, 3, 0, 1, 2]), ([19, 18, 17], [2, 0, 1]), ([3, 0, 2], [2, 0, 1]), ([600, 500], [1, 0]),
    ([2, 260, 270], [0, 2, 1]), ([7, 6, 5, 4, 3], [3, 1, 4, 0, 2]),
  ]

  @Test(arguments: permutations) func permutes(shape: [Int], axes: [Int]) {
    let count = shape.reduce(1, *)
    var expected = [Int32](repeating: 0, count: count)
    let extents = axes.map { shape[$0] }
    for i in 0..<count {
      var (rest, place) = (i, [Int](repeating: 0, count: shape.count))
      for axis in shape.indices.reversed() { (place[axis], rest) = (rest % shape[axis], rest / shape[axis]) }
      expected[zip(extents, axes).reduce(0) { $0 * $1.0 + place[$1.1] }] = Int32(i)
    }
    check(Int32.self) { $0 }
    check(UInt8.self) { UInt8(truncatingIfNeeded: $0) }
    check(Double.self) { Double($0) }

    func check<T: BitwiseCopyable & Equatable>(_: T.Type, _ value: (Int32) -> T) {
      var result = [T](repeating: value(0), count: count)
      let strides = Strided.whole(shape).strides
      StridedCopy(
        extents: extents, sourceStrides: axes.map { strides[$0] }, targetStrides: Strided.whole(extents).strides
      ).run((0..<count).map { value(Int32($0)) }, &result)
      #expect(result == expected.map(value), "\(T.self) \(shape) \(axes)")
    }
  }
}
