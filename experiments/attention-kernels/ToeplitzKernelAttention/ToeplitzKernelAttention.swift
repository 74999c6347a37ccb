import Foundation
import Networks
import Notebook
import Optimizers
import Tensors
import Transforms

/// Stable, Fast and Accurate: Kernelized Attention with Relative Positional Encoding (Luo et al., NeurIPS 2021).
///
/// **Shows**: a bias b[j - i] in the exponent makes attention more than a product of features, so linear attention cannot absorb it. Its
/// matrix is Toeplitz, so features and a Fourier transform compute the biased attention in O(n log n). With queries and keys on
/// the unit sphere random features err little; their error grows quickly with the norm, whatever their number.
///
/// **Here**: the exactness of the transform, the error of the features against norm and number, times of one thread, and training on a
/// task that only positions can solve: copy the token three places back. One set of random features, drawn before training, serves both
/// heads. Left out: translation and language modelling.
package enum ToeplitzKernelAttention: Experiment {
  package static let paper = Paper(
    slug: "toeplitz-kernel-attention",
    title: "Stable, Fast and Accurate: Kernelized Attention with Relative Positional Encoding",
    authors: [
      "Shengjie Luo", "Shanda Li", "Tianle Cai", "Di He", "Dinglan Peng", "Shuxin Zheng", "Guolin Ke", "Liwei Wang",
      "Tie-Yan Liu",
    ], year: 2021, arxiv: "2106.12566",
    shows: """
      Attention with relative positions is a Toeplitz matrix between kernel features, so Fourier transforms compute it in O(n log n). \
      Queries and keys of norm 1 keep the error of random features small, which makes training stable.
      """,
    fidelity: .scaled)
  package static let measuresTime = true

  package struct Settings: Codable, Sendable {
    @Setting("queries and keys whose attention is computed both ways, and approximated") package var length = 512
    @Setting("their dimension d") package var dimension = 64
    @Setting("standard deviation of the bias b there") package var biasSpread = 0.5
    @Setting("random features m of the comparison of both ways") package var features = 16
    @Setting("norms R of queries and keys") package var radii = [0.5, 1, 1.5, 2, 2.5, 3, 4]
    @Setting("numbers m of random features") package var featureCounts = [16, 64, 256]
    @Setting("draws of queries, keys, bias and features") package var seeds = 5
    @Setting("times") package var cost = Cost()
    @Setting("training") package var training = Training()
    package init() {}
  }

  package struct Cost: Codable, Sendable {
    @Setting("lengths n") package var lengths = (9...13).map { 1 << $0 }
    @Setting("random features m") package var features = 16
    @Setting("dimension d") package var dimension = 32
    @Setting("numbers that are transformed at once: few enough for a cache") package var numbersTogether = 1 << 15
    @Setting("queries of the quadratic computation at once") package var rowsTogether = 64
    @Setting("timing rounds") package var rounds = 5
    package init() {}
  }

  package struct Training: Codable, Sendable {
    @Setting("kinds of attention: \(RelativeAttention.allCases.map(\.rawValue).joined(separator: ", "))") package
      var models: [RelativeAttention] = [.softmax, .normalized, .normalizedRelative]
    @Setting("different tokens") package var vocabulary = 16
    @Setting("tokens of a sequence") package var length = 64
    @Setting("how far back the label lies") package var offset = 3
    @Setting("width of the layer") package var width = 32
    @Setting("heads") package var heads = 2
    @Setting("random features m") package var features = 16
    @Setting("learning rate of Adam") package var rate = 3e-3
    @Setting("learning rate of Adam for the bias b") package var biasRate = 3e-2
    @Setting("sequences of a step") package var batch = 32
    @Setting("steps") package var steps = 300
    @Setting("test sequences") package var tests = 256
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.length = 64
      settings.seeds = 2
      settings.radii = [1, 4]
      settings.cost.lengths = [64, 128, 256, 512]
      settings.cost.rounds = 3
      settings.training.length = 16
      settings.training.batch = 4
      settings.training.steps = 10
      settings.training.tests = 8
    case .quick: break
    case .full:
      settings.cost.lengths = (9...15).map { 1 << $0 }
      settings.cost.rounds = 15
      settings.training.models = RelativeAttention.allCases
      settings.training.length = 256
      settings.training.steps = 2000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try compareBothWays(settings, notebook)
    try approximate(settings, notebook)
    try measureCost(settings.cost, notebook)
    try train(settings.training, notebook)
  }

  private static func compareBothWays(_ settings: Settings, _ notebook: Recorder) throws {
    let key = notebook.key("exactness")
    let (n, d) = (settings.length, settings.dimension)
    let features = PositiveRandomFeatures<Double>(settings.features, of: d, key: key.named("features"))
    let (q, k) = (features(.unitVectors([n, d], key: key.named("q"))), features(.unitVectors([n, d], key: key.named("k"))))
    let v = Tensor<Double>.normal([n, d], key: key.named("v"))
    let c = Tensor<Double>.normal([2 * n - 1], standardDeviation: settings.biasSpread, key: key.named("bias")).exp()
    let quadratic = KernelizedAttention.quadratic(q, k, v, weights: c)
    let error = (KernelizedAttention.relative(q, k, v, weights: c) - quadratic).abs().max() / quadratic.abs().max()
    try notebook.scalar("exactness", error.scalar, "largest |FFT - quadratic| over largest |quadratic|")
  }

  /// The same directions, bias and features at every radius.
  private static func approximate(_ settings: Settings, _ notebook: Recorder) throws {
    let (n, d) = (settings.length, settings.dimension)
    let key = notebook.key("approximation")
    var errors: [Tensor<Double>] = []
    try notebook.steps("approximation", settings.seeds, state: &errors, cadence: .every(1)) { seed, errors in
      let key = key[seed]
      let (q, k) = (
        Tensor<Double>.unitVectors([n, d], key: key.named("q")), Tensor<Double>.unitVectors([n, d], key: key.named("k"))
      )
      let bias = Tensor<Double>.normal([2 * n - 1], standardDeviation: settings.biasSpread, key: key.named("bias"))
      let rows = settings.featureCounts.map { m in
        let features = PositiveRandomFeatures<Double>(m, of: d, key: key.named("features")[m])
        return Tensor(settings.radii.map { attentionRowError($0 * q, $0 * k, bias: bias, features: features) })
      }
      errors.append(.stack(rows))
    }
    try notebook.tensor(
      "row_error", .stack(errors), "mean l1 distance of attention rows from their estimates",
      along: [
        Dimension("seed", count: settings.seeds, "draw"), Dimension("m", settings.featureCounts, "random features"),
        Dimension("radius", settings.radii, "norm of queries and keys"),
      ])
  }

  static let methods = ["quadratic", "FFT"]

  private static func measureCost(_ cost: Cost, _ notebook: Recorder) throws {
    let key = notebook.key("cost")
    let threads = Threads.count
    defer { Threads.count = threads }
    Threads.count = 1
    let (numbers, rows) = (cost.numbersTogether, cost.rowsTogether)
    typealias Array = Tensor<Float>
    let quadratic = compile { (q: Array, k: Array, v: Array, c: Array) in
      KernelizedAttention.quadratic(q, k, v, weights: c, rowsTogether: rows)
    }
    let relative = compile { (q: Array, k: Array, v: Array, c: Array) in
      KernelizedAttention.relative(q, k, v, weights: c, sequencesTogether: numbers / (2 * q.shape[0]))
    }
    let times = try cost.lengths.map { n -> Tensor<Double> in
      let key = key[n]
      let features = PositiveRandomFeatures<Float>(cost.features, of: cost.dimension, key: key.named("features"))
      let q = features(.unitVectors([n, cost.dimension], key: key.named("q")))
      let k = features(.unitVectors([n, cost.dimension], key: key.named("k")))
      let v = Array.normal([n, cost.dimension], key: key.named("v"))
      let c = Array.normal([2 * n - 1], standardDeviation: 0.5, key: key.named("bias")).exp()
      let seconds = try notebook.interleavedSeconds(
        "n = \(n)", rounds: cost.rounds, of: [{ quadratic(q, k, v, c)[0, 0] }, { relative(q, k, v, c)[0, 0] }])
      return .stack(seconds.map { Tensor($0) })
    }
    try notebook.timing(
      "time", .stack(times), "time of one attention",
      along: [
        Dimension("n", cost.lengths, "length"), Dimension("method", methods, "way of computing"),
        Dimension("round", count: cost.rounds, "timing round"),
      ], units: "s")
  }

  /// Each kind of attention from the same start, on the same batches.
  private static func train(_ training: Training, _ notebook: Recorder) throws {
    let key = notebook.key("training")
    let task = CopyingTask(settings: training)
    let features = PositiveRandomFeatures<Float>(
      training.features, of: training.width / training.heads, key: key.named("features"))
    let (adam, biasAdam) = (Adam<Float>(learningRate: training.rate), Adam<Float>(learningRate: training.biasRate))
    let tests = task.tokens(training.tests, key: key.named("tests"))
    let accuracies = try training.models.map { attention in
      let step = compile { (run: CopyingRun, key: Key) -> CopyingRun in
        let tokens = task.tokens(training.batch, key: key)
        let result = valueAndGrad { (model: CopyingModel) in
          let (scores, labels) = task.labelled(model.scores(tokens, attention, features: features), tokens)
          return crossEntropy(scores, labels: labels)
        }(run.model)
        var next = run
        next.model.weights = adam.updated(run.model.weights, gradient: result.gradient.weights, &next.weightsMemory)
        next.model.bias = biasAdam.updated(run.model.bias, gradient: result.gradient.bias, &next.biasMemory)
        next.loss = result.value
        return next
      }
      let start = CopyingModel(training, key: key.named("start"))
      var run = CopyingRun(
        model: start, weightsMemory: adam.initialState(for: start.weights), biasMemory: biasAdam.initialState(for: start.bias),
        loss: Tensor(.nan))
      let loss = try notebook.trace("\(attention.rawValue)/loss", "cross-entropy of the last batch before its step, in nats")
      let batches = key.named("batches")
      run.loss = step(run, batches[0]).loss
      try notebook.steps(attention.rawValue, training.steps, state: &run, cadence: .even(150, of: training.steps)) { t, run in
        run = step(run, batches[t])
      } measure: { run, record in
        record(loss, Double(run.loss.scalar))
      }
      let (scores, labels) = task.labelled(run.model.scores(tests, attention, features: features), tests)
      return Double(accuracy(scores, labels: labels).scalar)
    }
    try notebook.tensor(
      "accuracy", Tensor(accuracies), "share of right labels in test sequences",
      along: [Dimension("attention", training.models.map(\.rawValue), "kind of attention")])
  }
}
