import Networks
import Tensors
import Testing
import TransformerDynamics
import Transforms

/// The two small transformers against `References/transformers.py`, which writes them out with loops, on weights that are sines.
@Suite struct SmallTransformerTests {
  private func sines(_ shape: [Int], _ phase: Float) -> Tensor<Float> {
    (Tensor<Float>.arange(shape.reduce(1, *)) + phase).sin().reshaped(shape)
  }

  // Sums of tens of numbers of size one, in Float.
  private func agrees(_ a: Tensor<Float>, _ b: [Float], within tolerance: Float = 3e-6) -> Bool {
    a.count == b.count && zip(a.scalars, b).allSatisfy { abs($0 - $1) < tolerance }
  }

  @Test func disentangled() {
    var model = InContextCausalGraph.DisentangledTransformer(vocabulary: 2, length: 3)
    (model.first, model.second, model.output) = (sines([5, 5], 0.1), sines([10, 10], 0.2), sines([20, 2], 0.3))
    let batch = InContextCausalGraph.Batch(
      tokens: Tensor(shape: [2, 3], [0, 1, 1, 1, 0, 1]), targets: Tensor(shape: [2, 2], [0.25, 0.75, 0.9, 0.1]))
    #expect(agrees(model(batch.tokens), [0.9372759, -1.0545700, 2.5942937, 0.4090367]))
    #expect(agrees(model.loss(batch), [0.9734387]))
    let gradient = grad { (model: InContextCausalGraph.DisentangledTransformer) in model.loss(batch) }(model).first
    #expect(agrees(gradient.slice(3, 2), [0.0053661]) && agrees(gradient.slice(4, 3), [-0.0324614]))
    #expect(agrees(gradient.slice(2), [0, 0, 0, 0, 0], within: 1e-7), "the first position sees itself alone")
  }

  @Test func planar() {
    var model = CircuitCurriculum.PlanarTransformer(tokens: 3, length: 4, width: 2, hidden: 3, key: Key(seed: 0))
    (model.tokens, model.positions, model.query) = (sines([3, 2], 0.1), sines([4, 2], 0.2), sines([2], 0.3))
    (model.value.weight, model.expand.weight, model.expand.bias) = (sines([2, 2], 0.4), sines([2, 3], 0.5), sines([3], 0.6))
    (model.contract.weight, model.contract.bias) = (sines([3, 2], 0.7), sines([2], 0.8))
    let (attention, output) = model.read(Tensor(shape: [2, 4], [0, 2, 1, 1, 2, 2, 0, 1]))
    let weights: [Float] = [0.4562645, 0.0639436, 0.0639438, 0.4158482, 0.1724437, 0.0873093, 0.1724435, 0.5678036]
    #expect(agrees(attention, weights))
    #expect(agrees(output, [0.7944812, 0.2702066, 0.3393356, -0.0613584]))
    let answers: [Float] = [0.8236568, 1.7849439, -2.3092543, 0.0829844, 1.3085793, -1.1721067]
    #expect(agrees(model.answers(output), answers))
  }

  @Test func startsAsPyTorchDoes() {
    let model = CircuitCurriculum.PlanarTransformer(tokens: 3, length: 4000, width: 2, hidden: 2000, key: Key(seed: 1))
    for (weights, bound) in [
      (model.expand.weight, Float(0.5).squareRoot()), (model.contract.weight, Float(1.0 / 2000).squareRoot()),
    ] {
      // 4000 uniform numbers: the largest is within a thousandth of the bound but for a chance of e^-4.
      let largest = weights.abs().max().scalar
      #expect(largest <= bound && largest > 0.998 * bound)
    }
    #expect((model.expand.bias?.abs().max().scalar ?? 0) > 0.7)
    #expect(abs(model.positions.square().mean().scalar - 1) < 5 * Float(2.0 / 8000).squareRoot())
  }

  @Test func sums() {
    let data = CircuitCurriculum.SparseSums(200, length: 6, summands: 2, modulus: 3, key: Key(seed: 2))
    for i in 0..<200 { #expect(data.labels[i] == (data.sequences[i, 0] + data.sequences[i, 1]) % 3) }
    #expect(Set(data.sequences.scalars) == [0, 1, 2])
  }
}
