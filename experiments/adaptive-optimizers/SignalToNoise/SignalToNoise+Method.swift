import Networks
import Problems
import Tensors
import Transforms

/// y = X w + noise with few weights that are not 0, fitted by least squares on all samples at once, in random groups for the workers.
struct FewRelevantFeatures: Problem, TensorTree {
  private let inputs: Tensor<Double>
  private let targets: Tensor<Double>
  private let testInputs: Tensor<Double>
  private let testTargets: Tensor<Double>

  init(_ settings: SignalToNoise.Regression, key: Key) {
    let weights = Tensor((1...settings.dimension).map { $0 <= settings.relevant ? Double($0) / 3 : 0 })
    let samples = { (count: Int, key: Key) in
      let inputs = Tensor<Double>.normal([count, settings.dimension], key: key.named("inputs"))
      let noise = Tensor<Double>.normal([count], standardDeviation: settings.noise, key: key.named("noise"))
      return (inputs, matmul(inputs, weights) + noise)
    }
    (inputs, targets) = samples(settings.count, key.named("training"))
    (testInputs, testTargets) = samples(settings.testCount, key.named("test"))
  }

  func initialParameters(key: Key) -> Tensor<Double> { .zeros([inputs.shape[1]]) }

  /// An order of all samples: equal parts of it are the groups.
  func batches(key: Key) -> (Int) -> Tensor<Int32> {
    let count = inputs.shape[0]
    return { step in Tensor(key[step].permutation(count).map { Int32($0) }) }
  }

  func loss(_ weights: Tensor<Double>, on batch: Tensor<Int32>) -> Tensor<Double> {
    meanSquaredError(matmul(inputs.gather(batch), weights), targets.gather(batch))
  }

  func workerGradients(_ weights: Tensor<Double>, on batch: Tensor<Int32>, workers: Int) -> Tensor<Double>? {
    let groups = batch.reshaped([workers, batch.count / workers])
    return vmap(
      { (weights: Tensor<Double>, group: Tensor<Int32>) in grad { self.loss($0, on: group) }(weights) }, axes: [nil, 0])(
        weights, groups)
  }

  func measures(of weights: Tensor<Double>) -> [String: Tensor<Double>] {
    [
      "training loss": meanSquaredError(matmul(inputs, weights), targets),
      "test loss": meanSquaredError(matmul(testInputs, weights), testTargets),
    ]
  }
}
