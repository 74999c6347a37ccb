import Tensors
import Transforms

/// Adan, adaptive Nesterov momentum (Xie et al. 2022, arXiv 2208.06677), as in the official code, t from 1, p = g at t = 1:
///
///     m <- b1 m + (1 - b1) g;  d <- b2 d + (1 - b2) (g - p)
///     n <- b3 n + (1 - b3) (g + b2 (g - p))^2;  p <- g
///     u = (m / (1 - b1^t) + b2 d / (1 - b2^t)) / (sqrt(n) / sqrt(1 - b3^t) + epsilon)
///     theta <- (theta - eta u) / (1 + eta lambda)
///
/// The betas weigh the past; the paper's beta is the weight of the new term. Its Algorithm 1 starts from m = g, n = g^2 and has no bias
/// correction. `decay: .forward` is the official `no_prox`, theta (1 - eta lambda) - eta u. optax.adan 0.2 multiplies the difference by
/// 1 - b2 in the place of b2, in both places (`differenceFactor: 0.08`), and adds an epsilon inside the root.
public struct Adan<Scalar: RealScalar>: GradientOptimizer {
  /// How lambda enters.
  public enum Decay: String, Hashable, Sendable {
    /// theta <- (theta - eta u) / (1 + eta lambda).
    case proximal
    /// theta <- theta (1 - eta lambda) - eta u.
    case forward
  }

  /// eta; five to ten times Adam's.
  public var learningRate: Tensor<Scalar>
  /// b1, of the mean of the gradients.
  public var beta1: Double
  /// b2, of the mean of their differences.
  public var beta2: Double
  /// b3, of the mean of squares.
  public var beta3: Double
  /// What keeps the quotient finite.
  public var epsilon: Double
  /// lambda.
  public var weightDecay: Tensor<Scalar>
  /// How lambda enters.
  public var decay: Decay
  /// What multiplies d in u and the difference in n; b2 unless something else is to be tried.
  public var differenceFactor: Double

  /// The rule, with the official defaults.
  /// - Parameter differenceFactor: b2 where nil.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.98, beta2: Double = 0.92, beta3: Double = 0.99, epsilon: Double = 1e-8,
    weightDecay: Double = 0, decay: Decay = .proximal, differenceFactor: Double? = nil
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.beta1 = beta1
    self.beta2 = beta2
    self.beta3 = beta3
    self.epsilon = epsilon
    self.weightDecay = Tensor(Scalar(weightDecay))
    self.decay = decay
    self.differenceFactor = differenceFactor ?? beta2
  }

  /// Three means and the gradient before.
  public struct State: TensorTree, Codable {
    /// m, of the gradients.
    public var m: TensorList<Scalar>
    /// d, of their differences.
    public var d: TensorList<Scalar>
    /// n, of the squares.
    public var n: TensorList<Scalar>
    /// p.
    public var previousGradient: TensorList<Scalar>
    /// t, the number of steps made.
    public var step: Tensor<Scalar>
  }

  /// Zeros.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    let zeros = parameters.zeros
    return State(m: zeros, d: zeros, n: zeros, previousGradient: zeros, step: Tensor(0))
  }

  /// The step of u, with the decay.
  public func update(
    _ state: inout State, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    let difference = TensorList.where(state.step .> 0, g - state.previousGradient, g.zeros)
    state.step = state.step + 1
    state.m = beta1 * state.m + (1 - beta1) * g
    state.d = beta2 * state.d + (1 - beta2) * difference
    state.n = beta3 * state.n + (1 - beta3) * (g + differenceFactor * difference).square()
    state.previousGradient = g

    let ahead = differenceFactor * state.d / gathered(beta2, after: state.step)
    let denominator = state.n.sqrt() / gathered(beta3, after: state.step).sqrt() + epsilon
    let u = (state.m / gathered(beta1, after: state.step) + ahead) / denominator
    let forward = -learningRate * (u + weightDecay * parameters)
    // The proximal step less theta: (theta - eta u) / (1 + eta lambda) - theta.
    return decay == .forward ? forward : forward / (1 + learningRate * weightDecay)
  }
}
