import Datasets
import Lenses
import Networks
import Notebook
import Tensors
import Transforms

/// Categorical Foundations of Gradient-Based Learning (Cruttwell, Gavranović, Ghani, Wilson and Zanasi, ESOP 2022).
///
/// **Shows**: models, losses, learning rates and optimizers are parametric lenses, and wiring them gives the whole training step: another
/// optimizer or loss is another lens. Nothing but a reverse derivative is asked for, so the same wiring trains Boolean circuits over Z_2,
/// and dreams inputs when the optimizer stands before the input instead of the parameters.
///
/// **Here**: (1) the axioms of reverse derivatives and the laws of lenses, on random layers and exactly on random polynomials over Z_2;
/// (2) three clusters in four dimensions, a hidden layer of 20, two losses, six optimizers, each against the update rule written out;
/// (3) a convolutional network on drawn digits; Iris and MNIST when they are in the data folder; (4) Boolean functions by lookup table and by
/// the products of at most two inputs; (5) inputs dreamed by the network of (3). The sixth lens is Nesterov's with get = p. The rules
/// that divide by the size of what arrives have a rate of their own, as in the paper; an eps in the learning rate would cancel.
/// Polynomials over Z_2 keep their powers: with x^2 reduced to x the chain rule fails, since the derivative is formal.
package enum ParametricLensLearning: Experiment {
  package static let paper = Paper(
    slug: "para-lens-learning", title: "Categorical Foundations of Gradient-Based Learning",
    authors: ["Geoffrey S. H. Cruttwell", "Bruno Gavranović", "Neil Ghani", "Paul Wilson", "Fabio Zanasi"], year: 2021,
    arxiv: "2103.01931",
    shows: """
      Models, losses, learning rates and optimizers are parametric lenses; wired together they are the training step. The same code trains
      Boolean circuits, because only a reverse derivative is needed.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("draws of the laws (1)") package var draws = 100
    @Setting("three clusters (2)") package var clusters = Clusters()
    @Setting("the convolutional network (3)") package var digits = Digits()
    @Setting("Boolean functions (4)") package var boolean = Boolean()
    @Setting("dreamed inputs (5)") package var dreaming = Dreaming()
    package init() {}
  }

  package struct Clusters: Codable, Sendable {
    @Setting("points") package var count = 150
    @Setting("features") package var features = 4
    @Setting("distance of the centres in standard deviations of a cloud") package var separation = 4.0
    @Setting("hidden units") package var hidden = 20
    @Setting("full-batch steps") package var steps = 300
    @Setting("step size eps") package var rate = 0.05
    @Setting("momentum gamma") package var gamma = 0.9
    package init() {}
  }

  package struct Digits: Codable, Sendable {
    @Setting("training images") package var count = 1000
    @Setting("width and height of a drawn image in pixels") package var side = 12
    @Setting("filters") package var filters = 8
    @Setting("images a step; one epoch") package var batch = 20
    @Setting("rate of Adam") package var rate = 0.01
    package init() {}
  }

  package struct Boolean: Codable, Sendable {
    @Setting("inputs of the functions that are all tried") package var bits = 3
    @Setting("inputs of the functions that are drawn") package var manyBits = 6
    @Setting("how many are drawn") package var draws = 16
    package init() {}
  }

  package struct Dreaming: Codable, Sendable {
    @Setting("classes to dream of") package var classes = [0, 1, 2, 3]
    @Setting("steps") package var steps = 100
    @Setting("step size eps") package var rate = 0.5
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.draws = 5
      settings.clusters.steps = 20
      settings.digits.count = 40
      settings.digits.side = 8
      settings.boolean.manyBits = 4
      settings.boolean.draws = 2
      settings.dreaming.steps = 5
    case .quick: break
    case .full:
      settings.draws = 1000
      settings.digits.count = 10_000
      settings.digits.side = 28
      settings.boolean.draws = 64
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try recordLaws(settings.draws, notebook)
    try trainClusters(settings.clusters, notebook)
    try trainCircuits(settings.boolean, notebook)
    let images = try digits(settings.digits, notebook)
    let model = try trainConvolutional(on: images, settings.digits, notebook)
    try dream(with: model, side: images.side, settings.dreaming, notebook)
  }

  private static func recordLaws(_ draws: Int, _ notebook: Recorder) throws {
    let draw = Dimension("draw", count: draws, "draw of lenses, points and changes")
    let real = vmap { realLaws($0) }(Key.batch(notebook.key("real").split(draws)))
    try notebook.tensor(
      "laws/real", real, "largest difference of the two sides of a law, reals",
      along: [draw, Dimension("law", realLawNames, "law")])
    let boolean = notebook.key("boolean").split(draws).flatMap { booleanLaws($0) }
    try notebook.tensor(
      "laws/boolean", Tensor(shape: [draws, booleanLawNames.count], boolean), "violations of a law, all points of Z_2",
      along: [draw, Dimension("boolean_law", booleanLawNames, "law over Z_2")])
  }

  /// (2): the drawn clusters, and Iris with its classes in the last column when it is in the data folder.
  private static func trainClusters(_ clusters: Clusters, _ notebook: Recorder) throws {
    let mixture = GaussianMixture(
      classes: 3, dimension: clusters.features, separation: clusters.separation, key: notebook.key("centres"))
    let points: LabelledPoints<Double> = mixture.sample(clusters.count, key: notebook.key("points"))
    try race(on: points.inputs, points.labels, "", clusters, notebook)
    guard let file = DataFolder.file("iris/iris.csv") else { return }
    let iris = try CSV(file: file)
    notebook.uses(iris.source)
    let (inputs, labels) = iris.split(as: Double.self)
    try race(on: inputs, labels.map { Int32($0) }, "iris ", clusters, notebook)
  }

  /// Every loss with every optimizer, as lenses and written out, from one start.
  private static func race(
    on inputs: Tensor<Double>, _ labels: Tensor<Int32>, _ prefix: String, _ clusters: Clusters, _ notebook: Recorder
  ) throws {
    let data = Pair(inputs, Tensor<Double>.oneHot(labels, classes: 3))
    let start = Perceptron(widths: (inputs.shape[1], clusters.hidden, 3), key: notebook.key("start"))
    for loss in Loss.allCases {
      for rule in OptimizerRule.all(rate: clusters.rate, gamma: clusters.gamma) {
        try rule.race(loss, data: data, from: start, steps: clusters.steps, prefix, notebook)
      }
    }
  }

  /// (4): the share of right rows after every example, one pass over all of them in random order.
  private static func trainCircuits(_ boolean: Boolean, _ notebook: Recorder) throws {
    let key = notebook.key("circuits")
    let few = (0..<1 << (1 << boolean.bits)).map { number in (0..<1 << boolean.bits).map { (number >> $0) & 1 == 1 } }
    let many = (0..<boolean.draws).map { i in
      Tensor<Int32>.bernoulli([1 << boolean.manyBits], probability: 0.5, key: key.named("functions")[i]).scalars.map { $0 == 1 }
    }
    let cases = [
      ("table", BooleanMap.lookupTable(bits: boolean.bits), boolean.bits, few),
      ("products", BooleanMap.quadratic(bits: boolean.bits), boolean.bits, few),
      ("large_table", BooleanMap.lookupTable(bits: boolean.manyBits), boolean.manyBits, many),
    ]
    for (name, model, bits, functions) in cases {
      let orders = key.named(name).split(functions.count).map { $0.permutation(1 << bits) }
      let right = zip(functions, orders).flatMap { Circuit.learn($0, model: model, bits: bits, order: $1) }
      try notebook.tensor(
        "circuits/\(name)", Tensor(shape: [functions.count, (1 << bits) + 1], right), "share of right rows of the truth table",
        along: [
          Dimension("\(name)_function", count: functions.count, "Boolean function"),
          Dimension("\(name)_seen", count: (1 << bits) + 1, "examples seen"),
        ])
    }
  }

  private static func digits(_ digits: Digits, _ notebook: Recorder) throws -> LabelledImages {
    if let real = try MNIST.testImages(digits.count, classes: Array(0..<10)) {
      notebook.uses(DataSource(name: MNIST.name, count: real.images.labels.count, sha256: real.sha256))
      return real.images
    }
    return DrawnDigits.sample(digits.count, side: digits.side, key: notebook.key("digits"))
  }

  /// (3): one epoch of Adam.
  private static func trainConvolutional(
    on images: LabelledImages, _ digits: Digits, _ notebook: Recorder
  ) throws -> ConvolutionalNetwork {
    typealias State = Moments<ConvolutionalNetwork>
    let side = images.side
    let pixels = images.pixels.reshaped(-1, side, side, 1)
    let labels = Tensor<Double>.oneHot(Tensor(images.labels.map { Int32($0) }), classes: 10)
    let step = ConvolutionalNetwork.lens.reparametrized(by: .adam(rate: digits.rate)).then(Loss.crossEntropy.lens)
      .then(.learningRate(1))
    let update = compile { (now: Pair<State, ConvolutionalNetwork>, label: Tensor<Double>, image: Tensor<Double>) in
      step.put(Pair(now, label), image, Unit()).first.first
    }
    let start = ConvolutionalNetwork(side: side, filters: digits.filters, classes: 10, key: notebook.key("convolutional"))
    var state = Pair(State(before: start), start)
    let accuracy = try notebook.trace("digits/accuracy", "share of the training images that are classified correctly")
    let batches = max(1, labels.shape[0] / digits.batch)
    let measured = compile { (model: ConvolutionalNetwork) in
      (model(pixels).argmax() .== labels.argmax()).converted(to: Double.self).mean()
    }
    try notebook.steps("digits", batches, state: &state, cadence: .even(10, of: batches)) { i, state in
      let rows = i * digits.batch..<min((i + 1) * digits.batch, labels.shape[0])
      state = update(state, labels.slice(rows), pixels.slice(rows))
    } measure: { state, record in
      record(accuracy, measured(state.second).scalar)
    }
    return state.second
  }

  /// (5): the same lens with input and parameters exchanged, and gradient descent before the input.
  private static func dream(
    with model: ConvolutionalNetwork, side: Int, _ dreaming: Dreaming, _ notebook: Recorder
  ) throws {
    let count = dreaming.classes.count
    let step = ConvolutionalNetwork.lens.exchanged.reparametrized(by: .gradientDescent()).then(Loss.crossEntropy.lens)
      .then(.learningRate(dreaming.rate * Double(count)))  // The loss is a mean over the images.
    let labels = Tensor<Double>.oneHot(Tensor(dreaming.classes.map { Int32($0) }), classes: 10)
    let update = compile { (image: Tensor<Double>, model: ConvolutionalNetwork) in
      step.put(Pair(Pair(Unit(), image), labels), model, Unit()).first.first.second
    }
    let probability = try notebook.trace(
      "dreaming/probability", "probability of the class", along: [Dimension("class", dreaming.classes, "class dreamed of")])
    var image = Tensor<Double>.normal([count, side, side, 1], standardDeviation: 0.1, key: notebook.key("dream")) + 0.3
    try notebook.steps("dreaming", dreaming.steps, state: &image, cadence: .every(1)) { _, image in
      image = update(image, model)
    } measure: { image, record in
      record(probability, (model(image).softmax() * labels).sum(-1).scalars)
    }
    try notebook.tensor(
      "dreaming/image", image.reshaped(count, side, side), "dreamed input",
      along: [
        Dimension("class", dreaming.classes, "class dreamed of"), Dimension("row", count: side, "row of pixels"),
        Dimension("column", count: side, "column of pixels"),
      ])
  }
}
