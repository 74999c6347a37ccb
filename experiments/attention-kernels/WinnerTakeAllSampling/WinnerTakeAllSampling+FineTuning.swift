import Datasets
import Networks
import Notebook
import Optimizers
import Tensors
import Transforms

/// Texts [count, length] with the classes of the Markov chains that wrote them.
package struct ChainTexts {
  let tokens, labels: Tensor<Int32>

  /// Equally many of each chain.
  init(_ chains: [Tensor<Double>], count: Int, length: Int, key: Key) {
    let each = count / chains.count
    tokens = .concatenate(
      chains.enumerated().map { MarkovText(transitions: $1).sample(each, length: length, key: key[$0]) })
    labels = Tensor(chains.indices.flatMap { Array(repeating: Int32($0), count: each) })
  }
}

/// A transformer that reads in both directions, the mean over its tokens, and scores of the classes.
package struct TextClassifier: TensorTree, Codable {
  var tokens: Embedding<Float>
  /// [length, width].
  var positions: Tensor<Float>
  var stack: TransformerStack<Float>
  var head: Dense<Float>

  init(_ tuning: WinnerTakeAllSampling.FineTuning, key: Key) {
    let normal = Initializer.normal(standardDeviation: 1)
    tokens = Embedding(tuning.vocabulary, tuning.width, initializer: normal, key: key.named("tokens"))
    positions = normal.tensor([tuning.length, tuning.width], key: key.named("positions"))
    stack = TransformerStack(
      TransformerShape(width: tuning.width, heads: tuning.heads, depth: tuning.depth), key: key.named("stack"))
    head = Dense(tuning.width, tuning.classes, key: key.named("head"))
  }

  /// Scores [batch, classes] of texts [batch, length].
  /// - Parameter dense: how layer l of the blocks is applied, numbered block by block in the order of ``layers``.
  func scores(
    _ texts: Tensor<Int32>, dense: @escaping (Int, Dense<Float>, Tensor<Float>) -> Tensor<Float> = { _, layer, x in layer(x) }
  ) -> Tensor<Float> {
    let x = stack(tokens(texts) + positions, mask: .full) { block in
      var hooks = AttentionHooks<Float>()
      var next = block * Self.layers.count
      hooks.dense = { layer, x in
        defer { next += 1 }
        return dense(next, layer, x)
      }
      return hooks
    }
    return head(x.mean(1))
  }

  /// The dense layers of a block, in the order in which they are applied.
  static let layers = ["query", "key", "value", "output", "expand", "contract"]
}

/// How the weights' gradients of the blocks' dense layers are computed.
package struct WeightGradients {
  let name: String
  /// Nil for the exact ones.
  let sampling: ColumnRowSampling?

  static func all(_ tuning: WinnerTakeAllSampling.FineTuning) -> [WeightGradients] {
    [WeightGradients(name: "exact", sampling: nil)]
      + tuning.shares.flatMap { share in
        ColumnRowSampling.Rule.allCases.map { rule in
          WeightGradients(
            name: name(rule, share),
            sampling: ColumnRowSampling(rule, count: WinnerTakeAllSampling.count(share, of: tuning.tokens)))
        }
      }
  }

  static func name(_ rule: ColumnRowSampling.Rule, _ share: Double) -> String { "\(rule.rawValue) \(share.formatted())" }

  /// Floats that the blocks' dense layers keep for their weights' gradients, each layer by itself: all tokens, or the chosen ones with a
  /// factor and a place each.
  func storedFloats(_ tuning: WinnerTakeAllSampling.FineTuning) -> Int {
    let inputs = [1, 1, 1, 1, 1, 4].map { $0 * tuning.width }
    let each = inputs.map { width in sampling.map { $0.count * (width + 2) } ?? tuning.tokens * width }
    return tuning.depth * each.reduce(0, +)
  }
}

/// A model in training, with what it remembers of every training text.
package struct TuningRun: TensorTree, Codable {
  var model: TextClassifier
  var memory: Adam<Float>.State
  /// For each text, layer and token the norm of the gradient of the layer's output when it was last seen, at first 1: [texts, layers, length].
  var gradientNorms: Tensor<Float>
  /// Of the last batch, before its step.
  var loss: Tensor<Float>

  init(_ model: TextClassifier, _ adam: Adam<Float>, _ tuning: WinnerTakeAllSampling.FineTuning) {
    self.model = model
    memory = adam.initialState(for: model)
    gradientNorms = .ones([tuning.texts, tuning.depth * TextClassifier.layers.count, tuning.length])
    loss = Tensor(.nan)
  }

  /// What is differentiated: where gradients are estimated, the gradient of the norms is the norms themselves.
  struct Differentiated: TensorTree {
    var model: TextClassifier
    /// [batch, layers, length].
    var gradientNorms: Tensor<Float>
  }

  /// The loss of some texts with its gradients.
  static func gradients(
    _ model: TextClassifier, _ norms: Tensor<Float>, _ texts: Tensor<Int32>, _ labels: Tensor<Int32>,
    sampling: ColumnRowSampling?, key: Key
  ) -> ValueAndGradient<Differentiated, Float> {
    valueAndGrad { (now: Differentiated) in
      let scores = now.model.scores(texts) { place, layer, x in
        guard let sampling else { return layer(x) }
        return layer(x, sampling: sampling, gradientNorms: now.gradientNorms.slice(All(), place), key: key[place])
      }
      return crossEntropy(scores, labels: labels)
    }(Differentiated(model: model, gradientNorms: norms))
  }

  /// One step of Adam on the texts with these indices.
  func stepped(
    _ adam: Adam<Float>, on texts: ChainTexts, _ indices: Tensor<Int32>, sampling: ColumnRowSampling?, key: Key
  ) -> TuningRun {
    let remember = vjp({ (norms: Tensor<Float>) in norms.gather(indices) }, at: gradientNorms)
    let result = Self.gradients(
      model, remember.value, texts.tokens.gather(indices), texts.labels.gather(indices), sampling: sampling, key: key)
    var next = self
    next.model = adam.updated(model, gradient: result.gradient.model, &next.memory)
    // The transpose of gathering adds to the rows of these texts.
    if sampling != nil {
      next.gradientNorms = gradientNorms + remember.pullback(result.gradient.gradientNorms - remember.value)
    }
    next.loss = result.value
    return next
  }
}

extension WinnerTakeAllSampling {
  static func fineTune(_ tuning: FineTuning, _ notebook: Recorder) throws {
    let key = notebook.key("fine-tuning")
    let chain = { (name: String) in
      Tensor<Double>.dirichlet([tuning.vocabulary, tuning.vocabulary], concentration: tuning.concentration, key: key.named(name))
    }
    let old = (0..<tuning.classes).map { chain("old \($0)") }
    let new = old.enumerated().map { (1 - tuning.shift) * $1 + tuning.shift * chain("new \($0)") }
    let texts = { (chains: [Tensor<Double>], count: Int, name: String) in
      ChainTexts(chains, count: count, length: tuning.length, key: key.named(name))
    }
    let adam = Adam<Float>(learningRate: tuning.rate)

    let first = texts(old, tuning.texts, "pretraining")
    let starts = vmap { (key: Key) in TuningRun(TextClassifier(tuning, key: key), adam, tuning) }
    var runs = starts(Key.batch(key.named("starts").split(tuning.seeds)))
    let pretraining = TuningLoop(tuning, adam, first, sampling: nil, key: key.named("pretraining"))
    try notebook.steps("pretraining", tuning.pretraining, state: &runs, cadence: .every(tuning.pretraining)) { t, runs in
      runs = pretraining.step(t, runs)
    }

    let (training, tests) = (texts(new, tuning.texts, "training"), texts(new, tuning.tests, "tests"))
    let fresh = vmap { (model: TextClassifier) in TuningRun(model, adam, tuning) }(runs.model)
    try recordMasses(fresh.model.element(0), training, tuning, notebook)
    let classify = compile(
      vmap { (model: TextClassifier) in Networks.accuracy(model.scores(tests.tokens), labels: tests.labels) })
    let seeds = Dimension("seed", count: tuning.seeds, "start, order of batches and draws")
    struct State: Codable {
      var runs: TuningRun
      /// Of each step, [seeds].
      var losses: [Tensor<Float>] = []
    }
    let kinds = WeightGradients.all(tuning)
    let losses = try kinds.map { gradients -> Tensor<Float> in
      let loop = TuningLoop(tuning, adam, training, sampling: gradients.sampling, key: key.named("training"))
      let accuracy = try notebook.trace("\(gradients.name)/accuracy", "share of test texts whose chain is told", along: [seeds])
      var state = State(runs: fresh)
      try notebook.steps(gradients.name, tuning.steps, state: &state, cadence: .even(8, of: tuning.steps)) { t, state in
        state.runs = loop.step(t, state.runs)
        state.losses.append(state.runs.loss)
      } measure: { state, record in
        record(accuracy, classify(state.runs.model).scalars.map { Double($0) })
      }
      return .stack(state.losses, axis: 1)
    }
    let names = Dimension("gradients", kinds.map(\.name), "how the weights' gradients are computed")
    try notebook.tensor(
      "loss", .stack(losses), "cross-entropy of the batch of a step, in nats",
      along: [names, seeds, Dimension("step", Array(1...tuning.steps), "step")])
    try notebook.tensor(
      "stored_floats", Tensor(kinds.map { Double($0.storedFloats(tuning)) }),
      "floats kept by the blocks' dense layers for one step's weight gradients", along: [names])
  }

  /// P_c of the tokens of a batch at the beginning of fine-tuning, layer by layer, by the true norms of inputs and gradients.
  private static func recordMasses(
    _ model: TextClassifier, _ training: ChainTexts, _ tuning: FineTuning, _ notebook: Recorder
  ) throws {
    // The texts come class after class.
    let indices = Tensor<Int32>((0..<tuning.batch).map { Int32($0 * training.labels.count / tuning.batch) })
    let (texts, labels) = (training.tokens.gather(indices), training.labels.gather(indices))
    var norms: [Tensor<Float>] = []
    _ = model.scores(texts) { _, layer, x in
      norms.append(x.norm(-1))
      return layer(x)
    }
    let ones = Tensor<Float>.ones([tuning.batch, norms.count, tuning.length])
    let gradients = TuningRun.gradients(
      model, ones, texts, labels, sampling: ColumnRowSampling(.deterministic, count: 1), key: notebook.key("masses"))
    let count = count(tuning.shares.max() ?? 1, of: tuning.tokens)
    let masses = norms.enumerated().map { place, norms in
      let weights = (norms * gradients.gradient.gradientNorms.slice(All(), place)).flattened()
      let sums = weights.sorted(descending: true).cumulativeSum() / weights.sum()
      return Tensor<Float>.concatenate([.zeros(1), sums.slice(0..<count)])
    }
    let names = masses.indices.map { place in
      "block \(place / TextClassifier.layers.count + 1), \(TextClassifier.layers[place % TextClassifier.layers.count])"
    }
    try notebook.tensor(
      "mass", .stack(masses), "probability P_c of the c heaviest tokens",
      along: [Dimension("layer", names, "dense layer"), Dimension("c", Array(0...count), "heaviest tokens")])
  }
}

/// The compiled step of all seeds, each with an order of the batches of its own.
private struct TuningLoop {
  private let batches: [Minibatches]
  private let keys: [Key]
  private let advance: (TuningRun, Tensor<Int32>, Key) -> TuningRun

  init(
    _ tuning: WinnerTakeAllSampling.FineTuning, _ adam: Adam<Float>, _ texts: ChainTexts, sampling: ColumnRowSampling?, key: Key
  ) {
    keys = key.named("draws").split(tuning.seeds)
    batches = key.named("batches").split(tuning.seeds).map { Minibatches(count: texts.labels.count, size: tuning.batch, key: $0) }
    advance = compile { (runs: TuningRun, indices: Tensor<Int32>, keys: Key) in
      vmap { (run: TuningRun, indices: Tensor<Int32>, key: Key) in
        run.stepped(adam, on: texts, indices, sampling: sampling, key: key)
      }(runs, indices, keys)
    }
  }

  func step(_ t: Int, _ runs: TuningRun) -> TuningRun {
    let indices = Tensor<Int32>.stack(batches.map { Tensor<Int32>($0[t].map { Int32($0) }) })
    return advance(runs, indices, Key.batch(keys.map { $0[t] }))
  }
}
