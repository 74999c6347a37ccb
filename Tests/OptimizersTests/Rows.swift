import Foundation
import Optimizers
import Tensors
import Testing
import Transforms

/// An optimizer as References/trajectories.py runs it. Adding a rule is adding a row there and here.
struct Row: Sendable, CustomTestStringConvertible {
  /// Of its trajectory.
  let name: String
  let make: @Sendable () -> any Optimizer<Double>

  init(_ name: String, _ make: @escaping @Sendable () -> any Optimizer<Double>) {
    self.name = name
    self.make = make
  }

  var testDescription: String { name }
}

let rows: [Row] = [
  Row("sgd") { SGD(learningRate: 0.05) },
  Row("momentum") { Momentum(learningRate: 0.02) },
  Row("nesterov") { Momentum(learningRate: 0.02, isNesterov: true) },
  Row("sign-sgd") { SignSGD(learningRate: 0.05) },
  Row("signum") { Signum(learningRate: 0.05) },
  Row("averaged") { SGD(learningRate: 0.05).averaged() },

  Row("adagrad") { AdaGrad(learningRate: 0.3) },
  Row("adagrad-accumulator") { AdaGrad(learningRate: 0.3, epsilon: 1e-3, initialAccumulator: 0.1) },
  Row("adagrad-norm") { AdaGradNorm(learningRate: 0.7, initialNorm: 0.5) },
  Row("rmsprop") { RMSprop(learningRate: 0.05) },
  Row("rmsprop-previous") { RMSprop(learningRate: 0.1, beta: 0.99, initialSecondMoment: 4, usesPreviousMoment: true) },
  Row("adadelta") { Adadelta() },

  Row("adam") { Adam(learningRate: 0.1) },
  Row("adam-uncorrected") { Adam(learningRate: 0.1, epsilon: 1e-2, hasUncorrectedEpsilon: true) },
  Row("adamw") { AdamW<Double>(learningRate: 0.1, weightDecay: 0.05) },
  Row("adam-l2") { Adam(learningRate: 0.1).preceded(by: WeightDecay(0.05)) },
  Row("amsgrad") { AMSGrad(learningRate: 0.05, beta2: 0.99) },
  Row("amsgrad-corrected") { AMSGrad(learningRate: 0.1, isBiasCorrected: true) },
  Row("adamax") { Adamax(learningRate: 0.1) },
  Row("nadam") { NAdam(learningRate: 0.1) },
  Row("nadam-beta1") { NAdam(learningRate: 0.1, averagesWithBeta1: true) },
  Row("adabelief") { AdaBelief(learningRate: 0.05) },
  Row("adabelief-rectified") { AdaBelief(learningRate: 0.05, isRectified: true) },
  Row("adabelief-rectified-decay") { AdaBelief(learningRate: 0.05, isRectified: true).decoupledDecay(0.2) },
  Row("diffgrad") { DiffGrad(learningRate: 0.1, epsilon: 1e-3) },
  Row("diffgrad-frozen") { DiffGrad(learningRate: 0.1, epsilon: 1e-3, hasFrozenFriction: true) },
  Row("adan") { Adan(learningRate: 0.1) },
  Row("adan-decay") { Adan(learningRate: 0.1, weightDecay: 0.3) },
  Row("adan-forward") { Adan(learningRate: 0.1, weightDecay: 0.3, decay: .forward) },
  Row("adan-difference") { Adan(learningRate: 0.1, differenceFactor: 0.08) },
  Row("superpositional") { SuperpositionalGradient(learningRate: 0.03, qubits: 3) },
  Row("grams") { Grams(learningRate: 0.1) },
  Row("grams-decay") { Grams(learningRate: 0.1).decoupledDecay(0.2) },
  Row("cautious") { Adam(learningRate: 0.1).cautious() },
  Row("cautious-unscaled") { Adam(learningRate: 0.1).cautious(isRescaled: false) },
  Row("fadam") { fadam() },
  Row("fadam-unclipped") { fadam(clippingThreshold: .infinity) },
  Row("fadam-raw") { fadam(averagesRawGradient: true) },
  Row("fadam-euclidean") { fadam(decay: .euclidean) },
  Row("fadam-rho") { fadam(exponent: 1) },

  Row("lion") { Lion(learningRate: 0.15) },
  Row("lion-decay") { Lion(learningRate: 0.15).decoupledDecay(0.5) },
  Row("lion-k") { lionK(.l1) },
  Row("lion-k-norm") { lionK(.norm(1.5)) },
  Row("lion-k-huber") { lionK(.huber(0.1)) },
  Row("lion-k-smooth") { lionK(.smooth(0.1)) },

  Row("novograd") { NovoGrad(learningRate: 0.05) },
  Row("novograd-decay") { NovoGrad(learningRate: 0.05, weightDecay: 0.1, averagesGradients: true) },
  Row("lars") { LARS(learningRate: 1.5, weightDecay: 0.01, trustCoefficient: 0.02) },
  Row("lamb") { LAMB(learningRate: 0.05) },
  Row("lamb-decay") { LAMB(learningRate: 0.05, weightDecay: 0.3) },
  Row("aegd") { AEGD(learningRate: 0.1) },
  Row("aegd-global") { AEGD(learningRate: 0.05, isElementWise: false) },
  Row("mfac") { MFAC(learningRate: 0.02, damping: 0.1, window: 5) },
  Row("saddle-free-newton") { SaddleFreeNewton(learningRate: 0.5) },
  Row("damped-newton") { SaddleFreeNewton(learningRate: 0.5, curvature: .shifted, dampings: [1, 0.1]) },

  Row("sam") { SGD(learningRate: 0.05).sharpnessAware(radius: 0.3) },
  Row("sam-adam") { Adam(learningRate: 0.1).sharpnessAware() },

  Row("sps") { PolyakStep(FixedMetric(), learningRate: 0.2) },
  Row("psps-adagrad") { PolyakStep(AdaGradMetric(), learningRate: 0.2) },
  Row("psps-adam") { PolyakStep(AdamMetric(), learningRate: 0.2) },
  Row("psps-l1") { PolyakStep(AdaGradMetric(), penalty: .linear(0.1), learningRate: 0.2) },
  Row("psps-l2") { PolyakStep(AdaGradMetric(), penalty: .quadratic(2), learningRate: 0.2) },
  Row("smb") { StochasticModelBuilding(learningRate: 0.3) },
  Row("smbi") { StochasticModelBuilding(learningRate: 0.3, usesIndependentBatch: true) },
  Row("vr-sgd") { VarianceReduced(SGD(learningRate: 0.05)) },
  Row("vr-momentum") { VarianceReduced(Momentum(learningRate: 0.02)) },
  Row("vr-adam") { VarianceReduced(Adam(learningRate: 0.1), smoothing: 0.9) },
  Row("entropy-sgd") {
    EntropySGD(learningRate: 0.5, innerSteps: 3, innerRate: 0.05, noise: 0, coupling: 0.5, form: .paper)
  },
  Row("entropy-sgd-code") {
    EntropySGD(
      learningRate: 0.5, innerSteps: 3, innerRate: 0.05, noise: 0, coupling: 0.5, scoping: 0.1, averaging: .exponential(0.25),
      form: .officialCode, weightDecay: 0.01, momentum: 0.9)
  },
  Row("preconditioned") { PreconditionedDescent(DiagonalMetric(), learningRate: 0.05) },
  Row("aepg") { EnergyPreconditionedDescent(DiagonalMetric(), learningRate: 0.05) },

  Row("clip-norm") { SGD(learningRate: 0.05).preceded(by: ClipByNorm(2)) },
  Row("clip-norm-epsilon") { SGD(learningRate: 0.05).preceded(by: ClipByNorm(2, epsilon: 1e-6)) },
  Row("clip-value") { SGD(learningRate: 0.05).preceded(by: ClipByValue(0.8)) },
  Row("clip-coordinates") { SGD(learningRate: 0.05).preceded(by: ClipCoordinates(fraction: 0.25)) },
  Row("adam-clip-coordinates") { Adam(learningRate: 0.1).followed(by: ClipCoordinates(fraction: 0.25)) },
  Row("autoclip") { SGD(learningRate: 0.05).preceded(by: AutoClip(percentile: 30, capacity: 100)) },
  Row("autoclip-bounded") { SGD(learningRate: 0.05).preceded(by: AutoClip(percentile: 30, capacity: 5)) },
  Row("autoclip-adam") { Adam(learningRate: 0.1).preceded(by: AutoClip(percentile: 10, capacity: 100)) },
  Row("adam-cosine") { Adam(learningRate: 0.1).scheduled(.cosine(steps: 30, floor: 0.1)) },
  Row("sgd-staircase") { SGD(learningRate: 0.05).scheduled(.staircase(factor: 0.3, at: [5, 12])) },
]

private func fadam(
  clippingThreshold: Double = 0.8, exponent: Double = 0.5, decay: FAdam<Double>.Decay = .natural,
  averagesRawGradient: Bool = false
) -> FAdam<Double> {
  FAdam(
    learningRate: 0.3, epsilon: 1e-2, clippingThreshold: clippingThreshold, weightDecay: 0.1, exponent: exponent, decay: decay,
    averagesRawGradient: averagesRawGradient)
}

private func lionK(_ potential: MomentumPotential) -> LionK<Double> {
  LionK(learningRate: 0.05, beta1: 0.95, beta2: 0.98, weightDecay: 0.5, potential: potential)
}

/// The metric of the coordinates' numbers: 0.5 + 0.3 k.
struct DiagonalMetric: Metric {
  private var weights: TensorList<Double> { SmallProblem.list { 0.5 + 0.3 * $0 } }

  func direction(_ gradient: TensorList<Double>, at parameters: TensorList<Double>) -> TensorList<Double> { gradient / weights }
  func squaredNorm(_ direction: TensorList<Double>, at parameters: TensorList<Double>) -> Tensor<Double> {
    (direction.square() * weights).total
  }
}

/// What other implementations found.
struct Reference: Decodable {
  var reference: String
  /// All 11 numbers after the steps of `SmallProblem.kept`.
  var points: [[Double]]
  /// The same of the average, the threshold.
  var average: [[Double]]?
  var threshold: [Double]?

  static let all: [String: Reference] = load("trajectories")

  static func load<Value: Decodable>(_ name: String) -> Value {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "References/\(name).json")
    do {
      return try JSONDecoder().decode(Value.self, from: Data(contentsOf: file))
    } catch {
      fatalError("\(file.path): \(error)")
    }
  }
}
