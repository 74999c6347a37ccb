import Foundation
import Tensors
import Testing

/// The kernels of one operand against the C library in extended precision, over the whole range of bit patterns.
@Suite struct FunctionKernelTests {
  #if arch(x86_64)
    typealias Wide = Float80
  #else
    typealias Wide = Double  // Its own error of half an ulp then adds to the one measured.
  #endif

  struct Function: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The promised bounds, as in the kernel's file, for Float and Double.
    let bounds: (Double, Double)
    let float: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    let double: @Sendable (UnsafePointer<Double>, UnsafeMutablePointer<Double>, Int) -> Void
    let reference: @Sendable (Wide) -> Wide
  }

  static let functions = [
    Function(testDescription: "exp", bounds: (1.01, 0.97), float: Kernels.exp, double: Kernels.exp) { exp($0) },
    Function(testDescription: "expm1", bounds: (1.5, 1.9), float: Kernels.expm1, double: Kernels.expm1) { expm1($0) },
    Function(testDescription: "log", bounds: (0.83, 0.79), float: Kernels.log, double: Kernels.log) { log($0) },
    Function(testDescription: "log1p", bounds: (1.5, 1.5), float: Kernels.log1p, double: Kernels.log1p) { log1p($0) },
    Function(testDescription: "tanh", bounds: (2.61, 2.55), float: Kernels.tanh, double: Kernels.tanh) { tanh($0) },
    Function(testDescription: "sin", bounds: (0.51, 0.8), float: Kernels.sin, double: Kernels.sin) { sin($0) },
    Function(testDescription: "cos", bounds: (0.51, 0.8), float: Kernels.cos, double: Kernels.cos) { cos($0) },
    Function(testDescription: "tan", bounds: (0.51, 2.3), float: Kernels.tan, double: Kernels.tan) { tan($0) },
    Function(testDescription: "atan", bounds: (2, 1.8), float: Kernels.atan, double: Kernels.atan) { atan($0) },
    Function(testDescription: "erf", bounds: (2.1, 2.3), float: Kernels.erf, double: Kernels.erf) { erf($0) },
    Function(testDescription: "erfc", bounds: (3.2, 3.7), float: Kernels.erfc, double: Kernels.erfc) { erfc($0) },
    Function(testDescription: "sigmoid", bounds: (2.3, 2.4), float: Kernels.sigmoid, double: Kernels.sigmoid) { logistic($0) },
    Function(testDescription: "silu", bounds: (2.5, 2.5), float: Kernels.silu, double: Kernels.silu) {
      $0 == -.infinity ? -0.0 : $0 * logistic($0)
    },
    Function(testDescription: "softplus", bounds: (2.2, 2.4), float: Kernels.softplus, double: Kernels.softplus) {
      ($0 < 0 ? 0 : $0) + log1p(exp(-abs($0)))
    },
    Function(testDescription: "logSigmoid", bounds: (2.2, 2.4), float: Kernels.logSigmoid, double: Kernels.logSigmoid) {
      ($0 > 0 ? 0 : $0) - log1p(exp(-abs($0)))
    },
    Function(testDescription: "gelu", bounds: (3.7, 4.2), float: Kernels.gelu, double: Kernels.gelu) {
      $0 == -.infinity ? -0.0 : $0 * erfc(-$0 * Wide(0.5).squareRoot()) / 2
    },
    Function(testDescription: "geluTanh", bounds: (3.1, 3.1), float: Kernels.geluTanh, double: Kernels.geluTanh) {
      let u = 2 * (2 / Wide.pi).squareRoot() * ($0 + 44715 * $0 * $0 * $0 / 1_000_000)
      return $0 == -.infinity ? -0.0 : $0 * logistic(u)
    },
    Function(testDescription: "sqrt", bounds: (0.5, 0.501), float: Kernels.sqrt, double: Kernels.sqrt) { $0.squareRoot() },
    Function(
      testDescription: "reciprocalSquareRoot", bounds: (1.5, 1.5), float: Kernels.reciprocalSquareRoot,
      double: Kernels.reciprocalSquareRoot
    ) { 1 / $0.squareRoot() },
    Function(testDescription: "abs", bounds: (0, 0), float: Kernels.abs, double: Kernels.abs) { abs($0) },
    Function(testDescription: "sign", bounds: (0, 0), float: Kernels.sign, double: Kernels.sign) {
      $0 > 0 ? 1 : $0 < 0 ? -1 : $0
    },
    Function(testDescription: "negate", bounds: (0, 0), float: Kernels.negate, double: Kernels.negate) { -$0 },
    Function(testDescription: "square", bounds: (0.5, 0.501), float: Kernels.square, double: Kernels.square) { $0 * $0 },
    Function(testDescription: "reciprocal", bounds: (0.501, 0.501), float: Kernels.reciprocal, double: Kernels.reciprocal) {
      1 / $0
    },
    Function(testDescription: "floor", bounds: (0, 0), float: Kernels.floor, double: Kernels.floor) { $0.rounded(.down) },
    Function(testDescription: "ceil", bounds: (0, 0), float: Kernels.ceil, double: Kernels.ceil) { $0.rounded(.up) },
    Function(testDescription: "round", bounds: (0, 0), float: Kernels.round, double: Kernels.round) {
      $0.rounded(.toNearestOrEven)
    },
    Function(testDescription: "relu", bounds: (0, 0), float: Kernels.relu, double: Kernels.relu) { $0 < 0 ? 0 : $0 },
  ]

  /// 1 / (1 + e^-x) without overflow on either side.
  static func logistic(_ x: Wide) -> Wide { x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)) }

  /// The error of y in units in the last place of the exact value rounded; 0 for a NaN that should be.
  static func error<T: BinaryFloatingPoint>(_ y: T, exact: Wide) -> Double {
    let rounded = T(exact)
    if y == rounded || (y.isNaN && exact.isNaN) { return 0 }
    let error = Double(abs(Wide(y) - exact) / Wide(rounded.isFinite ? rounded.ulp : T.greatestFiniteMagnitude.ulp))
    return error.isNaN ? .infinity : error
  }

  /// Every 9973rd bit pattern of Float: both signs, denormals, infinities and NaN among them (KERNEL_STEP says another distance).
  @Test(arguments: functions) func floatAccuracy(function: Function) {
    let step = Int(ProcessInfo.processInfo.environment["KERNEL_STEP"] ?? "") ?? 9973
    let special: [Float] = [0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 1, -1]
    let x = special + stride(from: 0, to: 1 << 32, by: step).map { Float(bitPattern: UInt32($0)) }
    var y = x
    function.float(x, &y, x.count)
    let errors = zip(x, y).map { Self.error($1, exact: function.reference(Wide($0))) }
    let worst = errors.max()!
    #expect(worst <= function.bounds.0, "at \(x[errors.firstIndex(of: worst)!])")
  }

  /// Random bit patterns of Double, and random numbers of the magnitudes where the functions live.
  @Test(arguments: functions) func doubleAccuracy(function: Function) {
    let count = 1 << 16
    let key = Key(seed: 21)
    let (high, low) = (Tensor.bits([count], key: key[0]).scalars, Tensor.bits([count], key: key[1]).scalars)
    var x: [Double] = [0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 1, -1]
    x += zip(high, low).map { Double(bitPattern: UInt64($0) << 32 | UInt64($1)) }
    for (i, width) in [1e9, 750, 40, 3, 1, 0.4, 0.01].enumerated() {
      x += Tensor<Double>.uniform([count], in: -width..<width, key: key[2 + i]).scalars
    }
    var y = x
    function.double(x, &y, x.count)
    let errors = zip(x, y).map { Self.error($1, exact: function.reference(Wide($0))) }
    let worst = errors.max()!
    #expect(worst <= function.bounds.1, "at \(x[errors.firstIndex(of: worst)!])")
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

  /// Zeros keep their sign where the function is odd; -infinity goes to -0, not NaN, where x times 0 would be NaN.
  @Test func signsOfZero() {
    for function in Self.functions {
      var y: [Double] = [0, 0]
      function.double([-0.0, 0], &y, 2)
      var z: [Float] = [0, 0]
      function.float([-0.0, 0], &z, 2)
      let exact = function.reference(-0.0)
      if exact == 0 && function.reference(0) == 0 && !["square", "abs", "log1p"].contains(function.testDescription) {
        #expect(y[0].sign == exact.sign && z[0].sign == exact.sign, "\(function)")
      }
    }
  }

  /// In place, at odd addresses, and whatever the position: the same bits.
  @Test(arguments: functions) func positionDoesNotMatter(function: Function) {
    let x = Tensor<Float>.normal([67], key: Key(seed: 22)).scalars.map { abs($0) }
    var whole = x
    function.float(x, &whole, x.count)
    for (start, count) in [(0, 1), (1, 15), (3, 16), (5, 33), (0, 67)] {
      var part = Array(x)
      part.withUnsafeMutableBufferPointer {
        let pointer = $0.baseAddress! + start
        function.float(pointer, pointer, count)
      }
      #expect(part[start..<start + count] == whole[start..<start + count], "\(start) \(count)")
      #expect(part[..<start] == x[..<start] && part[(start + count)...] == x[(start + count)...])
    }
  }
}
