import Optimizers
import Tensors
import Transforms

extension GramsSignMagnitude {
  /// What Adam, cautious Adam as in its theory (not rescaled) and Grams would do from the same moments.
  struct Comparison {
    let epsilon: Double

    /// What ``look(at:_:loss:)`` returns, in order.
    static let quantities: [(name: String, longName: String)] = [
      ("loss", "loss of the batch"),
      ("descent_adam", "inner product of gradient and Adam's step, downhill"),
      ("descent_cautious", "inner product of gradient and cautious Adam's step, not rescaled, downhill"),
      ("descent_grams", "inner product of gradient and Grams' step, downhill"),
      ("opposed", "share of the coordinates whose momentum points against the gradient"),
      ("least_alignment", "least product of gradient and Grams' step, downhill, over coordinates"),
      ("size_error", "largest ||Grams' step| - |Adam's step|| over the largest step, where the gradient is not 0"),
    ]

    /// - Parameter moments: before the gradient of this loss is taken in.
    func look<Model: TensorTree>(
      at model: Model, _ moments: Moments<Double>, loss: @escaping (Model) -> Tensor<Double>
    ) -> Tensor<Double> {
      let theta = TensorList<Double>(of: model)
      let (value, g) = Objective { loss(model.replacing($0)) }.valueAndGradient(at: theta)
      let rule = Grams<Double>(learningRate: 1, epsilon: epsilon)
      var moments = moments
      let grams = -rule.update(&moments, gradient: g, at: theta)
      let adam = adamStep(rule, moments)
      let cautious = TensorList.zip(adam, g) { .where($0 * $1 .> 0, $0, 0) }
      let error = TensorList.zip((grams.abs() - adam.abs()).abs(), g) { .where($1 .!= 0, $0, 0) }
      return .stack([
        value, g.dot(adam), g.dot(cautious), g.dot(grams),
        TensorList.zip(moments.m, g) { .where($0 * $1 .< 0, 1, 0) }.total / Double(g.elementCount),
        (grams * g).flattened.min(), error.flattened.max() / adam.abs().flattened.max(),
      ])
    }

    /// Adam's step at rate 1 as the official package of Grams has it, with epsilon on the uncorrected root:
    /// sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon).
    private func adamStep(_ rule: Grams<Double>, _ moments: Moments<Double>) -> TensorList<Double> {
      let t = moments.step
      let correction = (1 - Tensor(rule.beta2).power(t)).sqrt() / (1 - Tensor(rule.beta1).power(t))
      return correction * moments.m / (moments.v.sqrt() + epsilon)
    }
  }
}
