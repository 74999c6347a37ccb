import Tensors
import Transforms

/// signSGD (Bernstein et al. 2018, arXiv 1802.04434, Algorithm 1): theta <- theta - eta sign(g), with sign(0) = 0.
public struct SignSGD<Scalar: RealScalar>: GradientOptimizer {
  /// eta: how far every coordinate moves.
  public var learningRate: Tensor<Scalar>

  /// The rule.
  public init(learningRate: Double = 1e-4) { self.learningRate = Tensor(Scalar(learningRate)) }

  /// Nothing to remember.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> NoState { NoState() }

  /// -eta sign(g).
  public func update(
    _ state: inout NoState, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    -learningRate * g.sign()
  }
}

/// Signum, signSGD with momentum (Bernstein et al. 2018, arXiv 1802.04434, Algorithm 2):
///
///     m <- beta m + (1 - beta) g
///     theta <- theta - eta sign(m)
public struct Signum<Scalar: RealScalar>: GradientOptimizer {
  /// eta: how far every coordinate moves.
  public var learningRate: Tensor<Scalar>
  /// beta, of the mean of the gradients.
  public var momentum: Double

  /// The rule, with the paper's momentum.
  public init(learningRate: Double = 1e-4, momentum: Double = 0.9) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.momentum = momentum
  }

  /// m = 0.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> FirstMoment<Scalar> { FirstMoment(parameters) }

  /// -eta sign(m).
  public func update(
    _ state: inout FirstMoment<Scalar>, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    state.m = momentum * state.m + (1 - momentum) * g
    return -learningRate * state.m.sign()
  }
}

/// The running average of the gradient: the state of rules that look at its signs.
public struct FirstMoment<Scalar: RealScalar>: TensorTree, Codable {
  /// The mean of the gradients.
  public var m: TensorList<Scalar>

  /// Zeros.
  public init(_ parameters: TensorList<Scalar>) { m = parameters.zeros }
}
