import Tensors
import Transforms

/// The M-steps: gamma that minimizes, or nearly, sum_i [log gamma_i + lambda_i / gamma_i].
extension KroneckerSparseBayes {
  /// How the M-step finds gamma.
  package enum Algorithm: String, CaseIterable, Sendable {
    /// No structure: gamma = lambda.
    case sbl = "SBL"
    /// Alternating minimization over the factors.
    case alternating = "AM-KroSBL"
    /// Rank-one fits of lambda by singular vectors.
    case singularVectors = "SVD-KroSBL"
  }

  /// The factors of one round of alternating minimization, and by how much gamma has changed.
  private struct Round: TensorTree {
    var factors: [Tensor<Double>]
    var change: Tensor<Double>
  }

  /// A batch of M-steps by alternating minimization: rounds until gamma changes by less than `tolerance`, for each problem alone.
  package struct AlternatingMaximization {
    private let tolerance: Double
    private let maximumRounds: Int
    private let round = compile { (second: Tensor<Double>, factors: [Tensor<Double>]) in
      vmap { (second: Tensor<Double>, factors: [Tensor<Double>]) in KroneckerSparseBayes.round(second, factors) }(second, factors)
    }

    package init(tolerance: Double, maximumRounds: Int) {
      (self.tolerance, self.maximumRounds) = (tolerance, maximumRounds)
    }

    /// - Parameters:
    ///   - second: lambda of all problems, [problems, N, N, N].
    ///   - factors: where the minimization starts, each [problems, N].
    ///   - isActive: 0 for a problem that keeps its factors, [problems].
    package func callAsFunction(
      _ second: Tensor<Double>, from factors: [Tensor<Double>], isActive: Tensor<Double>
    ) -> [Tensor<Double>] {
      var (factors, isActive) = (factors, isActive)
      for _ in 0..<maximumRounds where isActive.max().scalar > 0 {
        let next = round(second, factors)
        factors = zip(factors, next.factors).map { old, new in Tensor.where(isActive.expandingDimensions(-1) .> 0, new, old) }
        isActive = Tensor.where(next.change .>= tolerance, isActive, 0)
      }
      return factors
    }
  }

  /// g1_i = mean over j, k of lambda_ijk / (g2_j g3_k), likewise g2 and g3; then |g1| = |g2| = 1, the scale in g3. Means are over the
  /// entries that are not pruned.
  private static func round(_ second: Tensor<Double>, _ factors: [Tensor<Double>]) -> Round {
    var new = factors
    let formulas = ["ijk,j,k->i", "ijk,i,k->j", "ijk,i,j->k"]
    for i in new.indices {
      let others = new.indices.filter { $0 != i }.map { new[$0] }
      let inverses = others.map { Tensor.where($0 .> 0, 1 / $0, 0) }
      let count = others.map { ($0 .> 0).converted(to: Double.self).sum() }
      let mean = einsum(formulas[i], second, inverses[0], inverses[1]) / (count[0] * count[1])
      new[i] = Tensor.where(new[i] .> 0, mean, 0)
    }
    let scales = new.dropLast().map { $0.norm() }
    new = [new[0] / scales[0], new[1] / scales[1], new[2] * scales[0] * scales[1]]
    return Round(factors: new, change: relativeChange(from: factors, to: new))
  }

  /// The rank-one fit of lambda, [N, N, N]: the leading singular triplet (u, s, v) of its unfolding [N, N²] gives g1 = |u|, that of s |v|
  /// as [N, N] the others, the scale in g3. Absolute values, since singular vectors have no sign.
  package static func singularVectorMaximization(_ second: Tensor<Double>) -> [Tensor<Double>] {
    let (n1, n2, n3) = (second.shape[0], second.shape[1], second.shape[2])
    let first = second.reshaped(n1, n2 * n3).thinSVD()
    let rest = (first.s.slice(0) * first.vT.slice(0).abs()).reshaped(n2, n3).thinSVD()
    return [first.u.slice(All(), 0).abs(), rest.u.slice(All(), 0).abs(), rest.s.slice(0) * rest.vT.slice(0).abs()]
  }

  // MARK: Baselines

  /// Orthogonal matching pursuit with a known number of nonzeros (Pati, Rezaiifar and Krishnaprasad 1993): the column that correlates
  /// most with the residual joins the support, then least squares on it.
  package static func matchingPursuit(
    _ a: Tensor<Double>, _ y: Tensor<Double>, count: Int
  ) throws -> Tensor<Double> {
    var chosen: [Int] = []
    var residual = y
    var x = Tensor<Double>.zeros([a.shape[1]])
    for _ in 0..<count {
      var scores = matmul(residual, a).abs()
      for i in chosen { scores[i] = -1 }
      chosen.append(Int(scores.argmax().scalar))
      x = try leastSquares(a, y, on: chosen)
      residual = y - matmul(a, x)
    }
    return x
  }

  /// Least squares with the columns in `support`, zero elsewhere.
  package static func leastSquares(_ a: Tensor<Double>, _ y: Tensor<Double>, on support: [Int]) throws -> Tensor<Double> {
    let columns = a.gather(Tensor(support.map { Int32($0) }), axis: 1)
    let values = try Tensors.leastSquares(columns, y)
    var x = Tensor<Double>.zeros([a.shape[1]])
    for (place, i) in support.enumerated() { x[i] = values[place] }
    return x
  }
}
