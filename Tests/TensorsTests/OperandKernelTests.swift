import Foundation
import Tensors
import Testing

/// The kernels of two and three operands against Swift's scalar arithmetic, for every combination of steps, in place and at every tail.
@Suite struct OperandKernelTests {
  typealias Binary<T, U> = (UnsafePointer<T>, Int, UnsafePointer<T>, Int, UnsafeMutablePointer<U>, Int) -> Void

  static let counts = [0, 1, 7, 8, 15, 16, 17, 63, 64, 65, 300]
  static let special: [Double] = [
    0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 2.5, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, 1e300, -1e300, 16_777_215,
  ]

  /// Random numbers with special ones among them.
  static func operands<T: BinaryFloatingPoint>(_ type: T.Type, seed: UInt64) -> [T] {
    let random = Tensor<Double>.normal([300], key: Key(seed: seed)).scalars
    return random.enumerated().map { T($0 % 3 == 0 ? special[($0 / 3 * Int(seed)) % special.count] : $1) }
  }

  static func integers(seed: UInt64) -> [Int32] {
    let random = Tensor.bits([300], key: Key(seed: seed)).scalars
    return random.enumerated().map {
      $0 % 4 == 0 ? [0, -1, 1, .min, .max, 7, -7][$0 / 4 * Int(seed) % 7] : Int32(bitPattern: $1) &>> ($0 % 3 * 10)
    }
  }

  /// `isSame` says which results are equal: the same bits, or both NaN.
  static func check<T, U>(
    _ name: String, _ a: [T], _ b: [T], zero: U, _ kernel: Binary<T, U>, _ isSame: (U, U) -> Bool, _ expected: (T, T) -> U
  ) {
    for count in counts {
      for (aStep, bStep) in [(1, 1), (0, 1), (1, 0), (0, 0)] {
        var y = [U](repeating: zero, count: count + 1)
        kernel(a, aStep, b, bStep, &y, count)
        let failure = (0..<count).first { !isSame(y[$0], expected(a[$0 * aStep], b[$0 * bStep])) }
        #expect(failure == nil, "\(name) of \(T.self), \(count) elements, steps \(aStep) \(bStep), at \(failure ?? 0)")
        #expect(isSame(y[count], zero), "\(name) writes beyond the end")
      }
    }
  }

  static func sameBits<T: BinaryFloatingPoint>(_ x: T, _ y: T) -> Bool { x == y ? x.sign == y.sign : x.isNaN && y.isNaN }

  @Test func floatingPointArithmetic() {
    func check<T: BinaryFloatingPoint>(_ name: String, _ kernel: Binary<T, T>, _ expected: (T, T) -> T) {
      let (a, b) = (Self.operands(T.self, seed: 5), Self.operands(T.self, seed: 7))
      Self.check(name, a, b, zero: 0, kernel, { Self.sameBits($0, $1) }, expected)
    }
    check("add", Kernels.add as Binary<Float, Float>) { $0 + $1 }
    check("add", Kernels.add as Binary<Double, Double>) { $0 + $1 }
    check("subtract", Kernels.subtract as Binary<Float, Float>) { $0 - $1 }
    check("subtract", Kernels.subtract as Binary<Double, Double>) { $0 - $1 }
    check("multiply", Kernels.multiply as Binary<Float, Float>) { $0 * $1 }
    check("multiply", Kernels.multiply as Binary<Double, Double>) { $0 * $1 }
    check("divide", Kernels.divide as Binary<Float, Float>) { $0 / $1 }
    check("divide", Kernels.divide as Binary<Double, Double>) { $0 / $1 }
    check("maximum", Kernels.maximum as Binary<Float, Float>) { $0.isNaN || $1.isNaN ? .nan : $0 < $1 ? $1 : $0 }
    check("maximum", Kernels.maximum as Binary<Double, Double>) { $0.isNaN || $1.isNaN ? .nan : $0 < $1 ? $1 : $0 }
    check("minimum", Kernels.minimum as Binary<Float, Float>) { $0.isNaN || $1.isNaN ? .nan : $1 < $0 ? $1 : $0 }
    check("minimum", Kernels.minimum as Binary<Double, Double>) { $0.isNaN || $1.isNaN ? .nan : $1 < $0 ? $1 : $0 }
    check("remainder", Kernels.remainder as Binary<Float, Float>) { fmod($0, $1) }
    check("remainder", Kernels.remainder as Binary<Double, Double>) { fmod($0, $1) }
    check("atan2", Kernels.atan2 as Binary<Float, Float>) { atan2($0, $1) }
    check("atan2", Kernels.atan2 as Binary<Double, Double>) { atan2($0, $1) }
    check("tanhGradient", Kernels.tanhGradient as Binary<Float, Float>) { $1 * (1 as Float).addingProduct(-$0, $0) }
    check("tanhGradient", Kernels.tanhGradient as Binary<Double, Double>) { $1 * 1.0.addingProduct(-$0, $0) }
    check("sigmoidGradient", Kernels.sigmoidGradient as Binary<Float, Float>) { $1 * ($0 * (1 - $0)) }
    check("sigmoidGradient", Kernels.sigmoidGradient as Binary<Double, Double>) { $1 * ($0 * (1 - $0)) }
    check("reluGradient", Kernels.reluGradient as Binary<Float, Float>) { $0 > 0 ? $1 : 0 }
    check("reluGradient", Kernels.reluGradient as Binary<Double, Double>) { $0 > 0 ? $1 : 0 }
  }

  @Test func integerArithmetic() {
    func check(_ name: String, _ kernel: Binary<Int32, Int32>, _ expected: (Int32, Int32) -> Int32) {
      Self.check(name, Self.integers(seed: 5), Self.integers(seed: 8), zero: 0, kernel, ==, expected)
    }
    check("add", Kernels.add) { $0 &+ $1 }
    check("subtract", Kernels.subtract) { $0 &- $1 }
    check("multiply", Kernels.multiply) { $0 &* $1 }
    check("maximum", Kernels.maximum) { max($0, $1) }
    check("minimum", Kernels.minimum) { min($0, $1) }
    // Int64 holds every quotient; the last conversion wraps -2^31 / -1.
    check("divide", Kernels.divide) { $1 == 0 ? 0 : Int32(truncatingIfNeeded: Int64($0) / Int64($1)) }
    check("floorDivide", Kernels.floorDivide) {
      $1 == 0 ? 0 : Int32(truncatingIfNeeded: Int64((Double($0) / Double($1)).rounded(.down)))
    }
    check("remainder", Kernels.remainder) { $1 == 0 ? 0 : Int32(Int64($0) % Int64($1)) }
  }

  @Test func comparisonsAndLogic() {
    func check<T: Comparable>(_ a: [T], _ b: [T], _ kernels: [Binary<T, Bool>]) {
      let expected: [(T, T) -> Bool] = [{ $0 < $1 }, { $0 <= $1 }, { $0 == $1 }, { $0 != $1 }]
      for (i, kernel) in kernels.enumerated() { Self.check("comparison \(i)", a, b, zero: false, kernel, ==, expected[i]) }
    }
    let kinds = (Self.operands(Float.self, seed: 5), Self.operands(Float.self, seed: 7))
    check(kinds.0, kinds.1, [Kernels.less, Kernels.lessOrEqual, Kernels.equal, Kernels.notEqual])
    check(
      kinds.0.map(Double.init), kinds.1.map(Double.init), [Kernels.less, Kernels.lessOrEqual, Kernels.equal, Kernels.notEqual])
    check(
      Self.integers(seed: 4).map { $0 & 3 }, Self.integers(seed: 9).map { $0 & 3 },
      [Kernels.less, Kernels.lessOrEqual, Kernels.equal, Kernels.notEqual])
    let (p, q) = (kinds.0.map { $0 > 0 }, kinds.1.map { $0 > 0.5 })
    Self.check("and", p, q, zero: false, Kernels.and, ==) { $0 && $1 }
    Self.check("or", p, q, zero: false, Kernels.or, ==) { $0 || $1 }
    Self.check("xor", p, q, zero: false, Kernels.xor, ==) { $0 != $1 }
    var inverse = p
    Kernels.not(p, &inverse, 299)
    #expect(inverse == p.dropLast().map { !$0 } + [p[299]])
  }
}
