import Tensors
import Transforms

/// AdaBelief (Zhuang et al. 2020, arXiv 2010.07468, Algorithm 2), t from 1:
///
///     m <- b1 m + (1 - b1) g;  s <- b2 s + (1 - b2) (g - m)^2 + epsilon, with the new m
///     theta <- theta - eta (m / (1 - b1^t)) / (sqrt(s / (1 - b2^t)) + epsilon)
///
/// Epsilon stays in s and so gathers; several ports add it without keeping it. The paper has 1e-8 for convolutional networks and
/// 1e-16, as here, elsewhere; optax agrees with the paper. `isRectified` gives the default of the official package (0.2.1): with
/// rho = rhoMax - 2 t b2^t / (1 - b2^t), rhoMax = 2 / (1 - b2) - 1, the step is eta r / (1 - b1^t) m / (sqrt(s) + epsilon), where
/// r = sqrt((1 - b2^t) (rho - 4) (rho - 2) rhoMax / ((rhoMax - 4) (rhoMax - 2) rho)), and as long as rho < 5 plain momentum,
/// eta m / (1 - b1^t). The package's decay is `decoupledDecay`.
public struct AdaBelief<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// b1, of the mean of the gradients.
  public var beta1: Double
  /// b2, of the mean of the squared residuals.
  public var beta2: Double
  /// What keeps the quotient finite.
  public var epsilon: Double
  /// Whether the step is rectified, as in the official package.
  public var isRectified: Bool

  /// The rule, with the paper's defaults.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-16, isRectified: Bool = false
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.isRectified = isRectified
  }

  /// m, s in the place of v, and t = 0.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> Moments<Scalar> { Moments(parameters) }

  /// The step of the corrected moments.
  public func update(
    _ state: inout Moments<Scalar>, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    state.step = state.step + 1
    state.m = beta1 * state.m + (1 - beta1) * g
    state.v = beta2 * state.v + (1 - beta2) * (g - state.m).square() + epsilon
    let rate = learningRate / gathered(beta1, after: state.step)
    guard isRectified else {
      return -rate * state.m / ((state.v / gathered(beta2, after: state.step)).sqrt() + epsilon)
    }
    let (rho, rectification) = rectification(at: state.step)
    return .where(
      rho .>= 5, -(rate * rectification) * state.m / (state.v.sqrt() + epsilon), -rate * state.m)
  }

  /// rho and r; r is 0 where rho has no variance yet.
  private func rectification(at t: Tensor<Scalar>) -> (rho: Tensor<Scalar>, factor: Tensor<Scalar>) {
    let limit = 2 / (1 - beta2) - 1
    let correction = gathered(beta2, after: t)
    let rho = Scalar(limit) - 2 * t * (1 - correction) / correction
    let variance = (rho - 4) * (rho - 2) / rho * Scalar(limit / ((limit - 4) * (limit - 2)))
    return (rho, .where(rho .>= 5, correction * variance, 0).sqrt())
  }
}
