import Networks
import Notebook
import Optimizers
import Problems
import Tensors
import Transforms

extension InverseFisherProducts {
  /// lambda I + G^T G / m, the matrix that M-FAC does without.
  static func fisher(_ gradients: Tensor<Double>, _ damping: Double) -> Tensor<Double> {
    damping * .identity(gradients.shape[1]) + matmul(gradients, gradients, transposeA: true) / Double(gradients.shape[0])
  }

  static func error(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Double { ((a - b).norm() / b.norm()).scalar }

  /// (4): accuracy on held-out images of each network pruned in one shot, without training again.
  /// - Parameter trained: for each optimizer, in order, one network a seed.
  static func prune(
    _ trained: [[MLP<Float>]], _ problem: Classification<Float>, _ settings: Pruning, _ notebook: Recorder
  ) throws {
    let dimensions = [
      Dimension("method", order, "optimizer that trained the network"),
      Dimension("seed", count: trained[0].count, "trained network"),
      Dimension("sparsity", settings.sparsities, "share of weights removed"),
      Dimension("pruner", pruners, "how weights are chosen"),
    ]
    let accuracy = { (model: MLP<Float>) in Double(problem.measures(of: model)["test accuracy"]?.scalar ?? .nan) }
    let models = trained.flatMap { $0 }
    let pruned = models.flatMap { Self.pruned($0, problem, settings).map(accuracy) }
    try notebook.tensor(
      "pruning/accuracy", Tensor(pruned).reshaped(dimensions.map(\.count)), "accuracy on held-out images, not trained again",
      along: dimensions)
    try notebook.tensor(
      "pruning/dense", Tensor(models.map(accuracy)).reshaped(trained.count, -1), "accuracy on held-out images before pruning",
      along: Array(dimensions[..<2]))
  }

  /// A network pruned to each sparsity by each pruner, row-major.
  private static func pruned(_ model: MLP<Float>, _ problem: Classification<Float>, _ settings: Pruning) -> [MLP<Float>] {
    let gradients = perExampleGradients(model, problem, count: settings.gradients)
    let weights = TensorList<Float>(of: model).flattened.map { Double($0) }
    let inverse = DynamicInverseFisher(GradientWindow(gradients: gradients), damping: settings.damping)
    let saliencies = [
      weights.abs(), weights.square() * gradients.square().mean(0), surgeonSaliencies(of: weights, inverse),
    ]
    return settings.sparsities.flatMap { sparsity in
      zip(pruners, saliencies).map { pruner, saliency in
        let mask = leastSalient(saliency, isPrunable(model), share: sparsity)
        let pruned =
          pruner == "M-FAC"
          ? removing(mask, from: weights, gradients: gradients, damping: settings.damping) : weights * (1 - mask)
        return model.unraveled(pruned.map { Float($0) })
      }
    }
  }

  /// The gradient of the loss of each of the first images: [count, d].
  private static func perExampleGradients(
    _ model: MLP<Float>, _ problem: Classification<Float>, count: Int
  ) -> Tensor<Double> {
    let loss = { (model: MLP<Float>, example: Tensor<Int32>) in problem.loss(model, on: example) }
    let examples = Tensor<Int32>.arange(min(count, problem.training.count)).expandingDimensions(1)
    let gradients = TensorList<Float>(of: vmap(grad(loss), axes: [nil, 0])(model, examples))
    return Tensor.concatenate(gradients.elements.map { $0.reshaped(examples.count, -1) }, axis: 1).map { Double($0) }
  }

  /// 1 for weights, 0 for biases.
  private static func isPrunable(_ model: MLP<Float>) -> [Bool] {
    TensorList<Float>(of: model).elements.flatMap { Array(repeating: $0.rank == 2, count: $0.count) }
  }

  /// 1 for the given share of the weights, those of least saliency, else 0.
  private static func leastSalient(_ saliency: Tensor<Double>, _ isPrunable: [Bool], share: Double) -> Tensor<Double> {
    let weights = isPrunable.indices.filter { isPrunable[$0] }.sorted { saliency[$0] < saliency[$1] }
    var mask = Tensor<Double>.zeros(isPrunable.count)
    for i in weights.prefix(Int((share * Double(weights.count)).rounded())) { mask[i] = 1 }
    return mask
  }
}
