import Tensors

/// An upper bound of a loss that is expensive to differentiate, as a function of the parameters of a linear model that is cheap to
/// evaluate (Lavington, Vaswani, Babanezhad, Schmidt and Le Roux 2023, arXiv 2302.02607). The targets are the model's outputs z = X theta:
///
///     g_t(theta) = h(theta_t) + (1/n) [<d, X theta - z_t> + sum_i c_i (X theta - z_t)_i^2 / 2],   d = the loss's derivative by z at z_t
///
/// With c = 1 / eta and eta = 1 / L, L the smoothness of the loss of one sample in z, it bounds h from above, and any number of steps
/// down on it is a step down on h that costs one gradient of the loss. Traceable.
public struct TargetSurrogate<Scalar: RealScalar> {
  /// X, the samples, [n, d].
  public let design: Tensor<Scalar>
  /// theta_t, [d].
  public let start: Tensor<Scalar>
  /// h(theta_t).
  public let value: Tensor<Scalar>
  /// d, [n]: of the loss of each sample, without the 1/n.
  public let slopes: Tensor<Scalar>
  /// c: 1 / eta, of rank 0, or for a preconditioned target optimizer one for each target, [n].
  public let curvature: Tensor<Scalar>

  /// The surrogate at a point.
  public init(
    design: Tensor<Scalar>, start: Tensor<Scalar>, value: Tensor<Scalar>, slopes: Tensor<Scalar>, curvature: Tensor<Scalar>
  ) {
    (self.design, self.start, self.value, self.slopes, self.curvature) = (design, start, value, slopes, curvature)
  }

  private var share: Scalar { Scalar(1 / Double(design.shape[0])) }

  /// g_t(theta).
  public func callAsFunction(_ theta: Tensor<Scalar>) -> Tensor<Scalar> {
    let move = matmul(design, theta - start)
    return value + share * (slopes * move + curvature * move.square() * 0.5).sum()
  }

  /// Its gradient; the loss is not asked again.
  public func gradient(at theta: Tensor<Scalar>) -> Tensor<Scalar> {
    share * matmul(slopes + curvature * matmul(design, theta - start), design)
  }

  /// Its Hessian, X^T diag(c) X / n.
  public var hessian: Tensor<Scalar> {
    let rows = design * (curvature + .zeros(design.shape[0])).expandingDimensions(1)
    return share * matmul(design, rows, transposeA: true)
  }

  /// Its smoothness, the largest eigenvalue of its Hessian.
  public var smoothness: Tensor<Scalar> { hessian.eigh().values.max() }

  /// Where `steps` gradient steps of length 1 / smoothness lead from theta_t.
  public func descended(steps: Int, smoothness: Tensor<Scalar>) -> Tensor<Scalar> {
    // With the Hessian a step costs d^2 instead of n d; one step does not need it.
    let (slope, curvature) = (gradient(at: start), steps > 1 ? hessian : nil)
    return (0..<steps).reduce(start) { theta, _ in
      theta - (slope + (curvature.map { matmul($0, theta - start) } ?? .zeros(start.count))) / smoothness
    }
  }

  /// Where it is least: infinitely many steps. X has full column rank.
  public func minimum() -> Tensor<Scalar> { start - hessian.solve(gradient(at: start)) }
}
