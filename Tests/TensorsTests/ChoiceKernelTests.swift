import Foundation
import Tensors
import Testing

/// Powers, choices, conversions and the kernel of three operands.
@Suite struct ChoiceKernelTests {
  /// All pairs of special numbers, and random ones: 1 ulp of the C library's pow, the same special results to the sign.
  @Test func power() {
    let special = OperandKernelTests.special
    let key = Key(seed: 31)
    var a = special.flatMap { a in special.map { _ in a } }
    var b = special.flatMap { _ in special }
    a += Tensor<Double>.uniform([20000], in: 0..<20, key: key[0]).scalars
    b += Tensor<Double>.uniform([20000], in: -40..<40, key: key[1]).scalars
    let (aFloat, bFloat) = (a.map { Float($0) }, b.map { Float($0) })
    var (y, z) = (a, aFloat)
    Kernels.power(a, 1, b, 1, &y, a.count)
    Kernels.power(aFloat, 1, bFloat, 1, &z, a.count)
    for i in a.indices {
      typealias Wide = FunctionKernelTests.Wide
      let exact = pow(Wide(a[i]), Wide(b[i]))
      #expect(FunctionKernelTests.error(y[i], exact: exact) < 1, "\(a[i])^\(b[i]) = \(y[i])")
      #expect(y[i].isNaN || y[i].sign == exact.sign, "\(a[i])^\(b[i]) = \(y[i])")
      let exactFloat = pow(Wide(aFloat[i]), Wide(bFloat[i]))
      #expect(FunctionKernelTests.error(z[i], exact: exactFloat) <= 0.501, "\(aFloat[i])^\(bFloat[i]) = \(z[i])")
      #expect(z[i].isNaN || z[i].sign == exactFloat.sign, "\(aFloat[i])^\(bFloat[i]) = \(z[i])")
    }
    var squares: [Float] = Array(repeating: 0, count: 5)
    Kernels.power([1, 2, 3, 4, 5], 1, [2], 0, &squares, 5)
    #expect(squares == [1, 4, 9, 16, 25])
  }

  @Test(arguments: [0, 1, 255, 256, 257, 1000]) func selectWithSteps(count: Int) {
    func check<T: BitwiseCopyable & Equatable>(_ a: [T], _ b: [T]) {
      let condition = Tensor.bits([count + 1], key: Key(seed: 32)).scalars.map { $0 & 1 == 0 }
      for steps in 0..<8 {
        let (s, t, u) = (steps & 1, steps >> 1 & 1, steps >> 2)
        var y = a
        y.withUnsafeMutableBufferPointer {  // In place, where the first operand is an array.
          let target = $0.baseAddress!
          Kernels.select(condition: condition, s, UnsafePointer(target), t, b, u, target, t == 0 ? 0 : count)
          if t == 0 { Kernels.select(condition: condition, s, a, t, b, u, target, count) }
        }
        let expected = (0..<count).map { condition[$0 * s] ? a[$0 * t] : b[$0 * u] } + a[count...]
        #expect(y == expected, "steps \(s) \(t) \(u)")
      }
    }
    let x = (0...count).map { Float($0) }
    check(x, x.map { -$0 - 1 })
    check(x.map { Double($0) }, x.map { Double(-$0 - 1) })
    check(x.map { Int32($0) }, x.map { Int32(-$0 - 1) })
    check(x.map { $0 > 3 }, x.map { $0 < 10 })
  }

  @Test func conversions() {
    let values: [Double] = [
      0, -0.0, 0.9, -0.9, 2.5, -2.5, 1e9, -1e9, 2_147_483_647, 2_147_483_647.5, 2_147_483_648, -2_147_483_648, -2_147_483_648.9,
      -2_147_483_649, 1e300, -1e300, .infinity, -.infinity, .nan, 16_777_217, .leastNonzeroMagnitude,
    ]
    let integers: [Int32] = [
      0, 0, 0, 0, 2, -2, 1_000_000_000, -1_000_000_000, .max, .max, .max, .min, .min, .min, .max, .min, .max, .min, 0, 16_777_217,
      0,
    ]
    let n = values.count
    var (i, f, d) = ([Int32](repeating: 9, count: n), [Float](repeating: 9, count: n), [Double](repeating: 9, count: n))
    var truth = [Bool](repeating: false, count: n)
    Kernels.convert(values, &i, n)
    #expect(i == integers)
    Kernels.convert(values, &f, n)
    #expect(zip(f, values).allSatisfy { OperandKernelTests.sameBits($0, Float($1)) })
    Kernels.convert(f, &i, n)
    #expect(i == f.map { $0.isNaN ? 0 : $0 >= 0x1p31 ? .max : $0 <= -0x1p31 ? .min : Int32($0) })
    Kernels.convert(f, &d, n)
    #expect(zip(d, f).allSatisfy { OperandKernelTests.sameBits($0, Double($1)) })
    Kernels.convert(values, &truth, n)
    #expect(truth == values.map { $0 != 0 })
    Kernels.convert(integers, &truth, n)
    #expect(truth == integers.map { $0 != 0 })
    Kernels.convert(integers, &f, n)
    #expect(f == integers.map { Float($0) })
    Kernels.convert(integers, &d, n)
    #expect(d == integers.map { Double($0) })
    Kernels.convert(f, &truth, n)
    #expect(truth == f.map { $0 != 0 })
    Kernels.convert(truth, &i, n)
    Kernels.convert(truth, &f, n)
    Kernels.convert(truth, &d, n)
    #expect(i == truth.map { $0 ? 1 : 0 } && f == i.map { Float($0) } && d == i.map { Double($0) })
  }
}
