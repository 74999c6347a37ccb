import Notebook
import Tensors
import Transforms

/// Online Orthogonal Dictionary Learning Based on Frank-Wolfe Method (Xue and Lau, IEEE TNNLS 2021).
///
/// **Shows**: an orthogonal dictionary can be learned from a stream. The orthogonal group is relaxed to its convex hull, the unit ball of
/// the spectral norm; a sparsity-promoting l3 objective is maximized there by Frank-Wolfe steps on an averaged stochastic gradient. The
/// iterates come back to near orthogonality by themselves, and no sample is stored.
///
/// **Here**: Bernoulli-Gaussian codes through a Haar dictionary, for several sparsities, batch sizes and dimensions; against steps on the
/// last gradient alone, and against the l3 power iteration on a stored batch. Left out: recordings of sensors.
package enum OnlineOrthogonalFW: Experiment {
  package static let paper = Paper(
    slug: "online-orthogonal-fw", title: "Online Orthogonal Dictionary Learning Based on Frank-Wolfe Method",
    authors: ["Ye Xue", "Vincent Lau"], year: 2021, arxiv: "2103.01484",
    shows: """
      An orthogonal dictionary is learned from a stream of samples, none of which is stored: Frank-Wolfe steps on an averaged gradient \
      in the ball of the spectral norm, whose iterates become orthogonal by themselves. The gap falls faster than ln t / t^(1/4); \
      without the averaging it does not fall.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("dimension n") package var side = 20
    @Setting("samples a step") package var batch = 10
    @Setting("probability theta that a coefficient is not zero") package var theta = 0.3
    @Setting("steps") package var steps = 8000
    @Setting("other probabilities theta") package var otherThetas = [0.1, 0.5]
    @Setting("another number of samples a step") package var otherBatch = 1
    @Setting("other dimensions n") package var otherSides = [10, 40]
    @Setting("steps of the runs with another batch or dimension") package var otherSteps = 4000
    @Setting("independent dictionaries, starts and streams") package var seeds = 3
    @Setting("fresh samples on which the gap is measured") package var fresh = 4000
    @Setting("stored samples of the offline iteration") package var stored = 10_000
    @Setting("iterations on stored samples") package var offlineSteps = 30
    package init() {}

    /// Every sparsity, ascending.
    var thetas: [Double] { ([theta] + otherThetas).sorted() }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.side, settings.steps, settings.otherSteps, settings.seeds) = (8, 200, 100, 2)
      (settings.otherSides, settings.fresh, settings.stored) = ([6], 500, 1000)
    case .quick: break
    case .full: (settings.side, settings.steps, settings.otherSteps) = (100, 50_000, 20_000)
    }
    return settings
  }

  // MARK: Run

  /// What streams of one shape differ in.
  private struct Stream {
    var name: String
    var side, batch, steps: Int
    var thetas: [Double]
    var isAveraging = true
  }

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let (side, batch, steps) = (settings.side, settings.batch, settings.steps)
    var streams = [
      Stream(name: "averaged", side: side, batch: batch, steps: steps, thetas: settings.thetas),
      Stream(name: "unaveraged", side: side, batch: batch, steps: steps, thetas: [settings.theta], isAveraging: false),
      Stream(
        name: "other-batch", side: side, batch: settings.otherBatch, steps: settings.otherSteps, thetas: [settings.theta]),
    ]
    streams += settings.otherSides.map {
      Stream(name: "side-\($0)", side: $0, batch: batch, steps: settings.otherSteps, thetas: [settings.theta])
    }
    for stream in streams { try run(stream, settings, notebook) }
    try runOffline(settings, notebook)
  }

  /// The dictionaries and the starts of all seeds for one dimension, the same for every run.
  private static func dictionaries(
    _ side: Int, _ seeds: Int, _ notebook: Recorder
  ) -> (truth: [Tensor<Double>], start: [Tensor<Double>]) {
    let keys = notebook.key("dictionaries")[side].split(seeds)
    return (
      keys.map { .orthogonal([side, side], key: $0.named("D0")) }, keys.map { .orthogonal([side, side], key: $0.named("start")) }
    )
  }

  /// Every sparsity and seed of a stream as one axis.
  private static func run(_ stream: Stream, _ settings: Settings, _ notebook: Recorder) throws {
    let (truth, start) = dictionaries(stream.side, settings.seeds, notebook)
    let grid = stream.thetas.flatMap { theta in truth.indices.map { (theta: theta, seed: $0) } }
    let truths = Tensor.stack(grid.map { truth[$0.seed] })
    let thetas = Tensor(grid.map(\.theta))
    let keys = Key.batch(grid.map { notebook.key("samples")[stream.side][stream.batch][$0.seed] })

    let step = compile { (iterates: Iterate, truths: Tensor<Double>, thetas: Tensor<Double>, when: When) in
      vmap { (iterate: Iterate, truth: Tensor<Double>, theta: Tensor<Double>, key: Key) in
        let batch = samples(stream.batch, of: truth, theta: theta, key: key[when.step])
        return iterate.step(batch, rho: when.rho, gamma: when.gamma)
      }(iterates, truths, thetas, when.keys)
    }
    let measure = compile { (dictionaries: Tensor<Double>, truths: Tensor<Double>, thetas: Tensor<Double>, when: When) in
      vmap { (d: Tensor<Double>, truth: Tensor<Double>, theta: Tensor<Double>, key: Key) in
        let fresh = samples(settings.fresh, of: truth, theta: theta, key: key.named("fresh")[when.step])
        return [gap(d, fresh), recoveryError(d, truth), recoveryError(d.polarFactor(), truth), d.thinSVD().s.min()]
      }(dictionaries, truths, thetas, when.keys)
    }

    let dimensions = [
      Dimension("theta", stream.thetas, "probability that a coefficient is not zero"),
      Dimension("seed", count: settings.seeds, "dictionary, start and stream"),
    ]
    let traces = try [
      ("gap", "Frank-Wolfe gap on fresh samples"), ("error", "recovery error e(D)"),
      ("polar_error", "recovery error of D's polar factor"), ("least_singular_value", "least singular value of D"),
    ].map { try notebook.trace("\(stream.name)/\($0)", $1, along: dimensions) }
    var iterates = Iterate(d: .stack(grid.map { start[$0.seed] }), g: .zeros([grid.count, stream.side, stream.side]))
    let when = { (t: Int) in
      When(
        step: Tensor(Int32(t)), rho: Tensor(stream.isAveraging ? rho(t) : 1), gamma: Tensor(gamma(t)), keys: keys)
    }
    // Steps that are measured lie evenly on a logarithmic axis: about 25 of them in 8000 steps.
    try notebook.steps(stream.name, stream.steps, state: &iterates, cadence: .geometric(perDecade: 6)) { t, iterates in
      iterates = step(iterates, truths, thetas, when(t))
    } measure: { iterates, record in
      let measured = measure(iterates.d, truths, thetas, when(record.step))
      for (trace, values) in zip(traces, measured) { record(trace, values.scalars) }
    }
  }

  /// What a step knows of its time.
  struct When: TensorTree {
    var step: Tensor<Int32>
    var rho, gamma: Tensor<Double>
    /// One for each run.
    var keys: Key
  }

  private static func runOffline(_ settings: Settings, _ notebook: Recorder) throws {
    let (truth, start) = dictionaries(settings.side, settings.seeds, notebook)
    let stored = Tensor.stack(
      truth.indices.map {
        samples(settings.stored, of: truth[$0], theta: Tensor(settings.theta), key: notebook.key("stored")[$0])
      })
    let truths = Tensor.stack(truth)
    let step = compile { (d: Tensor<Double>, stored: Tensor<Double>) in vmap { powerStep($0, $1) }(d, stored) }
    let error = try notebook.trace(
      "offline/error", "recovery error e(D)",
      along: [Dimension("seed", count: settings.seeds, "dictionary, start and stream")])
    var d = Tensor.stack(start)
    try notebook.steps("offline", settings.offlineSteps, state: &d, cadence: .every(1)) { _, d in
      d = step(d, stored)
    } measure: { d, record in
      record(error, vmap { recoveryError($0, $1) }(d, truths).scalars)
    }
  }
}
