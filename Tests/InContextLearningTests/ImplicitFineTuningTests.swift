import Datasets
import InContextLearning
import Networks
import Tensors
import Testing
import Transforms

@Suite struct ImplicitFineTuningTests {
  private let key = Key(seed: 3)
  private let standIn: StandIn = {
    var standIn = StandIn(layers: 3, seeds: 2)
    (standIn.dimension, standIn.demonstrations, standIn.width, standIn.heads, standIn.feedForwardWidth) = (3, 4, 8, 2, 8)
    return standIn
  }()

  private func model(_ i: Int) -> PromptClassifier<Double> { PromptClassifier(standIn, key: key[i]) }
  private func tasks(_ count: Int) -> ClassificationTasks<Double> { standIn.tasks(count, key: key.named("tasks")) }

  private func distance<Tree: TensorTree>(_ a: Tree, _ b: Tree) -> Double { a.largestDifference(from: b).scalar }

  @Test func tokensShowInputsAndLabels() throws {
    let tasks = tasks(5)
    let tokens = try #require(tasks.tokens(4))
    #expect(tokens.shape == [5, 4, 5] && tasks.tokens(0) == nil)
    #expect(tokens.slice(All(), 2, 0..<3) == tasks[2].input)
    #expect(tokens.slice(All(), 2, 4) == tasks[2].label.converted(to: Double.self))
    #expect((tokens.slice(All(), All(), 3) + tokens.slice(All(), All(), 4)).scalars.allSatisfy { $0 == 1 })
    // Demonstrations matter, and only the first ones that are asked for.
    let (model, query) = (model(0), tasks.query.input)
    #expect(distance(model(tasks.tokens(4), query), model(nil, query)) > 1e-3)
    #expect(distance(model(tasks.tokens(2), query), model(tokens.slice(All(), 0..<2), query)) == 0)
  }

  /// The step goes against the gradient of keys and values: its inner product with the change is minus its square over the rate.
  @Test func gradientStepsDescend() {
    let (model, example) = (model(0), tasks(1)[0])
    let rate = 1e-5
    let start = model.keyValueWeights
    let step = model.gradientStep(example, rate: Tensor(rate)).adding(-1, start)
    let loss = { (t: Double) in model.replacing(start.adding(t / rate, step)).loss(on: example).scalar }
    // Central differences in Double: right to about 1e-9.
    let slope = (loss(1e-5) - loss(-1e-5)) / 2e-5
    #expect(abs(slope + step.inner(step) / (rate * rate)) < 1e-7)
    #expect(step.magnitude > 1e-7)
  }

  /// Layer by layer on the whole model, cut behind the layer.
  @Test func layerCausalStepsAreThoseOfTruncatedModels() {
    let example = tasks(1)[1]
    var model = model(1)
    let steps = model.layerCausalStep(example, rate: Tensor(0.3))
    for layer in 0..<3 {
      let current = model
      let gradient = grad { (weights: [KeyValueWeights<Double>]) in
        let cut = current.replacing(weights)
        let stream = cut.stack(cut.embedded(nil, example.input), depth: layer + 1)
        return crossEntropy(cut.head(stream.slice(All(), 3)), labels: example.label)
      }(current.keyValueWeights)
      model.stack.blocks[layer].keyValueWeights = current.keyValueWeights[layer].adding(-0.3, gradient[layer])
    }
    #expect(distance(steps, model.keyValueWeights) < 1e-13)
    #expect(distance(steps, self.model(1).gradientStep(example, rate: Tensor(0.3))) > 1e-4)
  }

  @Test func allRunsAtOnceAreThoseOneByOne() {
    let (tasks, rates) = (tasks(2), [0.1, 0.5])
    let tuning = ImplicitFineTuning([model(0), model(1)].stacked(), tasks, rates: rates)
    let weights = tuning.weights { $0.gradientStep($1, rate: $2) }
    let similarity = tuning.similarity(of: weights)
    for (i, r, t) in [(0, 0, 1), (1, 1, 0)] {
      let task = tasks.mapTensors { $0.slice(axis: 0, t..<t + 1) }
      var model = model(i)
      for demonstration in 0..<4 { model = model.replacing(model.gradientStep(task[demonstration], rate: Tensor(rates[r]))) }
      #expect(distance(weights.element(i).element(r).element(t), model.keyValueWeights) < 1e-13)

      // Of the unpruned network: what attention adds at the last place, and its scores of the last four.
      func attention(_ model: PromptClassifier<Double>, _ tokens: Tensor<Double>?) -> QueryAttention<Double> {
        var (outputs, scores): ([Tensor<Double>], [Tensor<Double>]) = ([], [])
        var hooks = AttentionHooks<Double>()
        hooks.observing = { record in
          let places = record.output.shape[1]
          outputs.append(record.output.slice(0, places - 1))
          scores.append(record.scores.slice(0, All(), places - 1, places - 4..<places))
        }
        _ = model.stack(model.embedded(tokens, task.query.input), hooks: { _ in hooks })
        return QueryAttention(outputs: .stack(outputs), scores: .stack(scores), isRight: Tensor(0))
      }
      let original = self.model(i)
      let expected = Similarity(
        attention(model, nil), inContext: attention(original, task.tokens(4)), zeroShot: attention(original, nil))
      let found = similarity.element(i).element(r).element(t)
      for score in [\Similarity<Double>.outputUpdate, \.output, \.scores] {
        #expect(distance(found[keyPath: score], expected[keyPath: score]) < 1e-11)
      }
      let isRight = model(nil, task.query.input).argmax() == task.query.label
      #expect(found.isRight.scalar == (isRight ? 1 : 0))
    }
  }

  @Test func similaritiesAreCosines() {
    let attention = { (output: [Double], scores: [Double]) in
      QueryAttention(
        outputs: Tensor(shape: [1, 2], output), scores: Tensor(shape: [1, 2, 2], scores), isRight: Tensor(1))
    }
    let (tuned, inContext, zeroShot) = (
      attention([1, 2], [1, 0, 3, 4]), attention([2, 1], [0, 1, 6, 8]), attention([1, 1], [0, 0, 0, 0])
    )
    let similarity = Similarity(tuned, inContext: inContext, zeroShot: zeroShot)
    #expect(abs(similarity.outputUpdate.scalar) < 1e-15 && abs(similarity.output.scalar - 0.8) < 1e-15)
    // One head is at a right angle, the other parallel.
    #expect(abs(similarity.scores.scalar - 0.5) < 1e-15)
  }

  @Test func randomUpdatesHaveTheNormsOfTheOthers() {
    let tuning = ImplicitFineTuning([model(0)].stacked(), tasks(2), rates: [0.3])
    let weights = tuning.weights { $0.gradientStep($1, rate: $2) }
    let random = tuning.randomWeights(like: weights, key: key)
    for ((a, b), start) in zip(zip(weights, random), tuning.origin) {
      let norms = [a, b].map { ($0.value - start.value).norm(-2, -1) }
      #expect(distance(norms[0], norms[1]) < 1e-13 && distance(a.value, b.value) > 1e-4)
    }
  }

  @Test func causalityIsTheRelativeChange() {
    // One task, layers 1 and 2; the second layer's update does not change.
    let c = LayerCausalLearning.causality([
      Tensor(shape: [3, 1, 2], [3, 4, 3, 9, 3, 4]), Tensor(shape: [3, 1, 2], [1, 0, 1, 0, 1, 0]),
    ])
    #expect(c == Tensor(shape: [2, 2], [1, 0, 0, 0]))
    let models = LayerCausalLearning.disturbed(model(0), noise: 0.01, key: key)
    let weights = models.stack.blocks.map { $0.attention.query.weight }
    #expect(weights[1].row(0) == weights[1].row(1) && weights[1].row(0) != weights[1].row(2))
    // Noise of relative size 0.01, to three deviations of the norm of 64 numbers.
    let change = ((weights[1].row(2) - weights[1].row(0)).norm() / weights[1].row(0).norm()).scalar
    #expect(abs(change / 0.01 - 1) < 3 / 128.0.squareRoot())
  }
}
