import Datasets
import Foundation
import Notebook
import Optimizers
import Problems
import Tensors
import Training

/// Bolstering Stochastic Gradient Descent with Model Building (Birbil, Martin, Onay and Oztoprak, TOP 2024).
///
/// **Shows**: when the trial step of SGD does not decrease the loss enough, one more gradient builds a quadratic model for each tensor of
/// parameters, whose minimum changes both length and direction of the step. Training then works at rates at which SGD diverges.
///
/// **Here**: (a) a quadratic of 20 curvatures at rates up to 100, where the limit of gradient descent is 2; (b) drawn 8x8 digits and a
/// perceptron with one hidden layer, SMB, its variant SMBi and the automatic schedule against SGD and Adam over rates and seeds; all in
/// Double, since the claims are about the algebra of the step. On drawn digits the largest rate of SGD lies between 2 and 5; on the
/// scanned UCI digits (optdigits.tes, read if it is in the data folder) below 2, as in the card. `full` takes digits of 28x28 and 1000 hidden units over the paper's 200
/// epochs. Left out: the paper's convolutional networks and CIFAR.
package enum ModelBuilding: Experiment {
  package static let paper = Paper(
    slug: "stochastic-model-building", title: "Bolstering Stochastic Gradient Descent with Model Building",
    authors: ["Ş. İlker Birbil", "Özgür Martin", "Gönenç Onay", "Figen Öztoprak"], year: 2021, arxiv: "2111.07058",
    shows: """
      When the trial step of SGD does not decrease the loss enough, one more gradient builds a quadratic model whose minimum changes both
      length and direction of the step. Training then works at learning rates at which SGD diverges.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("the quadratic, experiment (a)") package var quadratic = Quadratic()
    @Setting("the digits, experiment (b)") package var digits = Digits()
    package init() {}
  }

  package struct Quadratic: Codable, Sendable {
    @Setting("curvatures, log-spaced from 0.01 to 1") package var dimensions = 20
    @Setting("learning rates") package var rates = [1, 1.9, 3, 10, 100]
    @Setting("steps") package var steps = 300
    package init() {}
  }

  package struct Digits: Codable, Sendable {
    @Setting("width and height in pixels") package var side = 8
    @Setting("training images") package var trainingCount = 1400
    @Setting("test images") package var testCount = 400
    @Setting("units of the hidden layers") package var hidden = [64]
    @Setting("images in a batch") package var batchSize = 100
    @Setting("epochs") package var epochs = 10
    @Setting("learning rates of SGD and SMB") package var rates = [0.01, 0.1, 0.5, 1, 2, 5]
    @Setting("learning rates of Adam") package var adamRates = [1e-3, 1e-2, 1e-1]
    @Setting("independent runs") package var seeds = 3
    @Setting("steps between two records") package var cadence = 1
    package init() {}

    var batchesPerEpoch: Int { trainingCount / batchSize }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.quadratic.steps = 50
      (settings.digits.trainingCount, settings.digits.testCount) = (300, 100)
      (settings.digits.epochs, settings.digits.seeds) = (2, 2)
    case .quick: break
    case .full:
      (settings.digits.side, settings.digits.hidden, settings.digits.epochs) = (28, [1000], 200)
      (settings.digits.trainingCount, settings.digits.testCount, settings.digits.cadence) = (5600, 1000, 56)
    }
    return settings
  }

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let digits = settings.digits
    try solveQuadratic(settings.quadratic, notebook)
    let drawn = Classification<Double>.digits(
      training: digits.trainingCount, test: digits.testCount, side: digits.side, hidden: digits.hidden,
      batchSize: digits.batchSize, key: notebook.key("digits"))
    try train(on: drawn, "", digits, notebook)
    if let file = DataFolder.file("digits/optdigits.tes") {
      try train(on: scannedDigits(file, digits, notebook), "UCI ", digits, notebook)
    }
  }

  /// 1797 digits of 8x8 pixels with values 0...16, the last number of a line their class. In random order: the file has the
  /// hands one after the other.
  private static func scannedDigits(_ file: String, _ digits: Digits, _ notebook: Recorder) throws -> Classification<Double> {
    let table = try CSV(file: file, hasHeader: false)
    notebook.uses(table.source)
    let (pixels, labels) = table.split(as: Double.self)
    let points = LabelledPoints(inputs: pixels / 16, labels: labels.converted(to: Int32.self), classes: 10)
    let order = notebook.key("split").permutation(points.count)
    let parts = [order.prefix(digits.trainingCount), order.dropFirst(digits.trainingCount)].map { points.selected(Array($0)) }
    return Classification(training: parts[0], test: parts[1], hidden: digits.hidden, batchSize: digits.batchSize)
  }

  /// (a): f = sum l_i x_i^2 / 2 from x = (1, ..., 1).
  private static func solveQuadratic(_ quadratic: Quadratic, _ notebook: Recorder) throws {
    let curvatures = Tensor<Double>.geomspace(0.01, 1, count: quadratic.dimensions).scalars
    let problem = TestFunction<Double>.quadratic(curvatures: curvatures, start: curvatures.map { _ in 1 })
    let key = notebook.key("quadratic")
    try notebook.train(
      "quadratic SGD", TrainingGrid(problem, SGD(), rates: quadratic.rates, keys: [key]), steps: quadratic.steps,
      cadence: .every(1))
    try notebook.train(
      "quadratic SMB", TrainingGrid(problem, StochasticModelBuilding(), rates: quadratic.rates, keys: [key]),
      steps: quadratic.steps, cadence: .every(1), observing: observables())
  }

  /// (b): the same starts and batches for all methods.
  private static func train(
    on problem: Classification<Double>, _ prefix: String, _ digits: Digits, _ notebook: Recorder
  ) throws {
    let keys = notebook.key("runs").split(digits.seeds)
    let (steps, cadence) = (digits.epochs * digits.batchesPerEpoch, Cadence.every(digits.cadence))
    let variants: [(String, StochasticModelBuilding<Double>)] = [
      ("SMB", StochasticModelBuilding()), ("SMBi", StochasticModelBuilding(usesIndependentBatch: true)),
      ("SMB auto", StochasticModelBuilding(automaticSchedule: .init(batches: digits.batchesPerEpoch))),
    ]
    for (name, rule) in variants {
      try notebook.train(
        prefix + name, TrainingGrid(problem, rule, rates: digits.rates, keys: keys), steps: steps, cadence: cadence,
        observing: observables())
    }
    try notebook.train(
      "\(prefix)SGD", TrainingGrid(problem, SGD(), rates: digits.rates, keys: keys), steps: steps, cadence: cadence)
    try notebook.train(
      "\(prefix)Adam", TrainingGrid(problem, Adam(), rates: digits.adamRates, keys: keys), steps: steps, cadence: cadence)
  }

  /// What the last step of each run was: the extremes over its tensors, and of the first tensor alone what figure 4 shows.
  private static func observables<P: Problem>() -> [String: (SMBRuns<P>) -> Tensor<Double>] {
    // Of rank-0 tensors, one for each tensor of the model: those of all runs lie along the first axis.
    let largest = { (list: TensorList<Double>) in Tensor.stack(list.elements).max(0) }
    return [
      "model step": { largest($0.memory.isModelStep) },
      "residual": { largest($0.memory.residuals) },
      "length ratio": { largest($0.memory.isModelStep * $0.memory.lengthRatios) },
      "cosine": { -largest(-$0.memory.cosines) },
      "first length ratio": { $0.memory.lengthRatios.elements[0] },
      "first cosine": { $0.memory.cosines.elements[0] },
    ]
  }

  private typealias SMBRuns<P: Problem> = TrainingGrid<P, StochasticModelBuilding<Double>>.Runs where P.Scalar == Double
}
