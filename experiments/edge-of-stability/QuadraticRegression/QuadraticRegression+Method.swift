import Tensors
import Transforms

/// Gradient descent on the model of two parameters and one output, Q = diag(1, -epsilon), with target 0, after the step size has been
/// scaled to 1: the eigenvalue of the neural tangent kernel is lambda = a² + b².
package struct PlanarModel: Codable {
  package let epsilon: Double
  /// The residual.
  package private(set) var z: Double
  /// First component of the Jacobian, along the positive eigenvalue.
  package private(set) var a: Double
  /// Size of the second.
  package private(set) var b: Double
  /// Greatest lambda so far.
  package private(set) var peak: Double

  /// The target 0 ties the start: z = (a² - b²/epsilon) / 2.
  package init(epsilon: Double, squaredA: Double, z: Double) {
    self.epsilon = epsilon
    self.z = z
    a = squaredA.squareRoot()
    b = (epsilon * (squaredA - 2 * z)).squareRoot()
    peak = squaredA + b * b
  }

  /// T0 = a² + b²
  package var lambda: Double { a * a + b * b }

  /// With T1 = a² - epsilon b²: z <- z (1 - T0) + z² T1 / 2, a <- a (1 - z), b <- b (1 + epsilon z), all from the old values.
  package mutating func step() {
    let old = z
    z = old * (1 - lambda) + old * old * (a * a - epsilon * b * b) / 2
    a *= 1 - old
    b *= 1 + epsilon * old
    peak = max(peak, lambda)
  }
}

/// Gradient descent on models quadratic in their parameters, f_a = theta^T Q_a theta / 2 + G_a theta, in the space of residual and
/// Jacobian, where it is closed. Several models, and several runs of each.
package struct QuadraticModels: TensorTree, Codable {
  /// Residuals, [models, runs, D].
  package var z: Tensor<Double>
  /// Jacobians, [models, runs, D, P].
  package var j: Tensor<Double>

  package init(z: Tensor<Double>, j: Tensor<Double>) {
    self.z = z
    self.j = j
  }

  /// z <- z - eta J J^T z + eta²/2 Q(J^T z, J^T z) and J <- J - eta Q(J^T z, .), with Q of [models, D P, P] (the rows of Q_a one behind the
  /// other) and eta of [models, runs, 1]. Without the quadratic term there is no edge: it is the linearised dynamics.
  package func stepped(q: Tensor<Double>, rate: Tensor<Double>) -> QuadraticModels {
    let gradient = einsum("scdp,scd->scp", j, z)
    let turned = matmul(gradient, q, transposeB: true).reshaped(j.shape)
    let curved = rate.square() / 2 * einsum("scdp,scp->scd", turned, gradient)
    return QuadraticModels(
      z: z - rate * einsum("scdp,scp->scd", j, gradient) + curved, j: j - rate.expandingDimensions(3) * turned)
  }

  /// lambda_max(J J^T), [models, runs]; NaN where a run has diverged.
  package func kernelEigenvalue() -> Tensor<Double> { matmul(j, j, transposeB: true).eigh().values.max(-1) }

  /// |z|² / 2, [models, runs]
  package func loss() -> Tensor<Double> { z.squaredNorm(-1) / 2 }
}

/// One explicit model in its parameters, to hold the recursion of ``QuadraticModels`` against.
package struct ExplicitQuadraticModel {
  /// [D, P, P], symmetric.
  package var q: Tensor<Double>
  /// [D, P]
  package var g: Tensor<Double>
  /// [D]
  package var target: Tensor<Double>

  package init(q: Tensor<Double>, g: Tensor<Double>, target: Tensor<Double>) {
    self.q = q
    self.g = g
    self.target = target
  }

  package func residual(_ theta: Tensor<Double>) -> Tensor<Double> {
    einsum("aij,i,j->a", q, theta, theta) / 2 + einsum("ai,i->a", g, theta) - target
  }

  /// J_a = Q_a theta + G_a, [D, P]
  package func jacobian(_ theta: Tensor<Double>) -> Tensor<Double> { einsum("aij,j->ai", q, theta) + g }

  /// theta <- theta - eta grad |f - y|² / 2, the gradient by differentiation.
  package func stepped(_ theta: Tensor<Double>, rate: Double) -> Tensor<Double> {
    theta - rate * grad { (theta: Tensor<Double>) in residual(theta).squaredNorm() / 2 }(theta)
  }
}

/// Matrices Q_a with entries N(0, 1), symmetrised, over the root of the number of parameters: [outputs, P, P].
package func quadraticTerms(outputs: Int, parameters: Int, key: Key) -> Tensor<Double> {
  let q = Tensor<Double>.normal([outputs, parameters, parameters], key: key)
  return (q + q.transposed()) / (2 * Double(parameters).squareRoot())
}
