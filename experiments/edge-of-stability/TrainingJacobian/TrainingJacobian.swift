import Datasets
import Diagnostics
import Foundation
import Networks
import Notebook
import Plotting
import Solvers
import Tensors
import Transforms

/// Understanding Gradient Descent through the Training Jacobian (Belrose and Scherlis, 2024).
///
/// **Shows**: the Jacobian of the trained parameters with respect to the initial ones has three kinds of singular directions. Few are
/// expanded ("chaotic"), some contracted ("stable"), and a large bulk passes through training unchanged. The bulk depends on the inputs,
/// hardly on the labels or the seed, and along it the trained network behaves as before on its data, but not on noise.
///
/// **Here**: smooth prototypes with noise on 8x8 pixels, of which two columns are blank, and a network of 910 parameters, so that the
/// Jacobian comes whole, every column through every step of SGD; the same on the UCI digits when they are in the data folder. `full`
/// has the paper's network and momentum. The bulk holds the parameters of blank pixels, whose singular values are exactly 1: overlaps
/// are recorded with and without them. Left out: MNIST at its own size and the paper's larger networks.
package enum TrainingJacobian: Experiment {
  package static let paper = Paper(
    slug: "training-jacobian", title: "Understanding Gradient Descent through the Training Jacobian",
    authors: ["Nora Belrose", "Adam Scherlis"], year: 2024, arxiv: "2412.07003",
    shows: """
      Training expands a few directions of the initial parameters, contracts some, and leaves a large bulk unchanged. The bulk depends \
      on the inputs, hardly on labels or seed.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("images n") package var images = 1000
    @Setting("standard deviation of the noise on every pixel, beside prototypes of mean square 1") package var noise = 0.6
    @Setting("columns of pixels that are blank") package var blankColumns = [0, 7]
    @Setting("hidden units") package var hidden = 12
    @Setting("learning rate of SGD") package var rate = 0.1
    @Setting("momentum of SGD") package var momentum = 0.0
    @Setting("images in a batch") package var batchSize = 64
    @Setting("steps of SGD") package var steps = 400
    @Setting("steps between spectra of the first run") package var interval = 50
    @Setting("starts and orders of batches with the real labels; the first two are compared") package var seeds = [0, 3]
    @Setting("the same with shuffled labels") package var shuffledSeeds = [0]
    @Setting("whether training is in Double instead of Float") package var isDouble = false
    @Setting("lengths of the perturbations of the trained parameters") package var perturbations = [
      0.01, 0.03, 0.1, 0.3, 1, 3, 10,
    ]
    @Setting("directions of perturbation in each region") package var draws = 10
    @Setting("singular vectors of either end that are perturbed along") package var extremes = 20
    package init() {}

    var runs: [(name: String, seed: Int, isShuffled: Bool)] {
      seeds.map { ("real labels, seed \($0)", $0, false) } + shuffledSeeds.map { ("shuffled labels, seed \($0)", $0, true) }
    }
    /// The run that the others are compared with.
    var reference: String { runs[0].name }
    /// What the reference is compared with, by the name of the comparison.
    var comparisons: [(name: String, run: String)] {
      let shuffled = runs.first(where: \.isShuffled).map { [("labels", $0.name)] } ?? []
      return shuffled + (seeds.count > 1 ? [("seeds", runs[1].name)] : [])
    }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.images, settings.hidden, settings.steps, settings.interval) = (200, 2, 40, 20)
      settings.isDouble = true
    case .quick: break
    case .full:
      (settings.hidden, settings.momentum, settings.steps, settings.interval) = (64, 0.9, 375, 125)
      settings.seeds = [0, 3, 4]
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let key = notebook.key("images")
    let images = PrototypeImages(classes: 10, side: 8, key: key.named("prototypes"))
    let drawn = images.sample(settings.images, noise: settings.noise, as: Double.self, key: key.named("sample"))
    let isVisible = Tensor((0..<64).map { settings.blankColumns.contains($0 % 8) ? 0.0 : 1 })
    try study(
      LabelledPoints(inputs: drawn.inputs * isVisible, labels: drawn.labels, classes: 10), prototypes, settings, notebook)
    if let file = DataFolder.file("digits/optdigits.tes") {
      let table = try CSV(file: file, hasHeader: false)
      notebook.uses(table.source)
      let (pixels, labels) = table.split(as: Double.self)
      let scanned = LabelledPoints(inputs: pixels / 16, labels: labels.converted(to: Int32.self), classes: 10)
      let order = notebook.key("scanned").permutation(scanned.count).prefix(settings.images)
      try study(scanned.selected(Array(order)), scannedDigits, settings, notebook)
    }
  }

  static let scannedDigits = "UCI digits"

  /// All runs on one set of images, and what is compared between them.
  private static func study(
    _ points: LabelledPoints<Double>, _ group: String, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let order = notebook.key("shuffled labels").permutation(points.count)
    let runs = try settings.runs.map { name, seed, isShuffled in
      var points = points
      if isShuffled { points.labels = points.selected(order).labels }
      let (path, isTraced) = ("\(group), \(name)", name == settings.reference)
      return settings.isDouble
        ? try trained(path, isTraced, on: points, seed: seed, settings, notebook, as: Double.self)
        : try trained(path, isTraced, on: points, seed: seed, settings, notebook, as: Float.self)
    }
    let count = runs[0].jacobian.values.count
    let dimensions = [
      Dimension("run", settings.runs.map(\.name), "labels, start and order of batches"),
      Dimension("place", Array(1...count), "place of the singular value, the largest first"),
    ]
    try notebook.tensor(
      "\(group)/singular values", .stack(runs.map(\.jacobian.values)), "singular values of the training Jacobian",
      along: dimensions)
    try notebook.tensor(
      "\(group)/alignment", .stack(runs.map { $0.jacobian.alignment() }), "|u_i . v_i|, left and right singular vectors",
      along: dimensions)
    try notebook.tensor("\(group)/loss", Tensor(runs.map(\.loss)), "cross-entropy of all images", along: [dimensions[0]])
    try notebook.tensor("\(group)/accuracy", Tensor(runs.map(\.accuracy)), "accuracy on all images", along: [dimensions[0]])
    // A pixel that is never lit feeds parameters that never move.
    let blankPixels = points.inputs.abs().max(0).scalars.filter { $0 == 0 }.count
    try notebook.scalar("\(group)/blank parameters", Double(blankPixels * settings.hidden), "parameters fed by blank pixels")
    try compare(runs, group, settings, notebook)
    try perturb(runs[0], points, group, settings, notebook)
  }

  private struct Trained {
    var parameters: Tensor<Double>
    var jacobian: SingularRegions
    var loss, accuracy: Double
  }

  private static func network<Scalar: RealScalar>(_ settings: Settings, key: Key, as type: Scalar.Type) -> MLP<Scalar> {
    MLP([64, settings.hidden, 10], initializer: .leCun(), key: key)
  }

  /// - Parameter isTraced: whether the singular values are recorded during training too.
  private static func trained<Scalar: RealScalar>(
    _ name: String, _ isTraced: Bool, on points: LabelledPoints<Double>, seed: Int, _ settings: Settings, _ notebook: Recorder,
    as type: Scalar.Type
  ) throws -> Trained {
    let network = network(settings, key: notebook.key("start")[seed], as: Scalar.self)
    let batches = Minibatches(count: points.count, size: settings.batchSize, key: notebook.key("batches")[seed])
    let inputs = points.inputs.converted(to: Scalar.self)
    let step = compile { (state: DifferentiatedDescent<Scalar>, batch: Tensor<Int32>) in
      let (x, y) = (inputs.gather(batch), points.labels.gather(batch))
      return state.stepped(rate: Scalar(settings.rate), momentum: Scalar(settings.momentum)) {
        grad { crossEntropy(network.unraveled($0)(x), labels: y) }($0)
      }
    }
    let ranks = Dimension("rank", ["largest", "median", "smallest"], "place among the singular values")
    let trace =
      isTraced
      ? try notebook.trace("\(name)/singular values", "extremes and median of the singular values", along: [ranks]) : nil
    var state = DifferentiatedDescent(at: network.raveled(as: Scalar.self))
    try notebook.steps(name, settings.steps, state: &state, cadence: .every(settings.interval)) { t, state in
      state = step(state, Tensor(batches[t].map { Int32($0) }))
    } measure: { state, record in
      guard let trace else { return }
      let values = try thinSVD(state.jacobian.converted(to: Double.self)).s.scalars
      record(trace, [values[0], median(values), values[values.count - 1]])
    }
    let logits = network.unraveled(state.parameters)(inputs)
    return Trained(
      parameters: state.parameters.converted(to: Double.self),
      jacobian: try SingularRegions(of: state.jacobian.converted(to: Double.self)),
      loss: Double(crossEntropy(logits, labels: points.labels).scalar),
      accuracy: Double(accuracy(logits, labels: points.labels).scalar))
  }

  // MARK: Comparisons

  /// How much the bulks of two runs share, and the bulk of the first with a random subspace.
  private static func compare(_ runs: [Trained], _ group: String, _ settings: Settings, _ notebook: Recorder) throws {
    let bulk = runs[0].jacobian.inputs(runs[0].jacobian.bulk)
    let names = settings.runs.map(\.name)
    let others = settings.comparisons.map { name, run in
      let jacobian = runs[names.firstIndex(of: run) ?? 0].jacobian
      return (name: name, inputs: jacobian.inputs(jacobian.bulk))
    }
    let random = Tensor<Double>.orthogonal(bulk.shape, key: notebook.key("random subspace"))
    for (name, other) in others + [("random", random)] {
      // A run that was cut short may have no bulk.
      let cosines = bulk.count == 0 || other.count == 0 ? [] : try principalAngles(bulk, other).map { cos($0) }
      let path = "\(group) bulks, \(name)"
      let pair = Dimension("size", ["first", "second"], "subspace")
      try notebook.tensor(
        "\(path)/dimensions", Tensor([bulk, other].map { Double($0.shape[1]) }), "dimensions of the two subspaces", along: [pair])
      guard !cosines.isEmpty else { continue }
      try notebook.tensor(
        "\(path)/cosines", Tensor(cosines), "cosines of the principal angles",
        along: [Dimension("place", Array(1...cosines.count), "place of the angle, the smallest first")])
    }
  }

  /// The divergence of the class probabilities when the trained parameters move within a region.
  private static func perturb(
    _ run: Trained, _ points: LabelledPoints<Double>, _ group: String, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let network = network(settings, key: notebook.key("start"), as: Double.self)
    let key = notebook.key("perturbations")
    let noise = Tensor<Double>.normal(points.inputs.shape, key: key.named("noise"))
    let change = compile { (parameters: Tensor<Double>, moved: Tensor<Double>, inputs: Tensor<Double>) in
      divergence(network.unraveled(parameters)(inputs), network.unraveled(moved)(inputs))
    }
    let regions = run.jacobian.perturbedRegions(extremes: settings.extremes)
    var values: [Double] = []
    for (i, region) in regions.enumerated() {
      let basis = run.jacobian.outputs(region.places)
      let directions = (0..<settings.draws).map { draw in
        matmul(basis, Tensor<Double>.unitVectors([region.places.count], key: key[i][draw]))
      }
      for inputs in [points.inputs, noise] {
        for length in settings.perturbations {
          values += directions.map { change(run.parameters, run.parameters + length * $0, inputs).scalar }
        }
      }
    }
    let dimensions = [
      Dimension("region", regions.map(\.name), "left singular vectors that the perturbation is made of"),
      Dimension("inputs", inputKinds, "what the network is applied to"),
      Dimension("length", settings.perturbations, "norm of the perturbation"),
      Dimension("draw", count: settings.draws, "direction within the region"),
    ]
    try notebook.tensor(
      "\(group) perturbed/divergence", Tensor(shape: dimensions.map(\.count), values),
      "mean Kullback-Leibler divergence of the class probabilities", along: dimensions, units: "nat")
  }

  static let inputKinds = ["images", "white noise"]
}
