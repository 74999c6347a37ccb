import Datasets
import Networks
import Notebook
import Optimizers
import Tensors
import Transforms

/// How Transformers Learn Causal Structure with Gradient Descent (Nichani, Damian and Lee, ICML 2024).
///
/// **Shows**: sequences are drawn along a latent tree that never changes, with transitions that always do, so that predicting
/// what follows the last token takes the tree. Gradient descent writes the tree into the first attention layer of a two-layer
/// transformer: the gradient of its scores is largest where positions depend on each other most, which is at the parent. A chain
/// gives an induction head.
///
/// **Here**: the disentangled transformer, all three matrices trained from zero by SGD with a cosine, a fresh batch at every
/// step, for all graphs and seeds at once. A random tree has one root; the random graphs of the paper's code, where a position
/// may have no parent, are a case of their own, with claims of their own. As in that code, Bayes' rule counts edges alone. The
/// gradient is probed at A1 = 0 in two ways: with W and A2 of the run after a warm-up, A2 cut to the block that matches the last
/// token with copies made by the first layer (the run's A1 is put back to zero, since a warm-up that never moves A1 teaches A2 to
/// avoid copies, which at A1 = 0 are mere averages); and with the theorem's A2 = beta I and W = I on these blocks. The full
/// preset makes 2^14 steps where the paper makes up to 2^17. Left out: graphs with several parents.
package enum InContextCausalGraph: Experiment {
  package static let paper = Paper(
    slug: "in-context-causal-graph", title: "How Transformers Learn Causal Structure with Gradient Descent",
    authors: ["Eshaan Nichani", "Alex Damian", "Jason D. Lee"], year: 2024, arxiv: "2402.14735",
    shows: """
      Sequences are drawn from a fixed latent tree but a fresh transition matrix, so predicting the last token needs the tree. \
      Gradient descent on a two-layer attention-only transformer writes the tree into the first attention layer, because the gradient \
      of the attention matrix measures dependence between positions; for a chain the result is an induction head.
      """,
    fidelity: .exact)

  /// The latent graphs.
  package enum Graph: String, Codable, Sendable, CaseIterable {
    case chain, pairs, tree, forest

    /// Of the positions in front of the query.
    func tree(_ positions: Int, key: Key) -> MarkovTree {
      switch self {
      case .chain: .chain(positions)
      case .pairs: .pairs(positions)
      case .tree: .random(positions, key: key)
      case .forest: .random(positions, isForest: true, key: key)
      }
    }
  }

  package struct Settings: Codable, Sendable {
    @Setting("latent graphs: chain, pairs (x1 y1 x2 y2 ...), random tree, random forest") package var graphs = [
      Graph.chain, .tree, .forest,
    ]
    @Setting("tokens S of the vocabulary") package var vocabulary = 3
    @Setting("positions T of a sequence, the query included") package var length = 8
    @Setting("concentration alpha of the rows of the transitions") package var concentration = 0.1
    @Setting("share of the uniform distribution mixed into them") package var uniformShare = 1e-3
    @Setting("steps of SGD, at most") package var steps = 4000
    @Setting("sequences of a step") package var batchSize = 256
    @Setting("learning rate at the start of a cosine to 0") package var rate = 1.0
    @Setting("models of each graph") package var seeds = 1
    @Setting("fixed sequences that models are tested on") package var testSequences = 4096
    @Setting("steps from one test to the next") package var interval = 100
    @Setting("training ends when every loss is at most this multiple of Bayes'; 0 for never") package var tolerance = 0.0
    @Setting("steps after which the run lends W and A2 to the probe of the gradient") package var warmUp = 500
    @Setting("beta of the theorem's A2") package var beta = 0.1
    @Setting("sequences whose mean gradient is probed") package var probed = 1 << 16
    @Setting("transitions over which the dependence of positions is averaged") package var transitions = 1 << 13
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.steps, settings.batchSize, settings.warmUp) = (100, 64, 50)
      (settings.testSequences, settings.probed, settings.transitions) = (512, 1 << 12, 1 << 10)
    case .quick: break
    case .full:
      (settings.graphs, settings.vocabulary, settings.length) = (Graph.allCases, 10, 20)
      (settings.steps, settings.batchSize, settings.seeds, settings.tolerance) = (1 << 14, 1024, 3, 1.03)
      settings.warmUp = 1 << 11
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let trees = settings.graphs.map { $0.tree(settings.length - 1, key: notebook.key("tree")) }
    let study = Study(settings: settings, trees: trees)
    let graph = Dimension("graph", settings.graphs.map(\.rawValue), "latent graph")
    let seed = Dimension("seed", count: settings.seeds, "random seed")

    let test = study.draw(settings.testSequences, seeds: 1, key: notebook.key("test"))
    let bayes = study.bayesLosses(on: test)
    try notebook.tensor("bayes", Tensor(bayes), "loss of Bayes' rule on the test sequences", along: [graph])
    let evaluate = study.evaluation(of: test)

    var state = State(
      runs: study.start(), warm: DisentangledTransformer(vocabulary: settings.vocabulary, length: settings.length), losses: [])
    state.warm = state.runs.model
    state.losses = evaluate(state.runs.model)
    let loss = try notebook.trace("training/test loss", "cross-entropy to pi(s_T, .)", along: [graph, seed])
    let attention = try notebook.trace(
      "training/parent attention", "mean attention of the first layer on the parent", along: [graph, seed])
    let step = study.compiledStep()
    let (transitionKey, sequenceKey) = (notebook.key("transitions"), notebook.key("sequences"))
    let limits = bayes.flatMap { limit in (0..<settings.seeds).map { _ in limit * settings.tolerance } }
    try notebook.steps("training", settings.steps, state: &state, cadence: .every(settings.interval)) { state in
      zip(state.losses, limits).allSatisfy { $0 <= $1 }
    } update: { i, state in
      state.runs = step(state.runs, study.drawTransitions(settings.batchSize, key: transitionKey[i]), sequenceKey[i])
      if i + 1 == min(settings.warmUp, settings.steps) { state.warm = state.runs.model }
      if (i + 1) % settings.interval == 0 || i + 1 == settings.steps { state.losses = evaluate(state.runs.model) }
    } measure: { state, record in
      record(loss, state.losses)
      record(attention, study.parentAttention(state.runs.model))
    }
    try record(study, state, graph: graph, seed: seed, notebook)
  }

  /// What training changes.
  private struct State: Codable {
    /// All graphs, and of each all seeds, along a first axis.
    var runs: Run
    /// The models after the warm-up.
    var warm: DisentangledTransformer
    /// Of the last test, of all graphs and of each all seeds.
    var losses: [Double]
  }

  /// The matrices, what the gradient sees, and how much positions depend on each other.
  private static func record(
    _ study: Study, _ state: State, graph: Dimension, seed: Dimension, _ notebook: Recorder
  ) throws {
    let settings = study.settings
    let (model, shape) = (state.runs.model, [graph.count, seed.count])
    let position = { (name: String, longName: String) in Dimension(name, Array(1...settings.length), longName) }
    let (to, from) = (position("position", "position i"), position("earlier", "position j"))
    try notebook.tensor(
      "model/A1 positions", model.positionScores.reshaped(shape + [to.count, from.count]),
      "position-position block of A1", along: [graph, seed, to, from])
    try notebook.tensor(
      "model/attention", study.positionAttention(model).reshaped(shape + [to.count, from.count]),
      "causal softmax of that block", along: [graph, seed, to, from])
    let rows = features("row", settings, "feature of the last token")
    let columns = features("column", settings, "feature of a token")
    try notebook.tensor(
      "model/A2", model.second.reshaped(shape + [rows.count, columns.count]), "A2", along: [graph, seed, rows, columns])
    let parents: [Double] = study.trees.flatMap { tree -> [Double] in
      tree.parents.map { $0.map { Double($0) } ?? -1 } + [-1]
    }
    try notebook.tensor(
      "tree/parents", Tensor(shape: [graph.count, to.count], parents), "parent, counted from 0; -1 for none", along: [graph, to])

    let probes = [
      ("warm", "W and A2 after the warm-up", state.warm.probe),
      ("theorem", "the theorem's W and A2", study.theoremModels()),
    ]
    for (name, longName, models) in probes {
      try notebook.tensor(
        "probe/\(name)", try study.positionGradient(models, name, notebook).reshaped(shape + [to.count, from.count]),
        "minus the gradient of A1's position block at A1 = 0, with \(longName)", along: [graph, seed, to, from])
    }
    try notebook.tensor(
      "probe/dependence", study.dependence(key: notebook.key("dependence")), "chi-squared mutual information of two positions",
      along: [graph, to, from])
  }

  /// The features of h1: token and position of x, then the same of what the first layer copied.
  private static func features(_ name: String, _ settings: Settings, _ longName: String) -> Dimension {
    let names = (1...settings.vocabulary).map { "s = \($0)" } + (1...settings.length).map { "place \($0)" }
    return Dimension(name, ["x", "copy"].flatMap { block in names.map { block + " " + $0 } }, longName)
  }
}
