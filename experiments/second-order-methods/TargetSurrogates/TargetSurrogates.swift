import Datasets
import Diagnostics
import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

/// Target-based Surrogates for Stochastic Optimization (Lavington, Vaswani, Babanezhad, Schmidt and Le Roux, ICML 2023).
///
/// **Shows**: where a loss gradient is expensive and the model is cheap, one gradient by the model's outputs pays for many parameter
/// updates on a quadratic surrogate that bounds the loss from above. With all data that is majorization and minimization with guaranteed
/// descent; with batches it is projected SGD in the space of outputs.
///
/// **Here**: (1) logistic regression that is not separable, all data, m inner steps, m infinite by a linear solve; several data sets, since
/// the gain depends on the draw (with 1500 outer steps one inner step does not arrive on all of them); (2) batches of it, with
/// decreasing and constant target steps, against SGD, Adam and SGD with a stochastic Armijo search, tuned and counted in gradient calls; (3)
/// squared loss of a 16-32-1 network, inner steps by Armijo (with eta = 1 its surrogate is the loss itself). The paper's LIBSVM files and
/// its imitation learning are left out, as are surrogates with a line-searched eta.
package enum TargetSurrogates: Experiment {
  package static let paper = Paper(
    slug: "target-surrogates", title: "Target-based Surrogates for Stochastic Optimization",
    authors: ["Jonathan Wilder Lavington", "Sharan Vaswani", "Reza Babanezhad", "Mark Schmidt", "Nicolas Le Roux"], year: 2023,
    arxiv: "2302.02607",
    shows: """
      One gradient by the outputs of a model pays for many parameter updates on a quadratic surrogate that bounds the loss from above:
      fewer expensive gradients, with guaranteed descent on all data.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("logistic regression, all data, experiment (1)") package var regression = Regression()
    @Setting("batches, experiment (2)") package var stochastic = Stochastic()
    @Setting("network, experiment (3)") package var network = Network()
    @Setting("rounds of timing") package var rounds = 15
    package init() {}
  }

  package struct Regression: Codable, Sendable {
    @Setting("samples n") package var count = 500
    @Setting("dimension d") package var dimension = 30
    @Setting("least standard deviation of a feature; the largest is 1") package var leastScale = 0.1
    @Setting("standard deviation of the noise in the score that a label is the sign of") package var noise = 1.5
    @Setting("inner steps m; 0 for infinitely many") package var inner = [1, 5, 20, 100, 0]
    @Setting("outer steps") package var steps = 2500
    @Setting("data sets, each with batches of its own in experiment (2)") package var seeds = 5
    package init() {}
  }

  package struct Stochastic: Codable, Sendable {
    @Setting("batch size") package var batch = 50
    @Setting("outer steps") package var steps = 300
    @Setting("inner steps m") package var inner = [1, 5, 20]
    @Setting("target step eta; 1 / L is 4") package var eta = 4.0
    @Setting("learning rates of SGD") package var rates = [0.3, 1, 3]
    @Setting("learning rates of Adam") package var adamRates = [0.01, 0.03, 0.1]
    package init() {}
  }

  package struct Network: Codable, Sendable {
    @Setting("samples") package var count = 200
    @Setting("inputs") package var inputs = 16
    @Setting("hidden units") package var hidden = 32
    @Setting("inner steps m") package var inner = [1, 5, 20]
    @Setting("outer steps") package var steps = 100
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.regression.count = 80
      settings.regression.dimension = 6
      settings.regression.steps = 30
      settings.regression.seeds = 2
      settings.stochastic.batch = 20
      settings.stochastic.steps = 20
      settings.network.count = 40
      settings.network.steps = 5
      settings.rounds = 3
    case .quick: break
    case .full:
      settings.regression.count = 5000
      settings.regression.dimension = 100
      settings.regression.steps = 5000
      settings.stochastic.batch = 125
      settings.stochastic.steps = 3000
      settings.network.count = 2000
      settings.network.steps = 1000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let models = notebook.key("data").split(settings.regression.seeds).map { Self.model(settings.regression, key: $0) }
    let minima = models.map { $0.minimum()?.value ?? .nan }
    try majorize(models, minima, settings, notebook)
    let problems = zip(models, minima).map {
      BatchRegression(design: $0.design, labels: $0.targets, minimum: Tensor($1), size: settings.stochastic.batch)
    }
    let stochastic = settings.stochastic
    try sample("decreasing", problems, inner: stochastic.inner, steps: stochastic.steps, notebook) {
      stochastic.eta / Double($0 + 1).squareRoot()
    }
    let most = Array(stochastic.inner.suffix(1))
    try sample("constant", problems, inner: most, steps: stochastic.steps, notebook) { _ in stochastic.eta }
    try sample("quartered", problems, inner: most, steps: 3 * stochastic.steps, notebook) { _ in stochastic.eta / 4 }
    try compare(problems, stochastic, notebook)
    try fit(settings.network, notebook)
  }

  /// (1): all data, every m, with gradient descent beside it, on all data sets at once.
  private static func majorize(
    _ models: [LinearModel<Double>], _ minima: [Double], _ settings: Settings, _ notebook: Recorder
  ) throws {
    let regression = settings.regression
    let inner = Dimension("m", regression.inner, "inner steps; 0 for infinitely many")
    let seed = Dimension("seed", count: models.count, "data set")
    let gap = try notebook.trace("regression/gap", "h - h*", along: [inner, seed])
    let violation = try notebook.trace("regression/violation", "h - g_t at the inner end point", along: [inner, seed])
    let difference = try notebook.trace("regression/difference", "largest difference of m = 1 from gradient descent")
    struct Run: Codable {
      /// For each m, theta on each data set; h - g_t at it.
      var points: [Tensor<Double>]
      var violations: [Tensor<Double>]
      /// Of gradient descent.
      var descent: Tensor<Double>
    }
    let (designs, labels) = (Tensor.stack(models.map(\.design)), Tensor.stack(models.map(\.targets)))
    // The surrogate's smoothness is L lambda_max: a step of gradient descent is eta / lambda_max.
    let smoothness = Tensor(models.map(\.smoothness))
    let curvature = Tensor(LinearModel<Double>.Loss.logistic.largestCurvature)
    let steps = regression.inner.map { m in
      compile { (theta: Tensor<Double>) in
        vmap { (theta: Tensor<Double>, design: Tensor<Double>, labels: Tensor<Double>, smoothness: Tensor<Double>) in
          let surrogate = surrogate(design, labels, at: theta, curvature: curvature)
          let next = m == 0 ? surrogate.minimum() : surrogate.descended(steps: m, smoothness: smoothness)
          return [next, loss(design, labels, at: next) - surrogate(next)]
        }(theta, designs, labels, smoothness)
      }
    }
    let descend = compile { (x: Tensor<Double>) in
      .stack(models.indices.map { x.slice($0) - models[$0].gradient(at: x.slice($0)) / models[$0].smoothness }) as Tensor<Double>
    }
    let losses = compile(vmap { loss($1, $2, at: $0) } as (Tensor<Double>, Tensor<Double>, Tensor<Double>) -> Tensor<Double>)
    let origin = Tensor<Double>.zeros(models.count, models[0].dimension)
    var run = Run(points: steps.map { _ in origin }, violations: steps.map { _ in .zeros(models.count) }, descent: origin)
    try notebook.steps("regression", regression.steps, state: &run, cadence: .every(1)) { _, run in
      for (i, step) in steps.enumerated() {
        let next = step(run.points[i])
        (run.points[i], run.violations[i]) = (next[0], next[1])
      }
      run.descent = descend(run.descent)
    } measure: { run, record in
      record(gap, run.points.flatMap { (losses($0, designs, labels) - Tensor(minima)).scalars })
      record(violation, run.violations.flatMap(\.scalars))
      let single = regression.inner.firstIndex(of: 1)
      record(difference, single.map { (run.points[$0] - run.descent).abs().max().scalar } ?? .nan)
    }
    try recordSegment(models[0], notebook)
    let seconds = try notebook.interleavedSeconds(
      "outer steps", rounds: settings.rounds, of: steps.map { step in { Float(step(origin)[1][0]) } })
    try notebook.timing(
      "step", Tensor(seconds.map { median($0) / Double(models.count) }), "time of an outer step on one data set", along: [inner],
      units: "s")
  }

  /// The loss, its surrogate and the bound of gradient descent from the origin to the surrogate's minimum, and beyond.
  private static func recordSegment(_ model: LinearModel<Double>, _ notebook: Recorder) throws {
    let curvature = Tensor(LinearModel<Double>.Loss.logistic.largestCurvature)
    let origin = Tensor<Double>.zeros(model.dimension)
    let surrogate = surrogate(model.design, model.targets, at: origin, curvature: curvature)
    let move = surrogate.minimum() - origin
    let places = Tensor<Double>.linspace(0, 2, count: 81)
    let slope = model.gradient(at: origin).dot(move)
    let bound = surrogate.value + places * slope + places.square() * (0.5 * model.smoothness) * move.squaredNorm()
    let curves = Tensor.stack([
      vmap { model.value(at: origin + $0 * move) }(places), vmap { surrogate(origin + $0 * move) }(places), bound,
    ])
    try notebook.tensor(
      "segment", curves, "value",
      along: [
        Dimension("curve", ["loss", "surrogate", "parameter bound"], "function"),
        Dimension("place", places.scalars, "share of the way to the surrogate's minimum"),
      ])
  }
}
