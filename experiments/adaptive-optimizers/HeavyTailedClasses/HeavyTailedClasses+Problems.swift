import Networks
import Problems
import Tensors
import Transforms

extension HeavyTailedClasses {
  /// Softmax regression without bias from zero weights: group i = 0..<m has 2^i classes of 2^(m-i) samples each. Inputs are uniform
  /// on [0, 1]^d whatever the label, so that labels can be memorized only.
  struct ImbalancedRegression: Problem {
    /// [samples, features]; the samples of a group lie together.
    let inputs: Tensor<Float>
    /// [samples].
    let labels: Tensor<Int32>
    /// m.
    let groups: Int

    var classes: Int { (1 << groups) - 1 }

    init(groups: Int, features: Int, key: Key) {
      self.groups = groups
      inputs = .uniform([groups << groups, features], key: key)
      labels = Tensor(
        (0..<groups).flatMap { i in
          (0..<(1 << groups)).map { sample in Int32((1 << i) - 1 + (sample >> (groups - i))) }
        })
    }

    /// W = 0, [classes, features].
    func initialParameters(key: Key) -> Tensor<Float> { .zeros(classes, inputs.shape[1]) }
    func batches(key: Key) -> (Int) -> WholeBatch { { _ in WholeBatch() } }

    func loss(_ weights: Tensor<Float>, on batch: WholeBatch) -> Tensor<Float> { groupLosses(weights).mean() }

    /// The mean loss of each group, [groups]; all groups have as many samples.
    func groupLosses(_ weights: Tensor<Float>) -> Tensor<Float> {
      crossEntropy(scores(weights), labels: labels, reduction: .none).reshaped([groups, 1 << groups]).mean(1)
    }

    /// For each class c the norm of the gradient with respect to w_c, and the trace of the Hessian with respect to it, the mean over
    /// samples of p_c (1 - p_c) |x|^2: both [classes].
    func curvature(_ weights: Tensor<Float>) -> (gradientNorms: Tensor<Float>, traces: Tensor<Float>) {
      let gradient = grad { loss($0, on: WholeBatch()) }(weights)
      let p = scores(weights).softmax()
      return (gradient.norm(1), (p * (1 - p) * inputs.squaredNorm(1, keepingAxes: true)).mean(0))
    }

    private func scores(_ weights: Tensor<Float>) -> Tensor<Float> { matmul(inputs, weights, transposeB: true) }
  }

  /// The model of the theorem: class k has one input, e_k, and frequency pi_k proportional to 1/k.
  struct OneInputPerClass: Problem {
    /// pi, [classes].
    let frequencies: Tensor<Double>

    init(classes: Int) {
      let weights = (1...classes).map { 1 / Double($0) }
      frequencies = Tensor(weights) / weights.reduce(0, +)
    }

    /// W = 0; row k holds the scores of input e_k.
    func initialParameters(key: Key) -> Tensor<Double> { .zeros(frequencies.count, frequencies.count) }
    func batches(key: Key) -> (Int) -> WholeBatch { { _ in WholeBatch() } }

    func loss(_ scores: Tensor<Double>, on batch: WholeBatch) -> Tensor<Double> { frequencies.dot(classLosses(scores)) }

    /// The loss of each class, [classes].
    func classLosses(_ scores: Tensor<Double>) -> Tensor<Double> {
      crossEntropy(scores, labels: Tensor((0..<scores.shape[0]).map { Int32($0) }), reduction: .none)
    }
  }
}
