// The gamma distribution and what is made of it: beta, Dirichlet, Student's t.
//
// Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000): x = d (1 + c z)^3 for a normal z is
// accepted with probability above 0.95 (shape 1; 0.99 from shape 4 on). A shape a below 1 takes a number of shape a + 1 times U^(1/a).
// Everything is kept as logarithms until the end: with a shape of 0.01 a number underflows now and then, its logarithm never, so that
// a Dirichlet row of such numbers still sums to 1. Exponentials of logarithms cost a few units in the last place.

extension Tensor where Scalar: RealScalar {
  /// Independent gamma numbers, density proportional to x^(concentration - 1) e^(-x / scale): mean `concentration` `scale`.
  /// - Parameter concentration: the shape parameter, positive.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func gamma(_ shape: [Int], concentration: Scalar, scale: Scalar = 1, key: Key) -> Tensor {
    let draws = GammaDraws([Double(concentration)], "Tensor.gamma")
    return filled(shape) { range, target in
      draws.withLogarithms(range, key) { logarithms in
        for start in stride(from: 0, to: range.count, by: 8) {
          let value = UnsafeRawPointer(logarithms + start).loadUnaligned(as: SIMD8<Double>.self).exponential()
          for lane in 0..<Swift.min(8, range.count - start) {
            (target + start + lane).initialize(to: scale * Scalar(value[lane]))
          }
        }
      }
    }
  }

  /// Independent beta numbers, density proportional to x^(a - 1) (1 - x)^(b - 1): mean a / (a + b).
  public static func beta(_ shape: [Int], _ a: Scalar, _ b: Scalar, key: Key) -> Tensor {
    let x = Tensor<Double>.gammaLogarithms(shape, [Double(a)], key.named("a"), "Tensor.beta")
    let y = Tensor<Double>.gammaLogarithms(shape, [Double(b)], key.named("b"), "Tensor.beta")
    return Tensor(rounding: 1 / (1 + (y - x).exp()))
  }

  /// Independent points of the simplex along the last axis: they sum to 1, density proportional to the product of x_k^(a_k - 1).
  /// - Parameter concentrations: the a_k, one for each index of the last axis.
  public static func dirichlet(_ shape: [Int], concentrations: [Scalar], key: Key) -> Tensor {
    guard let dimension = shape.last, dimension == concentrations.count, dimension > 0 else {
      fatalError("Tensor.dirichlet: \(concentrations.count) concentrations for the last axis of shape \(shape)")
    }
    var weights = Tensor<Double>.gammaLogarithms(shape, concentrations.map { Double($0) }, key, "Tensor.dirichlet")
    weights.withUnsafeMutableBufferPointer { x in
      // Less the largest of the row, so that the largest weight is 1 before the sum is divided out.
      for start in stride(from: 0, to: x.count, by: dimension) {
        let row = start..<start + dimension
        let largest = row.reduce(-Double.infinity) { Swift.max($0, x[$1]) }
        for i in row { x[i] -= largest }
      }
    }
    weights = weights.exp()
    weights.withUnsafeMutableBufferPointer { x in
      for start in stride(from: 0, to: x.count, by: dimension) {
        let row = start..<start + dimension
        let sum = row.reduce(0) { $0 + x[$1] }
        for i in row { x[i] /= sum }
      }
    }
    return Tensor(rounding: weights)
  }

  /// Independent points of the simplex along the last axis, of one concentration for all its corners: 1 is uniform, below 1 near the
  /// corners, above 1 near the centre.
  public static func dirichlet(_ shape: [Int], concentration: Scalar, key: Key) -> Tensor {
    dirichlet(shape, concentrations: Array(repeating: concentration, count: shape.last ?? 0), key: key)
  }

  /// Independent numbers of Student's t distribution: a normal number over sqrt(chi-squared / `degrees`). No variance for
  /// `degrees` <= 2, no mean for `degrees` <= 1 (1 is Cauchy's distribution).
  public static func studentT(_ shape: [Int], degrees: Scalar, key: Key) -> Tensor {
    let half = Double(degrees) / 2
    let logarithms = Tensor<Double>.gammaLogarithms(shape, [half], key.named("gamma"), "Tensor.studentT")
    let z = Tensor<Double>.normal(shape, standardDeviation: half.squareRoot(), key: key.named("normal"))
    return Tensor(rounding: z * (logarithms * -0.5).exp())
  }
}

extension Tensor<Double> {
  /// Logarithms of gamma numbers; the concentrations go round.
  fileprivate static func gammaLogarithms(_ shape: [Int], _ concentrations: [Double], _ key: Key, _ name: String) -> Tensor {
    let draws = GammaDraws(concentrations, name)
    return filled(shape) { range, target in
      draws.withLogarithms(range, key) { target.update(from: $0, count: range.count) }
    }
  }
}

/// Logarithms of gamma numbers, the one of element i with the concentration number i modulo their count.
private struct GammaDraws: Sendable {
  /// What Marsaglia and Tsang call d and c, of every concentration (plus 1 where it is below 1).
  private var rows: [(d: Double, c: Double, logD: Double)] = []
  /// 1 / a for a concentration a below 1, else 0.
  private var boosts: [Double] = []

  init(_ concentrations: [Double], _ name: String) {
    for a in concentrations {
      guard a > 0, a.isFinite else { fatalError("\(name): concentration \(a) is not a positive number") }
      let d = (a < 1 ? a + 1 : a) - 1.0 / 3
      rows.append((d, 1 / (9 * d).squareRoot(), SIMD8(repeating: d).naturalLogarithm()[0]))
      boosts.append(a < 1 ? 1 / a : 0)
    }
  }

  @inline(never)
  func withLogarithms(_ range: Range<Int>, _ key: Key, _ body: (UnsafeMutablePointer<Double>) -> Void) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 4096) { buffer in
      let target = buffer.baseAddress!
      buffer.initialize(repeating: 0)
      key.firstAccepted(range, into: target) { elements, q, u in
        var (d, c, logD) = (SIMD8(repeating: rows[0].d), SIMD8(repeating: rows[0].c), SIMD8(repeating: rows[0].logD))
        if rows.count > 1 {
          for lane in 0..<8 { (d[lane], c[lane], logD[lane]) = rows[elements[lane] % rows.count] }
        }
        let z = normalQuantile(halfPlus: q)
        let root = 1 + c * z
        let v = root * root * root
        // NaN for v < 0, which is never accepted.
        let logV = v.naturalLogarithm()
        return (logD + logV, u.naturalLogarithm() .< 0.5 * z * z + d * (1 - v + logV))
      }
      if boosts.contains(where: { $0 > 0 }) {
        key.named("boost").withQuantiles(range, { exponentialQuantile(of: 0.5 + $0, rest: 0.5 - $0) }) { x in
          for i in 0..<range.count { target[i] -= x[i] * boosts[(range.lowerBound + i) % boosts.count] }
        }
      }
      body(target)
    }
  }
}
