import InContextLearning
import Networks
import Optimizers
import Tensors
import Testing
import Transforms

@Suite struct OrderSensitivityTests {
  typealias Examples = OrderSensitivity.Examples<Double>

  let examples = Examples(
    inputs: .normal([2, 3, 2], key: Key(seed: 1)), labels: Tensor<Int32>(shape: [2, 3], [2, 0, 1, 1, 1, 2]))
  let model = VectorTransformer<Double>(
    inputs: 5, outputs: 3, contextLength: 5, TransformerShape(width: 4, heads: 2, depth: 2), key: Key(seed: 2))

  @Test func promptsAskBeforeTheyTell() {
    let prompts = examples.prompts(classes: 3)
    #expect(prompts.shape == [2, 5, 5])
    for task in 0..<2 {
      for place in 0..<5 {
        let token = prompts.slice(task, place).scalars
        #expect(Array(token[..<2]) == examples.inputs.slice(task, place / 2).scalars)
        var label = [0.0, 0, 0]
        if place % 2 == 1 { label[Int(examples.labels[task, place / 2])] = 1 }
        #expect(Array(token[2...]) == label)
      }
    }
  }

  @Test func canonicalOrderForgetsTheOrder() {
    let other = examples.ordered(by: Tensor<Int32>(shape: [2, 3], [2, 0, 1, 1, 0, 2]))
    #expect(other.inputs.slice(1, 0).scalars == examples.inputs.slice(1, 1).scalars)
    #expect(other.labels.scalars == [1, 2, 0, 1, 1, 2])
    #expect(other.inputs != examples.inputs)
    #expect(other.inCanonicalOrder.inputs == examples.inCanonicalOrder.inputs)
    #expect(other.inCanonicalOrder.labels == examples.inCanonicalOrder.labels)
    let first = examples.inCanonicalOrder.inputs.slice(All(), All(), 0)
    #expect(first == first.sorted())
  }

  @Test func sensitivityAndFlips() {
    // Two tasks, three orders, two classes.
    let p = Tensor<Double>(shape: [2, 3, 2], [0.9, 0.1, 0.6, 0.4, 0.3, 0.7, 0.2, 0.8, 0.2, 0.8, 0.2, 0.8])
    let deviation = ((0.09 + 0 + 0.09) / 3.0).squareRoot()
    let measured = OrderSensitivity.sensitivity(p)
    #expect(abs(measured[0] - deviation) < 1e-15 && measured[1] < 1e-16)
    #expect(OrderSensitivity.flips(p).scalars == [0.5, 0])
  }

  @Test func agreement() {
    let (a, b) = (Tensor<Double>([0.4, 0.3, 0.2, 0.1]), Tensor<Double>([0.5, 0.05, 0.15, 0.3]))
    let agreement = OrderSensitivity.Agreement(a, b, top: 2)
    #expect(agreement.overlap.scalar == 0.5)
    // The classes 0, 1 and 3.
    let product = 0.4 * 0.5 + 0.3 * 0.05 + 0.1 * 0.3
    let lengths = ((0.16 + 0.09 + 0.01) * (0.25 + 0.0025 + 0.09)).squareRoot()
    #expect(abs(agreement.cosine.scalar - product / lengths) < 1e-14)
  }

  /// Each copy alone, one step after the other.
  @Test(arguments: [OrderSensitivity.Passing.together, .oneByOne]) func fineTuning(_ passing: OrderSensitivity.Passing) {
    let rates = [0.3, 0.05]
    let queries = Tensor<Double>.normal([2, 1, 2], key: Key(seed: 3))
    let tuning = OrderSensitivity.FineTuning(model, \.self, SGD<Double>(), passing)
    let answers = tuning(examples, queries: queries, rates: rates, epochs: [1, 2])
    let valuesOnly = OrderSensitivity.FineTuning(model, \.keysAndValues, SGD<Double>(), passing)(
      examples, queries: queries, rates: rates, epochs: [2])
    for copy in 0..<2 {
      let alone = { (model: VectorTransformer<Double>, x: Tensor<Double>) in
        model(Tensor.concatenate([x, .zeros(3)]).reshaped(1, 5)).reshaped(3)
      }
      let loss = { (model: VectorTransformer<Double>, i: Int) in
        -alone(model, examples.inputs.slice(copy, i)).logSoftmax().slice(Int(examples.labels[copy, i]))
      }
      var (whole, restricted) = (model, model)
      for epoch in 0..<2 {
        for group in passing == .together ? [[0, 1, 2]] : [[0], [1], [2]] {
          let mean = { (model: VectorTransformer<Double>) in
            group.map { loss(model, $0) }.reduce(Tensor(0), +) / Double(group.count)
          }
          whole = whole.adding(-rates[copy], grad(mean)(whole))
          let gradient = grad(mean)(restricted)
          for i in restricted.stack.blocks.indices {
            let (block, slope) = (restricted.stack.blocks[i].attention, gradient.stack.blocks[i].attention)
            restricted.stack.blocks[i].attention.key = block.key.adding(-rates[copy], slope.key)
            restricted.stack.blocks[i].attention.value = block.value.adding(-rates[copy], slope.value)
          }
        }
        let expected = alone(whole, queries.slice(copy, 0)).softmax()
        #expect((answers[epoch].slice(copy, 0) - expected).abs().max().scalar < 1e-12)
      }
      let expected = alone(restricted, queries.slice(copy, 0)).softmax()
      #expect((valuesOnly[0].slice(copy, 0) - expected).abs().max().scalar < 1e-12)
      #expect((valuesOnly[0] - answers[1]).abs().max().scalar > 1e-4)
    }
  }

  @Test func constructionIsAStepOfGradientDescent() {
    let start = Tensor<Double>.normal([3, 4], key: Key(seed: 4))
    let layer = OrderSensitivity.constructedStep(start: start, rate: 0.7)
    let error = { OrderSensitivity.constructionError(layer, start: start, rate: $0, key: Key(seed: 5)) }
    #expect(error(0.7) < 1e-13)
    #expect(error(0.6) > 0.01)
  }
}
