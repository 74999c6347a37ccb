import Tensors
import Transforms

/// AMSGrad (Reddi, Kale and Kumar 2018, arXiv 1904.09237, Algorithm 2), whose second moment never falls:
///
///     m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2;  u <- max(u, v)
///     theta <- theta - eta m / (sqrt(u) + epsilon)
///
/// The paper has neither bias correction nor epsilon. `isBiasCorrected` gives PyTorch's rule, (m / (1 - b1^t)) / (sqrt(u) /
/// sqrt(1 - b2^t) + epsilon), with the maximum of the uncorrected v; optax takes that of the corrected ones.
public struct AMSGrad<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// b1, of the mean of the gradients.
  public var beta1: Double
  /// b2, of the mean of their squares.
  public var beta2: Double
  /// What keeps the quotient finite.
  public var epsilon: Double
  /// Whether m and u are divided by what they have gathered.
  public var isBiasCorrected: Bool

  /// The rule, with Adam's defaults, as in the paper's experiments.
  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, isBiasCorrected: Bool = false
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.isBiasCorrected = isBiasCorrected
  }

  /// Adam's moments and the largest second one.
  public struct State: TensorTree, Codable {
    /// m, v and t.
    public var moments: Moments<Scalar>
    /// u.
    public var largest: TensorList<Scalar>
  }

  /// Zeros.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    State(moments: Moments(parameters), largest: parameters.zeros)
  }

  /// -eta m / (sqrt(u) + epsilon).
  public func update(
    _ state: inout State, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    state.moments.take(g, beta1, beta2)
    state.largest = .maximum(state.largest, state.moments.v)
    let (m, t) = (state.moments.m, state.moments.step)
    return isBiasCorrected
      ? -(learningRate / gathered(beta1, after: t)) * m / ((state.largest / gathered(beta2, after: t)).sqrt() + epsilon)
      : -learningRate * m / (state.largest.sqrt() + epsilon)
  }
}

/// Adamax (Kingma and Ba 2014, arXiv 1412.6980, Algorithm 2), t from 1:
///
///     m <- b1 m + (1 - b1) g;  u <- max(b2 u, |g| + epsilon)
///     theta <- theta - eta / (1 - b1^t) m / u
///
/// The paper has no epsilon, which gives 0 / 0 where no gradient was ever; this one is PyTorch's.
public struct Adamax<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// b1, of the mean of the gradients.
  public var beta1: Double
  /// b2, of the weighted infinity norm.
  public var beta2: Double
  /// What keeps the quotient finite.
  public var epsilon: Double

  /// The rule, with the paper's defaults.
  public init(learningRate: Double = 2e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  /// m, u in the place of v, and t = 0.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> Moments<Scalar> { Moments(parameters) }

  /// -eta / (1 - b1^t) m / u.
  public func update(
    _ state: inout Moments<Scalar>, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    state.step = state.step + 1
    state.m = beta1 * state.m + (1 - beta1) * g
    state.v = .maximum(beta2 * state.v, g.abs() + epsilon)
    return -(learningRate / gathered(beta1, after: state.step)) * state.m / state.v
  }
}

/// NAdam, Adam with Nesterov's momentum (Dozat 2016, ICLR workshop, "Incorporating Nesterov Momentum into Adam", Algorithm 2), t from 1:
///
///     mu_t = b1 (1 - 0.96^(psi t) / 2)
///     m <- mu_t m + (1 - mu_t) g;  v <- b2 v + (1 - b2) g^2
///     mHat = mu_(t+1) m / (1 - prod_(i<=t+1) mu_i) + (1 - mu_t) g / (1 - prod_(i<=t) mu_i)
///     theta <- theta - eta mHat / (sqrt(v / (1 - b2^t)) + epsilon)
///
/// PyTorch and Keras average m with b1 instead of mu_t: `averagesWithBeta1`. optax.nadam has mu_t = b1 throughout. The rate and the
/// betas are PyTorch's; psi is the paper's 1 / 250.
public struct NAdam<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// b1, the limit of the momentum.
  public var beta1: Double
  /// b2, of the mean of the squares.
  public var beta2: Double
  /// What keeps the quotient finite.
  public var epsilon: Double
  /// psi, how fast the momentum reaches its limit.
  public var momentumDecay: Double
  /// Whether m is averaged with b1.
  public var averagesWithBeta1: Bool

  /// The rule.
  public init(
    learningRate: Double = 2e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    momentumDecay: Double = 0.004,
    averagesWithBeta1: Bool = false
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.momentumDecay = momentumDecay
    self.averagesWithBeta1 = averagesWithBeta1
  }

  /// Adam's moments and the product of the momenta.
  public struct State: TensorTree, Codable {
    /// m, v and t.
    public var moments: Moments<Scalar>
    /// The product of mu_i up to t.
    public var product: Tensor<Scalar>
  }

  /// Zeros, and the empty product.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    State(moments: Moments(parameters), product: Tensor(1))
  }

  /// -eta mHat / (sqrt(vHat) + epsilon).
  public func update(
    _ state: inout State, gradient g: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    let t = state.moments.step + 1
    let (mu, next) = (momentum(at: t), momentum(at: t + 1))
    state.product = state.product * mu
    let average = averagesWithBeta1 ? Tensor(Scalar(beta1)) : mu
    state.moments.step = t
    state.moments.m = average * state.moments.m + (1 - average) * g
    state.moments.v = beta2 * state.moments.v + (1 - beta2) * g.square()
    let mHat = next / (1 - state.product * next) * state.moments.m + (1 - mu) / (1 - state.product) * g
    return -learningRate * mHat / ((state.moments.v / gathered(beta2, after: t)).sqrt() + epsilon)
  }

  private func momentum(at t: Tensor<Scalar>) -> Tensor<Scalar> {
    Scalar(beta1) * (1 - 0.5 * (t * Scalar(momentumDecay * Double.log(0.96))).exp())
  }
}
