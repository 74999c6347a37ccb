import Tensors
import Transforms

/// Superpositional gradient descent (Pamuk, Ozdemir and Kocabay 2025, arXiv 2511.01918):
///
///     m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2
///     Q = sin(pi theta) g for the first n coordinates of each tensor, else 0
///     theta <- theta - eta (m / sqrt(v + epsilon) + lambda Q)
///
/// Epsilon inside the root and no bias correction, as the paper prints it: first steps are (1 - b1) / sqrt(1 - b2), 3.2 times Adam's.
/// Which coordinates are perturbed, and the betas and epsilon, are our choice where the paper does not say.
public struct SuperpositionalGradient<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// b1, of the mean of the gradients.
  public var beta1: Double
  /// b2, of the mean of their squares.
  public var beta2: Double
  /// What keeps the quotient finite.
  public var epsilon: Double
  /// lambda.
  public var strength: Tensor<Scalar>
  /// n, in row-major order.
  public var qubits: Int

  /// The rule.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, strength: Double = 0.5,
    qubits: Int = 4
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.strength = Tensor(Scalar(strength))
    self.qubits = qubits
  }

  /// m, v and t = 0.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> Moments<Scalar> { Moments(parameters) }

  /// -eta (m / sqrt(v + epsilon) + lambda Q).
  public func update(
    _ state: inout Moments<Scalar>, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    state.take(g, beta1, beta2)
    let adaptive = state.m / (state.v + epsilon).sqrt()
    return -learningRate * (adaptive + strength * perturbation(gradient: g, at: parameters))
  }

  /// Q.
  public func perturbation(gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>) -> TensorList<Scalar> {
    .zip(g, parameters) { g, theta in
      let isPerturbed = Tensor<Int32>.arange(theta.count).reshaped(theta.shape) .< Int32(clamping: qubits)
      return .where(isPerturbed, (theta * Scalar.pi).sin() * g, 0)
    }
  }
}
