import Tensors
import Transforms

extension OnlineOrthogonalFW {
  /// The dictionary, [n, n], and the averaged ascent direction.
  package struct Iterate: TensorTree, Codable {
    package var d, g: Tensor<Double>

    package init(d: Tensor<Double>, g: Tensor<Double>) { (self.d, self.g) = (d, g) }

    /// G <- (1 - rho) G + rho (-grad f), S = argmax over |S|_2 <= 1 of <S, G>, D <- D + gamma (S - D).
    package func step(_ samples: Tensor<Double>, rho: Tensor<Double>, gamma: Tensor<Double>) -> Iterate {
      let average = (1 - rho) * g + rho * ascent(d, samples)
      return Iterate(d: d + gamma * (average.polarFactor() - d), g: average)
    }
  }

  /// Minus the gradient of f(D) = -1/3 E |D^T y|_3³ on a batch of samples in columns: Y (|Z| Z)^T / b with Z = D^T Y.
  package static func ascent(_ d: Tensor<Double>, _ samples: Tensor<Double>) -> Tensor<Double> {
    let z = matmul(d, samples, transposeA: true)
    return matmul(samples, z.abs() * z, transposeB: true) / Double(samples.shape[1])
  }

  /// rho_t = min(1, 4 / (t + 8)^(1/2)) and gamma_t = min(1, 2 / (t + 8)^(3/4)). The exponents give the rate ln t / t^(1/4); the
  /// constants are ours.
  package static func rho(_ t: Int) -> Double { min(1, 4 / Double(t + 8).squareRoot()) }
  package static func gamma(_ t: Int) -> Double {
    let root = Double(t + 8).squareRoot()
    return min(1, 2 / (root * root.squareRoot()))
  }

  /// One step of the l3 power iteration on stored samples: D <- polar(Y (|Z| Z)^T).
  package static func powerStep(_ d: Tensor<Double>, _ samples: Tensor<Double>) -> Tensor<Double> {
    ascent(d, samples).polarFactor()
  }

  /// max over |S|_2 <= 1 of <S - D, G> = |G|_* - <D, G>: zero at a stationary point, and the certificate since f is not convex.
  package static func gap(_ d: Tensor<Double>, _ samples: Tensor<Double>) -> Tensor<Double> {
    let g = ascent(d, samples)
    return g.thinSVD().s.sum() - (d * g).sum()
  }

  /// e(D) = 1 - (1/n) sum_j max_i (D^T D0)_ij²: zero if and only if D is D0 up to signs and order of its columns.
  package static func recoveryError(_ d: Tensor<Double>, _ truth: Tensor<Double>) -> Tensor<Double> {
    1 - matmul(d, truth, transposeA: true).square().max(0).mean()
  }

  /// Samples D0 x with x Bernoulli(theta) times normal, in columns.
  package static func samples(
    _ count: Int, of truth: Tensor<Double>, theta: Tensor<Double>, key: Key
  ) -> Tensor<Double> {
    let shape = [truth.shape[1], count]
    let isOn = Tensor<Double>.uniform(shape, key: key.named("support")) .< theta
    return matmul(truth, Tensor.where(isOn, Tensor<Double>.normal(shape, key: key.named("values")), 0))
  }
}
