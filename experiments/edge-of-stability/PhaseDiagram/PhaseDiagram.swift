import Notebook
import Tensors
import Transforms

/// Phase diagram and eigenvalue dynamics of stochastic gradient descent in multilayer neural networks (Park, Lucini and Aarts, 2025).
///
/// **Shows**: under SGD the singular values of weight matrices move like particles that repel each other in a noisy potential, at a
/// temperature T, step size over batch size. In the plane of T and the variance of the initial weights three regimes of this motion separate.
///
/// **Here**: (A) a linear student around its target, several chains; (B) the eigenvalues' own Langevin equation; (C) tanh networks taught by
/// one neuron, over T and the initial scale s_w. The regimes are the card's operational ones: ordered where one singular value grows out of
/// the bulk, frozen where the spectrum stays, unstable where the loss diverges; a cell diverges when most of its runs do.
package enum PhaseDiagram: Experiment {
  package static let paper = Paper(
    slug: "sgd-phase-diagram",
    title: "Phase diagram and eigenvalue dynamics of stochastic gradient descent in multilayer neural networks",
    authors: ["Chanju Park", "Biagio Lucini", "Gert Aarts"], year: 2025, arxiv: "2509.01349",
    shows: """
      Singular values under SGD behave like repelling particles in a noisy potential, at a temperature of step size over batch size; three \
      regimes separate in the plane of temperature and initial weight variance.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("A: linear student") package var linear = Linear()
    @Setting("B: Langevin equation of the eigenvalues") package var langevin = Langevin()
    @Setting("C: tanh networks") package var tanh = Tanh()
    package init() {}
  }

  package struct Linear: Codable, Sendable {
    @Setting("size N of the weight matrix") package var size = 10
    @Setting("step sizes a, one for each run") package var rates = [0.01, 0.02, 0.04, 0.005, 0.02, 0.04, 0.01, 0.01]
    @Setting("batch sizes b, one for each run") package var batchSizes = [8, 16, 32, 8, 8, 8, 32, 2]
    @Setting("steps before the first sample, in units of 1/a") package var burnIn = 5
    @Setting("steps with samples, one each 1/a") package var steps = 30_000
    @Setting("independent chains") package var chains = 4
    package init() {}

    var temperatures: [Double] { zip(rates, batchSizes).map { $0 / Double($1) } }
  }

  package struct Langevin: Codable, Sendable {
    @Setting("time step dt") package var step = 1e-3
    @Setting("time before the first sample") package var burnIn = 5
    @Setting("samples of a chain, one each unit of time") package var samples = 40
    @Setting("independent chains") package var chains = 16
    package init() {}
  }

  package struct Tanh: Codable, Sendable {
    @Setting("input dimension") package var inputs = 16
    @Setting("width of both hidden layers") package var width = 32
    @Setting("training points n") package var samples = 256
    @Setting("slope of the teacher tanh(slope w.x), |w| = 1") package var slope = 1.5
    @Setting("initial scales s_w") package var scales = [0.05, 0.2, 0.6, 1, 2, 4]
    @Setting("step sizes a, one for each temperature") package var rates = [0.01, 0.05, 0.2, 0.5, 1]
    @Setting("batch sizes b, one for each temperature") package var batchSizes = [16, 8, 8, 4, 2]
    @Setting("steps of SGD") package var steps = 3000
    @Setting("loss on a batch beyond which a run has diverged") package var limit = 1e6
    @Setting("starts") package var seeds = 3
    package init() {}

    var temperatures: [Double] { zip(rates, batchSizes).map { $0 / Double($1) } }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.linear.steps, settings.linear.chains) = (400, 2)
      (settings.langevin.samples, settings.langevin.burnIn, settings.langevin.chains) = (3, 1, 4)
      (settings.tanh.steps, settings.tanh.seeds) = (100, 1)
    case .quick: break
    case .full:
      (settings.linear.size, settings.tanh.width, settings.tanh.seeds) = (32, 128, 5)
      settings.tanh.scales = Tensor<Double>.geomspace(0.05, 4, count: 12).scalars
      // Four to a decade, which has the temperatures of the claims but the highest.
      let temperatures = (0..<11).map { 6.25e-4 * Tensor<Double>.geomspace(1, 1000, count: 13)[$0] } + [0.5]
      settings.tanh.batchSizes = temperatures.map { _ in 4 }
      settings.tanh.rates = temperatures.map { $0 * 4 }
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try runLinear(settings.linear, notebook)
    try runLangevin(settings, notebook)
    try runTanh(settings.tanh, notebook)
  }

  /// The group of a linear student's trace.
  static func path(rate: Double, batchSize: Int) -> String { "linear-\(rate)-\(batchSize)" }

  private static func runLinear(_ settings: Linear, _ notebook: Recorder) throws {
    let key = notebook.key("linear")
    let target = Tensor<Double>.orthogonal([settings.size, settings.size], key: key.named("target"))
    let along = [
      Dimension("chain", count: settings.chains, "independent chain"),
      Dimension("eigenvalue", count: settings.size, "place among the eigenvalues, ascending"),
    ]
    for (rate, batchSize) in zip(settings.rates, settings.batchSizes) {
      let student = LinearStudent(target: target, rate: rate, batchSize: batchSize)
      let step = compile { (w: Tensor<Double>, key: Key) in student.stepped(w, key: key) }
      let name = path(rate: rate, batchSize: batchSize)
      let draws = key.named(name)
      let spectrum = try notebook.trace("\(name)/spectrum", "eigenvalues of W^T W", along: along)
      var w = target.broadcast(to: [settings.chains] + target.shape)
      let count = settings.burnIn * student.relaxation + settings.steps
      try notebook.steps(name, count, state: &w, cadence: .every(student.relaxation)) { t, w in
        w = step(w, draws[t])
      } measure: { w, record in
        record(spectrum, LinearStudent.spectra(w).scalars)
      }
    }
  }

  private static func runLangevin(_ settings: Settings, _ notebook: Recorder) throws {
    let (langevin, size) = (settings.langevin, settings.linear.size)
    let temperatures = Set(settings.linear.temperatures).sorted()
    let equation = SpectralLangevin(target: 1, step: langevin.step)
    let shape = [temperatures.count, langevin.chains, size]
    let t = Tensor(temperatures)
    let step = compile { (x: Tensor<Double>, key: Key) in
      equation.stepped(x, temperatures: t, normal: .normal(shape, key: key))
    }
    let along = [
      Dimension("temperature", temperatures, "temperature a/b"), Dimension("chain", count: langevin.chains, "independent chain"),
      Dimension("eigenvalue", count: size, "place among the eigenvalues at the start"),
    ]
    let spectrum = try notebook.trace("langevin/spectrum", "eigenvalues", along: along)
    // Evenly over the width of the semicircle.
    let spread = (t * Double(4 * size)).sqrt().reshaped(-1, 1, 1)
    var x = (1 + spread * Tensor<Double>.linspace(-1, 1, count: size)).broadcast(to: shape)
    let (interval, key) = (max(1, Int((1 / langevin.step).rounded())), notebook.key("langevin"))
    let count = (langevin.burnIn + langevin.samples) * interval
    try notebook.steps("langevin", count, state: &x, cadence: .every(interval)) { i, x in
      x = step(x, key[i])
    } measure: { x, record in
      record(spectrum, x.scalars)
    }
  }

  private static func runTanh(_ settings: Tanh, _ notebook: Recorder) throws {
    let key = notebook.key("tanh")
    let x = Tensor<Float>.normal([settings.samples, settings.inputs], key: key.named("x"))
    let teacher = Tensor<Float>.unitVectors([settings.inputs], key: key.named("teacher"))
    let y = (Float(settings.slope) * matmul(x, teacher)).tanh()
    let start = TanhRuns(
      widths: [settings.inputs, settings.width, settings.width, 1], scales: settings.scales,
      keys: key.named("starts").split(settings.seeds))
    let (first, samples, limit) = (start.singularValues(), Int32(settings.samples), Float(settings.limit))
    let cells = [
      Dimension("scale", settings.scales, "initial scale s_w"), Dimension("seed", count: settings.seeds, "start"),
    ]
    let along = cells + [Dimension("place", count: settings.width, "place among the singular values, descending")]
    var maps: [[Tensor<Double>]] = []
    for (rate, batchSize) in zip(settings.rates, settings.batchSizes) {
      let name = "tanh-\(maps.count)"
      let (shape, batches) = ([settings.seeds, batchSize], key.named(name))
      let step = compile { (runs: TanhRuns, key: Key) in
        runs.stepped(
          x, y, batches: .integers(shape, in: 0..<samples, key: key), rate: Float(rate), limit: limit)
      }
      let values = try notebook.trace("\(name)/singular_values", "singular values between the hidden layers", along: along)
      var runs = start
      try notebook.steps(name, settings.steps, state: &runs, cadence: .geometric(perDecade: 10)) { t, runs in
        runs = step(runs, batches[t])
      } measure: { runs, record in
        record(values, runs.singularValues().scalars)
      }
      let last = runs.singularValues()
      let top = last.slice(All(), All(), 0)
      maps.append([
        top / first.slice(All(), All(), 0), top / last.slice(All(), All(), 1), (last - first).norm(-1) / first.norm(-1),
        runs.losses(x, y).converted(to: Double.self), 1 - runs.isBounded.converted(to: Double.self),
      ])
    }
    let temperatures = Dimension("temperature", settings.temperatures, "temperature a/b")
    let names = [
      ("growth", "R, the largest singular value over that of the start"), ("gap", "the largest singular value over the second"),
      ("change", "D, relative change of the singular values"), ("loss", "mean squared error on all points"),
      ("diverged", "1 if the run diverged, else 0"),
    ]
    for (i, (name, longName)) in names.enumerated() {
      try notebook.tensor("tanh/\(name)", .stack(maps.map { $0[i] }), longName, along: [temperatures] + cells)
    }
  }
}
