import Networks
import Notebook
import Tensors
import Transforms

/// W_K and W_V of one layer: what explicit fine-tuning changes when it is compared with demonstrations in the prompt (Dai et al. 2022).
package struct KeyValueWeights<Scalar: RealScalar>: TensorTree {
  package var key, value: Tensor<Scalar>
}

extension TransformerBlock {
  package var keyValueWeights: KeyValueWeights<Scalar> {
    get { KeyValueWeights(key: attention.key.weight, value: attention.value.weight) }
    set { (attention.key.weight, attention.value.weight) = (newValue.key, newValue.value) }
  }
}

extension PromptClassifier {
  /// Of each layer.
  package var keyValueWeights: [KeyValueWeights<Scalar>] { stack.blocks.map(\.keyValueWeights) }

  package func replacing(_ weights: [KeyValueWeights<Scalar>]) -> Self {
    var result = self
    for (i, weights) in weights.enumerated() { result.stack.blocks[i].keyValueWeights = weights }
    return result
  }

  /// One step of stochastic gradient descent on the cross-entropy of an example in a prompt of its own.
  package func gradientStep(_ example: ClassificationTasks<Scalar>.Example, rate: Tensor<Double>) -> [KeyValueWeights<Scalar>] {
    let weights = keyValueWeights
    let gradient = grad { (weights: [KeyValueWeights<Scalar>]) in replacing(weights).loss(on: example) }(weights)
    return weights.adding(gradient.scaled(by: -rate))
  }

  /// What attention does at the query's place with the first `count` demonstrations.
  package func queryAttention(
    _ demonstrations: Tensor<Scalar>?, _ query: ClassificationTasks<Scalar>.Example
  ) -> QueryAttention<Scalar> {
    var records: [AttentionRecord<Scalar>] = []
    var hooks = AttentionHooks<Scalar>()
    hooks.observing = { records.append($0) }
    let scores = self(demonstrations, query.input, hooks: hooks)
    let own = template.shape[0] + 1
    let right = (scores.argmax() .== query.label).converted(to: Scalar.self)
    return QueryAttention(
      outputs: .stack(records.map { $0.output.slice(All(), $0.output.shape[1] - 1) }, axis: 1),
      scores: .stack(
        records.map { record in
          let (queries, keys) = (record.scores.shape[2], record.scores.shape[3])
          return record.scores.slice(All(), All(), queries - 1, keys - own..<keys)
        }, axis: 1),
      isRight: right)
  }
}

/// What attention does at the last token of prompts.
package struct QueryAttention<Scalar: RealScalar>: TensorTree {
  /// h, what each layer adds to the residual stream, [tasks, layers, width].
  package var outputs: Tensor<Scalar>
  /// Before the softmax, to the template and the query, [tasks, layers, heads, template + 1].
  package var scores: Tensor<Scalar>
  /// 1 where the larger of the scores of the classes is the label's, [tasks].
  package var isRight: Tensor<Scalar>

  package init(outputs: Tensor<Scalar>, scores: Tensor<Scalar>, isRight: Tensor<Scalar>) {
    (self.outputs, self.scores, self.isRight) = (outputs, scores, isRight)
  }

  /// SimAM: cosines of the scores, averaged over heads, [tasks, layers].
  package func scoreSimilarity(_ other: Self) -> Tensor<Scalar> { cosines(scores, other.scores).mean(-1) }
}

/// How updated weights compare with demonstrations in the prompt, [..., layers].
package struct Similarity<Scalar: RealScalar>: TensorTree {
  /// SimAOU: cos(h_ICL - h_ZSL, h_FT - h_ZSL).
  package var outputUpdate: Tensor<Scalar>
  /// cos(h_ICL, h_FT).
  package var output: Tensor<Scalar>
  /// SimAM, of in-context and fine-tuned scores.
  package var scores: Tensor<Scalar>
  /// Whether the updated model's answer is right, [...].
  package var isRight: Tensor<Scalar>

  package init(_ tuned: QueryAttention<Scalar>, inContext: QueryAttention<Scalar>, zeroShot: QueryAttention<Scalar>) {
    outputUpdate = cosines(inContext.outputs - zeroShot.outputs, tuned.outputs - zeroShot.outputs)
    output = cosines(inContext.outputs, tuned.outputs)
    scores = inContext.scoreSimilarity(tuned)
    isRight = tuned.isRight
  }
}

private func cosines<Scalar: RealScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  (a * b).sum(-1) / (a.norm(-1) * b.norm(-1))
}

extension ClassificationTasks.Example {
  /// Each task's example in a batch of its own, for `vmap` over tasks.
  var alone: Self { mapTensors { $0.insertingAxis(1) } }
}

/// Models along a first axis, and tasks on whose demonstrations each is fine-tuned: from its own weights for every task and rate.
package struct ImplicitFineTuning<Scalar: RealScalar> {
  package typealias Model = PromptClassifier<Scalar>
  package typealias Weights = [KeyValueWeights<Scalar>]
  package typealias Example = ClassificationTasks<Scalar>.Example

  package let models: Model
  package let tasks: ClassificationTasks<Scalar>
  package let rates: [Double]
  /// What the models' attention does with all demonstrations and with none, [models, tasks, ...].
  package let inContext, zeroShot: QueryAttention<Scalar>

  package init(_ models: Model, _ tasks: ClassificationTasks<Scalar>, rates: [Double]) {
    (self.models, self.tasks, self.rates) = (models, tasks, rates)
    let observed = { (tokens: Tensor<Scalar>?) in
      compile(vmap { (model: Model) in model.queryAttention(tokens, tasks.query) })(models)
    }
    (inContext, zeroShot) = (observed(tasks.tokens(tasks.demonstrations)), observed(nil))
  }

  /// The models' own weights, with axes for rates and tasks: [models, 1, 1, width, width].
  package var origin: Weights { models.keyValueWeights.mapTensors { $0.insertingAxis(1).insertingAxis(1) } }

  /// One pass over the demonstrations in order, one demonstration a step: weights [models, rates, tasks, width, width].
  /// - Parameter step: what becomes of a model's keys and values after one demonstration, at a learning rate.
  package func weights(after step: @escaping (Model, Example, Tensor<Double>) -> Weights) -> Weights {
    let program = compile { (models: Model, weights: Weights, examples: Example, rates: Tensor<Double>) in
      vmap { (model: Model, weights: Weights) in
        vmap { (weights: Weights, rate: Tensor<Double>) in
          vmap { (weights: Weights, example: Example) in step(model.replacing(weights), example, rate) }(weights, examples)
        }(weights, rates)
      }(models, weights)
    }
    let axes = [models.template.shape[0], rates.count, tasks.count]
    let start = origin.mapTensors { $0.broadcast(to: axes + $0.shape.suffix(2)) }
    return (0..<tasks.demonstrations).reduce(start) { program(models, $0, tasks[$1].alone, Tensor(rates)) }
  }

  /// Random updates with the Frobenius norms of those that led to `weights`, matrix by matrix.
  package func randomWeights(like weights: Weights, key: Key) -> Weights {
    let updated = zip(origin.tensors, weights.tensors).enumerated().map { i, pair in
      let (start, end) = (Tensor<Scalar>(pair.0), Tensor<Scalar>(pair.1))
      let noise = Tensor<Scalar>.normal(end.shape, key: key[i])
      return AnyTensor(start + noise * ((end - start).frobeniusNorms / noise.frobeniusNorms))
    }
    return weights.replacingTensors(updated)
  }

  /// How models with these weights compare with models that read the demonstrations: [models, rates, tasks, ...].
  package func similarity(of weights: Weights) -> Similarity<Scalar> {
    typealias Seen = QueryAttention<Scalar>
    let program = compile { (models: Model, weights: Weights, inContext: Seen, zeroShot: Seen) in
      vmap { (model: Model, weights: Weights, inContext: Seen, zeroShot: Seen) in
        vmap { (weights: Weights) in
          vmap { (weights: Weights, query: Example, inContext: Seen, zeroShot: Seen) in
            let tuned = model.replacing(weights).queryAttention(nil, query).element(0)
            return Similarity(tuned, inContext: inContext, zeroShot: zeroShot)
          }(weights, tasks.query.alone, inContext, zeroShot)
        }(weights)
      }(models, weights, inContext, zeroShot)
    }
    return program(models, weights, inContext, zeroShot)
  }
}

extension Tensor where Scalar: RealScalar {
  /// Of the matrices along the last two axes, which stay.
  fileprivate var frobeniusNorms: Tensor { norm(-2, -1, keepingAxes: true) }
}
