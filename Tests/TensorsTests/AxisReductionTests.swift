import Foundation
import Tensors
import Testing

/// Reductions along an axis against naive loops in Double.
@Suite struct AxisReductionTests {
  static let shapes = [
    [1, 1, 1], [3, 1, 4], [4, 10, 1], [5, 64, 1], [2, 1000, 1], [1, 5000, 1], [3, 7, 3], [2, 10, 16], [3, 5, 33], [2, 300, 70],
    [1, 300, 100], [1, 200_001, 1], [2, 150_000, 1], [40, 70, 65], [1, 1000, 200], [3000, 50, 1], [0, 3, 2], [2, 3, 0],
  ]

  /// Normal numbers without or with NaN and infinities among them.
  static func numbers<T: RealScalar>(_ shape: [Int], special: Bool, _: T.Type) -> [T] {
    var x = Tensor<T>.normal([shape.reduce(1, *)], key: Key(seed: 1)).scalars
    if special, x.count > 8 {
      for (place, value) in [(0, T.infinity), (x.count / 3, -.infinity), (x.count / 2, .nan), (x.count - 1, .nan)] {
        x[place] = value
      }
    }
    return x
  }

  typealias Kernel<T, R> = (UnsafePointer<T>, Int, Int, Int, UnsafeMutablePointer<R>) -> Void

  /// The result with two threads, after the same bits with one.
  static func run<T, R: BitwiseCopyable>(_ shape: [Int], _ x: [T], _ count: Int, _ initial: R, _ kernel: Kernel<T, R>) -> [R] {
    let threads = Threads.count
    defer { Threads.count = threads }
    var results = [[R](repeating: initial, count: count), [R](repeating: initial, count: count)]
    for i in 0..<2 {
      Threads.count = i + 1
      kernel(x, shape[0], shape[1], shape[2], &results[i])
    }
    let isEqual = results[0].withUnsafeBytes { a in results[1].withUnsafeBytes { b in a.elementsEqual(b) } }
    #expect(isEqual, "one thread and two")
    return results[1]
  }

  /// The elements that meet in each place of the result.
  static func lines<T>(_ shape: [Int], _ x: [T]) -> [[T]] {
    (0..<shape[0] * shape[2]).map { i in
      (0..<shape[1]).map { e in x[(i / shape[2] * shape[1] + e) * shape[2] + i % shape[2]] }
    }
  }

  @Test(arguments: shapes, [false, true]) func floats(shape: [Int], special: Bool) {
    check(Float.self)
    check(Double.self)

    func check<T: RealScalar & Reducible>(_: T.Type) {
      let x = Self.numbers(shape, special: special, T.self)
      let lines = Self.lines(shape, x)
      func results(_ kernel: Kernel<T, T>) -> [T] { Self.run(shape, x, lines.count, 0, kernel) }
      // Pairwise: two roundings for each of the 2 log n + 10 steps at most, where a plain sum would have n.
      let epsilon = Double(T.ulpOfOne) * (10 + 2 * log2(Double(max(2, shape[1]))))
      let sums = results { AxisReduction.sum($0, outer: $1, extent: $2, inner: $3, $4) }
      let maxima = results { AxisReduction.maximum($0, outer: $1, extent: $2, inner: $3, $4) }
      let minima = results { AxisReduction.minimum($0, outer: $1, extent: $2, inner: $3, $4) }
      for (i, line) in lines.enumerated() {
        let exact = sum(line.map { Double($0) })
        let magnitude = line.reduce(0.0) { $0 + abs(Double($1)) }
        #expect(isNear(sums[i], exact, epsilon * magnitude), "sum")
        let hasNaN = line.contains { $0.isNaN }
        #expect(isSame(maxima[i], hasNaN ? .nan : line.max() ?? -.infinity), "maximum")
        #expect(isSame(minima[i], hasNaN ? .nan : line.min() ?? .infinity), "minimum")
      }
      let products = Self.run(shape, x.map { 1 + $0 / 1000 }, lines.count, T(0)) {
        AxisReduction.product($0, outer: $1, extent: $2, inner: $3, $4)
      }
      for (i, line) in Self.lines(shape, x.map { 1 + $0 / 1000 }).enumerated() {
        let exact = line.reduce(1.0) { $0 * Double($1) }
        // Here each of the n steps rounds relatively.
        #expect(isNear(products[i], exact, Double(T.ulpOfOne) * Double(shape[1]) * abs(exact)), "product")
      }
      if shape[1] == 0 || shape[0] * shape[2] == 0 { return }
      let largest = Self.run(shape, x, lines.count, Int32(-1)) { AxisReduction.argmax($0, outer: $1, extent: $2, inner: $3, $4) }
      let least = Self.run(shape, x, lines.count, Int32(-1)) { AxisReduction.argmin($0, outer: $1, extent: $2, inner: $3, $4) }
      for (i, line) in lines.enumerated() {
        let nan = line.firstIndex { $0.isNaN }
        #expect(Int(largest[i]) == nan ?? line.firstIndex(of: line.max()!))
        #expect(Int(least[i]) == nan ?? line.firstIndex(of: line.min()!))
      }
    }
  }

  @Test(arguments: shapes) func integersAndBooleans(shape: [Int]) {
    let x = (0..<shape.reduce(1, *)).map { Int32(truncatingIfNeeded: ($0 * 7919) % 1009 - 500) }
    let lines = Self.lines(shape, x)
    func results(_ kernel: Kernel<Int32, Int32>) -> [Int32] { Self.run(shape, x, lines.count, 0, kernel) }
    #expect(results { AxisReduction.sum($0, outer: $1, extent: $2, inner: $3, $4) } == lines.map { $0.reduce(0, +) })
    #expect(results { AxisReduction.maximum($0, outer: $1, extent: $2, inner: $3, $4) } == lines.map { $0.max()! })
    #expect(results { AxisReduction.minimum($0, outer: $1, extent: $2, inner: $3, $4) } == lines.map { $0.min()! })
    #expect(
      results { AxisReduction.argmax($0, outer: $1, extent: $2, inner: $3, $4) }
        == lines.map { line in Int32(line.firstIndex(of: line.max()!)!) })
    for threshold: Int32 in [-500, -499, 300, 507, 509] {
      let y = x.map { $0 > threshold }
      let lines = Self.lines(shape, y)
      let any = Self.run(shape, y, lines.count, false) { AxisReduction.any($0, outer: $1, extent: $2, inner: $3, $4) }
      let all = Self.run(shape, y, lines.count, false) { AxisReduction.all($0, outer: $1, extent: $2, inner: $3, $4) }
      #expect(any == lines.map { $0.contains(true) } && all == lines.map { !$0.contains(false) })
    }
  }

  @Test func emptyAxes() {
    var (sums, extrema, any, all) = (
      [Float](repeating: 9, count: 4), [Float](repeating: 9, count: 4), [true, true], [false, false]
    )
    AxisReduction.sum([Float](), outer: 2, extent: 0, inner: 2, &sums)
    AxisReduction.maximum([Float](), outer: 2, extent: 0, inner: 2, &extrema)
    AxisReduction.any([Bool](), outer: 2, extent: 0, inner: 1, &any)
    AxisReduction.all([Bool](), outer: 2, extent: 0, inner: 1, &all)
    #expect(sums == [0, 0, 0, 0] && extrema.allSatisfy { $0 == -.infinity } && any == [false, false] && all == [true, true])
  }

  @Test(arguments: shapes) func softmax(shape: [Int]) {
    check(Float.self)
    check(Double.self)

    func check<T: RealScalar & Reducible>(_: T.Type) where T.Lanes: SoftmaxLanes {
      // Of magnitudes where exp alone would overflow.
      var x = Self.numbers(shape, special: false, T.self).map { $0 * 10 + 1000 }
      if x.count > 3 { (x[1], x[2]) = (-.infinity, .nan) }
      let lines = Self.lines(shape, x)
      let sums = Self.run(shape, x, lines.count, T(0)) { AxisReduction.logSumExp($0, outer: $1, extent: $2, inner: $3, $4) }
      let softmax = Self.run(shape, x, x.count, T(0)) { AxisReduction.softmax($0, outer: $1, extent: $2, inner: $3, $4) }
      let logarithms = Self.run(shape, x, x.count, T(0)) { AxisReduction.logSoftmax($0, outer: $1, extent: $2, inner: $3, $4) }
      let (columns, logColumns) = (Self.lines(shape, softmax), Self.lines(shape, logarithms))
      for (i, line) in lines.enumerated() {
        let maximum = line.reduce(-Double.infinity) { $1.isNaN ? .nan : max($0, Double($1)) }
        let sum = sum(line.map { exp(Double($0) - maximum) })
        let exact = maximum == -.infinity ? maximum : maximum + log(sum)
        // A few ulp of the numbers themselves, near 1000; x - maximum is exact to an ulp of itself, which exp turns into a
        // relative error of up to 100 ulp.
        let epsilon = Double(T.ulpOfOne)
        #expect(isNear(sums[i], exact, epsilon * 4000))
        for (e, value) in line.enumerated() {
          let share = exp(Double(value) - maximum) / sum
          #expect(isNear(columns[i][e], share, epsilon * 200 * share + Double(T.leastNormalMagnitude)))
          #expect(isNear(logColumns[i][e], Double(value) - exact, epsilon * 4000))
        }
      }
    }
  }

  @Test func logSumExpOfInfinities() {
    let x: [Double] = [-.infinity, -.infinity, .infinity, 1, .nan, .infinity]
    var y = [0.0, 0, 0]
    AxisReduction.logSumExp(x, outer: 3, extent: 2, inner: 1, &y)
    #expect(y[0] == -.infinity && y[1] == .infinity && y[2].isNaN)
    AxisReduction.logSumExp(x, outer: 1, extent: 2, inner: 3, &y)
    #expect(y[0] == 1 && y[1].isNaN && y[2] == .infinity)
  }

  @Test(arguments: shapes.filter { $0[1] < 10000 }, [false, true]) func cumulativeSums(shape: [Int], reverse: Bool) {
    let x = Self.numbers(shape, special: false, Float.self)
    let y = Self.run(shape, x, x.count, Float(0)) {
      AxisReduction.cumulativeSum($0, outer: $1, extent: $2, inner: $3, reverse: reverse, $4)
    }
    for (line, sums) in zip(Self.lines(shape, x), Self.lines(shape, y)) {
      var (sum, magnitude) = (0.0, 0.0)
      for e in reverse ? Array(line.indices.reversed()) : Array(line.indices) {
        sum += Double(line[e])
        magnitude += abs(sum)
        // Each partial sum is rounded.
        #expect(abs(Double(sums[e]) - sum) <= Double(Float.ulpOfOne) * magnitude)
      }
    }
  }

  /// Compensated, so that a reference in Double is better than a pairwise sum in Double.
  func sum(_ x: [Double]) -> Double {
    var (sum, rest) = (0.0, 0.0)
    for value in x {
      let next = sum + value
      rest += abs(sum) >= abs(value) ? (sum - next) + value : (value - next) + sum
      sum = next
    }
    return rest.isFinite ? sum + rest : sum
  }

  func isSame<T: RealScalar>(_ a: T, _ b: T) -> Bool { a == b || (a.isNaN && b.isNaN) }

  func isNear<T: RealScalar>(_ a: T, _ b: Double, _ tolerance: Double) -> Bool {
    abs(Double(a) - b) <= tolerance || Double(a) == b || (a.isNaN && b.isNaN)
  }
}
