import Foundation
import Tensors
import Testing

/// exp, log and tanh against the C library in the next wider precision, over the whole range of bit patterns.
@Suite struct KernelTests {
  #if arch(x86_64)
    typealias Wide = Float80
  #else
    typealias Wide = Double  // Its own error of half an ulp then adds to the one measured.
  #endif

  struct Function: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let float: @Sendable (Tensor<Float>) -> Tensor<Float>
    let double: @Sendable (Tensor<Double>) -> Tensor<Double>
    let reference: @Sendable (Double) -> Double
    let wideReference: @Sendable (Wide) -> Wide
    /// The promised bounds, as in the kernel's file.
    let floatBound: Double
    let doubleBound: Double
  }

  static let functions = [
    Function(
      testDescription: "exp", float: { $0.exp() }, double: { $0.exp() }, reference: { Foundation.exp($0) },
      wideReference: { Foundation.exp($0) }, floatBound: 1.01, doubleBound: 0.97),
    Function(
      testDescription: "log", float: { $0.log() }, double: { $0.log() }, reference: { Foundation.log($0) },
      wideReference: { Foundation.log($0) }, floatBound: 0.83, doubleBound: 0.79),
    Function(
      testDescription: "tanh", float: { $0.tanh() }, double: { $0.tanh() }, reference: { Foundation.tanh($0) },
      wideReference: { Foundation.tanh($0) }, floatBound: 2.61, doubleBound: 2.55),
    Function(
      testDescription: "sqrt", float: { $0.sqrt() }, double: { $0.sqrt() }, reference: { $0.squareRoot() },
      wideReference: { $0.squareRoot() }, floatBound: 0.5, doubleBound: 0.501),
  ]

  /// Every 997th bit pattern of Float: both signs, denormals, infinities and NaN among them.
  @Test(arguments: functions) func floatAccuracy(function: Function) {
    let step = Int(ProcessInfo.processInfo.environment["KERNEL_STEP"] ?? "") ?? 997
    var worst = (error: 0.0, x: Float(0))
    for start in stride(from: 0, to: 1 << 32, by: step << 20) {
      let x = Tensor(
        stride(from: start, to: min(start + step << 20, 1 << 32), by: step).map { Float(bitPattern: UInt32($0)) })
      let y = function.float(x)
      for (x, y) in zip(x.scalars, y.scalars) {
        let exact = function.reference(Double(x))
        let rounded = Float(exact)
        if y == rounded || (y.isNaN && exact.isNaN) { continue }
        let error = abs(Double(y) - exact) / Double(rounded.isFinite ? rounded.ulp : Float.greatestFiniteMagnitude.ulp)
        if !(error <= worst.error) { worst = (error, x) }
      }
    }
    if step < 997 { print(function.testDescription, "Float", worst) }
    #expect(worst.error <= function.floatBound, "at \(worst.x)")
  }

  /// Random bit patterns of Double, and random numbers of the magnitudes where the functions live.
  @Test(arguments: functions) func doubleAccuracy(function: Function) {
    let count = 1 << 18
    let key = Key(seed: 11)
    let high = Tensor.bits([count], key: key[0]).scalars
    let low = Tensor.bits([count], key: key[1]).scalars
    let patterns = zip(high, low).map { Double(bitPattern: UInt64($0) << 32 | UInt64($1)) }
    var x = patterns
    for (i, width) in [750.0, 40, 3, 1, 0.4, 0.01].enumerated() {
      x += Tensor<Double>.uniform([count], in: -width..<width, key: key[2 + i]).scalars
    }
    var worst = (error: 0.0, x: 0.0)
    for (x, y) in zip(x, function.double(Tensor(x)).scalars) {
      let exact = function.wideReference(Wide(x))
      let rounded = Double(exact)
      if y == rounded || (y.isNaN && exact.isNaN) { continue }
      let ulp = rounded.isFinite ? rounded.ulp : Double.greatestFiniteMagnitude.ulp
      let error = Double(abs(Wide(y) - exact) / Wide(ulp))
      if !(error <= worst.error) { worst = (error, x) }
    }
    if ProcessInfo.processInfo.environment["KERNEL_STEP"] != nil { print(function.testDescription, "Double", worst) }
    #expect(worst.error <= function.doubleBound, "at \(worst.x)")
  }

  @Test func edges() {
    func check<Scalar: RealScalar>(_: Scalar.Type) {
      let tiny = Scalar.leastNonzeroMagnitude
      let infinity = Scalar.infinity
      let x = Tensor<Scalar>([0, -0.0, tiny, -tiny, infinity, -infinity, .nan, 1])
      let (e, l, t) = (x.exp().scalars, x.log().scalars, x.tanh().scalars)
      #expect(e[0..<6] == [1, 1, 1, 1, infinity, 0] && e[6].isNaN)
      #expect(l[0] == -infinity && l[1] == -infinity && l[3].isNaN && l[4] == infinity && l[5].isNaN && l[6].isNaN && l[7] == 0)
      #expect(t[0..<6] == [0, 0, tiny, -tiny, 1, -1] && t[1].sign == .minus && t[6].isNaN)
    }
    check(Float.self)
    check(Double.self)
    // The last finite, the first infinite, the last denormal and the first zero of e^x.
    let float = Tensor<Float>([88.72283, 88.722839, -103.97207, -103.97209]).exp()
    #expect(float[0].isFinite && float[1] == .infinity && float[2] == .leastNonzeroMagnitude && float[3] == 0)
    let double = Tensor<Double>([709.782712893384, 709.7827128933841, -745.1332191019411, -745.1332191019412]).exp()
    #expect(double[0].isFinite && double[1] == .infinity && double[2] == .leastNonzeroMagnitude && double[3] == 0)
  }

  /// The tail of a tensor goes through the same code as its body.
  @Test(arguments: 1..<40) func positionDoesNotMatter(count: Int) {
    let x = Tensor<Float>.normal([40], key: Key(seed: 12))
    let prefix = Tensor<Float>(Array(x.scalars.prefix(count)))
    #expect(prefix.tanh().scalars[...] == x.tanh().scalars.prefix(count))
    #expect(prefix.exp().scalars[...] == x.exp().scalars.prefix(count))
  }
}
