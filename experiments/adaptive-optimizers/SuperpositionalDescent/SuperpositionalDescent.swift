import Diagnostics
import Foundation
import Notebook
import Optimizers
import Problems
import Tensors
import Training

/// Superpositional Gradient Descent: Harnessing Quantum Principles for Model Training (Pamuk, Ozdemir and Kocabay, IEEE QAI 2025).
///
/// **Shows**: an optimizer inspired by quantum circuits, Adam plus a term in which a few coordinates of the gradient are multiplied by the
/// sine of their parameter, the expectation of a circuit of one qubit. The paper reports faster convergence than AdamW.
///
/// **Here**: a classifier with one attention head on generated sequences, for several strengths of the term, against AdamW; and the
/// circuit itself, as a vector of 2^n amplitudes. The rule has no bias correction, so its first steps are 3.2 times as long as AdamW's:
/// what the term does is seen against strength 0, not against AdamW. The rule is faster than AdamW here, and just as much at strength
/// 0: the term is less than a thousandth of the update, and the bands of all strengths coincide. Our choices where the paper leaves them open: which coordinates are
/// perturbed (the first four of each tensor), the grid of strengths, embeddings from N(0, 1), a residual around the attention.
package enum SuperpositionalDescent: Experiment {
  package static let paper = Paper(
    slug: "superpositional-gradient",
    title: "Superpositional Gradient Descent: Harnessing Quantum Principles for Model Training",
    authors: ["Ahmet Erdem Pamuk", "Emir Kaan Özdemir", "Şuayp Talha Kocabay"], year: 2025, arxiv: "2511.01918",
    shows: """
      Adam plus a term in which a few coordinates of the gradient are multiplied by the sine of their parameter, the expectation of a
      circuit of one qubit. The paper reports faster convergence than AdamW.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("training sequences") package var trainingCount = 2000
    @Setting("test sequences") package var testCount = 1000
    @Setting("tokens of a sequence") package var length = 16
    @Setting("vocabulary") package var vocabulary = 32
    @Setting("width of the embedding") package var width = 32
    @Setting("attention blocks") package var blocks = 1
    @Setting("units of the hidden layer") package var hidden = 64
    @Setting("sequences in a batch") package var batchSize = 64
    @Setting("learning rate") package var rate = 1e-3
    @Setting("steps") package var steps = 600
    @Setting("strengths lambda of the perturbation") package var strengths = [0, 0.1, 0.5, 1]
    @Setting("perturbed coordinates of each tensor, n_q") package var qubits = 4
    @Setting("independent runs") package var seeds = 5
    @Setting("steps between two records") package var cadence = 30
    @Setting("steps of the comparison with Adam") package var comparedSteps = 50
    @Setting("angles theta in [-1, 1]") package var angles = 201
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.trainingCount, settings.testCount, settings.steps, settings.seeds) = (200, 100, 20, 2)
      settings.comparedSteps = 5
    case .quick: break
    case .full: (settings.seeds, settings.blocks, settings.qubits, settings.steps) = (10, 2, .max, 3000)
    }
    return settings
  }

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try simulateCircuits(settings, notebook)
    let problem = EvenTokens(settings, key: notebook.key("sequences"))
    try compareWithAdam(problem, settings, notebook)
    try train(problem, settings, notebook)
  }

  /// <Z> of every qubit, all rotated by the same angle, with and without a ring of CNOT gates.
  private static func simulateCircuits(_ settings: Settings, _ notebook: Recorder) throws {
    let angles = Tensor<Double>.linspace(-1, 1, count: settings.angles).scalars
    let circuits: [(name: String, qubits: Int, hasRing: Bool)] = [
      ("one qubit", 1, false), ("four qubits", 4, false), ("four qubits, CNOT ring", 4, true),
    ]
    let expectations = circuits.flatMap { circuit in
      angles.map { theta in
        var state = Qubits(count: circuit.qubits)
        for qubit in 0..<circuit.qubits {
          state.hadamard(qubit)
          state.rotateY(qubit, by: .pi * theta)
        }
        if circuit.hasRing {
          for qubit in 0..<circuit.qubits { state.controlledNot(from: qubit, to: (qubit + 1) % circuit.qubits) }
        }
        return state.expectationOfZ(0)
      }
    }
    try notebook.tensor(
      "expectation", Tensor(shape: [circuits.count, angles.count], expectations), "<Z> of the first qubit",
      along: [Dimension("circuit", circuits.map(\.name), "circuit"), Dimension("theta", angles, "angle over pi")])
  }

  /// Strength 0 beside Adam without bias correction, in Float, from the same start on the same batches.
  private static func compareWithAdam(_ problem: EvenTokens, _ settings: Settings, _ notebook: Recorder) throws {
    struct Pair: Codable {
      var superpositional: TrainingGrid<EvenTokens, SuperpositionalGradient<Float>>.Runs
      var adam: TrainingGrid<EvenTokens, UncorrectedAdam>.Runs
    }
    let keys = [notebook.key("comparison")]
    let superpositional = TrainingGrid(
      problem, SuperpositionalGradient<Float>(strength: 0, qubits: settings.qubits), rates: [settings.rate], keys: keys)
    let adam = TrainingGrid(problem, UncorrectedAdam(), rates: [settings.rate], keys: keys)
    let difference = try notebook.trace("comparison/difference", "largest difference of a parameter")
    var pair = Pair(superpositional: superpositional.start(), adam: adam.start())
    try notebook.steps("comparison", settings.comparedSteps, state: &pair, cadence: .every(1)) { i, pair in
      superpositional.step(i, &pair.superpositional)
      adam.step(i, &pair.adam)
    } measure: { pair, record in
      let (a, b) = (pair.superpositional.parameters, pair.adam.parameters)
      let differences = (TensorList<Float>(of: a) - TensorList(of: b)).elements.map { Double($0.abs().max().scalar) }
      record(difference, quantile(differences, 1))
    }
  }

  /// AdamW and every strength, the same starts and batches for all.
  private static func train(_ problem: EvenTokens, _ settings: Settings, _ notebook: Recorder) throws {
    let keys = notebook.key("runs").split(settings.seeds)
    let adamW = DecoupledDecay(Adam<Float>(), weightDecay: 0.01)
    try notebook.train(
      "AdamW", TrainingGrid(problem, adamW, rates: [settings.rate], keys: keys), steps: settings.steps,
      cadence: .every(settings.cadence))
    for strength in settings.strengths {
      let rule = ObservedSuperposition(rule: SuperpositionalGradient(strength: strength, qubits: settings.qubits))
      try notebook.train(
        name(strength), TrainingGrid(problem, rule, rates: [settings.rate], keys: keys), steps: settings.steps,
        cadence: .every(settings.cadence),
        observing: [
          "share": { $0.memory.share }, "ratio": { $0.memory.largestRatio }, "beyond": { $0.memory.largestBeyond },
        ])
    }
  }

  static func name(_ strength: Double) -> String { "lambda \(strength.brief)" }
}
