import Tensors
import Transforms

/// The numbers that the divergence condition of mini-batch SGD at a minimum is made of.
package struct CoherenceCondition: Sendable {
  /// Step size eta.
  package var rate: Double
  /// Examples n.
  package var examples: Int
  /// Mean batch size B; each example is in the batch with probability B/n.
  package var batchSize: Int

  package init(rate: Double, examples: Int, batchSize: Int) {
    self.rate = rate
    self.examples = examples
    self.batchSize = batchSize
  }

  /// n/B - 1
  private var sparsity: Double { Double(examples) / Double(batchSize) - 1 }

  /// Divergence (Theorem 1): lambda_1 > 2/eta, or lambda_1 > (sigma/eta) (n/B - 1)^(-1/2).
  package func impliesDivergence(eigenvalue: Double, coherence: Double) -> Bool {
    eigenvalue > 2 / rate || eigenvalue * sparsity.squareRoot() > coherence / rate
  }

  /// Stability of the family (Theorem 2): lambda_1 <= (2/eta) sigma / (n/B + sigma - 1).
  package func allowsStability(eigenvalue: Double, coherence: Double) -> Bool {
    eigenvalue <= 2 / rate * coherence / (sparsity + coherence)
  }

  /// The factor of the family on E <w, e_1>² in one step: (1 - eta l)² + (eta l)² (n/B - 1) / sigma.
  package func factor(eigenvalue l: Double, coherence: Double) -> Double {
    let x = rate * l
    return (1 - x) * (1 - x) + x * x * sparsity / coherence
  }

  /// The largest factor of the family: the other directions have eigenvalue lambda_1 / sigma and one example each.
  package func radius(eigenvalue: Double, coherence: Int) -> Double {
    let leading = factor(eigenvalue: eigenvalue, coherence: Double(coherence))
    guard coherence < examples else { return leading }
    return max(leading, factor(eigenvalue: eigenvalue / Double(coherence), coherence: 1))
  }

  /// The sigma at which the divergence condition begins to hold, below it; and the one above which the family is stable, nil for none.
  package func boundaries(eigenvalue: Double) -> (divergent: Double, stable: Double?) {
    let x = rate * eigenvalue
    return (x * sparsity.squareRoot(), x < 2 ? x * sparsity / (2 - x) : nil)
  }
}

/// sigma = lambda_max(S) / max_i lambda_max(H_i) with S_ij = sqrt(tr(H_i H_j)), for H_i = A_i A_i^T.
/// - Parameter factors: [ensembles, n, d, r].
/// - Returns: one for each ensemble.
package func coherence(factors: Tensor<Double>) -> Tensor<Double> {
  let (count, n, r) = (factors.shape[0], factors.shape[1], factors.shape[3])
  let columns = factors.movingAxis(1, to: 2).reshaped(count, factors.shape[2], n * r)
  let gram = matmul(columns, columns, transposeA: true).reshaped(count, n, r, n, r)
  let largest = matmul(factors, factors, transposeA: true).eigh().values.max(-1).max(-1)
  return gram.squaredNorm(2, 4).sqrt().eigh().values.max(-1) / largest
}

/// Linearised SGD on the whole grid of the family, [eigenvalues, batch sizes, coherences, seeds, n]: entry 0 is along e_1, entries from
/// sigma on are along the directions that one example has for itself, those between are unused.
package struct FamilyWalk: TensorTree, Codable {
  package var w: Tensor<Double>

  /// A normalised Gaussian in the n - sigma + 1 directions.
  package init(eigenvalues: Int, batchSizes: Int, coherences: [Int], seeds: Int, examples: Int, key: Key) {
    let used = Self.mask(coherences, examples) { sigma, k in k == 0 || k >= sigma }
    let raw = used.expandingDimensions(1) * Tensor.normal([seeds, examples], key: key)
    let unit = raw / raw.norm(-1, keepingAxes: true)
    w = unit.broadcast(to: [eigenvalues, batchSizes, coherences.count, seeds, examples])
  }

  package init(w: Tensor<Double>) { self.w = w }

  /// w_k <- w_k (1 - (eta m / B) count_k), where count is the number of examples of direction k in the batch.
  ///
  /// A walk whose norm has passed `limit` stands still. What has become smaller than 1e-100 is zero, before arithmetic on subnormal
  /// numbers slows the run a hundredfold.
  /// - Parameters:
  ///   - draws: uniform numbers of the examples, [seeds, n].
  ///   - shares: B/n, [batch sizes].
  ///   - gains: eta m / B, [eigenvalues, batch sizes, coherences].
  package func stepped(
    draws: Tensor<Double>, shares: Tensor<Double>, gains: Tensor<Double>, coherences: [Int], limit: Double
  ) -> FamilyWalk {
    let n = draws.shape[1]
    let sampled = Tensor<Double>.where(draws .< shares.reshaped(shares.count, 1, 1), 1, 0)
    let aligned = Self.mask(coherences, n) { sigma, k in k < sigma }
    // Examples along e_1 in the batch, [batch sizes, coherences, seeds, 1].
    let common = matmul(sampled, aligned, transposeB: true).transposed().expandingDimensions(3)
    let first = Self.mask([1], n) { _, k in k == 0 }.reshaped(1, 1, 1, n)
    let counts = first * common + (1 - first) * sampled.expandingDimensions(1)
    let next = w * (1 - gains.expandingDimensions(3).expandingDimensions(4) * counts)
    let isInside = w.norm(-1, keepingAxes: true) .<= limit
    return FamilyWalk(w: Tensor.where(isInside, Tensor.where(next.abs() .< 1e-100, 0, next), w))
  }

  private static func mask(_ coherences: [Int], _ examples: Int, _ isOne: (Int, Int) -> Bool) -> Tensor<Double> {
    Tensor(
      shape: [coherences.count, examples], coherences.flatMap { sigma in (0..<examples).map { isOne(sigma, $0) ? 1 : 0 } })
  }
}

/// SGD on logistic regression with labels 1/2, whose optimum is w = 0 for every example alone, with Hessians x_i x_i^T / 4.
/// - Parameters:
///   - w: [data sets, seeds, d].
///   - x: inputs, [data sets, n, d].
///   - draws: uniform numbers of the examples, [seeds, n].
package func logisticStep(
  _ w: Tensor<Double>, x: Tensor<Double>, draws: Tensor<Double>, batchSize: Int, rate: Double
) -> Tensor<Double> {
  let sampled = Tensor<Double>.where(draws .< Double(batchSize) / Double(x.shape[1]), 1, 0)
  let slopes = sampled * (matmul(w, x, transposeB: true).sigmoid() - 0.5)
  return w - rate / Double(batchSize) * matmul(slopes, x)
}
