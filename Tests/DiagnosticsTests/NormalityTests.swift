import Diagnostics
import Foundation
import Tensors
import Testing

@Suite struct NormalityTests {
  /// The number of References/normality.py; sums of a thousand terms below one.
  @Test func agreesWithSciPy() {
    let x = (0..<40).map { pow(sin(1.7 * Double($0)), 3) + 0.02 * Double($0) }
    #expect(abs(distanceFromNormal(x) - 0.07861306609761504) < 1e-12)
    #expect(abs(distanceFromNormal(x.map { 5 - 3 * $0 }.map { -$0 }) - distanceFromNormal(x)) < 1e-12)
  }

  /// The distance of n normal numbers is about 0.84 / sqrt(n) in the mean; that of the exponential distribution does not shrink.
  @Test func tellsNormalFromOthers() {
    let normal = Tensor<Double>.normal([10_000], key: Key(seed: 1)).scalars
    #expect(distanceFromNormal(normal) < 0.02)
    #expect(distanceFromNormal(normal.map { exp($0) }) > 0.2)
    #expect(distanceFromNormal([1, 1]).isNaN && distanceFromNormal([]).isNaN && distanceFromNormal([1, .nan]).isNaN)
  }
}
