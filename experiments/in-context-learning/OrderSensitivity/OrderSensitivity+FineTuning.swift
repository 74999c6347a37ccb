import Networks
import Optimizers
import Tensors
import Transforms

extension OrderSensitivity {
  /// Which parameters are tuned; the others keep their values.
  enum TunedPart: String, CaseIterable {
    case all = "all parameters"
    case keysAndValues = "keys and values"
  }

  /// How often, and on what, a copy of the model takes a step.
  package enum Passing {
    /// One step an epoch, on the mean loss of all examples.
    case together
    /// One step an example, in the order of the examples.
    case oneByOne
  }

  /// Probabilities of the classes of queries, [copies, queries, classes], after some epochs: each copy of the model is tuned on examples
  /// of its own, with a learning rate of its own.
  typealias Tuner = (
    _ examples: Examples<Float>, _ queries: Tensor<Float>, _ rates: [Double], _ epochs: [Int]
  ) -> [Tensor<Double>]

  /// Fine-tuning on examples that are each a prompt of their own: (x, 0) alone, without other examples, and its class.
  package struct FineTuning<Rule: GradientOptimizer, Part: TensorTree> {
    /// What a copy changes, and what its rule remembers.
    package struct Copy: TensorTree {
      package var part: Part
      package var memory: Rule.State
      package var rate: Tensor<Rule.Scalar>
    }

    private let start: (Tensor<Rule.Scalar>) -> Copy
    private let step: (Copy, Examples<Rule.Scalar>) -> Copy
    private let answer: (Copy, Tensor<Rule.Scalar>) -> Tensor<Rule.Scalar>
    private let passing: Passing

    package init(
      _ model: VectorTransformer<Rule.Scalar>, _ part: WritableKeyPath<VectorTransformer<Rule.Scalar>, Part>, _ rule: Rule,
      _ passing: Passing
    ) {
      let alone = { (tuned: Part, inputs: Tensor<Rule.Scalar>) in
        var model = model
        model[keyPath: part] = tuned
        let unknown = model.embedding.weight.shape[0] - inputs.shape[1]
        return model(inputs.padded(axis: 1, low: 0, high: unknown).expandingDimensions(1)).squeezed(1)
      }
      start = vmap { rate in
        Copy(part: model[keyPath: part], memory: rule.initialState(for: model[keyPath: part]), rate: rate)
      }
      step = compile(
        vmap { (copy: Copy, examples: Examples<Rule.Scalar>) in
          var (rule, copy) = (rule, copy)
          rule.learningRate = copy.rate
          let gradient = grad { crossEntropy(alone($0, examples.inputs), labels: examples.labels) }(copy.part)
          copy.part = rule.updated(copy.part, gradient: gradient, &copy.memory)
          return copy
        })
      answer = compile(vmap { (copy: Copy, queries: Tensor<Rule.Scalar>) in alone(copy.part, queries).softmax() })
      self.passing = passing
    }

    /// See ``Tuner``.
    package func callAsFunction(
      _ examples: Examples<Rule.Scalar>, queries: Tensor<Rule.Scalar>, rates: [Double], epochs: [Int]
    ) -> [Tensor<Double>] {
      var copies = start(Tensor(rates.map { Rule.Scalar($0) }))
      var answers: [Tensor<Double>] = []
      for epoch in 0..<(epochs.max() ?? 0) {
        switch passing {
        case .together: copies = step(copies, examples)
        case .oneByOne:
          for i in 0..<examples.labels.shape[1] { copies = step(copies, examples.part(i..<i + 1)) }
        }
        if epochs.contains(epoch + 1) { answers.append(answer(copies, queries).converted(to: Double.self)) }
      }
      return answers
    }
  }

  /// Fine-tuning in the precision of the rule, whatever that of the examples.
  static func tuner<Rule: GradientOptimizer>(
    _ model: VectorTransformer<Rule.Scalar>, _ part: TunedPart, _ rule: Rule, _ passing: Passing
  ) -> Tuner {
    let converted = {
      (tune: @escaping (Examples<Rule.Scalar>, Tensor<Rule.Scalar>, [Double], [Int]) -> [Tensor<Double>]) -> Tuner in
      { examples, queries, rates, epochs in
        let inputs = examples.inputs.converted(to: Rule.Scalar.self)
        return tune(Examples(inputs: inputs, labels: examples.labels), queries.converted(to: Rule.Scalar.self), rates, epochs)
      }
    }
    switch part {
    case .all:
      let tuning = FineTuning(model, \.self, rule, passing)
      return converted { tuning($0, queries: $1, rates: $2, epochs: $3) }
    case .keysAndValues:
      let tuning = FineTuning(model, \.keysAndValues, rule, passing)
      return converted { tuning($0, queries: $1, rates: $2, epochs: $3) }
    }
  }
}
