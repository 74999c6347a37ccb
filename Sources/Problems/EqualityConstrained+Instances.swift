import Tensors

/// The eigenvalue problem: min x^T A x subject to ||x||^2 = 1. Its critical points are the eigenvectors, their multipliers minus the
/// eigenvalues, its solutions those of the least eigenvalue.
public struct SphericalQuadratic: EqualityConstrained {
  /// A, symmetric, [d, d].
  public let matrix: Tensor<Double>
  /// Where a method begins.
  public let start: Tensor<Double>

  /// The problem of a symmetric matrix.
  public init(matrix: Tensor<Double>, start: Tensor<Double>) { (self.matrix, self.start) = (matrix, start) }

  /// d.
  public var dimension: Int { start.count }
  /// One.
  public var constraintCount: Int { 1 }
  /// x^T A x.
  public func value(at x: Tensor<Double>) -> Tensor<Double> { x.dot(matmul(matrix, x)) }
  /// ||x||^2 - 1.
  public func constraints(at x: Tensor<Double>) -> Tensor<Double> { (x.squaredNorm() - 1).reshaped(1) }
}

/// A linear model with weights on the unit sphere that satisfy linear equations C x = b.
public struct ConstrainedRegression: EqualityConstrained {
  /// f.
  public let model: LinearModel<Double>
  /// C, [equations, d].
  public let equations: Tensor<Double>
  /// b.
  public let right: Tensor<Double>

  /// The problem of a model and equations that a unit vector satisfies.
  public init(model: LinearModel<Double>, equations: Tensor<Double>, right: Tensor<Double>) {
    (self.model, self.equations, self.right) = (model, equations, right)
  }

  /// d.
  public var dimension: Int { model.dimension }
  /// The equations and the sphere.
  public var constraintCount: Int { right.count + 1 }
  /// 1.5 times the unit vector of equal entries: outside the sphere.
  public var start: Tensor<Double> { .full([dimension], 1.5 / Double(dimension).squareRoot()) }
  /// The mean loss.
  public func value(at x: Tensor<Double>) -> Tensor<Double> { model.value(at: x) }
  /// (C x - b, ||x||^2 - 1).
  public func constraints(at x: Tensor<Double>) -> Tensor<Double> {
    .concatenate([matmul(equations, x) - right, (x.squaredNorm() - 1).reshaped(1)])
  }
}

/// Control of a semilinear elliptic equation on the unit interval: min ||u - u_d||^2 + weight ||q||^2 subject to -u'' + u^3 = q and
/// u = 0 at both ends. The unknowns are (u, q) on the inner points of a grid, the sums are not scaled by its width.
public struct EllipticControl: EqualityConstrained {
  /// u_d on the grid.
  public let desired: Tensor<Double>
  /// Of the control in f.
  public let weight: Double

  /// The problem of a desired state on equally spaced inner points.
  public init(desired: Tensor<Double>, weight: Double = 1e-3) { (self.desired, self.weight) = (desired, weight) }

  /// u_d = sin(pi x) on so many points.
  public init(points: Int, weight: Double = 1e-3) {
    self.init(desired: (.arange(points, from: 1) * (.pi / Double(points + 1))).sin(), weight: weight)
  }

  private var points: Int { desired.count }
  /// Two for each point.
  public var dimension: Int { 2 * points }
  /// The equation at each point.
  public var constraintCount: Int { points }
  /// Zero.
  public var start: Tensor<Double> { .zeros(dimension) }

  /// ||u - u_d||^2 + weight ||q||^2.
  public func value(at x: Tensor<Double>) -> Tensor<Double> {
    (x.slice(0..<points) - desired).squaredNorm() + weight * x.slice(points..<2 * points).squaredNorm()
  }

  /// h^2 (-u'' + u^3 - q) by second differences, h the width of the grid: rows of order one.
  public func constraints(at x: Tensor<Double>) -> Tensor<Double> {
    let (u, q) = (x.slice(0..<points), x.slice(points..<2 * points))
    let width = 1 / Double(points + 1)
    let padded = u.padded(axis: 0, low: 1, high: 1)
    let difference = 2 * u - padded.slice(0..<points) - padded.slice(2..<points + 2)
    return difference + width * width * (u * u.square() - q)
  }
}
