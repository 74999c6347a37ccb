import Networks
import Notebook
import Tensors
import Transforms

extension SupervisedDictionary {
  /// The two weights of the objective, and what the theorem makes of them.
  package struct Weights: Codable, Sendable {
    @Setting("of the reconstruction |X - B|_F²") package var xi = 1.0
    @Setting("of the ridge |A|² + |gamma|²") package var nu = 1.0

    package init(xi: Double, nu: Double) { (self.xi, self.nu) = (xi, nu) }

    /// F is mu-strongly convex and L-smooth, `norm` being the largest singular value of X over X'.
    package func mu() -> Double { 2 * min(xi, nu) }
    package func smoothness(norm: Double) -> Double { max(2 * xi, 2 * nu + norm * norm / 4) }
    /// The middle of (1/(2 mu), 3/(2 L)), the step sizes of the theorem; it is no such size when L/mu is 3 or more.
    package func step(norm: Double) -> Double { (1 / (2 * mu()) + 3 / (2 * smoothness(norm: norm))) / 2 }
    /// rho = 2 (1 - tau mu), the theorem's contraction.
    package func contraction(norm: Double) -> Double { 2 * (1 - step(norm: norm) * mu()) }
  }

  /// F(A, B, gamma) = sum_i [log(1 + exp z_i) - y_i z_i] + xi |X - B|_F² + nu (|A|² + |gamma|²) with z = X^T A + X'^T gamma.
  package struct Objective: TensorTree {
    /// X, [p, n]; X', [q, n]; y of 0 and 1, [n].
    package var data, covariates, labels: Tensor<Double>
    /// Rank 0.
    package var xi, nu, step: Tensor<Double>
    /// |X|_2² and |X'|_2².
    package var squaredNorms: SquaredNorms

    package init(_ sample: Sample, _ weights: Weights) {
      (data, covariates, labels) = (sample.data, sample.covariates, sample.labels)
      (xi, nu, step) = (Tensor(weights.xi), Tensor(weights.nu), Tensor(weights.step(norm: sample.norm)))
      squaredNorms = SquaredNorms(
        data: squaredSpectralNorm(sample.data),
        covariates: sample.covariates.shape[0] == 0 ? Tensor(0.0) : squaredSpectralNorm(sample.covariates))
    }

    /// All of them along a new first axis.
    package static func stack(_ all: [Objective]) -> Objective {
      let leaves = all.map(\.tensors)
      return all[0].replacingTensors(leaves[0].indices.map { leaf in .stack(leaves.map { $0[leaf] }) })
    }

    private func scores(_ a: Tensor<Double>, _ gamma: Tensor<Double>) -> Tensor<Double> {
      matmul(a, data) + matmul(gamma, covariates)
    }

    package func value(_ a: Tensor<Double>, _ b: Tensor<Double>, _ gamma: Tensor<Double>) -> Tensor<Double> {
      let z = scores(a, gamma)
      return (z.softplus() - labels * z).sum() + xi * (data - b).squaredNorm() + nu * (a.squaredNorm() + gamma.squaredNorm())
    }

    package func value(_ z: Lifted) -> Tensor<Double> { value(z.a, z.b, z.gamma) }

    package func value(_ blocks: Blocks) -> Tensor<Double> {
      value(matmul(blocks.w, blocks.beta), matmul(blocks.w, blocks.h), blocks.gamma)
    }

    /// dF/dA = X (sigma(z) - y) + 2 nu A and dF/dgamma = X' (sigma(z) - y) + 2 nu gamma.
    func gradients(_ a: Tensor<Double>, _ gamma: Tensor<Double>) -> (a: Tensor<Double>, gamma: Tensor<Double>) {
      let slack = scores(a, gamma).sigmoid() - labels
      return (matmul(data, slack) + 2 * nu * a, matmul(covariates, slack) + 2 * nu * gamma)
    }
  }

  package struct SquaredNorms: TensorTree {
    package var data, covariates: Tensor<Double>
  }

  /// The lifted variables: Z = [A, B], [p, 1 + n], of low rank, and gamma.
  package struct Lifted: TensorTree, Codable {
    package var z, gamma: Tensor<Double>

    package init(z: Tensor<Double>, gamma: Tensor<Double>) { (self.z, self.gamma) = (z, gamma) }

    package var a: Tensor<Double> { z.slice(All(), 0) }
    package var b: Tensor<Double> { z.slice(All(), 1..<z.shape[1]) }

    /// Low-rank projected gradient descent: Z <- Pi_r(Z - tau dF/dZ), gamma <- gamma - tau dF/dgamma; A and B are truncated together.
    package func lpgdStep(_ f: Objective, rank: Int) -> Lifted {
      let gradient = f.gradients(a, gamma)
      let ofZ = Tensor.concatenate([gradient.a.expandingDimensions(1), 2 * f.xi * (b - f.data)], axis: 1)
      return Lifted(z: (z - f.step * ofZ).truncated(toRank: rank), gamma: gamma - f.step * gradient.gamma)
    }

    /// The distance of Z and gamma to others.
    package func distance(to other: Lifted) -> Tensor<Double> {
      ((z - other.z).squaredNorm() + (gamma - other.gamma).squaredNorm()).sqrt()
    }
  }

  /// The variables before lifting: A = W beta, B = W H.
  package struct Blocks: TensorTree, Codable {
    package var w, h, beta, gamma: Tensor<Double>

    package init(w: Tensor<Double>, h: Tensor<Double>, beta: Tensor<Double>, gamma: Tensor<Double>) {
      (self.w, self.h, self.beta, self.gamma) = (w, h, beta, gamma)
    }

    /// One sweep of block coordinate descent: H by least squares, then beta, gamma and W, each by gradient steps of one over the
    /// block's smoothness constant.
    package func sweep(_ f: Objective, gradientSteps: Int) -> Blocks {
      var new = self
      new.h = matmul(w, w, transposeA: true).solve(matmul(w, f.data, transposeA: true))

      let smoothnessOfBeta = 2 * f.nu * squaredSpectralNorm(w) + squaredSpectralNorm(matmul(w, f.data, transposeA: true)) / 4
      for _ in 0..<gradientSteps {
        new.beta -= matmul(f.gradients(matmul(w, new.beta), new.gamma).a, w) / smoothnessOfBeta
      }
      let smoothnessOfGamma = 2 * f.nu + f.squaredNorms.covariates / 4
      for _ in 0..<gradientSteps {
        new.gamma -= f.gradients(matmul(w, new.beta), new.gamma).gamma / smoothnessOfGamma
      }
      let smoothnessOfW = 2 * f.xi * squaredSpectralNorm(new.h) + new.beta.squaredNorm() * (2 * f.nu + f.squaredNorms.data / 4)
      for _ in 0..<gradientSteps {
        let gradient = f.gradients(matmul(new.w, new.beta), new.gamma)
        let residual = matmul(new.w, new.h) - f.data
        new.w -= (gradient.a.outer(new.beta) + 2 * f.xi * matmul(residual, new.h, transposeB: true)) / smoothnessOfW
      }
      return new
    }
  }

  /// First W, the top r left singular vectors of X, then (beta, gamma) by Newton's method on the same objective.
  package static func twoStages(_ f: Objective, rank: Int, newtonSteps: Int = 30) -> Blocks {
    let w = f.data.thinSVD().u.slice(All(), 0..<rank)
    let h = matmul(w, f.data, transposeA: true)
    let features = Tensor.concatenate([h, f.covariates])
    let count = features.shape[0]
    var theta = Tensor<Double>.zeros([count])
    for _ in 0..<newtonSteps {
      let probability = matmul(theta, features).sigmoid()
      let gradient = matmul(features, probability - f.labels) + 2 * f.nu * theta
      let curvature = features * (probability * (1 - probability))
      let hessian = matmul(curvature, features, transposeB: true) + 2 * f.nu * Tensor.identity(count)
      theta -= hessian.solve(gradient)
    }
    let parts = theta.split(sizes: [rank, count - rank])
    return Blocks(w: w, h: h, beta: parts[0], gamma: parts[1])
  }

  /// The square of the largest singular value, from the smaller Gram matrix.
  static func squaredSpectralNorm(_ a: Tensor<Double>) -> Tensor<Double> {
    let isWide = a.shape[0] <= a.shape[1]
    return matmul(a, a, transposeA: !isWide, transposeB: isWide).eigh().values.max()
  }
}
