import Datasets
import Networks
import Notebook
import Optimizers
import Tensors
import Training
import Transforms

/// Tasks of random linear classification, y = 1 where w . x > 0, else 0. A prompt shows some examples of its task, the demonstrations,
/// and asks for the label of one more, the query.
package struct ClassificationTasks<Scalar: RealScalar>: TensorTree {
  /// x, [tasks, demonstrations + 1, dimension]; the query comes last.
  package var inputs: Tensor<Scalar>
  /// y, [tasks, demonstrations + 1].
  package var labels: Tensor<Int32>

  package init(_ tasks: Int, demonstrations: Int, dimension: Int, key: Key) {
    let drawn = InContextRegression<Scalar>(tasks, length: demonstrations + 1, dimension: dimension, key: key)
    (inputs, labels) = (drawn.inputs, (drawn.targets .> 0).converted(to: Int32.self))
  }

  /// One example of each task, without a prompt: a demonstration by its number, the query by that of demonstrations.
  package struct Example: TensorTree {
    /// x, [tasks, dimension].
    package var input: Tensor<Scalar>
    /// y, [tasks].
    package var label: Tensor<Int32>
  }

  package var count: Int { inputs.shape[0] }
  package var demonstrations: Int { inputs.shape[1] - 1 }
  package subscript(i: Int) -> Example { Example(input: inputs.slice(All(), i), label: labels.slice(All(), i)) }
  package var query: Example { self[demonstrations] }

  /// Tokens (x, one-hot y) of the first demonstrations, [tasks, count, dimension + 2]; nil for none.
  package func tokens(_ count: Int) -> Tensor<Scalar>? {
    guard count > 0 else { return nil }
    let oneHot = Tensor<Scalar>.oneHot(labels.slice(All(), 0..<count), classes: 2)
    return .concatenate([inputs.slice(All(), 0..<count), oneHot], axis: 2)
  }
}

/// A transformer that reads demonstrations, a few learned template tokens and a query without its label, (x, 0, 0), and scores the two
/// classes at the query. No positions: order is known from the causal mask alone.
package struct PromptClassifier<Scalar: RealScalar>: TensorTree, Codable {
  /// [dimension + 2, width].
  package var embedding: Dense<Scalar>
  /// [tokens, width].
  package var template: Tensor<Scalar>
  package var stack: TransformerStack<Scalar>
  /// [width, 2].
  package var head: Dense<Scalar>

  /// Template tokens are standard normal, of the size of embedded examples.
  package init(_ standIn: StandIn, key: Key) {
    var shape = TransformerShape(width: standIn.width, heads: standIn.heads, depth: standIn.layers)
    shape.feedForwardWidth = standIn.feedForwardWidth
    embedding = Dense(standIn.dimension + 2, standIn.width, key: key.named("embedding"))
    template = .normal([standIn.templateTokens, standIn.width], key: key.named("template"))
    stack = TransformerStack(shape, key: key)
    head = Dense(standIn.width, 2, key: key.named("head"))
  }

  /// The same model with numbers of another type.
  package func converted<Other: RealScalar>(to type: Other.Type, _ standIn: StandIn) -> PromptClassifier<Other> {
    PromptClassifier<Other>(standIn, key: Key(seed: 0)).replacingTensors(tensors.map { $0.converted(to: Other.scalarType) })
  }

  /// Prompts in front of the first block, [tasks, places, width].
  package func embedded(_ demonstrations: Tensor<Scalar>?, _ input: Tensor<Scalar>) -> Tensor<Scalar> {
    let query = embedding(input.padded(axis: 1, low: 0, high: 2).expandingDimensions(1))
    let template = template.broadcast(to: [input.shape[0]] + template.shape)
    return .concatenate((demonstrations.map { [embedding($0)] } ?? []) + [template, query], axis: 1)
  }

  /// Scores of the classes, [tasks, 2], of queries with `input` behind `demonstrations`.
  package func callAsFunction(
    _ demonstrations: Tensor<Scalar>?, _ input: Tensor<Scalar>, hooks: AttentionHooks<Scalar> = .init()
  ) -> Tensor<Scalar> {
    head(stack(embedded(demonstrations, input), lastPlaces: 1, hooks: { _ in hooks }).squeezed(1))
  }

  /// The mean cross-entropy of the labels of an example without demonstrations.
  package func loss(on example: ClassificationTasks<Scalar>.Example) -> Tensor<Scalar> {
    crossEntropy(self(nil, example.input), labels: example.label)
  }

  /// The share of queries that are right with the first `count` demonstrations.
  package func accuracy(on tasks: ClassificationTasks<Scalar>, demonstrations count: Int) -> Tensor<Scalar> {
    Networks.accuracy(self(tasks.tokens(count), tasks.query.input), labels: tasks.query.label)
  }
}

/// The stand-in for a pretrained language model: its prompts, its sizes, its training.
package struct StandIn: Codable, Sendable {
  @Setting("dimension of x") package var dimension = 6
  @Setting("demonstrations in a prompt") package var demonstrations = 12
  @Setting("numbers of demonstrations with which the loss is taken") package var lossDemonstrations = [12, 3, 0]
  @Setting("their weights") package var lossWeights = [1, 0.3, 0.05]
  @Setting("learned tokens in front of the query") package var templateTokens = 3
  @Setting("layers") package var layers = 3
  @Setting("width") package var width = 48
  @Setting("heads") package var heads = 4
  @Setting("width of the feed-forward layers, our choice") package var feedForwardWidth = 48
  @Setting("steps of Adam") package var steps = 2000
  @Setting("prompts in a step") package var batchSize = 128
  @Setting("learning rate of Adam") package var rate = 1e-3
  @Setting("models") package var seeds = 3
  @Setting("tasks on which accuracy is measured") package var accuracyTasks = 2000

  package init(layers: Int, seeds: Int) {
    self.layers = layers
    self.seeds = seeds
  }

  package func tasks<Scalar: RealScalar>(_ count: Int, key: Key, as: Scalar.Type = Scalar.self) -> ClassificationTasks<Scalar> {
    ClassificationTasks(count, demonstrations: demonstrations, dimension: dimension, key: key)
  }

  /// Models with all their demonstrations and with none, before and after training, one behind the other along a first axis. The trace
  /// "stand-in/accuracy with n demonstrations" begins with the untrained ones.
  package func train(_ notebook: Recorder) throws -> (untrained: PromptClassifier<Float>, trained: PromptClassifier<Float>) {
    let test = tasks(accuracyTasks, key: notebook.key("accuracy"), as: Float.self)
    let problem = FreshTasks<PromptClassifier<Float>, Float>(
      start: { PromptClassifier(self, key: $0) },
      observing: { model in
        [demonstrations, 0].reduce(into: [:]) { $0[Self.accuracyName($1)] = model.accuracy(on: test, demonstrations: $1) }
      }
    ) { model, key in
      let tasks = tasks(batchSize, key: key, as: Float.self)
      let query = tasks.query
      return zip(lossDemonstrations, lossWeights).reduce(Tensor(0)) { sum, part in
        sum + crossEntropy(model(tasks.tokens(part.0), query.input), labels: query.label) * Float(part.1)
      }
    }
    let grid = TrainingGrid(problem, Adam<Float>(), rates: [rate], keys: notebook.key("stand-in").split(seeds))
    let untrained = grid.start().parameters
    return (untrained, try notebook.train("stand-in", grid, steps: steps, cadence: .even(20, of: steps)).parameters)
  }

  package static func accuracyName(_ demonstrations: Int) -> String { "accuracy with \(demonstrations) demonstrations" }
}
