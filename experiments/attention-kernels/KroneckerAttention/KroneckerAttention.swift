import Foundation
import Networks
import Notebook
import Optimizers
import Tensors
import Transforms

/// How to Capture Higher-order Correlations? Generalizing Matrix Softmax Attention to Kronecker Computation (Alman and Song, ICLR 2024).
///
/// **Shows**: attention over pairs of keys sees relations of three tokens, but costs n³. If all entries are small, a polynomial of low degree
/// stands for the exponential; its matrix has a low rank, sums over pairs fall apart into products of sums, and the cost is almost
/// linear. Beyond entries of about (log n)^(1/3) the degree, and so the cost, explodes.
///
/// **Here**: the paper is theory; this measures it. The polynomial is Taylor's, where the proof takes one of Chebyshev's kind of the same
/// order. Accuracy for the same uniform draws scaled by B, times on one thread, and a task of triples on which the head over pairs of keys
/// is exact and a trained ordinary head is not. The degree needed is searched with the polynomial of the scores, which is the same sum as
/// that of the monomials.
package enum KroneckerAttention: Experiment {
  package static let paper = Paper(
    slug: "kronecker-attention",
    title: "How to Capture Higher-order Correlations? Generalizing Matrix Softmax Attention to Kronecker Computation",
    authors: ["Josh Alman", "Zhao Song"], year: 2023, arxiv: "2310.04064",
    shows: """
      Attention over pairs of keys captures triple-wise relations but costs n³. With small entries a low-degree polynomial of the \
      exponential and a Kronecker identity give it in almost linear time; with larger entries the needed degree explodes.
      """,
    fidelity: .exact)
  package static let measuresTime = true

  package struct Settings: Codable, Sendable {
    @Setting("accuracy of the polynomial") package var accuracy = Accuracy()
    @Setting("times") package var cost = Cost()
    @Setting("task of triples") package var matching = Matching()
    @Setting("draws of inputs, and trained heads") package var seeds = 3
    package init() {}
  }

  package struct Accuracy: Codable, Sendable {
    @Setting("tokens n") package var count = 64
    @Setting("numbers d in a query") package var dimension = 4
    @Setting("bounds B of the entries of Q, K1 and K2") package var bounds = [0.5, 1, 1.5, 2, 2.5]
    @Setting("largest degree g of the curves") package var degree = 8
    @Setting("largest degree in the search for an error of 1/n²") package var mostDegree = 40
    @Setting("tokens for which the Kronecker products are written out") package var identityCount = 16
    package init() {}
  }

  package struct Cost: Codable, Sendable {
    @Setting("tokens n of the fast computation") package var fast = (10...16).map { 1 << $0 }
    @Setting("tokens n of the direct computation") package var direct = [32, 64, 128, 256]
    @Setting("numbers d in a query") package var dimension = 4
    @Setting("degree g") package var degree = 4
    @Setting("tokens whose monomials are in memory at once") package var together = 1024
    @Setting("timing rounds") package var rounds = 9
    package init() {}
  }

  package struct Matching: Codable, Sendable {
    @Setting("moduli M") package var moduli = [32, 64, 128]
    @Setting("squared number of tokens over M") package var density = 1.4
    @Setting("test sequences") package var tests = 200
    @Setting("frequencies of the ordinary head's features") package var frequencies = 4
    @Setting("width of its queries, keys and values") package var width = 16
    @Setting("learning rate of Adam") package var rate = 1e-2
    @Setting("training steps") package var steps = 400
    @Setting("sequences of a step") package var batch = 64
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.accuracy.count = 16
      settings.accuracy.mostDegree = 20
      settings.cost.fast = [64, 128, 256, 512]
      settings.cost.direct = [8, 16, 32]
      settings.cost.rounds = 3
      settings.matching.moduli = [16, 64]
      settings.matching.tests = 20
      settings.matching.steps = 10
    case .quick: break
    case .full:
      settings.cost.direct = [32, 64, 128, 256, 512]
      settings.cost.rounds = 31
      settings.matching.tests = 2000
      settings.matching.steps = 4000
      settings.seeds = 10
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try measureAccuracy(settings, notebook)
    try measureCost(settings.cost, notebook)
    try match(settings, notebook)
  }

  /// Errors of one bound B.
  private struct Errors: Codable {
    /// [seeds, degrees]: of the output; and of the exponential of the scores over Taylor's bound.
    var output, exponential: Tensor<Double>
    /// [seeds]: the degree needed, NaN if it was not found.
    var needed: Tensor<Double>
  }

  private static func measureAccuracy(_ settings: Settings, _ notebook: Recorder) throws {
    let (accuracy, seeds) = (settings.accuracy, settings.seeds)
    let key = notebook.key("accuracy")
    let inputs = (0..<seeds).map { AttentionInputs(accuracy.count, accuracy.dimension, key: key[$0]) }
    try notebook.scalar(
      "identity_error",
      AttentionInputs(accuracy.identityCount, accuracy.dimension, key: notebook.key("identity")).identityError(
        degree: accuracy.degree),
      "relative difference of the written-out products from their Hadamard form")
    var errors: [Errors] = []
    try notebook.steps("bounds", accuracy.bounds.count, state: &errors, cadence: .every(1)) { i, errors in
      let scaled = inputs.map { $0.scaled(by: accuracy.bounds[i]) }
      let curves = scaled.map { $0.errors(degrees: accuracy.degree, bound: accuracy.bounds[i]) }
      errors.append(
        Errors(
          output: .stack(curves.map(\.output)), exponential: .stack(curves.map(\.exponential)),
          needed: Tensor(
            scaled.map { $0.neededDegree(error: 1 / Double(accuracy.count * accuracy.count), most: accuracy.mostDegree) })))
    }
    let bound = Dimension("bound", accuracy.bounds, "bound B of the entries")
    let seed = Dimension("seed", count: seeds, "draw of the inputs")
    let degree = Dimension("degree", Array(1...accuracy.degree), "degree g of the polynomial")
    try notebook.tensor(
      "output_error", .stack(errors.map(\.output)), "largest difference of the output from the direct one",
      along: [bound, seed, degree])
    try notebook.tensor(
      "exponential_error", .stack(errors.map(\.exponential)), "largest |p_g - exp| of the scores over Taylor's bound",
      along: [bound, seed, degree])
    try notebook.tensor(
      "needed_degree", .stack(errors.map(\.needed)), "least degree with an output error of at most 1/n²", along: [bound, seed])
  }

  private static func measureCost(_ cost: Cost, _ notebook: Recorder) throws {
    let key = notebook.key("cost")
    let polynomial = PolynomialKroneckerAttention<Double>(degree: cost.degree, dimension: cost.dimension)
    typealias Input = Tensor<Double>
    let fast = cost.fast.map { n in
      let x = AttentionInputs(n, cost.dimension, key: key[n])
      return { Float(polynomial(x.q, x.k1, x.k2, x.v1, x.v2, rowsTogether: cost.together)[0, 0]) }
    }
    let direct = cost.direct.map { n in
      let x = AttentionInputs(n, cost.dimension, key: key[n])
      // About 2^16 scores at once. Compiled, so that short sequences are not all overhead.
      let compute = compile { (q: Input, k1: Input, k2: Input, v1: Input, v2: Input) in
        Networks.KroneckerAttention.direct(q, k1, k2, v1, v2, rowsTogether: max(1, (1 << 16) / (n * n)))
      }
      return { Float(compute(x.q, x.k1, x.k2, x.v1, x.v2)[0, 0]) }
    }
    let threads = Threads.count
    defer { Threads.count = threads }
    Threads.count = 1
    for (name, lengths, calls) in [("fast", cost.fast, fast), ("direct", cost.direct, direct)] {
      let seconds = try notebook.interleavedSeconds("\(name) computation", rounds: cost.rounds, of: calls)
      try notebook.timing(
        "\(name)_time", .stack(seconds.map { Tensor($0) }), "time of one \(name) computation",
        along: [Dimension("n_\(name)", lengths, "tokens n"), Dimension("round", count: cost.rounds, "timing round")], units: "s")
    }
  }

  private struct Run: TensorTree, Codable {
    var head: PairwiseHead
    var memory: Adam<Float>.State
    /// Of the last batch, before its step.
    var loss: Tensor<Float>
  }

  /// Accuracy of both heads, and of the label that is more frequent.
  private static func match(_ settings: Settings, _ notebook: Recorder) throws {
    let matching = settings.matching
    let accuracies = try matching.moduli.map { modulus in
      let task = TripleMatching(modulus: modulus, density: matching.density)
      let key = notebook.key("matching")[modulus]
      let heads = try train(task, settings, key: key, notebook)
      let rows = (0..<settings.seeds).map { seed -> Tensor<Double> in
        let x = task.sequences(matching.tests, key: key.named("tests")[seed])
        let labels = task.labels(x, as: Double.self)
        let pairwise = (heads[seed](task.features(x, frequencies: matching.frequencies)) .> 0).converted(to: Double.self)
        let share = labels.mean()
        return .stack([
          1 - (task.thirdOrderPredictions(x) - labels).abs().mean(), 1 - (pairwise - labels).abs().mean(),
          maximum(share, 1 - share),
        ])
      }
      return Tensor.stack(rows)
    }
    try notebook.tensor(
      "accuracy", .stack(accuracies), "share of tokens with the right label",
      along: [
        Dimension("modulus", matching.moduli, "modulus M"), Dimension("seed", count: settings.seeds, "test sequences and start"),
        Dimension("head", heads, "what predicts"),
      ])
  }

  static let heads = ["third-order", "pairwise, trained", "majority"]

  /// Ordinary heads, one for each seed side by side, on fresh sequences in every step.
  private static func train(
    _ task: TripleMatching, _ settings: Settings, key: Key, _ notebook: Recorder
  ) throws -> [PairwiseHead] {
    let matching = settings.matching
    let adam = Adam<Float>(learningRate: matching.rate)
    let one = { (run: Run, key: Key) -> Run in
      let x = task.sequences(matching.batch, key: key)
      let (features, labels) = (task.features(x, frequencies: matching.frequencies), task.labels(x, as: Float.self))
      var run = run
      run.loss = adam.step(&run.head, &run.memory) { head in logisticLoss(head(features), labels) }
      return run
    }
    let step = compile { (runs: Run, keys: Key) in vmap(one)(runs, keys) }
    let start = { (key: Key) -> Run in
      let head = PairwiseHead(features: 2 * matching.frequencies, width: matching.width, key: key)
      return Run(head: head, memory: adam.initialState(for: head), loss: Tensor(.nan))
    }
    let seeds = 0..<settings.seeds
    var runs = seeds.map { start(key.named("start")[$0]) }.stacked()
    let name = "M\(task.modulus)"
    let loss = try notebook.trace(
      "\(name)/loss", "loss of the trained head on its last batch, before its step",
      along: [Dimension("seed", count: seeds.count, "start")])
    let batches = key.named("batches")
    let keys = { (t: Int) in Key.batch(seeds.map { batches[$0][t] }) }
    runs.loss = step(runs, keys(0)).loss
    try notebook.steps(name, matching.steps, state: &runs, cadence: .even(40, of: matching.steps)) { t, runs in
      runs = step(runs, keys(t))
    } measure: { runs, record in
      record(loss, runs.loss.scalars.map { Double($0) })
    }
    return seeds.map { runs.head.element($0) }
  }
}
