import Notebook
import Solvers
import Tensors
import Transforms

/// A Precise Characterization of SGD Stability Using Loss Surface Geometry (Dexter, Ocejo, Keerthi, Gupta et al., ICLR 2024).
///
/// **Shows**: how much batch noise destabilises a minimum depends on how aligned the Hessians of the examples are. One number, the coherence
/// sigma, turns this into a condition for divergence on the top eigenvalue, which is nearly tight.
///
/// **Here**: (A) the paper's family of Hessians, its factor in mean square in closed form and SGD itself, all cells of the grid with the
/// same draws; (B) random ensembles of Hessians, the radius of the exact second-moment map by power iteration; (C) logistic regression with
/// duplicated and with orthogonal inputs of the same top eigenvalue. Batches are Bernoulli samples. In (B) the scale multiplies H_i.
package enum StabilityCoherence: Experiment {
  package static let paper = Paper(
    slug: "sgd-stability-coherence",
    title: "A Precise Characterization of SGD Stability Using Loss Surface Geometry",
    authors: ["Gregory Dexter", "Borja Ocejo", "Sathiya Keerthi", "Aman Gupta", "Ayan Acharya", "Rajiv Khanna"], year: 2024,
    arxiv: "2401.12332",
    shows: """
      Batch noise destabilises a minimum the more, the less aligned the Hessians of the examples are. A coherence measure gives a \
      condition for divergence in mean square that is never wrong and nearly tight.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("step size eta") package var rate = 0.8
    @Setting("A: the family of Hessians") package var family = Family()
    @Setting("B: random ensembles") package var ensembles = Ensembles()
    @Setting("C: logistic regression") package var logistic = Logistic()
    package init() {}
  }

  package struct Family: Codable, Sendable {
    @Setting("examples n") package var examples = 100
    @Setting("top eigenvalues lambda_1 of the mean Hessian") package var eigenvalues = [0.1, 0.5, 1, 2]
    @Setting("mean batch sizes B") package var batchSizes = [1, 2, 3, 4, 5, 8, 12, 19, 28, 43, 66, 100]
    @Setting("coherences sigma") package var coherences = [1, 10, 19, 28, 37, 46, 55, 64, 73, 82, 91, 100]
    @Setting("steps of SGD") package var steps = 1000
    @Setting("independent runs") package var seeds = 5
    @Setting("norm beyond which a run has diverged") package var limit = 1e4
    package init() {}
  }

  package struct Ensembles: Codable, Sendable {
    @Setting("random ensembles") package var count = 300
    @Setting("dimension d") package var dimension = 8
    @Setting("examples n") package var examples = 20
    @Setting("largest rank of a Hessian") package var rank = 2
    @Setting("least scale of the Hessians") package var smallestScale = 0.01
    @Setting("greatest scale of the Hessians") package var largestScale = 0.6
    @Setting("mean batch sizes B") package var batchSizes = [1, 2, 5, 10]
    @Setting("power iterations") package var iterations = 300
    package init() {}
  }

  package struct Logistic: Codable, Sendable {
    @Setting("examples n, and dimension") package var examples = 20
    @Setting("mean batch size B") package var batchSize = 2
    @Setting("top eigenvalue of the mean Hessian times the step size") package var product = 1.0
    @Setting("distance of the start from the optimum") package var start = 0.01
    @Setting("steps of SGD") package var steps = 100
    @Setting("independent runs") package var seeds = 5
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.family.steps = 30
      settings.ensembles.count = 10
      settings.ensembles.iterations = 50
    case .quick: break
    case .full:
      settings.family.examples = 1000
      settings.family.batchSizes = [1, 2, 4, 7, 12, 23, 43, 81, 152, 285, 534, 1000]
      settings.family.coherences = [1, 92, 183, 273, 364, 455, 546, 637, 728, 818, 909, 1000]
      settings.ensembles.count = 5000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try runFamily(settings.family, rate: settings.rate, notebook)
    try runEnsembles(settings.ensembles, rate: settings.rate, notebook)
    try runLogistic(settings.logistic, rate: settings.rate, notebook)
  }

  private static func runFamily(_ family: Family, rate: Double, _ notebook: Recorder) throws {
    let (n, seeds, sigmas, limit) = (family.examples, family.seeds, family.coherences, family.limit)
    let (key, batches) = (notebook.key("batches"), family.batchSizes)
    let shares = Tensor(batches.map { Double($0) / Double(n) })
    let shape = [family.eigenvalues.count, batches.count, sigmas.count]
    let cells = family.eigenvalues.flatMap { l in batches.flatMap { b in sigmas.map { (l: l, b: b, sigma: $0) } } }
    // eta m / B with m = lambda_1 n / sigma.
    let gains = Tensor(shape: shape, cells.map { rate * $0.l * Double(n) / Double($0.sigma * $0.b) })
    let step = compile { (walk: FamilyWalk, key: Key, gains: Tensor<Double>) in
      walk.stepped(draws: .uniform([seeds, n], key: key), shares: shares, gains: gains, coherences: sigmas, limit: limit)
    }
    var walk = FamilyWalk(
      eigenvalues: shape[0], batchSizes: shape[1], coherences: sigmas, seeds: seeds, examples: n, key: notebook.key("start"))
    try notebook.steps("family", family.steps, state: &walk, cadence: .every(family.steps)) { t, walk in
      walk = step(walk, key[t], gains)
    }
    let dimensions = [
      Dimension("eigenvalue", family.eigenvalues, "top eigenvalue of the mean Hessian"),
      Dimension("batch", batches, "mean batch size B"), Dimension("coherence", sigmas, "coherence sigma"),
    ]
    try notebook.tensor(
      "family/norm", walk.w.norm(-1), "norm at the end", along: dimensions + [Dimension("seed", count: seeds, "independent run")])
    let radii = cells.map {
      CoherenceCondition(rate: rate, examples: n, batchSize: $0.b).radius(eigenvalue: $0.l, coherence: $0.sigma)
    }
    try notebook.tensor("family/radius", Tensor(shape: shape, radii), "factor in mean square", along: dimensions)
    let leading = cells.map {
      CoherenceCondition(rate: rate, examples: n, batchSize: $0.b).factor(eigenvalue: $0.l, coherence: Double($0.sigma))
    }
    try notebook.tensor("family/leading", Tensor(shape: shape, leading), "factor in mean square along e_1", along: dimensions)
  }

  private static func runEnsembles(_ settings: Ensembles, rate: Double, _ notebook: Recorder) throws {
    let (count, d) = (settings.count, settings.dimension)
    let factors = randomFactors(settings, notebook.key("ensembles"))
    let columns = factors.movingAxis(1, to: 2).reshaped(count, d, settings.examples * settings.rank)
    let hessians = matmul(columns, columns, transposeB: true) / Double(settings.examples)
    let batches = settings.batchSizes
    let map = SecondMomentMap(
      factors: factors.expandingDimensions(1).repeated(batches.count, axis: 1), rate: Tensor(rate),
      batchSize: Tensor(batches.map(Double.init)).reshaped(batches.count, 1, 1), sampling: .bernoulli)
    let start = Tensor<Double>.identity(d).broadcast(to: [count, batches.count, d, d])
    let places = Dimension("ensemble", count: count, "random ensemble")
    try notebook.tensor(
      "ensembles/radius", map.growthFactor(from: start, iterations: settings.iterations),
      "spectral radius of the second-moment map", along: [places, Dimension("batch", batches, "mean batch size B")])
    try notebook.tensor(
      "ensembles/eigenvalue", try eigh(hessians).values.max(-1), "top eigenvalue of the mean Hessian", along: [places])
    try notebook.tensor("ensembles/coherence", coherence(factors: factors), "coherence sigma", along: [places])
  }

  /// A_i = sqrt(scale) (c g_i base + (1 - c) N(0, 1)) of H_i = A_i A_i^T, [ensembles, n, d, rank]; an ensemble's rank is drawn, what is
  /// beyond it is zero.
  private static func randomFactors(_ settings: Ensembles, _ key: Key) -> Tensor<Double> {
    let (count, n, d, rank) = (settings.count, settings.examples, settings.dimension, settings.rank)
    let place = [count, 1, 1, 1]
    let alignment = Tensor<Double>.uniform(place, key: key.named("c"))
    let scale = Tensor<Double>.uniform(place, in: settings.smallestScale..<settings.largestScale, key: key.named("scale"))
    let base = Tensor<Double>.normal([count, 1, d, rank], key: key.named("base"))
    let lengths = Tensor<Double>.normal([count, n, 1, 1], key: key.named("g"))
    let own = Tensor<Double>.normal([count, n, d, rank], key: key.named("own"))
    let ranks = (Tensor<Double>.uniform(place, key: key.named("rank")) * Double(rank)).floor()
    let isUsed = Tensor<Double>.arange(rank).reshaped(1, 1, 1, rank) .<= ranks
    return Tensor.where(isUsed, scale.sqrt() * (alignment * lengths * base + (1 - alignment) * own), 0)
  }

  static let inputs = ["duplicated", "orthogonal"]

  private static func runLogistic(_ settings: Logistic, rate: Double, _ notebook: Recorder) throws {
    let (n, seeds, batchSize) = (settings.examples, settings.seeds, settings.batchSize)
    // H_i = x_i x_i^T / 4: n times one x of this length, or sqrt(n) times as long along every axis, have the same top eigenvalue.
    let length = (4 * settings.product / rate).squareRoot()
    let axes = Tensor<Double>.identity(n)
    let x = length * Tensor.stack([axes.slice(0..<1).repeated(n), Double(n).squareRoot() * axes])
    let direction = Tensor<Double>.unitVectors([seeds, n], key: notebook.key("logistic start"))
    // The duplicated inputs see the first coordinate only.
    let first = axes.slice(0..<1).broadcast(to: [seeds, n])
    var w = settings.start * Tensor.stack([first, direction])
    let key = notebook.key("logistic batches")
    let step = compile { (w: Tensor<Double>, key: Key) in
      logisticStep(w, x: x, draws: .uniform([seeds, n], key: key), batchSize: batchSize, rate: rate)
    }
    let places = Dimension("inputs", inputs, "inputs of the logistic regression")
    let norm = try notebook.trace(
      "logistic/norm", "distance from the optimum", along: [places, Dimension("seed", count: seeds, "independent run")])
    try notebook.steps("logistic", settings.steps, state: &w, cadence: .every(1)) { t, w in
      w = step(w, key[t])
    } measure: { w, record in
      record(norm, w.norm(-1).scalars)
    }
    let factors = (x / 2).expandingDimensions(3)
    let map = SecondMomentMap(factors: factors, rate: Tensor(rate), batchSize: Tensor(Double(batchSize)), sampling: .bernoulli)
    // From the mean Hessian: the directions that no input sees stand still.
    let start = matmul(x, x, transposeA: true)
    try notebook.tensor("logistic/coherence", coherence(factors: factors), "coherence sigma", along: [places])
    try notebook.tensor(
      "logistic/radius", map.growthFactor(from: start, iterations: 300), "spectral radius of the second-moment map",
      along: [places])
  }
}
