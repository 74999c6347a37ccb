import Notebook
import Optimizers
import Tensors
import Training
import Transforms

/// Unraveling the Gradient Descent Dynamics of Transformers (Song, Han, Zhang, Ding and others, NeurIPS 2024).
///
/// **Shows**: gradient descent on the value weights of an attention layer reaches zero loss when heads times embedding exceed the number of
/// target tokens, with softmax and with a Gaussian kernel. When only the query weights move, softmax can be stuck, since the Jacobian of
/// a row is singular, while the kernel, which is not divided by its sum, keeps a useful gradient.
///
/// **Here**: (a) W_V alone, against the least-squares floor that no W_V can go below; (b) W_Q alone, on sequences that repeat one token up to
/// noise; (c) the loss around the end of (b) along two filter-normalized directions of W_Q and W_K; (d) a classifier with one block, which
/// tells the Markov chains apart that texts come from, and in `full` also whether two dots of a drawn picture are connected. "Best rate" is
/// that with the least last loss, for each seed. The classifier's heads have D / H dimensions. Left out: nothing.
package enum SoftmaxGaussianLandscape: Experiment {
  package static let paper = Paper(
    slug: "softmax-vs-gaussian-attention", title: "Unraveling the Gradient Descent Dynamics of Transformers",
    authors: ["Bingqing Song", "Boran Han", "Shuai Zhang", "Jie Ding", "Mingyi Hong"], year: 2024, arxiv: "2411.07538",
    shows: """
      Gradient descent on the value weights of one attention layer reaches zero loss when heads times embedding exceed the number of \
      target tokens, for softmax and Gaussian kernels alike. If only the query weights move, softmax can be stuck while the Gaussian \
      kernel keeps a useful gradient.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("sequences N") package var samples = 4
    @Setting("tokens n of a sequence") package var places = 4
    @Setting("standard deviation of the targets") package var targetDeviation = 0.5
    @Setting("steps of gradient descent in (a) and (b)") package var steps = 4000
    @Setting("(a), training W_V") package var values = Values()
    @Setting("(b), training W_Q") package var queries = Queries()
    @Setting("(c), slices of the landscape") package var slice = Slice()
    @Setting("(d), classifiers") package var classifier = ClassifierSettings()
    package init() {}
  }

  package struct Values: Codable, Sendable {
    @Setting("embedding dimensions D") package var widths = [4, 8, 16, 16, 32]
    @Setting("numbers H of heads, one for each D") package var heads = [1, 1, 4, 8, 8]
    @Setting("step sizes") package var rates = [0.01, 0.03, 0.1, 0.3]
    @Setting("data sets and initial weights") package var seeds = 5
    package init() {}

    var shapes: [(width: Int, heads: Int)] { zip(widths, heads).map { ($0, $1) } }
  }

  package struct Queries: Codable, Sendable {
    @Setting("embedding dimension D") package var width = 16
    @Setting("heads H") package var heads = 4
    @Setting("standard deviations delta of the noise on the repeated token") package var noises = [0, 0.01, 0.1]
    @Setting("step sizes") package var rates = [0.3, 1, 3]
    @Setting("data sets and initial weights") package var seeds = 6
    package init() {}
  }

  package struct Slice: Codable, Sendable {
    @Setting("delta of the problem of (b), of its first seed, around whose end we look") package var noise = 0.01
    @Setting("points along each direction") package var points = 25
    @Setting("how far, in lengths of the weights' columns") package var extent = 1.0
    package init() {}
  }

  package struct ClassifierSettings: Codable, Sendable {
    @Setting("chains, and classes, of the texts") package var classes = 4
    @Setting("tokens that a text is made of") package var vocabulary = 16
    @Setting("concentration of the chains' Dirichlet distributions: small for chains that differ much") package
      var concentration =
      1.0
    @Setting("length of a text") package var length = 32
    @Setting("width D") package var width = 32
    @Setting("heads H") package var heads = 4
    @Setting("step size of Adam") package var rate = 1e-3
    @Setting("steps") package var steps = 300
    @Setting("sequences of a step") package var batchSize = 32
    @Setting("sequences of the test") package var test = 256
    @Setting("classifiers") package var seeds = 3
    @Setting("width and height of the pictures with paths; 0 for none") package var pictureSide = 0
    @Setting("classifiers of pictures") package var pictureSeeds = 1
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.steps, settings.values.seeds, settings.queries.seeds, settings.slice.points) = (40, 2, 2, 5)
      (settings.values.widths, settings.values.heads) = ([4, 16], [1, 4])
      (settings.classifier.steps, settings.classifier.test, settings.classifier.seeds) = (10, 32, 2)
      (settings.classifier.batchSize, settings.classifier.pictureSide) = (8, 8)
    case .quick: break
    case .full: (settings.classifier.steps, settings.classifier.pictureSide) = (3000, 16)
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try trainValues(settings, notebook)
    for kernel in Kernel.allCases {
      let layer = try trainQueries(kernel, settings, notebook)
      try recordSlice(layer, settings, notebook)
    }
    let side = settings.classifier.pictureSide
    let tasks = [SequenceTask.text(settings, key: notebook.key("text"))] + (side > 0 ? [.paths(side: side)] : [])
    for task in tasks {
      for kernel in Kernel.allCases {
        let problem = Classification(task, kernel, settings, key: notebook.key("\(task.name), test"))
        let seeds = task.chains == nil ? settings.classifier.pictureSeeds : settings.classifier.seeds
        let grid = TrainingGrid(
          problem, Adam<Float>(), rates: [settings.classifier.rate], keys: notebook.key(task.name).split(seeds))
        try notebook.train(
          "\(task.name), \(kernel)", grid, steps: settings.classifier.steps,
          cadence: .even(30, of: settings.classifier.steps))
      }
    }
  }

  static func name(_ shape: (width: Int, heads: Int)) -> String { "D = \(shape.width), H = \(shape.heads)" }

  /// Gradient descent on one weight of many problems, each with all rates.
  /// - Returns: the last weights, [problems, rates, D, H, d].
  private static func descend<P: PartialTraining>(
    _ name: String, _ problems: [P], from starts: [Tensor<Double>], rates: [Double], along dimensions: [Dimension],
    _ settings: Settings, _ notebook: Recorder
  ) throws -> Tensor<Double> {
    let all = problems.flatMap { [P](repeating: $0, count: rates.count) }.stacked()
    let allRates = Tensor(problems.flatMap { _ in rates })
    let step = compile { (problems: P, weights: Tensor<Double>, rates: Tensor<Double>) in
      vmap { (problem: P, weight: Tensor<Double>, rate: Tensor<Double>) in
        weight - rate * grad { (weight: Tensor<Double>) in problem.loss(weight) }(weight)
      }(problems, weights, rates)
    }
    let losses = compile { (problems: P, weights: Tensor<Double>) in
      vmap { (problem: P, weight: Tensor<Double>) in problem.loss(weight) }(problems, weights)
    }
    let trace = try notebook.trace("\(name)/loss", "loss", along: dimensions + [Dimension("rate", rates, "step size")])
    var weights = starts.flatMap { [Tensor<Double>](repeating: $0, count: rates.count) }.stacked()
    try notebook.steps(name, settings.steps, state: &weights, cadence: .geometric(perDecade: 20)) { _, weights in
      weights = step(all, weights, allRates)
    } measure: { weights, record in
      record(trace, losses(all, weights).scalars)
    }
    return weights.reshaped([problems.count, rates.count] + weights.shape.dropFirst())
  }

  /// (a)
  private static func trainValues(_ settings: Settings, _ notebook: Recorder) throws {
    let seed = Dimension("seed", count: settings.values.seeds, "data set and initial weights")
    var floors: [Double] = []
    for kernel in Kernel.allCases {
      for shape in settings.values.shapes {
        let keys = notebook.key(name(shape)).split(seed.count)
        let layers = keys.map { Layer(shape.width, heads: shape.heads, kernel: kernel, key: $0.named("layer")) }
        let problems = zip(layers, keys).map { layer, key in
          ValueTraining(
            layer,
            .independent(settings.samples, settings.places, shape.width, settings, key: key.named("data")))
        }
        floors += try problems.map { try $0.floor() }
        _ = try descend(
          "values, \(kernel), \(name(shape))", problems, from: layers.map(\.heads.value), rates: settings.values.rates,
          along: [seed], settings, notebook)
      }
    }
    let axes = [
      Dimension("kernel", Kernel.allCases.map(\.rawValue), "kernel"),
      Dimension("shape", settings.values.shapes.map(name), "embedding dimension and heads"), seed,
    ]
    try notebook.tensor("floor", Tensor(shape: axes.map(\.count), floors), "least loss of any W_V", along: axes)
  }

  /// (b)
  /// - Returns: the layer of the first seed, trained at the slice's delta with its best rate, and its data.
  private static func trainQueries(
    _ kernel: Kernel, _ settings: Settings, _ notebook: Recorder
  ) throws -> (layer: Layer, data: Regression)? {
    let (part, rates) = (settings.queries, settings.queries.rates)
    let keys = notebook.key("queries").split(part.seeds)
    let layers = keys.map { Layer(part.width, heads: part.heads, kernel: kernel, key: $0.named("layer")) }
    let data = part.noises.flatMap { noise in
      keys.map {
        Regression.repeated(settings.samples, settings.places, part.width, noise: noise, settings, key: $0.named("data"))
      }
    }
    let starts = part.noises.flatMap { _ in layers }
    let problems = zip(starts, data).map { QueryTraining($0, $1) }
    let dimensions = [
      Dimension("delta", part.noises, "standard deviation of the noise on the repeated token"),
      Dimension("seed", count: part.seeds, "data set and initial weights"),
    ]
    let norms = zip(problems, starts).map { problem, layer in
      grad { (weight: Tensor<Double>) in problem.loss(weight) }(layer.heads.query).norm().scalar
    }
    try notebook.tensor(
      "queries, \(kernel)/start gradient", Tensor(shape: dimensions.map(\.count), norms),
      "norm of the gradient of W_Q before the first step", along: dimensions)
    let ends = try descend(
      "queries, \(kernel)", problems, from: starts.map(\.heads.query), rates: rates, along: dimensions, settings, notebook)

    guard let place = part.noises.firstIndex(of: settings.slice.noise) else { return nil }
    let first = place * part.seeds
    let losses = rates.indices.map { problems[first].loss(ends.slice(first, $0)).scalar }.map { $0.isNaN ? .infinity : $0 }
    let best = rates.indices.min { losses[$0] < losses[$1] } ?? 0
    var layer = layers[0]
    layer.heads.query = ends.slice(first, best)
    return (layer, data[first])
  }

  /// (c): the loss of W_Q + a U_Q + b V_Q and W_K + a U_K + b V_K for a grid of (a, b).
  private static func recordSlice(
    _ end: (layer: Layer, data: Regression)?, _ settings: Settings, _ notebook: Recorder
  ) throws {
    guard let (layer, data) = end else { return }
    let key = notebook.key("directions")
    let points = Tensor<Double>.linspace(-settings.slice.extent, settings.slice.extent, count: settings.slice.points).scalars
    let direction = { (weight: Tensor<Double>, name: String) in filterNormalizedDirection(weight, key: key.named(name)) }
    let (heads, uQ, vQ) = (layer.heads, direction(layer.heads.query, "U_Q"), direction(layer.heads.query, "V_Q"))
    let (uK, vK) = (direction(heads.key, "U_K"), direction(heads.key, "V_K"))
    let losses = compile(
      vmap { (a: Tensor<Double>, b: Tensor<Double>) in
        var moved = layer
        moved.heads.query = heads.query + a * uQ + b * vQ
        moved.heads.key = heads.key + a * uK + b * vK
        return data.loss(moved(data.inputs))
      })(Tensor(points.flatMap { _ in points }), Tensor(points.flatMap { b in points.map { _ in b } }))
    let axes = [Dimension("b", points, "step along the second direction"), Dimension("a", points, "along the first")]
    try notebook.tensor(
      "slice/\(heads.kernel)", losses.reshaped(points.count, points.count), "loss around trained weights", along: axes)
  }
}
