import Datasets
import Diagnostics
import Networks
import Solvers
import Tensors
import Transforms

/// What answers the query of a regression task from the examples in front of it, without changing its own parameters.
package protocol InContextLearner: TensorTree, Codable {
  /// One answer for each task, [tasks], to queries [tasks, dimension] instead of the tasks' own.
  func predictions(_ tasks: InContextRegression<Float>, queries: Tensor<Float>) -> Tensor<Float>
}

extension InContextLearner {
  /// The answers to the tasks' own queries.
  package func predictions(_ tasks: InContextRegression<Float>) -> Tensor<Float> {
    predictions(tasks, queries: tasks.inputs.slice(All(), tasks.contextLength))
  }

  /// 1/2 E (y^ - y)².
  func loss(on tasks: InContextRegression<Float>) -> Tensor<Float> {
    (predictions(tasks) - tasks.queryTarget).square().mean() / 2
  }

  /// The derivative of each answer with respect to its query, [tasks, dimension]: the weights of the model that was learned in context.
  package func sensitivities(_ tasks: InContextRegression<Float>) -> Tensor<Float> {
    grad { predictions(tasks, queries: $0).sum() }(tasks.inputs.slice(All(), tasks.contextLength))
  }
}

extension LinearTransformer: InContextLearner where Scalar == Float {
  /// Minus the last entry of the token (x_q, 0) behind the last layer.
  package func predictions(_ tasks: InContextRegression<Float>, queries: Tensor<Float>) -> Tensor<Float> {
    let tokens = queries.expandingDimensions(1).padded(axis: 2, low: 0, high: 1)
    return predictions(tokens, context: tasks.context).squeezed(1)
  }
}

extension MesaGradientDescent {
  /// Gradient descent, or GD++, on the examples of a task, with step sizes that can be tuned.
  package struct TunedDescent: InContextLearner {
    /// eta_k, [steps of a round].
    package var rates: Tensor<Float>
    /// gamma_k of GD++; nil for gradient descent.
    package var curvatures: Tensor<Float>?
    /// Rounds of the same steps.
    package var repeats: Int

    package func predictions(_ tasks: InContextRegression<Float>, queries: Tensor<Float>) -> Tensor<Float> {
      let known = 0..<tasks.contextLength
      let contexts = RegressionContexts(
        inputs: tasks.inputs.slice(All(), known), targets: tasks.targets.slice(All(), known))
      let all = { (steps: Tensor<Float>) in Tensor.concatenate([Tensor](repeating: steps, count: repeats)) }
      let weights =
        curvatures.map { contexts.preconditionedDescent(rates: all(rates), curvatures: all($0)) }
        ?? contexts.gradientDescent(rates: all(rates))
      return (weights * queries).sum(1)
    }
  }

  /// Steps of random size, from a range that has those that are best.
  static func randomDescent(_ kind: String, _ network: Network, key: Key) -> TunedDescent {
    TunedDescent(
      rates: .uniform([network.layers], in: 0..<10, key: key.named("rates")),
      curvatures: kind == "GD++" ? .uniform([network.layers], in: 0..<1.5, key: key.named("curvatures")) : nil,
      repeats: network.repeats)
  }

  /// A learner on features of the inputs.
  package struct Embedded<Learner: InContextLearner>: InContextLearner {
    package var embedding: MLP<Float>
    package var learner: Learner

    package func predictions(_ tasks: InContextRegression<Float>, queries: Tensor<Float>) -> Tensor<Float> {
      var features = tasks
      features.inputs = embedding(tasks.inputs)
      return learner.predictions(features, queries: embedding(queries))
    }
  }

  /// What a learner is compared with, on some tasks.
  struct Reference {
    var name: String
    var tasks: InContextRegression<Float>
    var predictions, sensitivities: Tensor<Float>

    init(_ name: String, _ learner: some InContextLearner, on tasks: InContextRegression<Float>) {
      (self.name, self.tasks) = (name, tasks)
      (predictions, sensitivities) = (learner.predictions(tasks), learner.sensitivities(tasks))
    }

    /// The mean distance of the answers, in standard deviations of the reference's; the mean distance of the sensitivities; and their
    /// mean cosine.
    func measures(of learner: some InContextLearner) -> [String: Tensor<Float>] {
      let s = learner.sensitivities(tasks)
      let lengths = s.norm(1) * sensitivities.norm(1)
      return [
        "difference from \(name)": (learner.predictions(tasks) - predictions).abs().mean() / predictions.variance().sqrt(),
        "sensitivity distance from \(name)": (s - sensitivities).norm(1).mean(),
        "sensitivity cosine with \(name)": ((s * sensitivities).sum(1) / lengths).mean(),
      ]
    }
  }

  /// W_K^T W_Q and P W_V of a layer, with the scale that they can hand each other so that the mean diagonal of (W_K^T W_Q)_xx is 1, as
  /// in the construction.
  static func matchedProducts(_ layer: LinearSelfAttention<Float>) -> (keyQuery: Tensor<Float>, outputValue: Tensor<Float>) {
    let d = layer.query.shape[0] - 1
    let scale = layer.keyQuery.slice(0..<d, 0..<d).diagonal().mean()
    return (layer.keyQuery / scale, layer.outputValue * scale)
  }

  /// A layer whose products are the means of those of two layers.
  static func interpolated(_ a: LinearSelfAttention<Float>, _ b: LinearSelfAttention<Float>) -> LinearSelfAttention<Float> {
    let (first, second) = (matchedProducts(a), matchedProducts(b))
    let identity = Tensor<Float>.identity(a.query.shape[0])
    return LinearSelfAttention(
      query: (first.keyQuery + second.keyQuery) / 2, key: identity, value: (first.outputValue + second.outputValue) / 2,
      output: identity)
  }

  /// The largest distance, over all tokens of random tasks, of what the constructed layer makes of their last entries from y - (w_1 - w_0)
  /// . x for a step of gradient descent from random w_0 with a random rate, in Double.
  package static func constructionError(dimension: Int, contextLength: Int, draws: Int, key: Key) -> Double {
    let differences = (0..<draws).map { draw in
      let key = key[draw]
      let tasks = InContextRegression<Double>(8, length: contextLength + 1, dimension: dimension, key: key)
      let rate = Tensor<Double>.uniform([1], in: 0.1..<2, key: key.named("rate"))
      let start = Tensor<Double>.normal([dimension], key: key.named("start"))
      let layer = LinearSelfAttention<Double>.gradientStep(dimension: dimension, rate: rate[0], start: start)
      let known = 0..<contextLength
      let contexts = RegressionContexts(
        inputs: tasks.inputs.slice(All(), known), targets: tasks.targets.slice(All(), known))
      let origin = start.broadcast(to: [8, dimension])
      let step = contexts.gradientDescent(rates: rate, from: origin) - origin
      let tokens = tasks.prompts()
      let expected = tokens.slice(All(), All(), dimension) - matmul(tasks.inputs, step.expandingDimensions(-1)).squeezed(-1)
      return (layer(tokens, context: tasks.context).slice(All(), All(), dimension) - expected).abs().max().scalar
    }
    return quantile(differences, 1)
  }
}
