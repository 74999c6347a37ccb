// The Poisson distribution: by inversion for a small mean, by rejection for a large one.

extension Tensor<Int32> {
  /// Independent counts, k with probability e^(-mean) mean^k / k!, for means up to a billion.
  public static func poisson(_ shape: [Int], mean: Double, key: Key) -> Tensor {
    guard mean >= 0, mean <= 1e9 else { fatalError("Tensor.poisson: mean \(mean) is not from 0 to a billion") }
    if mean < 10 {
      let none = SIMD8(repeating: -mean).exponential()[0]
      return filled(shape) { range, target in
        key.forEachDraw(range) { i, bits in
          // The first k whose distribution function reaches p: some mean + 10 sqrt(mean) terms at most. Beyond 100 there is nothing
          // left, whatever the rounding of the sum.
          let p = centredCell(bits) + 0.5
          var (k, term, sum) = (0, none, none)
          while sum < p, k < 100 {
            k += 1
            term *= mean / Double(k)
            sum += term
          }
          (target + (i - range.lowerBound)).initialize(to: Int32(k))
        }
      }
    }
    let sampler = TransformedRejection(mean: mean)
    return filled(shape) { range, target in sampler.fill(range, key, target) }
  }
}

/// Hörmann, "The transformed rejection method for generating Poisson random variables", Insurance: Mathematics and Economics 12
/// (1993), algorithm PTRS without its squeezes: they only save logarithms, which come eight at a time here.
private struct TransformedRejection: Sendable {
  private let mean, a, b, logInverseAlpha, logMean: Double

  init(mean: Double) {
    self.mean = mean
    b = 0.931 + 2.53 * mean.squareRoot()
    a = -0.059 + 0.02483 * b
    let logarithms = SIMD8(1.1239 + 1.1328 / (b - 3.4), mean, 1, 1, 1, 1, 1, 1).naturalLogarithm()
    (logInverseAlpha, logMean) = (logarithms[0], logarithms[1])
  }

  @inline(never)
  func fill(_ range: Range<Int>, _ key: Key, _ target: UnsafeMutablePointer<Int32>) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 4096) { buffer in
      let counts = buffer.baseAddress!
      buffer.initialize(repeating: 0)
      key.firstAccepted(range, into: counts) { _, q, u in
        let us = 0.5 - q.replacing(with: -q, where: q .< 0)
        let k = ((2 * a / us + b) * q + (mean + 0.43)).rounded(.down)
        let bounded = k.replacing(with: 0, where: k .< 0)
        let left = (u / (a / (us * us) + b)).naturalLogarithm() + logInverseAlpha
        let right = bounded * logMean - mean - Self.logFactorial(bounded)
        return (bounded, (k .>= 0) .& (k .<= 0x7FFF_FFFF) .& (left .<= right))
      }
      for i in 0..<range.count { (target + i).initialize(to: Int32(counts[i])) }
    }
  }

  /// log k! for integers k >= 0: Stirling's series at x = k + 9, where its rest is below 1e-12, less log((k + 1) ... (k + 8)).
  @inline(always)
  private static func logFactorial(_ k: SIMD8<Double>) -> SIMD8<Double> {
    var product = k + 1
    for i in 2...8 { product *= k + Double(i) }
    let x = k + 9
    let z = 1 / (x * x)
    var series = SIMD8(repeating: 1.0 / 1260).addingProduct(z, SIMD8(repeating: -1.0 / 1680))
    series = SIMD8(repeating: -1.0 / 360).addingProduct(z, series)
    series = SIMD8(repeating: 1.0 / 12).addingProduct(z, series)
    let logGamma = (x - 0.5) * x.naturalLogarithm() - x + 0.918938533204672742 + series / x
    return logGamma - product.naturalLogarithm()
  }
}
