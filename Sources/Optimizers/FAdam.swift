import Tensors
import Transforms

/// FAdam, Adam as natural gradient descent with a diagonal empirical Fisher matrix (Hwang 2024, arXiv 2405.12807, Algorithm 1); for
/// each tensor, t from 1:
///
///     b = b2 (1 - b2^(t-1)) / (1 - b2^t);  f <- b f + (1 - b) g^2
///     e = min(epsilon, epsilon2 RMS(g))
///     n = g / (f^rho + e);  n <- n / max(1, RMS(n) / c)
///     m <- b1 m + (1 - b1) n
///     w = theta / (f^rho + e);  w <- w / max(1, RMS(w) / c)
///     theta <- theta - eta (m + lambda w)
///
/// f is Adam's corrected second moment, whatever it begins with, and m has no correction: first steps are 1 - b1 times Adam's. The paper
/// writes e^(2 rho), which is e at rho = 1/2; its first versions have no epsilon2. A tensor that never had a gradient (0 / 0 in the
/// paper) stays. The third-party FAdam_PyTorch divides by max(1, RMS) / c and never stores f; pytorch_optimizer takes
/// e = epsilon min(RMS(g), 1). The three repairs can be turned off one by one.
public struct FAdam<Scalar: RealScalar>: GradientOptimizer {
  /// What decays the weights.
  public enum Decay: String, Hashable, Sendable {
    /// w, the natural direction.
    case natural
    /// theta, as in AdamW.
    case euclidean
  }

  /// eta.
  public var learningRate: Tensor<Scalar>
  /// b1, of the mean of the natural gradients.
  public var beta1: Double
  /// b2, of the Fisher matrix.
  public var beta2: Double
  /// The largest e.
  public var epsilon: Double
  /// epsilon2: e as a share of the gradient's root mean square.
  public var relativeEpsilon: Double
  /// c; infinity clips nothing.
  public var clippingThreshold: Double
  /// lambda.
  public var weightDecay: Tensor<Scalar>
  /// rho: 1/2, or 1 for the true natural gradient.
  public var exponent: Double
  /// What decays the weights.
  public var decay: Decay
  /// Whether m averages g, as in Adam, and the natural gradient is that of m.
  public var averagesRawGradient: Bool
  /// f before the first step, which forgets it.
  public var initialFisher: Double

  /// The rule, with the paper's defaults.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    relativeEpsilon: Double = 0.01,
    clippingThreshold: Double = 1, weightDecay: Double = 1e-3, exponent: Double = 0.5, decay: Decay = .natural,
    averagesRawGradient: Bool = false, initialFisher: Double = 1
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.relativeEpsilon = relativeEpsilon
    self.clippingThreshold = clippingThreshold
    self.weightDecay = Tensor(Scalar(weightDecay))
    self.exponent = exponent
    self.decay = decay
    self.averagesRawGradient = averagesRawGradient
    self.initialFisher = initialFisher
  }

  /// m, f in the place of v, and t = 0.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> Moments<Scalar> {
    var state = Moments(parameters)
    state.v = state.v + initialFisher
    return state
  }

  /// -eta (m + lambda w).
  public func update(
    _ state: inout Moments<Scalar>, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    let past = Scalar(beta2) * gathered(beta2, after: state.step) / gathered(beta2, after: state.step + 1)
    state.step = state.step + 1
    state.v = past * state.v + (1 - past) * g.square()

    let metric = metric(fisher: state.v, gradient: g)
    let averaged = averagesRawGradient ? g : clipped(natural(g, metric))
    state.m = beta1 * state.m + (1 - beta1) * averaged
    let direction = averagesRawGradient ? clipped(natural(state.m, metric)) : state.m
    let pull = decay == .natural ? clipped(natural(parameters, metric)) : parameters
    return -learningRate * (direction + weightDecay * pull)
  }

  /// f^rho + e.
  public func metric(fisher f: TensorList<Scalar>, gradient g: TensorList<Scalar>) -> TensorList<Scalar> {
    let e = (relativeEpsilon * g.rootMeanSquares).map { minimum($0, Tensor(Scalar(epsilon))) }
    return (exponent == 0.5 ? f.sqrt() : f.power(exponent)) + e
  }

  /// A direction over the metric; 0 where that is 0.
  public func natural(_ direction: TensorList<Scalar>, _ metric: TensorList<Scalar>) -> TensorList<Scalar> {
    .zip(direction, metric) { .where($1 .> 0, $0 / $1, 0) }
  }

  /// Each tensor with a root mean square of at most c.
  public func clipped(_ direction: TensorList<Scalar>) -> TensorList<Scalar> {
    direction / (direction.rootMeanSquares / clippingThreshold).raised(to: 1)
  }
}
