import Optimizers
import Tensors
import Transforms
import Transport

extension SparsityConstrained {
  /// The semi-dual of transport with at most k entries in each column t_j of the plan:
  ///
  ///     min <T, C> + sum_j (gamma/2) |t_j|²  over plans with row sums a, column sums b and |t_j|_0 <= k
  ///     S(alpha) = <alpha, a> - sum_j max { <s_j, t> - (gamma/2) |t|² : t >= 0, sum t = b_j, |t|_0 <= k },  s_j = alpha - c_j
  ///
  /// The maximum lies at the k largest entries of s_j, divided by gamma and projected on the simplex of size b_j. Column sums are exact, row
  /// sums hold at the maximum of S, where it is smooth. S is concave with gradient a - sum_j t_j (Danskin): t is held fixed.
  package struct SemiDual: TensorTree, Sendable {
    /// C, [m, n].
    package var cost: Tensor<Double>
    package var a: Tensor<Double>
    package var b: Tensor<Double>
    package var gamma: Tensor<Double>
    /// k, from 1 to m.
    package var cardinality: Int

    package init(cost: Tensor<Double>, a: Tensor<Double>, b: Tensor<Double>, gamma: Double, cardinality: Int) {
      self.cost = cost
      self.a = a
      self.b = b
      self.gamma = Tensor(gamma)
      self.cardinality = cardinality
    }

    /// The k largest s of each column, [n, k], the entries t of the plan there, and their rows.
    private func columns(_ alpha: Tensor<Double>) -> (s: Tensor<Double>, t: Tensor<Double>, rows: Tensor<Int32>) {
      let (s, rows) = (alpha - cost.transposed()).topK(cardinality)
      return (s, projectedOnSimplex(stopGradient(s) / gamma, total: b), rows)
    }

    /// S(alpha).
    package func value(_ alpha: Tensor<Double>) -> Tensor<Double> {
      let (s, t, _) = columns(alpha)
      return alpha.dot(a) - (s * t).sum() + gamma / 2 * t.squaredNorm()
    }

    /// T, [m, n].
    package func plan(_ alpha: Tensor<Double>) -> Tensor<Double> {
      let (_, t, rows) = columns(alpha)
      return t.scatterAddAlongAxis(rows, axis: 1, extent: a.shape[0]).transposed()
    }

    /// <T, C> + (gamma/2) |T|².
    func primal(_ plan: Tensor<Double>) -> Tensor<Double> { (plan * cost).sum() + gamma / 2 * plan.squaredNorm() }
  }
}
