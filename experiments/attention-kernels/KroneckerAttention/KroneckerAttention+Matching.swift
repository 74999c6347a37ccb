import Foundation
import Networks
import Optimizers
import Tensors
import Transforms

/// Sequences of numbers x_i in Z_M; the label of token i is 1 if x_i + x_j + x_k = 0 mod M for some j and k.
package struct TripleMatching {
  package let modulus: Int
  /// n: about 1.4 M pairs of tokens, so that labels are about balanced.
  package let count: Int

  package init(modulus: Int, density: Double) {
    self.modulus = modulus
    count = max(3, Int((density * Double(modulus)).squareRoot().rounded()))
  }

  /// x, [sequences, n].
  package func sequences(_ number: Int, key: Key) -> Tensor<Int32> {
    .integers([number, count], in: 0..<Int32(modulus), key: key)
  }

  /// 0 or 1, [..., n] of x [..., n].
  package func labels<Scalar: RealScalar>(_ x: Tensor<Int32>, as type: Scalar.Type = Scalar.self) -> Tensor<Scalar> {
    let pairs = x.expandingDimensions(-1) + x.expandingDimensions(-2)
    let sums = x.expandingDimensions(-1).expandingDimensions(-1) + pairs.expandingDimensions(-3)
    return ((sums % Int32(modulus)) .== 0).any(-1, -2).converted(to: Scalar.self)
  }

  /// One third-order head whose scores are the cosine of the sum's angle, times tau - and whose normalizer says whether a pair hits: 1 if
  /// ln sum over j, k of exp(tau (cos - 1)) > -ln 2. tau = 0.2 M² ln n² makes all pairs that miss vanish together.
  package func thirdOrderPredictions(_ x: Tensor<Int32>) -> Tensor<Double> {
    let angle = x.converted(to: Double.self) * (2 * .pi / Double(modulus))
    let (c, s) = (angle.cos(), angle.sin())
    let cosines = Networks.KroneckerAttention.scores(
      .stack([c, -1 * c, -1 * s, -1 * s], axis: -1), .stack([c, s, c, s], axis: -1), .stack([c, s, s, c], axis: -1), scale: 1)
    let tau = 0.2 * Double(modulus * modulus) * log(Double(count * count))
    let scores = (tau * (cosines - 1)).reshaped(x.shape + [count * count])
    return (scores.logSumExp() .> -log(2)).converted(to: Double.self)
  }

  /// cos and sin of 2 pi f x / M for f = 1, ..., `frequencies`: [..., 2 frequencies].
  package func features(_ x: Tensor<Int32>, frequencies: Int) -> Tensor<Float> {
    let rates = Tensor<Float>((1...frequencies).map { Float(2 * .pi * Double($0) / Double(modulus)) })
    let angles = x.converted(to: Float.self).expandingDimensions(-1) * rates
    return .concatenate([angles.cos(), angles.sin()], axis: -1)
  }
}

/// One head of ordinary attention with a linear read-out: the baseline.
package struct PairwiseHead: TensorTree, Codable {
  var query, key, value, readout: Dense<Float>

  package init(features: Int, width: Int, key rng: Key) {
    query = Dense(features, width, key: rng.named("query"))
    key = Dense(features, width, key: rng.named("key"))
    value = Dense(features, width, key: rng.named("value"))
    readout = Dense(width, 1, key: rng.named("readout"))
  }

  /// Log-odds of the label 1, [..., n] of features [..., n, features].
  package func callAsFunction(_ x: Tensor<Float>) -> Tensor<Float> {
    readout(matmul(MultiHeadAttention.scores(query(x), key(x)).softmax(), value(x))).squeezed(-1)
  }
}
