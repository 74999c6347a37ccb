import Tensors
import Transforms

/// Entropy-SGD (Chaudhari et al. 2016, arXiv 1611.01838, Algorithm 1): descent on the local entropy of the loss, whose gradient
/// g (x - <x'>) comes from a mean over Langevin steps around x.
///
///     x' = mu = x;  L times: x' <- x' - h (grad f(x') - g (x - x')) + sqrt(h) e N(0, I);  mu <- (1 - a) mu + a x'
///     x <- x - eta g (x - mu)
///
/// One `step` here is one inner step: one gradient, on a batch of its own; every L-th also moves x. So methods are compared at equal numbers of
/// gradients, and an outer step needs L calls. The parameters are x; the loss that is returned is that of x'.
///
/// The authors' code is another algorithm in some details; `form` says which is meant. In both, weight decay and momentum act on
/// the gradient in the inner loop, without the coupling, and again on the outer step, as in that code.
public struct EntropySGD<Scalar: RealScalar>: Optimizer {
  /// eta, of the outer step.
  public var learningRate: Tensor<Scalar>
  /// L.
  public var innerSteps: Int
  /// h.
  public var innerRate: Double
  /// e. The temperature of the Langevin steps is e^2 / 2 in the paper's form, e^2 in that of the code.
  public var noise: Double
  /// g: in outer step t it is `coupling` (1 + `scoping`)^t.
  public var coupling: Double
  /// How fast g grows.
  public var scoping: Double
  /// a, or the plain mean.
  public var averaging: Averaging
  /// Which algorithm.
  public var form: Form
  /// L2, of x' and of x.
  public var weightDecay: Double
  /// Of both loops; 0 for none. Each inner loop begins at rest (the code begins it with the gradient of one batch more).
  public var momentum: Double
  /// What is kept from entering the velocity.
  public var damping: Double
  /// Whether steps look ahead.
  public var isNesterov: Bool

  /// How mu follows x'.
  public enum Averaging: Hashable, Codable, Sendable {
    /// The weight a of the newest x'.
    case exponential(Double)
    /// The mean of all x' of the outer step.
    case uniform
  }

  /// Which algorithm.
  public enum Form: String, Hashable, Codable, Sendable {
    /// The algorithm box: x - eta g (x - mu), noise sqrt(h) e.
    case paper
    /// The box with "g absorbed" into eta, as the paper's experiments have it: x - eta (x - mu), noise sqrt(h) e.
    case absorbed
    /// The authors' PyTorch code: x - eta (x - mu), noise sqrt(2 h) e.
    case officialCode
  }

  /// The method. Defaults are the paper's; those of the code are `averaging: .exponential(0.25), form: .officialCode`.
  public init(
    learningRate: Double = 1, innerSteps: Int = 20, innerRate: Double = 0.1, noise: Double = 1e-4, coupling: Double = 0.03,
    scoping: Double = 0, averaging: Averaging = .exponential(0.75), form: Form = .absorbed, weightDecay: Double = 0,
    momentum: Double = 0, damping: Double = 0, isNesterov: Bool = true
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    (self.innerSteps, self.innerRate, self.noise) = (innerSteps, innerRate, noise)
    (self.coupling, self.scoping, self.averaging, self.form) = (coupling, scoping, averaging, form)
    (self.weightDecay, self.momentum, self.damping, self.isNesterov) = (weightDecay, momentum, damping, isNesterov)
  }

  /// Where the inner loop is.
  public struct State: TensorTree, Codable {
    /// x'.
    public var explorer: TensorList<Scalar>
    /// mu.
    public var mean: TensorList<Scalar>
    /// Inner steps made since x moved.
    public var innerStep: Tensor<Scalar>
    /// t, the number of outer steps made.
    public var outerStep: Tensor<Scalar>
    var innerVelocity: TensorList<Scalar>
    var outerVelocity: TensorList<Scalar>
    var key: Key
  }

  /// x' = mu = x.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    State(
      explorer: parameters, mean: parameters, innerStep: Tensor(0), outerStep: Tensor(0), innerVelocity: parameters.zeros,
      outerVelocity: parameters.zeros, key: key)
  }

  /// One inner step, and the outer one after the last of them.
  public func step(
    _ x: inout TensorList<Scalar>, _ state: inout State, on objective: Objective<Scalar>
  ) -> Tensor<Scalar> {
    let g = Scalar(coupling) * (state.outerStep * Scalar(Double.log(1 + scoping))).exp()
    let (loss, gradient) = objective.valueAndGradient(at: state.explorer)

    let pull = g * (x - state.explorer)
    let drift = accelerated(gradient + weightDecay * state.explorer, &state.innerVelocity) - pull
    let thermal = TensorList(x.elements.enumerated().map { Tensor<Scalar>.normal($1.shape, key: state.key[0][$0]) })
    let amplitude = noise * (form == .officialCode ? 2 * innerRate : innerRate).squareRoot()
    state.explorer = state.explorer - innerRate * drift + amplitude * thermal
    state.key = state.key[1]
    state.innerStep = state.innerStep + 1
    state.mean = state.mean + weight(of: state.innerStep) * (state.explorer - state.mean)

    let isLast = state.innerStep .>= Scalar(innerSteps)
    let distance = x - state.mean
    var velocity = state.outerVelocity
    let descent = accelerated((form == .paper ? g * distance : distance) + weightDecay * x, &velocity)
    x = .where(isLast, x - learningRate * descent, x)
    state.outerVelocity = .where(isLast, velocity, state.outerVelocity)
    state.innerVelocity = .where(isLast, state.innerVelocity.zeros, state.innerVelocity)
    state.explorer = .where(isLast, x, state.explorer)
    state.mean = .where(isLast, x, state.mean)
    state.innerStep = .where(isLast, 0, state.innerStep)
    state.outerStep = state.outerStep + .where(isLast, 1, 0)
    return loss
  }

  /// v <- momentum v + (1 - damping) d, and the direction: d + momentum v, or v.
  private func accelerated(_ d: TensorList<Scalar>, _ velocity: inout TensorList<Scalar>) -> TensorList<Scalar> {
    guard momentum != 0 else { return d }
    velocity = momentum * velocity + (1 - damping) * d
    return isNesterov ? d + momentum * velocity : velocity
  }

  private func weight(of innerStep: Tensor<Scalar>) -> Tensor<Scalar> {
    switch averaging {
    case .exponential(let weight): Tensor(Scalar(weight))
    case .uniform: 1 / innerStep
    }
  }
}
