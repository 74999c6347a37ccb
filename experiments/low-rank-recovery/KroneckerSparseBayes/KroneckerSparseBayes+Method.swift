import Tensors
import Transforms

extension KroneckerSparseBayes {
  /// y = (A1 kron ... kron Ad) x + w with w of known variance. With one factor it is a plain dictionary.
  ///
  /// x and everything of its shape is kept as [N, ..., N], one axis a factor: the last factor's index runs fastest, as kron's does.
  package struct Measurement: TensorTree {
    /// A_i, [M_i, N_i].
    package var factors: [Tensor<Double>]
    /// [M_1 ... M_d].
    package var y: Tensor<Double>
    /// The variance of w, rank 0.
    package var noise: Tensor<Double>

    package init(factors: [Tensor<Double>], y: Tensor<Double>, noise: Tensor<Double>) {
      (self.factors, self.y, self.noise) = (factors, y, noise)
    }

    /// All of them along a new first axis.
    package static func stack(_ all: [Measurement]) -> Measurement {
      Measurement(
        factors: all[0].factors.indices.map { i in .stack(all.map { $0.factors[i] }) }, y: .stack(all.map(\.y)),
        noise: .stack(all.map(\.noise)))
    }

    /// The same measurement with one dictionary, [M_1 ... M_d, N_1 ... N_d].
    package var dense: Measurement {
      Measurement(factors: [factors.dropFirst().reduce(factors[0]) { $0.kronecker($1) }], y: y, noise: noise)
    }
  }

  /// What the E-step knows: the mean of x, its second moments lambda = v + mu², and the cost log det S + y^T S^-1 y.
  package struct Posterior: TensorTree, Codable {
    package var mean, second, cost: Tensor<Double>
  }

  /// EM on the variances gamma = g1 kron ... kron gd of x, g_i of [N_i].
  package struct Estimate: TensorTree, Codable {
    package var factors: [Tensor<Double>]
    package var posterior: Posterior
    /// 1 until gamma has stopped to change, then 0. Rank 0.
    package var isActive: Tensor<Double>

    /// From gamma = 1: g_i = 1/sqrt(N) but for the last, N^(d/2 - 1/2).
    package init(_ measurement: Measurement) {
      let sizes = measurement.factors.map { $0.shape[1] }
      factors = sizes.dropLast().map { .full([$0], 1 / Double($0).squareRoot()) }
      factors.append(.full([sizes.last ?? 0], sizes.dropLast().reduce(1) { $0 * Double($1).squareRoot() }))
      posterior = expectation(measurement, factors)
      isActive = Tensor(1.0)
    }

    /// The E-step for the factors of an M-step; entries below `pruning` times a factor's largest are dropped from it. Unchanged when it
    /// had stopped; it stops when gamma changes by less than `tolerance`.
    package func advanced(
      to factors: [Tensor<Double>], on measurement: Measurement, pruning: Double, tolerance: Double
    ) -> Estimate {
      let kept = factors.map { g in Tensor.where(g .< pruning * g.max(), 0, g) }
      var next = self
      next.factors = kept
      next.posterior = expectation(measurement, kept)
      next.isActive = (relativeChange(from: self.factors, to: kept) .>= tolerance).converted(to: Double.self)
      let leaves = zip(tensors, next.tensors).map { old, new in
        AnyTensor(Tensor.where(isActive .> 0, Tensor<Double>(new), Tensor<Double>(old)))
      }
      return replacingTensors(leaves)
    }
  }

  /// g1 kron g2 kron ..., an axis a factor.
  package static func product(_ factors: [Tensor<Double>]) -> Tensor<Double> {
    factors.dropFirst().reduce(factors[0]) { $0.expandingDimensions(-1) * $1 }
  }

  /// |gamma' - gamma| / |gamma|
  static func relativeChange(from old: [Tensor<Double>], to new: [Tensor<Double>]) -> Tensor<Double> {
    let gamma = product(old)
    return (product(new) - gamma).norm() / gamma.norm()
  }

  // MARK: E-step

  package static func expectation(_ measurement: Measurement, _ factors: [Tensor<Double>]) -> Posterior {
    factors.count == 1 ? denseExpectation(measurement, factors[0]) : kroneckerExpectation(measurement, factors)
  }

  /// By the Cholesky factor L of S = nv I + A diag(gamma) A^T.
  private static func denseExpectation(_ measurement: Measurement, _ gamma: Tensor<Double>) -> Posterior {
    let a = measurement.factors[0]
    let s = matmul(a * gamma, a, transposeB: true) + measurement.noise * Tensor.identity(a.shape[0])
    let l = s.cholesky()
    let y = triangularSolve(l, measurement.y)
    let scaled = triangularSolve(l, a)
    return posterior(
      gamma, projected: matmul(y, scaled), shrinkage: scaled.square().sum(0),
      cost: 2 * l.diagonal().log().sum() + y.squaredNorm())
  }

  /// By the eigenvectors Q_i and values of each A_i diag(g_i) A_i^T: in the basis of Q = Q1 kron Q2 kron ... S is diagonal, nv plus the
  /// products of the values. Nothing larger than x is formed.
  private static func kroneckerExpectation(_ measurement: Measurement, _ factors: [Tensor<Double>]) -> Posterior {
    let bases = zip(measurement.factors, factors).map { a, g in matmul(a * g, a, transposeB: true).eigh() }
    let spectrum = product(bases.map(\.values)) + measurement.noise
    let rotations = bases.map { $0.vectors.transposed() }
    let y = multiply(rotations, measurement.y.reshaped(measurement.factors.map { $0.shape[0] }))
    // A^T Q, factor by factor.
    let rotated = zip(measurement.factors, bases).map { matmul($0, $1.vectors, transposeA: true) }
    return posterior(
      product(factors), projected: multiply(rotated, y / spectrum),
      shrinkage: multiply(rotated.map { $0.square() }, 1 / spectrum),
      cost: spectrum.log().sum() + (y.square() / spectrum).sum())
  }

  /// mu = gamma A^T S^-1 y and lambda = gamma - gamma² diag(A^T S^-1 A) + mu².
  private static func posterior(
    _ gamma: Tensor<Double>, projected: Tensor<Double>, shrinkage: Tensor<Double>, cost: Tensor<Double>
  ) -> Posterior {
    let mean = gamma * projected
    return Posterior(mean: mean, second: gamma - gamma.square() * shrinkage + mean.square(), cost: cost)
  }

  /// (B1 kron B2 kron ...) z, one axis after the other.
  package static func multiply(_ matrices: [Tensor<Double>], _ z: Tensor<Double>) -> Tensor<Double> {
    // Each product takes the first axis and appends the new one: after all of them the axes are in order again.
    matrices.reduce(z) { z, b in tensordot(z, b, axes: (a: [0], b: [1])) }
  }
}
