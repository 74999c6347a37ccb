import Notebook
import Tensors
import Transforms

/// Supervised Dictionary Learning with Auxiliary Covariates (Lee, Lyu and Yao, 2022).
///
/// **Shows**: one dictionary that must both reconstruct data and predict labels is a rank-constrained convex problem after lifting, and
/// low-rank projected gradient descent (LPGD) converges to its global optimum at a linear rate from any start, provided that the
/// condition number L/mu is below 3. Fitting jointly beats "components first, classifier second" when the directions that
/// reconstruct and the directions that discriminate differ.
///
/// **Here**: the filter model, without covariates and with two, on the synthetic generative model; block coordinate descent on the
/// factors; the two-stage fit; labels turned step by step into a direction that the dictionary has no room for; and images of digits.
/// Left out: the box and ball constraints of the theory, inactive here, and the feature model.
///
/// Truncation stretches distances where the data are not of rank r: near the limit LPGD contracts by about
/// (1 - 2 tau xi) / (1 - 2 tau xi s) at worst, s being singular value r + 1 of X over singular value r. With xi = nu = 1 that is more than
/// rho = 1/2 for s > 2/3: there the rate of the late steps can exceed rho, while the bound from the start holds.
package enum SupervisedDictionary: Experiment {
  package static let paper = Paper(
    slug: "supervised-dictionary-lpgd", title: "Supervised Dictionary Learning with Auxiliary Covariates",
    authors: ["Joowon Lee", "Hanbaek Lyu", "Weixin Yao"], year: 2022, arxiv: "2206.06774",
    shows: """
      A dictionary that both reconstructs data and predicts labels is the solution of a rank-constrained convex problem. Projected \
      gradient descent on it converges to the global optimum at a linear rate, from any start, if the problem's condition number is \
      below 3; fitting both at once beats fitting one after the other.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("synthetic data") package var synthetic = Synthetic()
    @Setting("weights (xi, nu) of reconstruction and ridge for which the theorem holds") package var weights = [
      Weights(xi: 1, nu: 1), Weights(xi: 0.5, nu: 0.5),
    ]
    @Setting("weights with L/mu above 3") package var illConditioned = Weights(xi: 1, nu: 0.3)
    @Setting("numbers q of covariates") package var covariates = [0, 2]
    @Setting("LPGD steps") package var steps = 200
    @Setting("sweeps of block coordinate descent") package var sweeps = 300
    @Setting("gradient steps on a block in a sweep") package var blockSteps = 5
    @Setting("normal starts") package var starts = 2
    @Setting("independent data sets") package var seeds = 3
    @Setting("shares of the labels' direction that lie outside of the dictionary") package var discrepancies = [
      0, 0.25, 0.5, 0.75, 1,
    ]
    @Setting("weights (xi, nu) of that study: small, so that the labels count (ours)") package var discrepancyWeights = Weights(
      xi: 0.3, nu: 0.3)
    @Setting("images of digits") package var images = Images()
    package init() {}

    var allWeights: [Weights] { weights + [illConditioned] }
  }

  package struct Synthetic: Codable, Sendable {
    @Setting("dimension p of the points") package var dimension = 30
    @Setting("points n, as many again for testing") package var points = 150
    @Setting("rank r") package var rank = 3
    @Setting("standard deviation of the noise, before scaling") package var noise = 0.3
    @Setting("largest singular value of X over X' after scaling") package var norm = 2.0
    @Setting("length of the direction a that makes the labels") package var signal = 20.0
    @Setting("standard deviation of the covariates' coefficients (ours)") package var covariateSignal = 5.0
    package init() {}
  }

  package struct Images: Codable, Sendable {
    @Setting("width and height of a drawn image") package var side = 16
    @Setting("images n, as many again for testing") package var points = 200
    @Setting("atoms r") package var rank = 4
    @Setting("LPGD steps") package var steps = 50
    @Setting("weights (xi, nu)") package var weights = Weights(xi: 1, nu: 1)
    @Setting("largest singular value of X after scaling") package var norm = 2.0
    @Setting("whether MNIST is taken where it is in the data folder") package var prefersMNIST = false
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.synthetic.dimension, settings.synthetic.points) = (10, 40)
      (settings.steps, settings.sweeps, settings.seeds) = (60, 60, 2)
      (settings.images.side, settings.images.points, settings.images.steps) = (8, 40, 20)
    case .quick: break
    case .full:
      (settings.synthetic.dimension, settings.synthetic.points) = (400, 1000)
      (settings.images.side, settings.images.points, settings.images.prefersMNIST) = (20, 1000, true)
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    for q in settings.covariates { try runStarts(settings, covariates: q, notebook) }
    try runDiscrepancies(settings, notebook)
    try runImages(settings, notebook)
  }

  /// LPGD and block coordinate descent for every data set, pair of weights and start: one axis of all.
  private static func runStarts(_ settings: Settings, covariates q: Int, _ notebook: Recorder) throws {
    let synthetic = settings.synthetic
    let grid = (0..<settings.seeds).flatMap { seed in
      settings.allWeights.flatMap { weights in (0..<settings.starts).map { (seed: seed, weights: weights, start: $0) } }
    }
    let key = notebook.key("synthetic")
    let samples = try (0..<settings.seeds).map { try Self.synthetic(synthetic, covariates: q, key: key[$0]).training }
    let objectives = Objective.stack(grid.map { Objective(samples[$0.seed], $0.weights) })
    let normals = { (shape: [Int], name: String) in
      Tensor.stack(grid.map { Tensor<Double>.normal(shape, key: notebook.key("starts")[$0.seed][$0.start].named(name)) })
    }
    let gammas = Tensor<Double>.zeros([grid.count, q])
    let dimensions = [
      Dimension("seed", count: settings.seeds, "data set"),
      Dimension("weights", settings.allWeights.map(label), "weights of reconstruction and ridge"),
      Dimension("start", count: settings.starts, "normal start"),
    ]

    let step = compile { (f: Objective, z: Lifted) in vmap { $1.lpgdStep($0, rank: synthetic.rank) }(f, z) }
    let measures = compile { (f: Objective, z: Lifted, limit: Lifted) in
      vmap { (f: Objective, z: Lifted, limit: Lifted) in [f.value(z), z.distance(to: limit)] }(f, z, limit)
    }
    // The distance to the last iterate is known only when it is: the same steps once before, without a trace.
    let start = Lifted(z: normals([synthetic.dimension, 1 + synthetic.points], "Z"), gamma: gammas)
    var limit = start
    try notebook.steps("limit-q\(q)", settings.steps, state: &limit, cadence: .every(settings.steps)) { _, z in
      z = step(objectives, z)
    }
    let value = try notebook.trace("lpgd-q\(q)/objective", "objective F", along: dimensions)
    let distance = try notebook.trace("lpgd-q\(q)/distance", "|Z_t - Z_T|, gamma included", along: dimensions)
    var lifted = start
    try notebook.steps("lpgd-q\(q)", settings.steps, state: &lifted, cadence: .every(1)) { _, z in
      z = step(objectives, z)
    } measure: { z, record in
      let measured = measures(objectives, z, limit)
      record(value, measured[0].scalars)
      record(distance, measured[1].scalars)
    }

    let sweep = compile { (f: Objective, blocks: Blocks) in
      vmap { $1.sweep($0, gradientSteps: settings.blockSteps) }(f, blocks)
    }
    let blockValues = compile { (f: Objective, blocks: Blocks) in vmap { $0.value($1) }(f, blocks) }
    let blockValue = try notebook.trace("bcd-q\(q)/objective", "objective F", along: dimensions)
    var blocks = Blocks(
      w: normals([synthetic.dimension, synthetic.rank], "W"), h: .zeros([grid.count, synthetic.rank, synthetic.points]),
      beta: normals([synthetic.rank], "beta"), gamma: gammas)
    try notebook.steps("bcd-q\(q)", settings.sweeps, state: &blocks, cadence: .every(1)) { _, blocks in
      blocks = sweep(objectives, blocks)
    } measure: { blocks, record in
      record(blockValue, blockValues(objectives, blocks).scalars)
    }

    let spectra = try samples.map { try thinSVD($0.data).s }
    try notebook.tensor(
      "starts-q\(q)/gap", Tensor(spectra.map { $0[synthetic.rank] / $0[synthetic.rank - 1] }),
      "singular value r + 1 of X over singular value r", along: [dimensions[0]])
    let stages = vmap { (f: Objective) in f.value(twoStages(f, rank: synthetic.rank)) }(objectives)
    try notebook.tensor(
      "two-stages-q\(q)/objective", stages.reshaped(dimensions.map(\.count)), "objective F of the two-stage fit",
      along: dimensions)
    let ends: Tensor<Double> = limit.z.reshaped([settings.seeds, settings.allWeights.count, settings.starts, -1])
    let first = ends.slice(All(), All(), 0..<1)
    let apart = ((ends - first).norm(-1) / first.norm(-1)).max(-1)
    try notebook.tensor(
      "starts-q\(q)/difference", apart, "largest |Z - Z'|/|Z| between the first start's last Z and another's",
      along: Array(dimensions.prefix(2)))
  }

  /// Accuracy on new points and reconstruction as the labels turn away from the dictionary.
  private static func runDiscrepancies(_ settings: Settings, _ notebook: Recorder) throws {
    let synthetic = settings.synthetic
    let key = notebook.key("discrepancy")
    let samples = try settings.discrepancies.flatMap { t in
      try (0..<settings.seeds).map { try Self.synthetic(synthetic, covariates: 0, discrepancy: t, key: key[$0]) }
    }
    let f = Objective.stack(samples.map { Objective($0.training, settings.discrepancyWeights) })
    let step = compile { (f: Objective, z: Lifted) in vmap { $1.lpgdStep($0, rank: synthetic.rank) }(f, z) }
    var z = Lifted(
      z: .zeros([samples.count, synthetic.dimension, 1 + synthetic.points]), gamma: .zeros([samples.count, 0]))
    try notebook.steps("discrepancy", settings.steps, state: &z, cadence: .every(settings.steps)) { _, z in z = step(f, z) }
    let joint = vmap { (z: Lifted) in [z.a, z.b] }(z)
    let staged = vmap { (f: Objective) in
      let blocks = twoStages(f, rank: synthetic.rank)
      return [matmul(blocks.w, blocks.beta), matmul(blocks.w, blocks.h)]
    }(f)
    let fits = [joint, staged]
    let nothing = Tensor<Double>.zeros([0])
    let accuracies = fits.flatMap { fit in samples.indices.map { samples[$0].test.accuracy(fit[0].row($0), nothing) } }
    let errors = fits.flatMap { fit in
      samples.indices.map { i in
        let x = samples[i].training.data
        return ((x - fit[1].row(i)).squaredNorm() / x.squaredNorm()).scalar
      }
    }
    let dimensions = [
      methods, Dimension("discrepancy", settings.discrepancies, "share of the labels' direction outside of the dictionary"),
      Dimension("seed", count: settings.seeds, "data set"),
    ]
    let shape = dimensions.map(\.count)
    try notebook.tensor(
      "discrepancy/accuracy", Tensor(shape: shape, accuracies), "share of new points classified right", along: dimensions)
    try notebook.tensor("discrepancy/error", Tensor(shape: shape, errors), "|X - B|²/|X|²", along: dimensions)
  }

  static let methods = Dimension("method", ["joint", "two stages"], "how the dictionary is fitted")

  /// "xi 1.0, nu 0.3"
  static func label(_ weights: Weights) -> String { "xi \(weights.xi), nu \(weights.nu)" }

  /// The dictionaries of digits: the left singular vectors of [A, B], and those of X.
  private static func runImages(_ settings: Settings, _ notebook: Recorder) throws {
    let images = settings.images
    let (training, test, side) = try digits(images, key: notebook.key("digits"), notebook)
    let f = Objective(training, images.weights)
    let step = compile { (f: Objective, z: Lifted) in z.lpgdStep(f, rank: images.rank) }
    var z = Lifted(z: .zeros([side * side, 1 + images.points]), gamma: .zeros([0]))
    try notebook.steps("images", images.steps, state: &z, cadence: .every(images.steps)) { _, z in z = step(f, z) }
    let blocks = twoStages(f, rank: images.rank)
    let filters = [z.a, matmul(blocks.w, blocks.beta)]
    let atoms = [try thinSVD(z.z).u.slice(All(), 0..<images.rank), blocks.w]
    let pictures = zip(atoms, filters).map { atoms, filter in
      Tensor.concatenate([atoms.transposed(), (filter / filter.norm()).reshaped(1, side * side)])
    }
    try notebook.tensor(
      "images/atoms", Tensor.stack(pictures), "atoms, and last the filter A that makes the score, all of length 1",
      along: [
        methods, Dimension("atom", count: images.rank + 1, "number of the atom"),
        Dimension("pixel", count: side * side, "pixel, row by row"),
      ])
    try notebook.tensor(
      "images/accuracy", Tensor(filters.map { test.accuracy($0, z.gamma) }), "share of new images classified right",
      along: [methods])
  }
}
