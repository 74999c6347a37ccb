import Foundation
import Tensors
import Testing

/// Gamma functions and the inverse error function, which have no counterpart in the C library to be compared with.
@Suite struct GammaKernelTests {
  /// x, digamma x, log |Gamma(x)|: mpmath 1.3 with 40 digits.
  static let table: [(x: Double, digamma: Double, lgamma: Double)] = [
    (1, -0.57721566490153286061, 0.0),
    (0.5, -1.9635100260214234794, 0.57236494292470008707),
    (0.25, -4.2274535333762654081, 1.2880225246980774574),
    (1.5, 0.036489973978576520559, -0.12078223763524522235),
    (3, 0.92278433509846713939, 0.69314718055994530942),
    (7.5, 1.9467574842460867881, 7.5343642367587329552),
    (12, 2.4426616799758120167, 17.502307845873885839),
    (100, 4.6001618527380874002, 359.13420536957539878),
    (1e-5, -100000.57719921567289, 11.512919692895825626),
    (1e6, 13.815510057964190771, 12815504.56914761166),
    (-0.5, 0.036489973978576520559, 1.2655121234846453965),
    (-3.25, 4.4662758723502799671, -0.62315345132099864663),
    (-7.9375, -13.660582910938378317, -7.6920203656629820043),
    (1e-300, -9.9999999999999997494e+299, 690.77552789821370518),
  ]

  /// 4 ulp of the value or of 1: near the zeros of either function the absolute error remains; below 0 the pole's share
  /// pi / tan(pi x) is larger than the value, by up to 16 here.
  @Test(arguments: table) func knownValues(x: Double, digamma: Double, lgamma: Double) {
    var (d, l) = ([0.0], [0.0])
    Kernels.digamma([x], &d, 1)
    Kernels.lgamma([x], &l, 1)
    #expect(abs(d[0] - digamma) <= 4 * max(x < 0 ? 16 : 1, abs(digamma)).ulp, "\(d[0])")
    #expect(abs(l[0] - lgamma) <= 4 * max(1, abs(lgamma)).ulp, "\(l[0])")
    var (f, g): ([Float], [Float]) = ([0], [0])
    Kernels.digamma([Float(3)], &f, 1)
    Kernels.lgamma([Float(10)], &g, 1)
    #expect(f[0] == 0.9227843351 && g[0] == 12.80182748)
  }

  @Test func poles() {
    var y = [Double](repeating: 0, count: 6)
    Kernels.digamma([0, -0.0, -1, -1e300, .infinity, .nan], &y, 6)
    #expect(y[0] == -.infinity && y[1] == .infinity && y[2].isNaN && y[3].isNaN && y[4] == .infinity && y[5].isNaN)
    Kernels.lgamma([0, -0.0, -1, 1, .infinity, .nan], &y, 6)
    #expect(y[0] == .infinity && y[1] == .infinity && y[2] == .infinity && y[3] == 0 && y[4] == .infinity && y[5].isNaN)
  }

  /// One step of Newton's method in extended precision is the exact answer to far beyond an ulp.
  @Test func inverseErrorFunction() {
    typealias Wide = FunctionKernelTests.Wide
    let uniform = Tensor<Double>.uniform([10000], in: -1..<1, key: Key(seed: 23)).scalars
    let x = uniform + uniform.map { $0 * 1e-9 } + uniform.map { 1 - abs($0) * 1e-9 }
    var y = x
    Kernels.erfinv(x, &y, x.count)
    for (x, y) in zip(x, y) where x != 1 {
      let wide = Wide(y)
      let difference = x > 0.5 ? (1 - Wide(x)) - erfc(wide) : erf(wide) - Wide(x)
      let exact = wide - difference * exp(wide * wide) * Wide.pi.squareRoot() / 2
      #expect(FunctionKernelTests.error(y, exact: exact) <= 7, "at \(x)")
    }
    // Float is the Double rounded. (Newton's step squares its error of 2^-25.)
    let short = x.map { Float($0) }.filter { abs($0) < 1 }
    var z = short
    Kernels.erfinv(short, &z, short.count)
    for (x, y) in zip(short, z) {
      let wide = Wide(y)
      let difference = x > 0.5 ? (1 - Wide(x)) - erfc(wide) : erf(wide) - Wide(x)
      let exact = wide - difference * exp(wide * wide) * Wide.pi.squareRoot() / 2
      #expect(FunctionKernelTests.error(y, exact: exact) <= 0.501, "at \(x)")
    }
    var edges = [Float](repeating: 0, count: 6)
    Kernels.erfinv([1, -1, 1.5, -2, .nan, -0.0], &edges, 6)
    #expect(edges[0] == .infinity && edges[1] == -.infinity && edges[2].isNaN && edges[3].isNaN && edges[4].isNaN)
    #expect(edges[5] == 0 && edges[5].sign == .minus)
    Kernels.erfinv([0.5], &edges, 1)
    #expect(edges[0] == 0.47693628)
  }
}
