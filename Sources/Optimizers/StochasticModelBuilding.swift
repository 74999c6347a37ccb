import Tensors
import Transforms

/// SMB, stochastic model building (Birbil, Martin, Onay and Oztoprak 2021, arXiv 2111.07058, Algorithm 1): a trial step of SGD and,
/// where it does not decrease the loss of its batch enough, a step to the minimum of a quadratic model, tensor by tensor.
///
///     s = -eta g;  accept s if f(x + s) <= f - c eta ||g||^2, all tensors together
///     else, with y = g(x + s) - g and for each tensor:
///     sigma = (||s|| (||y|| + ||g|| / shrinkage) - y s) / 2;  B = (y s^T + s y^T + 2 sigma I) / ||s||^2;  x <- x - B^-1 g
///
/// Both gradients are of the same batch, and both are always computed: which step is taken is a choice of numbers, so that the method
/// compiles and runs for many rates at once. A tensor whose gradient is shorter than 1e-8 keeps its trial step.
///
/// With `usesIndependentBatch` it is SMBi: a failed test undoes the step, and the model of the next batch is minimized for the gradient
/// of the failed one.
public struct StochasticModelBuilding<Scalar: RealScalar>: Optimizer {
  /// eta, of the trial step.
  public var learningRate: Tensor<Scalar>
  /// c, the share of the predicted decrease that is sufficient.
  public var sufficientDecrease: Double
  /// What bounds the length of a model step, relative to the trial step: below 1. The paper's eta.
  public var shrinkage: Double
  /// SMBi.
  public var usesIndependentBatch: Bool
  /// Adapts the rate to the share of model steps; nil for a rate that stays.
  public var automaticSchedule: AutomaticSchedule?

  /// Every `batches` batches the rate is multiplied by 0.9 if more than 5% of the steps were model steps, else divided by it, up to 20.
  public struct AutomaticSchedule: Hashable, Codable, Sendable {
    /// Batches between two changes, an epoch say.
    public var batches: Int
    /// The share of model steps above which the rate falls.
    public var share = 0.05
    /// What the rate is multiplied with or divided by.
    public var factor = 0.9
    /// The largest rate.
    public var ceiling = 20.0

    /// The paper's, every so many batches.
    public init(batches: Int) { self.batches = batches }
  }

  /// The method with the defaults of the authors' code.
  public init(
    learningRate: Double = 1, sufficientDecrease: Double = 0.1, shrinkage: Double = 0.99, usesIndependentBatch: Bool = false,
    automaticSchedule: AutomaticSchedule? = nil
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.sufficientDecrease = sufficientDecrease
    self.shrinkage = shrinkage
    self.usesIndependentBatch = usesIndependentBatch
    self.automaticSchedule = automaticSchedule
  }

  /// What the last step was, tensor by tensor, and what the variants remember.
  public struct State: TensorTree, Codable {
    /// 1 where the last step was a model step, 0 where the trial stands: a rank-0 tensor for each tensor.
    public var isModelStep: TensorList<Scalar>
    /// ||B step + g|| / ||g|| of model steps, 0 elsewhere.
    public var residuals: TensorList<Scalar>
    /// ||step|| / ||s||; 1 where the trial stands, 0 where it was undone.
    public var lengthRatios: TensorList<Scalar>
    /// The cosine between step and trial, so between step and minus gradient; 1 where the trial stands.
    public var cosines: TensorList<Scalar>
    /// What SMBi keeps of a failed test.
    var failure: Failure?
    var adaptation: Adaptation?
  }

  struct Failure: TensorTree, Codable {
    /// 1 if the last test failed.
    var isPending: Tensor<Scalar>
    var gradient: TensorList<Scalar>
  }

  struct Adaptation: TensorTree, Codable {
    /// Of the rate.
    var factor: Tensor<Scalar>
    var batches: Tensor<Scalar>
    var modelSteps: Tensor<Scalar>
  }

  /// No step made.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    let zeros = parameters.scalarZeros
    return State(
      isModelStep: zeros, residuals: zeros, lengthRatios: zeros + 1, cosines: zeros + 1,
      failure: usesIndependentBatch ? Failure(isPending: Tensor(0), gradient: parameters.zeros) : nil,
      adaptation: automaticSchedule.map { _ in Adaptation(factor: Tensor(1), batches: Tensor(0), modelSteps: Tensor(0)) })
  }

  /// The trial step, or the model step.
  public func step(
    _ parameters: inout TensorList<Scalar>, _ state: inout State, on objective: Objective<Scalar>
  ) -> Tensor<Scalar> {
    let rate = state.adaptation.map { learningRate * $0.factor } ?? learningRate
    let (f, g) = objective.valueAndGradient(at: parameters)
    let s = -rate * g
    let (trialLoss, trialGradient) = objective.valueAndGradient(at: parameters + s)
    let isSufficient = trialLoss .<= f - Scalar(sufficientDecrease) * rate * g.squaredNorm

    let model = StepModel(s: s, y: trialGradient - g, gradientNorms: g.norms, shrinkage: shrinkage)
    let isModelStep: Tensor<Bool>
    let otherwise: TensorList<Scalar>
    let modelGradient: TensorList<Scalar>
    if let failure = state.failure {
      isModelStep = (failure.isPending .> 0)
      otherwise = .where(isSufficient, s, s.zeros)
      modelGradient = failure.gradient
      state.failure = Failure(isPending: .where((.!isModelStep) .& (.!isSufficient), 1, 0), gradient: g)
    } else {
      isModelStep = .!isSufficient
      otherwise = s
      modelGradient = g
    }
    let isTaken = modelGradient.norms.map { .where(isModelStep .& ($0 .>= 1e-8), 1, 0) }
    let modelStep = model.minimizer(for: modelGradient)
    let step = TensorList.choose(isTaken, modelStep, otherwise)
    parameters = parameters + step

    state.isModelStep = isTaken
    state.residuals = .choose(isTaken, model.residuals(of: modelStep, for: modelGradient), s.scalarZeros)
    state.lengthRatios = .choose(isTaken, step.norms / s.norms, otherwise.norms.map { .where($0 .> 0, 1, 0) })
    state.cosines = .choose(isTaken, step.dots(s) / (step.norms * s.norms), s.scalarZeros + 1)
    adapt(&state, isModelStep)
    return f
  }

  private func adapt(_ state: inout State, _ isModelStep: Tensor<Bool>) {
    guard let schedule = automaticSchedule, var adaptation = state.adaptation else { return }
    adaptation.batches = adaptation.batches + 1
    adaptation.modelSteps = adaptation.modelSteps + .where(isModelStep, 1, 0)
    let isDue = adaptation.batches .>= Scalar(schedule.batches)
    let isTooFast = adaptation.modelSteps .> Scalar(schedule.share) * adaptation.batches
    let slower = adaptation.factor * Scalar(schedule.factor)
    let faster = minimum(adaptation.factor / Scalar(schedule.factor), Scalar(schedule.ceiling) / learningRate)
    adaptation.factor = .where(isDue, .where(isTooFast, slower, faster), adaptation.factor)
    adaptation.batches = .where(isDue, 0, adaptation.batches)
    adaptation.modelSteps = .where(isDue, 0, adaptation.modelSteps)
    state.adaptation = adaptation
  }
}

/// The quadratic model of a failed trial step, tensor by tensor.
private struct StepModel<Scalar: RealScalar> {
  let s: TensorList<Scalar>
  let y: TensorList<Scalar>
  /// ||s||^2, ||y||^2, y s and sigma.
  let ss: TensorList<Scalar>
  let yy: TensorList<Scalar>
  let ys: TensorList<Scalar>
  let sigma: TensorList<Scalar>

  init(s: TensorList<Scalar>, y: TensorList<Scalar>, gradientNorms: TensorList<Scalar>, shrinkage: Double) {
    (self.s, self.y) = (s, y)
    (ss, yy, ys) = (s.squaredNorms, y.squaredNorms, y.dots(s))
    let lengths = yy.sqrt() + gradientNorms / shrinkage
    sigma = 0.5 * (ss.sqrt() * lengths - ys)
  }

  /// -B^-1 g: the inverse of 2 sigma I and a matrix of rank 2, written out.
  func minimizer(for g: TensorList<Scalar>) -> TensorList<Scalar> {
    let (yg, sg) = (y.dots(g), s.dots(g))
    let diagonal = ys + 2 * sigma
    let theta = diagonal.square() - ss * yy
    let cg = -ss / (2 * sigma)
    let cs = cg / theta * (yy * sg - diagonal * yg)
    let cy = cg / theta * (ss * yg - diagonal * sg)
    return cs * s + cg * g + cy * y
  }

  /// ||B step + g|| / ||g||
  func residuals(of step: TensorList<Scalar>, for g: TensorList<Scalar>) -> TensorList<Scalar> {
    let product = (s.dots(step) * y + y.dots(step) * s + 2 * sigma * step) / ss
    return (product + g).norms / g.norms
  }
}

extension TensorList {
  /// The tensors of `a` where the flags, a rank-0 tensor of 1 or 0 for each of them, are 1, else those of `b`.
  fileprivate static func choose(_ flags: TensorList, _ a: TensorList, _ b: TensorList) -> TensorList {
    TensorList(Swift.zip(flags.elements, Swift.zip(a.elements, b.elements)).map { .where($0 .> 0, $1.0, $1.1) })
  }
}
