import Foundation
import Networks
import Notebook
import Optimizers
import Problems
import Solvers
import Tensors
import Training
import Transforms

/// Entropy-SGD: Biasing Gradient Descent Into Wide Valleys (Chaudhari, Choromanska, Soatto, LeCun et al., ICLR 2017).
///
/// **Shows**: the local entropy, a log-Gibbs average of the loss around the weights, is smoother than the loss and favours wide valleys.
/// Its gradient is estimated by an inner loop of Langevin steps.
///
/// **Here**: (a) the local entropy of a rough parabola by quadrature; (b) descent into the same function in 20 dimensions from 50 starts, against
/// gradient descent and Langevin SGD at equal numbers of gradients; (c) drawn 8x8 digits, the form of the authors' code against SGD, with
/// the spectra of the Hessian at the end; and the estimated gradient on a quadratic, where the answer is known. One step of the library's
/// Entropy-SGD is one inner step, so that all curves are over gradient evaluations. The rates of SGD and the seeds in (c) are ours: the
/// inner rate, and three. Left out: the paper's networks on MNIST, CIFAR and text; `full` takes 28x28 digits and 200 hidden units.
package enum LocalEntropy: Experiment {
  package static let paper = Paper(
    slug: "local-entropy-sgd", title: "Entropy-SGD: Biasing Gradient Descent Into Wide Valleys",
    authors: [
      "Pratik Chaudhari", "Anna Choromanska", "Stefano Soatto", "Yann LeCun", "Carlo Baldassi", "Christian Borgs",
      "Jennifer Chayes",
      "Levent Sagun", "Riccardo Zecchina",
    ], year: 2016, arxiv: "1611.01838",
    shows: """
      The local entropy, a log-Gibbs average of the loss around the weights, is smoother than the loss and favours wide valleys. Its
      gradient is estimated by an inner loop of Langevin steps.
      """,
    fidelity: .mechanism)

  package struct Settings: Codable, Sendable {
    @Setting("the rough parabola in one dimension, experiment (a)") package var parabola = Parabola()
    @Setting("its sum over many dimensions, experiment (b)") package var bowl = Bowl()
    @Setting("the digits, experiment (c)") package var digits = Digits()
    @Setting("inner steps L of the estimate on a quadratic") package var quadraticSteps = 200_000
    package init() {}
  }

  package struct Parabola: Codable, Sendable {
    @Setting("temperature T") package var temperature = 0.125
    @Setting("couplings g") package var couplings = [0.1, 0.3, 1, 3, 10, 30, 100, 300]
    @Setting("points x in [-1, 1]") package var count = 401
    @Setting("points of the quadrature in [-8, 8]") package var quadrature = 100_000
    package init() {}
  }

  package struct Bowl: Codable, Sendable {
    @Setting("dimensions") package var dimensions = 20
    @Setting("starts, uniform in (-2, 2)") package var starts = 50
    @Setting("gradients of each method") package var gradients = 4000
    @Setting("learning rate of gradient descent and Langevin SGD") package var rate = 0.02
    @Setting("noise e of Langevin SGD") package var langevinNoise = 0.2
    @Setting("coupling g of Entropy-SGD") package var coupling = 0.03
    @Setting("inner steps L; the paper's") package var innerSteps = 20
    @Setting("inner rate h") package var innerRate = 0.02
    @Setting("noise e of the inner steps") package var noise = 0.3
    @Setting("steps of gradient descent at the end") package var descent = 500
    package init() {}
  }

  package struct Digits: Codable, Sendable {
    @Setting("width and height in pixels") package var side = 8
    @Setting("units of the hidden layer") package var hidden = 64
    @Setting("images in a batch") package var batchSize = 64
    @Setting("outer steps") package var outerSteps = 120
    @Setting("inner steps L; the paper's") package var innerSteps = 20
    @Setting("inner rate h, and the rate of SGD") package var innerRate = 0.3
    @Setting("coupling g_0") package var coupling = 0.3
    @Setting("growth g_1 of the coupling") package var scoping = 1e-2
    @Setting("independent runs") package var seeds = 3
    @Setting("Lanczos steps for the spectra") package var lanczosSteps = 60
    @Setting("probes for the spectra") package var probes = 3
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.parabola.count, settings.parabola.quadrature) = (81, 10_000)
      (settings.bowl.starts, settings.bowl.gradients, settings.bowl.descent) = (5, 400, 50)
      (settings.digits.outerSteps, settings.digits.seeds, settings.digits.lanczosSteps) = (5, 1, 10)
      settings.quadraticSteps = 10_000
    case .quick: break
    case .full:
      settings.bowl.starts = 500
      (settings.digits.side, settings.digits.hidden, settings.digits.outerSteps) = (28, 200, 1000)
      settings.digits.seeds = 5
    }
    return settings
  }

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try integrate(settings.parabola, notebook)
    try escape(settings.bowl, notebook)
    try estimateGradient(settings, notebook)
    try trainOnDigits(settings.digits, notebook)
  }

  /// (a)
  private static func integrate(_ settings: Parabola, _ notebook: Recorder) throws {
    let x = Tensor<Double>.linspace(-1, 1, count: settings.count)
    let places = Dimension("x", x.scalars, "place x")
    let couplings = Dimension("coupling", settings.couplings, "coupling g")
    let entropies = settings.couplings.map {
      LocalEntropyIntegral(coupling: $0, temperature: settings.temperature, count: settings.quadrature).evaluate(at: x)
    }
    try notebook.tensor("loss", RoughBowl.loss(x.reshaped([-1, 1])), "loss f", along: [places])
    try notebook.tensor("entropy", .stack(entropies.map(\.value)), "local entropy F", along: [couplings, places])
    try notebook.tensor("pull", .stack(entropies.map(\.gradient)), "g (x - <x'>)", along: [couplings, places])
  }

  /// (b): all starts at once; each method ends with gradient descent into the nearest minimum.
  private static func escape(_ settings: Bowl, _ notebook: Recorder) throws {
    let problem = RoughBowl(dimensions: settings.dimensions)
    let keys = notebook.key("bowl").split(settings.starts)
    let entropy = EntropySGD<Double>(
      innerSteps: settings.innerSteps, innerRate: settings.innerRate, noise: settings.noise, coupling: settings.coupling)
    let variance = settings.langevinNoise * settings.langevinNoise / settings.rate
    let langevin = SGD<Double>().preceded(by: GradientNoise(variance: variance, decay: 0))
    let descent = TrainingGrid(problem, SGD<Double>(), rates: [settings.rate], keys: keys)

    func race<O: Optimizer>(_ name: String, _ grid: TrainingGrid<RoughBowl, O>) throws {
      let cadence = Cadence.every(settings.innerSteps)
      let runs = try notebook.train(name, grid, steps: settings.gradients, cadence: cadence)
      var last = descent.start()
      last.parameters = runs.parameters
      let value = try notebook.trace("\(name) descent/value", "f during the descent at the end", along: [descent.dimensions[0]])
      try notebook.steps("\(name) descent", settings.descent, state: &last, cadence: .every(settings.descent)) { i, runs in
        descent.step(i, &runs)
      } measure: { runs, record in
        record(value, descent.measures(of: runs)["value"]?.scalars ?? [])
      }
    }
    try race("GD", descent)
    try race("Langevin", TrainingGrid(problem, langevin, rates: [settings.rate], keys: keys))
    try race("Entropy", TrainingGrid(problem, entropy, rates: [1], keys: keys))
  }

  /// One outer step of the paper's form with eta = 1 moves x by the estimated gradient. For H = diag(0.5, 2) it is g H (H + g)^-1 x.
  private static func estimateGradient(_ settings: Settings, _ notebook: Recorder) throws {
    let chunk = 100
    let rule = EntropySGD<Double>(
      innerSteps: settings.quadraticSteps, innerRate: 0.01, noise: 0.3, coupling: 1, averaging: .uniform, form: .paper)
    let curvatures = Tensor([0.5, 2.0])
    let advance = compile { (run: QuadraticRun) in
      var run = run
      for _ in 0..<chunk {
        _ = rule.step(&run.x, &run.memory, on: Objective { 0.5 * (curvatures * $0.elements[0].square()).sum() })
      }
      return run
    }
    let x = TensorList([Tensor([1.0, 1])])
    var run = QuadraticRun(x: x, memory: rule.initialState(for: x, key: notebook.key("quadratic")))
    let component = Dimension("component", count: 2, "component of x")
    let mean = try notebook.trace("quadratic/mean", "x - mu, so far", along: [component])
    let chunks = settings.quadraticSteps / chunk
    try notebook.steps("quadratic", chunks, state: &run, cadence: .even(100, of: chunks)) { _, run in
      run = advance(run)
    } measure: { run, record in
      record(mean, (x - run.memory.mean).elements[0].scalars)
    }
    try notebook.tensor("quadratic_gradient", (x - run.x).elements[0], "estimated gradient at (1, 1)", along: [component])
    try notebook.tensor("quadratic_exact", curvatures / (curvatures + 1), "g H (H + g)^-1 x", along: [component])
  }

  private struct QuadraticRun: TensorTree, Codable {
    var x: TensorList<Double>
    var memory: EntropySGD<Double>.State
  }

  /// (c)
  private static func trainOnDigits(_ settings: Digits, _ notebook: Recorder) throws {
    var problem = Classification<Float>.digits(
      side: settings.side, hidden: [settings.hidden], activation: .tanh, batchSize: settings.batchSize,
      key: notebook.key("digits"))
    problem.initializer = .leCun()
    let keys = notebook.key("network").split(settings.seeds)
    let entropy = EntropySGD<Float>(
      innerSteps: settings.innerSteps, innerRate: settings.innerRate, coupling: settings.coupling, scoping: settings.scoping,
      averaging: .exponential(0.25), form: .officialCode)
    let steps = settings.outerSteps * settings.innerSteps
    func race<O: Optimizer>(_ name: String, _ grid: TrainingGrid<Classification<Float>, O>) throws where O.Scalar == Float {
      let runs = try notebook.train(name, grid, steps: steps, cadence: .every(settings.innerSteps))
      try recordSpectra(
        name, problem, (0..<settings.seeds).map { grid.parameters(of: runs, seed: $0, rate: 0) }, settings, notebook)
    }
    try race("digits SGD", TrainingGrid(problem, SGD(), rates: [settings.innerRate], keys: keys))
    try race("digits Entropy", TrainingGrid(problem, entropy, rates: [1], keys: keys))
  }

  /// The eigenvalues of the training loss's Hessian, by stochastic Lanczos quadrature.
  private static func recordSpectra(
    _ name: String, _ problem: Classification<Float>, _ models: [MLP<Float>], _ settings: Digits, _ notebook: Recorder
  ) throws {
    let everything = Tensor((0..<problem.training.count).map { Int32($0) })
    let product = compile { (model: MLP<Float>, direction: Tensor<Float>) in
      hvp { problem.loss($0, on: everything) }(model, model.unraveled(direction)).raveled(as: Float.self)
    }
    let dimension = models[0].raveled(as: Float.self).count
    let spectra = models.enumerated().map { seed, model in
      spectralDensity(
        { product(model, $0) }, dimension: dimension, probes: settings.probes, steps: settings.lanczosSteps,
        key: notebook.key("probes")[seed])
    }
    let seeds = Dimension("seed", count: models.count, "random seed")
    let top = spectra.map { $0.nodes.max() ?? .nan }
    try notebook.tensor("\(name)/top_eigenvalue", Tensor(top), "largest eigenvalue of the Hessian", along: [seeds])
    let traces = spectra.map { $0.mean { $0 } * Double(dimension) }
    try notebook.tensor("\(name)/hessian_trace", Tensor(traces), "trace of the Hessian", along: [seeds])
    let nodes = Tensor<Double>.linspace(-0.5, 5, count: 400)
    let density = spectra.map { Tensor($0.density(at: nodes.scalars, width: 0.02)) }
    try notebook.tensor(
      "\(name)/spectrum", .stack(density), "density of the Hessian's eigenvalues, widened to 0.02",
      along: [seeds, Dimension("eigenvalue", nodes.scalars, "eigenvalue")])
  }
}
