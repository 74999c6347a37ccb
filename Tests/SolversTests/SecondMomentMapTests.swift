import Foundation
import Solvers
import Tensors
import Testing

/// Against References/second_moment_map.py: the expectation over all batches, written out.
@Suite struct SecondMomentMapTests {
  @Test(arguments: [
    (
      BatchSampling.bernoulli, 2.0, [0.3928449664708882, 0.18367400861034522, 0.18367400861034522, 0.16175916959983297],
      0.4343811956859949
    ),
    (.withReplacement, 2, [0.395667774671549, 0.1896723237609356, 0.1896723237609356, 0.1324397540511451], 0.4306475256361022),
    (
      .withReplacement, 1, [0.45083308397724553, 0.18421972193575248, 0.18421972193575248, 0.1379078533342663], 0.4625827029924274
    ),
  ])
  func isTheExpectationOverBatches(sampling: BatchSampling, batchSize: Double, image: [Double], radius: Double) {
    let factors = Tensor<Double>(shape: [1, 3, 2, 2], (0..<12).map { sin(1 + Double($0) + 0.3 * Double($0 * $0)) })
    let map = SecondMomentMap(factors: factors, rate: Tensor(0.7), batchSize: Tensor(batchSize), sampling: sampling)
    let moment = Tensor<Double>(shape: [1, 2, 2], [1, 0.3, 0.3, 0.5])
    for (value, expected) in zip(map(moment).scalars, image) { #expect(abs(value - expected) < 1e-13) }
    #expect(abs(map.growthFactor(from: moment, iterations: 400).scalars[0] - radius) < 1e-12)
  }

  /// eta H = 1 in every direction and the whole batch: one step forgets everything.
  @Test func annihilatedMomentsDoNotGrow() {
    let map = SecondMomentMap(
      factors: Tensor<Double>.identity(2).reshaped(1, 2, 2, 1), rate: Tensor(2.0), batchSize: Tensor(2.0), sampling: .bernoulli)
    #expect(map.growthFactor(from: .identity(2).reshaped(1, 2, 2), iterations: 3).scalars == [0])
  }
}
