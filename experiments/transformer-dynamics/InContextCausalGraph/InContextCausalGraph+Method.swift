import Datasets
import Networks
import Notebook
import Optimizers
import Tensors
import Transforms

extension InContextCausalGraph {
  /// A two-layer transformer of attention alone whose layers append what they read instead of adding it (Section 2 of the paper):
  ///
  ///     x_i = [onehot(s_i), onehot(i)],  attn(x; A) = softmax_causal(x A x^T) x
  ///     h1 = [x, attn(x; A1)],  h2 = [h1, attn(h1; A2)],  scores = h2_T W
  package struct DisentangledTransformer: TensorTree, Codable {
    /// A1, [d, d], d = S + T.
    package var first: Tensor<Float>
    /// A2, [2d, 2d].
    package var second: Tensor<Float>
    /// W, [4d, S].
    package var output: Tensor<Float>

    /// Zeros, from which the paper trains.
    package init(vocabulary: Int, length: Int) {
      let d = vocabulary + length
      (first, second, output) = (.zeros(d, d), .zeros(2 * d, 2 * d), .zeros(4 * d, vocabulary))
    }

    /// Of one model or of several along a first axis.
    private var vocabulary: Int { output.shape[output.rank - 1] }
    private var width: Int { output.shape[output.rank - 2] / 4 }

    /// The scores of what follows the last token, [sequences, S], for tokens [sequences, T].
    package func callAsFunction(_ tokens: Tensor<Int32>) -> Tensor<Float> {
      let (sequences, length, d) = (tokens.shape[0], tokens.shape[1], width)
      let x = Tensor.concatenate(
        [.oneHot(tokens, classes: vocabulary), Tensor<Float>.identity(length).broadcast(to: [sequences, length, length])], axis: 2
      )
      let scores = matmul(matmul(x.reshaped(-1, d), first).reshaped(x.shape), x, transposeB: true) + Self.causalMask(length)
      let h1 = Tensor.concatenate([x, matmul(scores.softmax(), x)], axis: 2)
      // Only the last token of the second layer is read, and it sees all.
      let last = h1.slice(All(), length - 1)
      let weights = matmul(h1, matmul(last, second).expandingDimensions(2)).squeezed(2).softmax()
      let read = matmul(weights.expandingDimensions(1), h1).squeezed(1)
      return matmul(Tensor.concatenate([last, read], axis: 1), output)
    }

    /// The cross-entropy to pi(s_T, .).
    package func loss(_ batch: Batch) -> Tensor<Float> { crossEntropy(self(batch.tokens), probabilities: batch.targets) }

    /// The block of A1 that scores positions by positions, [..., T, T].
    var positionScores: Tensor<Float> {
      let s = vocabulary
      let block = first.reshaped(-1, width, width).slice(All(), s..<width, s..<width)
      return block.reshaped(first.shape.dropLast(2) + [width - s, width - s])
    }

    /// The model that the gradient is probed at: A1 = 0, and of A2 only what matches the last token with the tokens that the
    /// first layer copies.
    var probe: DisentangledTransformer {
      var model = self
      model.first = first * 0
      model.second = second * Self.matches(vocabulary, width, Tensor<Float>.ones(vocabulary, vocabulary))
      return model
    }

    /// A2 = beta I where the last token is matched with copied tokens, and W = I where it reads tokens: stage 1 of the paper's
    /// Algorithm 1.
    static func theorem(vocabulary s: Int, length: Int, beta: Double) -> DisentangledTransformer {
      var model = DisentangledTransformer(vocabulary: s, length: length)
      let d = s + length
      model.second = matches(s, d, Tensor<Float>.identity(s) * Float(beta))
      model.output = model.output.updating(2 * d..<2 * d + s, with: Tensor<Float>.identity(s))
      return model
    }

    /// `block` at the rows of the last token and the columns of copied tokens, [2d, 2d].
    private static func matches(_ s: Int, _ d: Int, _ block: Tensor<Float>) -> Tensor<Float> {
      Tensor<Float>.zeros(2 * d, 2 * d).updating(0..<s, d..<d + s, with: block)
    }

    /// 0 for keys up to the query, a score that no other reaches for later ones.
    static func causalMask(_ length: Int) -> Tensor<Float> {
      Tensor(shape: [length, length], (0..<length * length).map { $0 % length > $0 / length ? -1e30 : 0 })
    }
  }

  /// Sequences of one model, or of several along a first axis.
  package struct Batch: TensorTree {
    /// [sequences, T].
    package var tokens: Tensor<Int32>
    /// pi(s_T, .), [sequences, S].
    package var targets: Tensor<Float>

    package init(tokens: Tensor<Int32>, targets: Tensor<Float>) { (self.tokens, self.targets) = (tokens, targets) }
  }

  /// What one model is in training.
  struct Run: TensorTree, Codable {
    var model: DisentangledTransformer
    var memory: Scheduled<SGD<Float>>.State
  }

  /// All models of a run: for each graph one of every seed, along one axis.
  struct Study {
    let settings: Settings
    let trees: [MarkovTree]

    private var models: Int { trees.count * settings.seeds }
    private var rule: Scheduled<SGD<Float>> { SGD(learningRate: settings.rate).scheduled(.cosine(steps: settings.steps)) }

    func start() -> Run {
      let model = DisentangledTransformer(vocabulary: settings.vocabulary, length: settings.length)
      return [Run](repeating: Run(model: model, memory: rule.initialState(for: model)), count: models).stacked()
    }

    /// Of every seed; all graphs see the same.
    func drawTransitions(_ count: Int, seeds: Int? = nil, key: Key) -> Tensor<Float> {
      InContextMarkovTree.transitions(
        (seeds ?? settings.seeds) * count, vocabulary: settings.vocabulary, concentration: settings.concentration,
        uniformShare: settings.uniformShare, key: key)
    }

    /// Sequences for all models, [models, sequences, ...]; key and transitions may be traced.
    private func batch(_ transitions: Tensor<Float>, key: Key) -> Batch {
      let drawn = trees.enumerated().map { InContextMarkovTree($1, transitions: transitions, key: key[$0]) }
      return Batch(
        tokens: Tensor.stack(drawn.map(\.tokens)).reshaped(models, -1, settings.length),
        targets: Tensor.stack(drawn.map(\.targets)).reshaped(models, -1, settings.vocabulary))
    }

    /// One step of SGD of all models on fresh sequences with these transitions.
    func compiledStep() -> (Run, Tensor<Float>, Key) -> Run {
      let rule = rule
      return compile { (runs: Run, transitions: Tensor<Float>, key: Key) in
        vmap { (run: Run, batch: Batch) in
          var run = run
          rule.step(&run.model, &run.memory) { $0.loss(batch) }
          return run
        }(runs, batch(transitions, key: key))
      }
    }

    /// Fixed sequences of every graph.
    func draw(_ count: Int, seeds: Int, key: Key) -> [InContextMarkovTree<Float>] {
      let transitions = drawTransitions(count, seeds: seeds, key: key.named("transitions"))
      return trees.enumerated().map { InContextMarkovTree($1, transitions: transitions, key: key.named("sequences")[$0]) }
    }

    /// The cross-entropy of Bayes' rule to pi(s_T, .), of every graph.
    func bayesLosses(on test: [InContextMarkovTree<Float>]) -> [Double] {
      test.map { drawn in
        Double(-(drawn.targets * drawn.posterior(concentration: settings.concentration).log()).sum(1).mean().scalar)
      }
    }

    /// The losses of all models on fixed sequences of their graphs.
    func evaluation(of test: [InContextMarkovTree<Float>]) -> (DisentangledTransformer) -> [Double] {
      let batches = test.flatMap { drawn in
        (0..<settings.seeds).map { _ in Batch(tokens: drawn.tokens, targets: drawn.targets) }
      }.stacked()
      let losses = compile { (models: DisentangledTransformer, batches: Batch) in
        vmap { (model: DisentangledTransformer, batch: Batch) in model.loss(batch) }(models, batches)
      }
      return { losses($0, batches).scalars.map { Double($0) } }
    }

    // MARK: What was learned

    /// P, the causal softmax of the position block of A1, [models, T, T].
    func positionAttention(_ model: DisentangledTransformer) -> Tensor<Float> {
      (model.positionScores + DisentangledTransformer.causalMask(settings.length)).softmax()
    }

    /// The mean of P at the parents, of all models.
    func parentAttention(_ model: DisentangledTransformer) -> [Double] {
      let attention = positionAttention(model)
      return (0..<models).map { place in
        let edges = trees[place / settings.seeds].edges
        return edges.reduce(0) { $0 + Double(attention[place, $1.child, $1.parent]) } / Double(edges.count)
      }
    }

    // MARK: What the gradient sees

    func theoremModels() -> DisentangledTransformer {
      let model = DisentangledTransformer.theorem(
        vocabulary: settings.vocabulary, length: settings.length, beta: settings.beta)
      return [DisentangledTransformer](repeating: model, count: models).stacked()
    }

    /// Minus the gradient of the position block of A1, averaged over many sequences, a batch at a time, [models, T, T].
    func positionGradient(
      _ models: DisentangledTransformer, _ name: String, _ notebook: Recorder
    ) throws -> Tensor<Float> {
      let add = compile {
        (sum: Tensor<Float>, models: DisentangledTransformer, transitions: Tensor<Float>, key: Key) in
        let gradients = vmap { (model: DisentangledTransformer, batch: Batch) in grad { $0.loss(batch) }(model) }
        return sum - gradients(models, batch(transitions, key: key)).positionScores
      }
      let parts = max(1, settings.probed / settings.batchSize)
      var sum = Tensor<Float>.zeros(self.models, settings.length, settings.length)
      let (transitionKey, sequenceKey) = (notebook.key("probed transitions"), notebook.key("probed sequences"))
      try notebook.steps("probe, \(name)", parts, state: &sum, cadence: .every(parts)) { i, sum in
        sum = add(sum, models, drawTransitions(settings.batchSize, key: transitionKey[i]), sequenceKey[i])
      }
      return sum / Float(parts)
    }

    /// The mean of the chi-squared mutual information over transitions, [graphs, T, T]; 0 at the last position, which depends on
    /// none.
    func dependence(key: Key) -> Tensor<Double> {
      let transitions = InContextMarkovTree<Double>.transitions(
        settings.transitions, vocabulary: settings.vocabulary, concentration: settings.concentration,
        uniformShare: settings.uniformShare, key: key)
      return .stack(
        trees.map { $0.chiSquaredInformation(transitions: transitions).mean(0).padded([(low: 0, high: 1), (low: 0, high: 1)]) })
    }
  }
}
