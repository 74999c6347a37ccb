import Datasets
import Networks
import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

extension AttentionDualForm {
  // MARK: One linear layer

  /// A layer of linear attention as in `OneStepDescent`, u = W_V^T h and M = W_K^T W_Q, but here the query attends to its own token
  /// e_q = (x_q, 0) too. For the N tokens of a prompt it answers
  ///
  ///     (w_ZSL + dw_ICL) . x_q,   dw_ICL = [1/N sum_i (u . e_i) e_i^T M]_x over the demonstrations e_i = (x_i, y_i),
  ///
  /// and w_ZSL the same of e_q alone.
  package struct LinearUpdate: TensorTree {
    /// [tasks, dimension].
    package var zeroShot, inContext: Tensor<Double>

    package init(_ layer: OneStepDescent.Model, on tasks: InContextRegression<Double>) {
      func weights(_ tokens: Tensor<Double>) -> Tensor<Double> {
        let values = matmul(tokens, layer.value.expandingDimensions(1))
        let sum = matmul((values * tokens).sum(1), layer.keyQuery) / Double(tasks.contextLength + 1)
        return sum.slice(All(), 0..<tasks.inputs.shape[2])
      }
      (zeroShot, inContext) = (weights(tasks.query), weights(tasks.context))
    }

    /// [tasks].
    func answers(_ tasks: InContextRegression<Double>) -> Tensor<Double> {
      ((zeroShot + inContext) * tasks.inputs.slice(All(), tasks.contextLength)).sum(1)
    }

    /// Cosines, averaged over tasks, of the update with that of one step of gradient descent from w_ZSL, sum_i (y_i - w_ZSL . x_i) x_i;
    /// "shuffled": with labels shuffled among the demonstrations that the step sees.
    package func cosines(on tasks: InContextRegression<Double>, key: Key) -> [String: Tensor<Double>] {
      let known = 0..<tasks.contextLength
      let (x, y) = (tasks.inputs.slice(All(), known), tasks.targets.slice(All(), known))
      let order = Tensor<Double>.uniform(y.shape, key: key).argsort()
      return ["cosine": y, "shuffled": y.takeAlongAxis(order, axis: 1)].mapValues { y in
        let errors = y - matmul(x, zeroShot.expandingDimensions(2)).squeezed(2)
        let step = (errors.expandingDimensions(2) * x).sum(1)
        return ((inContext * step).sum(1) / (inContext.norm(1) * step.norm(1))).mean()
      }
    }
  }

  static func studyLinearLayer(_ settings: LinearLayer, _ notebook: Recorder) throws {
    let draw = { (count: Int, key: Key) in
      InContextRegression<Double>(count, length: settings.demonstrations + 1, dimension: settings.dimension, key: key)
    }
    let key = notebook.key("linear layer")
    let test = draw(settings.testTasks, key.named("test"))
    let shuffle = key.named("shuffle")
    let problem = FreshTasks<OneStepDescent.Model, Double>(
      start: { OneStepDescent.Model(dimension: settings.dimension, scale: settings.initialScale, key: $0) },
      observing: { LinearUpdate($0, on: test).cosines(on: test, key: shuffle) }
    ) { layer, key in
      let tasks = draw(settings.batchSize, key)
      return (LinearUpdate(layer, on: tasks).answers(tasks) - tasks.queryTarget).square().mean() / 2
    }
    let grid = TrainingGrid(
      problem, Adam<Double>().scheduled(.cosine(steps: settings.steps)), rates: [settings.rate], keys: key.split(settings.seeds))
    try notebook.train("linear layer", grid, steps: settings.steps, cadence: .even(40, of: settings.steps))
  }

  // MARK: Momentum on text

  /// Order-2 Markov text as a chain of pairs of letters, (a, b) -> (b, c), each numbered a * letters + b. What follows a pair has a
  /// Dirichlet distribution.
  package static func letterPairs(_ letters: Int, concentration: Double, key: Key) -> MarkovText {
    let next = Tensor<Double>.dirichlet([letters * letters, letters], concentration: concentration, key: key)
    // [a, b, b', c], 0 where b' is not b.
    let pairs = next.reshaped(letters, letters, 1, letters) * Tensor.identity(letters).reshaped(1, letters, letters, 1)
    return MarkovText(transitions: pairs.reshaped(letters * letters, letters * letters))
  }

  /// Transformers with momentum attention on order-2 Markov text: each place shows the second letter of its pair.
  struct MomentumText: Problem, TensorTree {
    /// Of every layer, [places, places].
    var filter: Tensor<Float>
    let text: Text
    let pairs: MarkovText
    /// Held out, [sequences, places + 1].
    let validation: Tensor<Int32>

    init(eta: Double, _ text: Text, key: Key) {
      (self.text, filter) = (text, momentumFilter(eta, places: text.places))
      pairs = letterPairs(text.letters, concentration: text.concentration, key: key.named("chain"))
      let held = pairs.sample(text.validationSequences, length: text.places + 1, key: key.named("validation"))
      validation = held % Int32(text.letters)
    }

    func flatten(into leaves: inout TreeLeaves) { filter.flatten(into: &leaves) }
    mutating func replaceTensors(from leaves: inout TreeLeaves) { filter.replaceTensors(from: &leaves) }

    func initialParameters(key: Key) -> Transformer<Float> {
      var sizes = Transformer<Float>.Configuration(
        vocabulary: text.letters, contextLength: text.places, width: text.width, heads: text.heads, depth: text.layers)
      sizes.shape.feedForwardWidth = text.width
      (sizes.tokenDeviation, sizes.positionDeviation) = (0.5, 0.1)
      return Transformer(sizes, key: key)
    }

    func batches(key: Key) -> (Int) -> Tensor<Int32> {
      { pairs.sample(text.batchSize, length: text.places + 1, key: key[$0]) % Int32(text.letters) }
    }

    func loss(_ model: Transformer<Float>, on batch: Tensor<Int32>) -> Tensor<Float> {
      let hooks = momentumHooks(filter)
      return crossEntropy(
        model(batch.slice(All(), 0..<text.places), hooks: { _ in hooks }), labels: batch.slice(All(), 1..<text.places + 1))
    }

    func measures(of model: Transformer<Float>) -> [String: Tensor<Float>] { ["validation": loss(model, on: validation)] }
  }

  static func studyText(_ settings: Text, _ notebook: Recorder) throws {
    let key = notebook.key("text")
    let problems = settings.momenta.map { MomentumText(eta: $0, settings, key: key) }
    // The same starting points and batches for every momentum.
    let grid = TrainingGrid(
      problems: problems.flatMap { Array(repeating: $0, count: settings.seeds) },
      optimizers: Array(repeating: Adam<Float>(), count: problems.count * settings.seeds), rates: [settings.rate],
      keys: problems.flatMap { _ in key.split(settings.seeds) })
    let loss = try notebook.trace(
      "text/validation loss", "cross-entropy of held-out text",
      along: [
        Dimension("momentum", settings.momenta, "eta of the values' average; 0 is plain attention"),
        Dimension("seed", count: settings.seeds, "random seed"),
      ], units: "nat")
    var runs = grid.start()
    try notebook.steps("text", settings.steps, state: &runs, cadence: .even(40, of: settings.steps)) {
      grid.step($0, &$1)
    } measure: { runs, record in
      record(loss, grid.measures(of: runs)["validation", default: Tensor(.nan)].scalars.map(Double.init))
    }
    try notebook.scalar("text/entropy rate", problems[0].pairs.entropyRate, "least cross-entropy of any model", units: "nat")
  }
}
