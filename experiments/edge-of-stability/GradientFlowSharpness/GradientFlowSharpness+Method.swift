import Foundation
import Solvers
import Tensors
import Transforms

/// The scalar network w -> pi(w) = w_1 ... w_D with loss (pi(w) - 1)² / 2, and what gradient descent and gradient flow do on it.
package enum ScalarNetwork {
  /// pi(w)
  package static func product(_ w: [Double]) -> Double { w.reduce(1, *) }

  /// L(w) = (pi(w) - 1)² / 2
  package static func loss(_ w: [Double]) -> Double {
    let residual = product(w) - 1
    return residual * residual / 2
  }

  /// w <- w - eta (pi - 1) pi / w
  package static func stepped(_ w: [Double], rate: Double) -> [Double] {
    let pi = product(w)
    return w.map { $0 - rate * (pi - 1) * pi / $0 }
  }

  /// The matrix of second derivatives: pi_i pi_j + (pi - 1) pi_ij with pi_i = pi / w_i and, off the diagonal, pi_ij = pi / (w_i w_j).
  package static func hessian(_ w: [Double]) -> Tensor<Double> {
    let pi = product(w)
    let entries = w.indices.flatMap { i in
      w.indices.map { j in (pi * pi + (i == j ? 0 : (pi - 1) * pi)) / (w[i] * w[j]) }
    }
    return Tensor(shape: [w.count, w.count], entries)
  }

  /// The minimum that gradient flow reaches from w. The flow keeps w_i² - w_j², so it ends at S(w)_i = sign(w_i) sqrt(w_i² + c) with the
  /// one c > -min w_i² that solves sum_i log(w_i² + c) = 0; at c = 2 the sum is positive whatever w is.
  package static func flowEnd(_ w: [Double]) -> [Double] {
    let squares = w.map { $0 * $0 }
    let c = bisection({ c in squares.reduce(0) { $0 + log($1 + c) } }, in: -(squares.min() ?? 0)...2).x
    return zip(w, squares).map { copysign(($1 + c).squareRoot(), $0) }
  }

  /// phi(w): the sharpness of the minimum that gradient flow reaches, where the Hessian has rank one.
  package static func flowSharpness(_ w: [Double]) -> Double { flowEnd(w).reduce(0) { $0 + 1 / ($1 * $1) } }
}

/// Regression with weights u² - v²: loss 1/(2N) |X (u² - v²) - y|², for several data sets at once.
package struct SquaredRegression {
  /// [data sets, N, d]
  package var x: Tensor<Double>
  /// [data sets, N]
  package var y: Tensor<Double>

  package init(x: Tensor<Double>, y: Tensor<Double>) {
    self.x = x
    self.y = y
  }

  /// u and v of several points for each data set: [data sets, points, d].
  package struct Point: TensorTree, Codable {
    package var u: Tensor<Double>
    package var v: Tensor<Double>

    package init(u: Tensor<Double>, v: Tensor<Double>) {
      self.u = u
      self.v = v
    }
  }

  private var samples: Double { Double(y.shape[1]) }

  /// X (u² - v²) - y, [data sets, points, N].
  package func residuals(_ point: Point) -> Tensor<Double> {
    matmul(point.u.square() - point.v.square(), x, transposeB: true) - y.expandingDimensions(1)
  }

  /// [data sets, points]
  package func loss(_ point: Point) -> Tensor<Double> { residuals(point).squaredNorm(-1) / (2 * samples) }

  package func gradient(_ point: Point) -> Point {
    let correlation = 2 * matmul(residuals(point), x) / samples
    return Point(u: correlation * point.u, v: -1 * correlation * point.v)
  }

  /// theta <- theta - eta grad L, with eta of [data sets, 1, 1].
  package func stepped(_ point: Point, rate: Tensor<Double>) -> Point {
    let gradient = gradient(point)
    return Point(u: point.u - rate * gradient.u, v: point.v - rate * gradient.v)
  }

  /// lambda_max of (1/N) G^T G with rows G = (2 u x, -2 v x), the Hessian where the loss is zero: [data sets, points].
  package func gaussNewtonSharpness(_ point: Point) -> Tensor<Double> {
    let scaled = x.expandingDimensions(1) * (point.u.square() + point.v.square()).expandingDimensions(2)
    let gram = einsum("spnd,smd->spnm", scaled, x) * (4 / samples)
    return gram.eigh().values.max(-1)
  }

  /// lambda_max of the whole Hessian: [data sets, points].
  package func sharpness(_ point: Point) -> Tensor<Double> {
    let inputs = x.expandingDimensions(1)
    let rows = Tensor.concatenate(
      [2 * point.u.expandingDimensions(2) * inputs, -2 * point.v.expandingDimensions(2) * inputs], axis: 3)
    let correlation = 2 * matmul(residuals(point), x) / samples
    let curvature = Tensor.concatenate([correlation, -1 * correlation], axis: 2).diagonalMatrix()
    return (matmul(rows, rows, transposeA: true) / samples + curvature).eigh().values.max(-1)
  }

  /// `count` Runge-Kutta steps of gradient flow of size 0.1 / lambda_max, which is measured at the first of them. Points whose loss is
  /// below `tolerance` stand still.
  package func flowed(_ point: Point, count: Int, tolerance: Double) -> Point {
    let size = Tensor.where(loss(point) .< tolerance, 0, 0.1 / gaussNewtonSharpness(point)).expandingDimensions(2)
    return (0..<count).reduce(point) { point, _ in
      RungeKutta.classical4.step(
        { _, point in
          let gradient = gradient(point)
          return Point(u: -1 * gradient.u, v: -1 * gradient.v)
        }, point, at: Tensor(0.0), size: size)
    }
  }
}
