import Notebook
import Optimizers
import Tensors
import Training
import Transforms

/// Easing Optimization Paths: a Circuit Perspective (Odonnat, Bouaziz and Cabannes, ICASSP 2025).
///
/// **Shows**: a transformer that lives in the plane learns to add the first k tokens of a sequence modulo p for some seeds only,
/// since gradient descent must put a circuit together: attention that picks the k positions, and a feed-forward map that reads
/// the sum off. Whoever knows the circuit can teach its parts: first an easier modulus, whose attention is the same, then the one
/// that is wanted.
///
/// **Here**: the paper's model with Adam for p = 2, and for p = 3 from scratch (A), from a whole donor that knows p = 2 (B), and
/// from the donor's attention alone (C). Seeds, and for p = 3 the three ways too, are one batched program; a seed's data, first
/// weights and batches are the same three times. With p = 2 only two scores are in the loss, so the donor's third token was never
/// trained, and is drawn anew. The donor is the best of the p = 2 seeds; if none is good enough, further ones are trained. The
/// full preset has the ablations of batch size, learning rate and hidden width. Left out: nothing.
package enum CircuitCurriculum: Experiment {
  package static let paper = Paper(
    slug: "circuit-curriculum", title: "Easing Optimization Paths: a Circuit Perspective",
    authors: ["Ambroise Odonnat", "Wassim Bouaziz", "Vivien Cabannes"], year: 2025, arxiv: "2501.02362",
    shows: """
      A transformer with two-dimensional embeddings learns sparse modular addition only for some seeds, because gradient descent has \
      to assemble a circuit of sub-circuits. Knowing the circuit suggests a curriculum: teach an easier modulus whose attention \
      circuit is shared, then the target modulus; success rates rise sharply.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("positions L of a sequence") package var length = 12
    @Setting("leading positions k that are added") package var summands = 5
    @Setting("modulus p that is taught first") package var sourceModulus = 2
    @Setting("modulus p that is wanted") package var targetModulus = 3
    @Setting("width E of the embeddings") package var width = 2
    @Setting("hidden units of the feed-forward layers") package var hidden = 32
    @Setting("sequences to train on, of every seed") package var trainingSequences = 2048
    @Setting("sequences to test on, of every seed") package var testSequences = 2048
    @Setting("sequences of a step") package var batchSize = 64
    @Setting("learning rate of Adam") package var rate = 5e-3
    @Setting("seeds of each way of training") package var seeds = 16
    @Setting("epochs of the source modulus") package var sourceEpochs = 300
    @Setting("epochs of the target modulus") package var targetEpochs = 200
    @Setting("tests during a run") package var evaluations = 75
    @Setting("test accuracy that a donor must have") package var donorAccuracy = 0.95
    @Setting("rounds of seeds in which a donor is looked for, at most") package var rounds = 6
    @Setting("cells of the picture of the plane, in each direction") package var resolution = 81
    @Setting("sequences drawn in the pictures") package var pictured = 300
    @Setting("batch sizes of the ablation at the source modulus") package var batchSizes: [Int] = []
    @Setting("learning rates of the ablation") package var rates: [Double] = []
    @Setting("hidden units of the ablation") package var widths: [Int] = []
    @Setting("seeds of the ablations") package var ablationSeeds = 10
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.trainingSequences, settings.testSequences, settings.seeds) = (256, 128, 3)
      (settings.sourceEpochs, settings.targetEpochs, settings.evaluations, settings.rounds) = (4, 3, 4, 1)
      (settings.resolution, settings.pictured) = (11, 40)
      (settings.batchSizes, settings.rates, settings.widths, settings.ablationSeeds) = ([128], [1e-2], [8], 2)
    case .quick: break
    case .full:
      (settings.batchSize, settings.rate, settings.seeds) = (32, 3e-3, 100)
      (settings.sourceEpochs, settings.targetEpochs, settings.evaluations) = (1000, 1000, 100)
      settings.batchSizes = (0...11).map { 1 << $0 }
      (settings.rates, settings.widths) = ([3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1], [4, 8, 16, 32, 64, 128, 256])
    }
    return settings
  }

  /// How the target modulus is learned.
  package enum Regime: String, CaseIterable {
    case scratch = "A: scratch"
    case full = "B: full transfer"
    case circuit = "C: circuit transfer"
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let donor = try findDonor(settings, notebook)
    let key = notebook.key("target")
    let problems = Regime.allCases.flatMap { regime in
      (0..<settings.seeds).map { seed in
        let fresh = freshModel(settings, key: key[seed])
        let start =
          switch regime {
          case .scratch: fresh
          case .full:
            (settings.sourceModulus..<settings.targetModulus).reduce(donor.model) { $0.withToken($1, of: fresh) }
          case .circuit: fresh.withAttention(of: donor.model)
          }
        return problem(from: start, modulus: settings.targetModulus, settings, key: key[seed])
      }
    }
    let keys = Regime.allCases.flatMap { _ in (0..<settings.seeds).map { key[$0] } }
    let (models, seen) = try train(
      "target", problems, ways: Regime.allCases.map(\.rawValue), keys: keys, epochs: settings.targetEpochs, settings, notebook)
    try recordProfiles(seen, donor, settings, notebook)
    try drawCircuit("donor", donor.model, donor.problem, settings, notebook)
    let accuracies = seen.accuracy.scalars
    let circuits = (0..<settings.seeds).map { 2 * settings.seeds + $0 }
    let best = circuits.max { accuracies[$0] < accuracies[$1] } ?? circuits[0]
    try notebook.scalar("successor/seed", Double(best - 2 * settings.seeds), "best seed of circuit transfer")
    try drawCircuit("successor", models.element(best), problems[best], settings, notebook)
    try ablate(settings, notebook)
  }

  /// A model that knows the source modulus.
  private struct Donor {
    var model: PlanarTransformer
    var problem: SparseAddition
    var profile: [Double]
  }

  /// The best model of the source modulus, of the first round of seeds that has one of the accuracy that is asked for.
  private static func findDonor(_ settings: Settings, _ notebook: Recorder) throws -> Donor {
    for round in 0..<settings.rounds {
      let name = round == 0 ? "source" : "source, round \(round + 1)"
      let keys = notebook.key(name).split(settings.seeds)
      let problems = keys.map {
        problem(from: freshModel(settings, key: $0), modulus: settings.sourceModulus, settings, key: $0)
      }
      let (models, seen) = try train(
        name, problems, ways: ["p = \(settings.sourceModulus)"], keys: keys, epochs: settings.sourceEpochs, settings, notebook)
      let accuracies = seen.accuracy.scalars.map { Double($0) }
      let best = accuracies.indices.max { accuracies[$0] < accuracies[$1] } ?? 0
      guard accuracies[best] >= settings.donorAccuracy || round + 1 == settings.rounds else { continue }
      try notebook.scalar("donor/accuracy", accuracies[best], "test accuracy of the donor")
      try notebook.scalar("donor/round", Double(round), "round of seeds that it is from, from 0")
      try notebook.scalar("donor/seed", Double(best), "its seed")
      return Donor(
        model: models.element(best), problem: problems[best], profile: seen.profile.row(best).scalars.map { Double($0) })
    }
    fatalError("CircuitCurriculum: rounds = \(settings.rounds); a donor takes at least one round of seeds")
  }

  private static func freshModel(_ settings: Settings, key: Key) -> PlanarTransformer {
    PlanarTransformer(
      tokens: max(settings.sourceModulus, settings.targetModulus), length: settings.length, width: settings.width,
      hidden: settings.hidden, key: key.named("model"))
  }

  /// With data of its own.
  private static func problem(
    from start: PlanarTransformer, modulus: Int, _ settings: Settings, key: Key
  ) -> SparseAddition {
    let draw = { (count: Int, name: String) in
      SparseSums(count, length: settings.length, summands: settings.summands, modulus: modulus, key: key.named(name))
    }
    return SparseAddition(
      start: start, training: draw(settings.trainingSequences, "training"), test: draw(settings.testSequences, "test"),
      modulus: modulus, batchSize: settings.batchSize)
  }

  /// Adam on all problems at once, recorded along the ways of training and the seeds of each.
  /// - Returns: all models along a first axis, and what is seen of them at the end.
  private static func train(
    _ name: String, _ problems: [SparseAddition], ways: [String], keys: [Key], epochs: Int, _ settings: Settings,
    _ notebook: Recorder
  ) throws -> (models: PlanarTransformer, seen: Observation) {
    let grid = TrainingGrid(
      problems: problems, optimizers: problems.map { _ in Adam<Float>() }, rates: [settings.rate], keys: keys)
    let all = problems.stacked()
    let look = compile { (problems: SparseAddition, models: PlanarTransformer) in
      vmap { (problem: SparseAddition, model: PlanarTransformer) in problem.observation(model) }(problems, models)
    }
    let along = [
      Dimension("way", ways, "way of training"), Dimension("seed", count: problems.count / ways.count, "random seed"),
    ]
    let accuracy = try notebook.trace("\(name)/accuracy", "test accuracy", along: along)
    let names = problems[0].start.tokens.shape[0]
    let points = (0..<names).map { "token \($0)" } + (1...settings.length).map { "position \($0)" }
    let embedding = try notebook.trace(
      "\(name)/embedding", "embeddings of tokens and positions",
      along: along + [Dimension("point", points, "what is embedded"), Dimension("axis", count: settings.width, "coordinate")])

    var runs = grid.start()
    let steps = epochs * (settings.trainingSequences / settings.batchSize)
    try notebook.steps(name, steps, state: &runs, cadence: .even(settings.evaluations, of: steps)) { i, runs in
      grid.step(i, &runs)
    } measure: { runs, record in
      record(accuracy, look(all, runs.parameters).accuracy.scalars.map { Double($0) })
      record(
        embedding, Tensor.concatenate([runs.parameters.tokens, runs.parameters.positions], axis: 1).scalars.map { Double($0) })
    }
    return (runs.parameters, look(all, runs.parameters))
  }

  // MARK: Pictures

  /// Where the models of the target modulus look, and how much that is where the donor looks.
  private static func recordProfiles(
    _ seen: Observation, _ donor: Donor, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let way = Dimension("way", Regime.allCases.map(\.rawValue), "way of training")
    let seed = Dimension("seed", count: settings.seeds, "random seed")
    let position = Dimension("position", Array(1...settings.length), "position in the sequence")
    try notebook.tensor(
      "profile/donor", Tensor(donor.profile), "attention on each position, averaged over the test set", along: [position])
    let profiles = seen.profile.converted(to: Double.self)
    try notebook.tensor(
      "profile/target", profiles.reshaped(way.count, seed.count, position.count),
      "attention on each position, averaged over the test set", along: [way, seed, position])
    let reference = Tensor(donor.profile)
    let cosines = (profiles * reference).sum(1) / (profiles.norm(1) * reference.norm())
    try notebook.tensor(
      "profile/similarity", cosines.reshaped(way.count, seed.count), "cosine with the donor's profile", along: [way, seed])
  }

  /// What one model does with sequences of its test set, and its answer at every place of the plane.
  private static func drawCircuit(
    _ name: String, _ model: PlanarTransformer, _ problem: SparseAddition, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let count = min(settings.pictured, problem.test.labels.count)
    let sequences = problem.test.sequences.slice(0..<count)
    let (attention, output) = model.read(sequences)
    let sequence = Dimension("sequence", count: count, "sequence of the test set")
    try notebook.tensor(
      "\(name)/attention", attention, "attention",
      along: [sequence, Dimension("position", Array(1...settings.length), "position in the sequence")])
    try notebook.tensor(
      "\(name)/output", output, "what attention reads", along: [sequence, Dimension("axis", count: settings.width, "coordinate")])
    try notebook.tensor(
      "\(name)/label", problem.test.labels.slice(0..<count).converted(to: Double.self), "right answer", along: [sequence])
    // Level sets can be drawn in the plane alone.
    guard settings.width == 2 else { return }
    let reach = 1.15 * output.abs().max().scalar
    let ticks = Tensor<Float>.linspace(-reach, reach, count: settings.resolution)
    let n = settings.resolution
    let plane = Tensor.stack(
      [ticks.broadcast(to: [n, n]), ticks.expandingDimensions(1).broadcast(to: [n, n])], axis: 2
    ).reshaped(n * n, 2)
    let answers = model.answers(plane).slice(All(), 0..<problem.modulus).argmax()
    let coordinate = { (axis: String) in Dimension(axis, ticks.scalars.map { Double($0) }, "coordinate of the plane") }
    try notebook.tensor(
      "\(name)/answer", answers.converted(to: Double.self).reshaped(n, n), "answer at a place of the plane",
      along: [coordinate("y"), coordinate("x")])
  }

  // MARK: Ablations

  /// The source modulus from scratch with other batch sizes, learning rates and hidden widths.
  private static func ablate(_ settings: Settings, _ notebook: Recorder) throws {
    let seed = Dimension("seed", count: settings.ablationSeeds, "random seed")
    let study = { (name: String, longName: String, values: [Double], change: (inout Settings, Double) -> Void) in
      guard !values.isEmpty else { return }
      let accuracies = try values.map { value in
        var changed = settings
        change(&changed, value)
        let keys = notebook.key("ablation").split(settings.ablationSeeds)
        let problems = keys.map {
          problem(from: freshModel(changed, key: $0), modulus: settings.sourceModulus, changed, key: $0)
        }
        let seen = try train(
          "\(name) \(value)", problems, ways: ["scratch"], keys: keys, epochs: settings.sourceEpochs, changed, notebook
        ).seen
        return seen.accuracy
      }
      try notebook.tensor(
        "ablation/over \(name)", .stack(accuracies), "test accuracy", along: [Dimension(name, values, longName), seed])
    }
    try study("batch size", "sequences of a step", settings.batchSizes.map(Double.init)) { $0.batchSize = Int($1) }
    try study("learning rate", "learning rate of Adam", settings.rates) { $0.rate = $1 }
    try study("hidden units", "hidden units of the feed-forward layers", settings.widths.map(Double.init)) { $0.hidden = Int($1) }
  }
}
