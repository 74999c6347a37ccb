import Tensors
import Transforms

/// Lion (Chen et al. 2023, arXiv 2302.06675, Program 1):
///
///     theta <- theta - eta sign(b1 m + (1 - b1) g), with the old m
///     m <- b2 m + (1 - b2) g
///
/// No bias correction, no epsilon, sign(0) = 0. The paper's decay is that of `decoupledDecay`: eta lambda theta, at the old theta; PyTorch
/// ports and optax agree, with various default lambdas.
public struct Lion<Scalar: RealScalar>: GradientOptimizer {
  /// eta: how far every coordinate moves; a third to a tenth of Adam's.
  public var learningRate: Tensor<Scalar>
  /// b1, of the direction.
  public var beta1: Double
  /// b2, of the mean of the gradients.
  public var beta2: Double

  /// The rule, with the paper's defaults.
  public init(learningRate: Double = 1e-4, beta1: Double = 0.9, beta2: Double = 0.99) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.beta1 = beta1
    self.beta2 = beta2
  }

  /// m = 0.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> FirstMoment<Scalar> { FirstMoment(parameters) }

  /// -eta sign(b1 m + (1 - b1) g).
  public func update(
    _ state: inout FirstMoment<Scalar>, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    let direction = beta1 * state.m + (1 - beta1) * g
    state.m = beta2 * state.m + (1 - beta2) * g
    return -learningRate * direction.sign()
  }
}

/// A convex function K of the momentum, whose gradient takes the place of the sign in Lion-K. Over all tensors together.
public enum MomentumPotential: Hashable, Sendable {
  /// |x|_1, whose gradient is the sign: Lion.
  case l1
  /// The p-norm: sign(x) |x|^(p-1) / ||x||_p^(p-1), 0 at 0.
  case norm(Double)
  /// The sum of Huber's functions of width e: x / e within -1...1.
  case huber(Double)
  /// The sum of sqrt(x^2 + e^2): x / sqrt(x^2 + e^2).
  case smooth(Double)

  /// The gradient of K.
  public func gradient<Scalar: RealScalar>(_ x: TensorList<Scalar>) -> TensorList<Scalar> {
    switch self {
    case .l1: return x.sign()
    case .norm(let p):
      let powers = x.abs().power(p)
      let norm = powers.total.power(Scalar((p - 1) / p))
      let direction = TensorList.zip(x, powers) { .where($0 .!= 0, $1 / $0, 0) }
      return .where(norm .> 0, direction / norm, x.zeros)
    case .huber(let width): return (x / width).map { $0.clamped(-1, 1) }
    case .smooth(let width): return x / (x.square() + width * width).sqrt()
    }
  }
}

/// Lion-K (Chen, Liu, Liang and Liu 2023, arXiv 2310.05898), which minimizes f(x) + K*(lambda x) / lambda:
///
///     x <- (x + eta grad K(b1 m - (1 - b1) g)) / (1 + eta lambda), with the old m
///     m <- b2 m - (1 - b2) g
///
/// The paper's signs: m averages -g. The decay is implicit; this is the explicit rule at the rate eta / (1 + eta lambda).
public struct LionK<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// b1, of the direction.
  public var beta1: Double
  /// b2, of the mean of the gradients.
  public var beta2: Double
  /// lambda; the constraint is the dual ball of radius 1 / lambda.
  public var weightDecay: Tensor<Scalar>
  /// K.
  public var potential: MomentumPotential

  /// The rule, with Lion's defaults.
  public init(
    learningRate: Double = 1e-4, beta1: Double = 0.9, beta2: Double = 0.99, weightDecay: Double = 0,
    potential: MomentumPotential = .l1
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.beta1 = beta1
    self.beta2 = beta2
    self.weightDecay = Tensor(Scalar(weightDecay))
    self.potential = potential
  }

  /// m = 0.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> FirstMoment<Scalar> { FirstMoment(parameters) }

  /// The new x less the old one: eta (grad K - lambda x) / (1 + eta lambda).
  public func update(
    _ state: inout FirstMoment<Scalar>, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    let direction = potential.gradient(beta1 * state.m - (1 - beta1) * g)
    state.m = beta2 * state.m - (1 - beta2) * g
    return learningRate / (1 + learningRate * weightDecay) * (direction - weightDecay * parameters)
  }
}
