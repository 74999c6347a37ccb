import Tensors
import Transforms

/// How the examples of a mini-batch are chosen.
public enum BatchSampling: String, Sendable, Hashable, Codable {
  /// B independent draws.
  case withReplacement
  /// Each example on its own with probability B/n, so that B is the mean size.
  case bernoulli
}

/// What one step of SGD does to the second moment W = E[w w^T] of a deviation from a minimum at which every example's gradient vanishes,
/// after linearization: w <- (I - (eta/B) sum over the batch of H_i) w with H = (1/n) sum_i H_i,
///
///     M(W) = (I - eta H) W (I - eta H) + eta²/B (share (1/n) sum_i H_i W H_i - repeats H W H),
///
/// where share = repeats = 1 with replacement, and share = 1 - B/n, repeats = 0 for Bernoulli batches (Wu and Su, arXiv 2305.17490; Dexter
/// et al., arXiv 2401.12332). The minimum is stable in mean square when the spectral radius of M is at most 1.
///
/// The map is symmetric and keeps the cone of positive semidefinite matrices. Leading axes are independent minima.
public struct SecondMomentMap: TensorTree {
  private var factors: Tensor<Double>
  private var hessian: Tensor<Double>
  private var rate: Tensor<Double>
  private var batchSize: Tensor<Double>
  /// 1 where two columns of `factors` belong to one example: [n r, n r].
  private var blocks: Tensor<Double>
  private let examples: Int
  private let sampling: BatchSampling

  /// - Parameters:
  ///   - factors: A_i of H_i = A_i A_i^T, [..., n, d, r]; of least squares the gradients of the predictions, with r = 1.
  ///   - rate: eta, [..., 1, 1] or a shape that is broadcast to it.
  ///   - batchSize: B, likewise.
  ///   - sampling: how batches are drawn.
  public init(factors: Tensor<Double>, rate: Tensor<Double>, batchSize: Tensor<Double>, sampling: BatchSampling) {
    guard factors.rank >= 3 else {
      fatalError("SecondMomentMap: factors of shape \(factors.shape), expected [..., examples, dimension, rank]")
    }
    let shape = factors.shape
    examples = shape[shape.count - 3]
    // All columns side by side, [..., d, n r].
    self.factors = factors.movingAxis(-3, to: -2).reshaped(
      shape.dropLast(3) + [shape[shape.count - 2], examples * shape[shape.count - 1]])
    hessian = matmul(self.factors, self.factors, transposeB: true) / Double(examples)
    blocks = Tensor<Double>.identity(examples).kronecker(.ones(shape[shape.count - 1], shape[shape.count - 1]))
    self.rate = rate
    self.batchSize = batchSize
    self.sampling = sampling
  }

  /// M(W), [..., d, d].
  public func callAsFunction(_ w: Tensor<Double>) -> Tensor<Double> {
    let descended = matmul(hessian, w)
    let twice = matmul(descended, hessian)
    // Not the transpose of the other product: what rounding leaves of asymmetry would grow faster than W itself.
    let mean = w - rate * (descended + matmul(w, hessian)) + rate.square() * twice
    // sum_i A_i (A_i^T W A_i) A_i^T: of F^T W F the blocks on the diagonal, one for each example.
    let inner = blocks * matmul(factors, matmul(w, factors), transposeA: true)
    let spread = matmul(matmul(factors, inner), factors, transposeB: true) / Double(examples)
    switch sampling {
    case .withReplacement: return mean + rate.square() / batchSize * (spread - twice)
    case .bernoulli: return mean + rate.square() * (1 / batchSize - 1 / Double(examples)) * spread
    }
  }

  /// |M^k(W)| / |M^(k-1)(W)| after k = `iterations` steps, [...]. Because the map is symmetric this rises to the spectral radius, unless W is
  /// orthogonal to the leading matrix; a positive definite W never is. Zero where the map annihilates W.
  public func growthFactor(from w: Tensor<Double>, iterations: Int) -> Tensor<Double> {
    let step = compile { (map: SecondMomentMap, w: Tensor<Double>) -> (Tensor<Double>, Tensor<Double>) in
      let next = map(w)
      let norm = next.norm(-2, -1, keepingAxes: true)
      return (next / Tensor.where(norm .> 0, norm, 1), norm)
    }
    var (w, factor) = (w / w.norm(-2, -1, keepingAxes: true), Tensor(1.0))
    for _ in 0..<iterations { (w, factor) = step(self, w) }
    return factor.squeezed(-2, -1)
  }
}
