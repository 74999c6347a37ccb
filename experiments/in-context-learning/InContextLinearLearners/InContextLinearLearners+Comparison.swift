import Datasets
import Networks
import Notebook
import Tensors
import Transforms

extension InContextLinearLearners {
  /// What is known of one transformer and its references.
  private struct Comparison {
    /// Squared differences of answers from those of the references, [references, examples].
    var differences: Tensor<Double>
    /// Squared errors of the transformer and of the references, [1 + references, examples].
    var errors: Tensor<Double>
    /// Squared differences from ridge regression of each penalty, averaged over places d to n, [penalties].
    var fromRidge: Tensor<Double>
    /// Of implicit weights and those of the linear references: squared distance and cosine, [references, 2].
    var weights: Tensor<Double>
    /// The share of the variance of the answers to other queries that implicit weights explain.
    var linearity: Double
    /// Step sizes of the references that have one, [2, examples].
    var rates: Tensor<Double>
  }

  static func recordComparison(
    _ networks: [Network], _ models: [VectorTransformer<Float>], _ settings: Settings, _ notebook: Recorder
  ) throws {
    let penalties = Tensor<Double>.geomspace(settings.penalties[0], settings.penalties[1], count: settings.penaltyCount).scalars
    let comparisons = zip(networks, models).map { network, model in
      compare(model, noise: network.noise, penalties: penalties, settings, notebook)
    }
    let network = Dimension("network", networks.map(\.name), "transformer")
    let reference = Dimension("reference", References.all, "what it is compared with")
    let examples = Dimension("examples", count: settings.examples, "pairs in front of the query")
    try notebook.tensor(
      "answers/difference", .stack(comparisons.map(\.differences)), "mean squared difference from the answers of a reference",
      along: [network, reference, examples])
    try notebook.tensor(
      "answers/error", .stack(comparisons.map(\.errors)), "mean squared error of answers, without the noise",
      along: [network, Dimension("learner", ["transformer"] + References.all, "what answers"), examples])
    try notebook.tensor(
      "ridge/difference", .stack(comparisons.map(\.fromRidge)), "mean squared difference from ridge regression, places d to n",
      along: [network, Dimension("penalty", penalties, "lambda of ridge regression")])
    try notebook.tensor(
      "weights/agreement", .stack(comparisons.map(\.weights)), "of implicit weights with those of a reference",
      along: [
        network, Dimension("reference", References.linear, "what they are compared with"),
        Dimension("measure", ["squared distance", "cosine"], "mean over contexts"),
      ])
    try notebook.tensor(
      "implicit/linearity", Tensor(comparisons.map(\.linearity)), "share of the variance that implicit weights explain",
      along: [network])
    try notebook.tensor(
      "references/rate", .stack(comparisons.map(\.rates)), "tuned step size",
      along: [network, Dimension("descent", ["GD step", "SGD pass"], "algorithm"), examples])
  }

  private static func compare(
    _ model: VectorTransformer<Float>, noise: Double, penalties: [Double], _ settings: Settings, _ notebook: Recorder
  ) -> Comparison {
    let references = References(
      tunedOn: settings.draw(settings.tuningTasks, noise: noise, key: notebook.key("tuning"), as: Double.self), noise: noise,
      passCandidates: Tensor<Double>.geomspace(settings.passRates[0], settings.passRates[1], count: settings.passCandidates)
        .scalars)
    let test = settings.draw(settings.testTasks, noise: noise, key: notebook.key("test"), as: Double.self)
    let answer = compile { (inputs: Tensor<Float>, targets: Tensor<Float>) in answers(model, inputs, targets) }
    let said = { (inputs: Tensor<Double>, targets: Tensor<Double>) in
      answer(inputs.converted(to: Float.self), targets.converted(to: Float.self)).converted(to: Double.self)
    }
    // [examples, tasks], as those of the references.
    let own = said(test.inputs, test.targets).transposed()
    let others = references.predictions(test)
    let truth = test.noiselessTargets.transposed()
    let all = Tensor.concatenate([own.expandingDimensions(0), others])

    let places = max(1, settings.dimension - 1)..<settings.examples
    let fromRidge = penalties.map { penalty in
      places.reduce(0) { sum, count in
        let weights = References.ridge(References.contexts(test, count), penalty)
        let difference = (weights * test.inputs.slice(All(), count)).sum(1) - own.slice(count)
        return sum + difference.square().mean().scalar / Double(places.count)
      }
    }
    let (weights, linearity) = implicitWeights(test, settings, key: notebook.key("queries"), answers: said)
    let last = references.weights(test, settings.examples - 1)
    let agreement = References.linear.map { name -> Tensor<Double> in
      let other = (last[name] ?? Tensor(.nan)).slice(0..<settings.implicitTasks)
      let cosines = (weights * other).sum(1) / (weights.norm(1) * other.norm(1))
      return Tensor([(weights - other).square().sum(1).mean().scalar, cosines.mean().scalar])
    }
    return Comparison(
      differences: (others - own).square().mean(2), errors: (all - truth).square().mean(2), fromRidge: Tensor(fromRidge),
      weights: .stack(agreement), linearity: linearity,
      rates: Tensor.stack([Tensor(references.descentRates), Tensor(references.passRates)]))
  }

  /// The weights, [contexts, dimension], that best explain answers to 4 d other queries at the last place of a sequence, and how much of
  /// the variance of those answers they do explain.
  private static func implicitWeights(
    _ test: InContextRegression<Double>, _ settings: Settings, key: Key,
    answers: (Tensor<Double>, Tensor<Double>) -> Tensor<Double>
  ) -> (weights: Tensor<Double>, linearity: Double) {
    let (contexts, count) = (settings.implicitTasks, 4 * settings.dimension)
    let queries = Tensor<Double>.normal([contexts, count, settings.dimension], key: key)
    let known = test.inputs.slice(0..<contexts, 0..<settings.examples - 1).repeated(count)
    let inputs = Tensor.concatenate([known, queries.reshaped(contexts * count, 1, settings.dimension)], axis: 1)
    let said = answers(inputs, test.targets.slice(0..<contexts).repeated(count))
      .slice(All(), settings.examples - 1).reshaped(contexts, count, 1)
    let weights = queries.leastSquares(said)
    let unexplained = (matmul(queries, weights) - said).square().sum() / said.square().sum()
    return (weights.squeezed(2), 1 - unexplained.scalar)
  }
}
