import Foundation
import Networks
import Tensors
import Testing
import Transforms

/// Tensor number `s` of the reference models, as in References/networks.py.
func filled(_ shape: [Int], _ s: Int) -> Tensor<Double> {
  Tensor(shape: shape, (0..<shape.reduce(1, *)).map { 0.3 * sin(1.7 * Double(s) + 0.9 * Double($0)) })
}

func filled<Model: TensorTree>(_ model: Model) -> Model {
  model.replacingTensors(model.tensors.enumerated().map { AnyTensor(filled($1.shape, $0)) })
}

func norm(_ a: Tensor<Double>) -> Double { a.norm().scalar }

struct References: Decodable {
  struct Model: Decodable {
    var loss: Double
    var gradient: [Double]
  }

  var untied, tied: Model
  var cross, rnn, gru, lstm: [Double]

  static func load() throws -> References {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "References/networks.json")
    return try JSONDecoder().decode(References.self, from: Data(contentsOf: file))
  }
}

@Suite struct NetworkTests {
  let key = Key(seed: 5)

  // Some hundred operations on numbers of size 1, in Double.
  let tolerance = 1e-11

  @Test(arguments: [false, true]) func transformerMatchesJAX(isTied: Bool) throws {
    let reference = isTied ? try References.load().tied : try References.load().untied
    var sizes = Transformer<Double>.Configuration(vocabulary: 7, contextLength: 5, width: 6, heads: 2, depth: 2)
    sizes.shape.feedForwardWidth = 8
    sizes.isTied = isTied
    let model = filled(Transformer<Double>(sizes, key: key))
    let tokens = Tensor<Int32>(shape: [2, 5], [0, 3, 6, 2, 1, 5, 5, 0, 4, 2])
    let labels = Tensor<Int32>(shape: [2, 5], [3, 6, 2, 1, 4, 5, 0, 4, 2, 6])
    let loss = { (model: Transformer<Double>, tokens: Tensor<Int32>, labels: Tensor<Int32>) in
      crossEntropy(model(tokens), labels: labels)
    }
    let compiled = compile { (model: Transformer<Double>, tokens: Tensor<Int32>, labels: Tensor<Int32>) in
      valueAndGrad(loss)(model, tokens, labels)
    }
    for result in [valueAndGrad(loss)(model, tokens, labels), compiled(model, tokens, labels)] {
      #expect(abs(result.value.scalar - reference.loss) < tolerance)
      #expect(result.gradient.tensors.count == reference.gradient.count)
      for (gradient, expected) in zip(result.gradient.tensors, reference.gradient) {
        let gradient = Tensor<Double>(gradient).reshaped([-1])
        let direction = Tensor((0..<gradient.count).map { sin(0.3 * Double($0) + 1) })
        #expect(abs(gradient.dot(direction).scalar - expected) < tolerance)
      }
    }
    // One sequence at a time, and one gradient for each.
    let single = vmap(
      grad { (m: Transformer<Double>, t: Tensor<Int32>, l: Tensor<Int32>) in crossEntropy(m(t), labels: l) }, axes: [nil, 0, 0])
    let whole = grad(loss)(model, tokens, labels)
    for (a, b) in zip(single(model, tokens, labels).tensors, whole.tensors) {
      #expect(norm(Tensor<Double>(a).mean(0) - Tensor<Double>(b)) < tolerance)
    }
  }

  @Test func hooksSeeAndReplaceTheStream() {
    let sizes = Transformer<Double>.Configuration(vocabulary: 7, contextLength: 5, width: 6, heads: 2, depth: 2)
    let model = Transformer<Double>(sizes, key: key)
    let tokens = Tensor<Int32>([1, 2, 3])
    var seen: [Int] = []
    let early = model(tokens, depth: 1)
    let replaced = model(
      tokens,
      layerHook: { i, x in
        seen.append(i)
        return x
      })
    #expect(seen == [0, 1, 2])
    #expect(replaced == model(tokens) && early != replaced)
    // The future does not matter, the past does.
    let other = model(Tensor<Int32>([1, 2, 4]))
    #expect(norm(other.row(1) - replaced.row(1)) < 1e-14 && norm(other.row(2) - replaced.row(2)) > 1e-6)
  }

  /// A full mask sees the future, a prefix only that of the prompt.
  @Test func masksSayWhatIsSeen() {
    let shape = TransformerShape(width: 6, heads: 2, depth: 2)
    let model = filled(VectorTransformer<Double>(inputs: 3, outputs: 2, contextLength: 4, shape, key: key))
    let x = filled([4, 3], 20)
    /// Whether the output at each place changes when the input at one place does.
    func changes(at place: Int, _ mask: AttentionMask) -> [Bool] {
      let other = x + Tensor.oneHot(Tensor<Int32>([Int32(place)]), classes: 4).transposed()
      let difference = model(other, mask: mask) - model(x, mask: mask)
      return difference.norm(-1).scalars.map { $0 > 1e-12 }
    }
    #expect(changes(at: 3, .full) == [true, true, true, true])
    #expect(changes(at: 1, .causal) == [false, true, true, true])
    #expect(changes(at: 1, .prefix(2)) == [true, true, true, true])
    #expect(changes(at: 2, .prefix(2)) == [false, false, true, true])
    #expect(changes(at: 3, .prefix(2)) == [false, false, false, true])
  }

  /// What hooks see is what the network computes, and layers are applied as they say.
  @Test func hooksSeeAttentionAndApplyLayers() {
    let shape = TransformerShape(width: 6, heads: 2, depth: 2)
    let model = filled(VectorTransformer<Double>(inputs: 3, outputs: 2, shape, key: key))
    let x = filled([4, 3], 20)
    var records: [AttentionRecord<Double>] = []
    var streams: [Tensor<Double>] = []
    var hooks = AttentionHooks<Double>()
    hooks.observing = { records.append($0) }
    _ = model(
      x, hooks: { _ in hooks },
      layerHook: { _, x in
        streams.append(x)
        return x
      })
    #expect(records.count == 2 && records[0].scores.shape == [2, 4, 4])
    #expect(norm(records[1].scores.softmax() - records[1].weights) == 0)
    let block = model.stack.blocks[1]
    #expect(norm(block.attention(block.attentionNorm(streams[1]), mask: .causal) - records[1].output) < 1e-14)
    // Layers that give nothing leave the stream as it is.
    var silent = AttentionHooks<Double>()
    silent.dense = { layer, x in layer(x) * 0 }
    #expect(model(x, hooks: { _ in silent }) == model(x, depth: 0))
  }

  /// The last places alone are what they are among all, and their gradients too.
  @Test func lastPlacesAreThoseOfTheWhole() {
    let stack = filled(TransformerStack<Double>(TransformerShape(width: 6, heads: 2, depth: 2), key: key))
    let x = filled([3, 5, 6], 20)
    #expect(norm(stack(x, lastPlaces: 2) - stack(x).slice(All(), 3..<5)) < 1e-14)
    let some = grad { (s: TransformerStack<Double>) in s(x, lastPlaces: 1).square().sum() }(stack)
    let all = grad { (s: TransformerStack<Double>) in s(x).slice(All(), 4).square().sum() }(stack)
    #expect(zip(some.tensors, all.tensors).allSatisfy { norm(Tensor<Double>($0) - Tensor<Double>($1)) < 1e-12 })
  }

  /// What heads gather can be changed: without it the projection's bias is left; the values instead of it, and each place sees itself.
  @Test func gatheringCanBeChanged() {
    let attention = filled(MultiHeadAttention<Double>(6, heads: 2, key: key))
    let x = filled([4, 6], 20)
    var hooks = AttentionHooks<Double>()
    hooks.gathering = { gathered, _ in gathered * 0 }
    #expect(norm(attention(x, mask: .causal, hooks: hooks) - (attention.output.bias ?? .zeros(6))) == 0)
    hooks.gathering = { _, values in values }
    #expect(norm(attention(x, mask: .causal, hooks: hooks) - attention.output(attention.value(x))) < 1e-14)
  }

  @Test func attentionMatchesJAX() throws {
    let attention = filled(MultiHeadAttention<Double>(6, heads: 2, contextWidth: 4, key: key))
    let keyMask = Tensor<Bool>(shape: [2, 4], [true, true, true, true, true, false, true, true])
    let queryMask = Tensor<Bool>(shape: [2, 3], [true, true, true, false, true, true])
    let (x, context) = (filled([2, 3, 6], 20), filled([2, 4, 4], 21))
    let result = attention(x, context: context, keyMask: keyMask)
    #expect(norm(result.reshaped([-1]) - Tensor(try References.load().cross)) < tolerance)
    let masked = attention(x, context: context, keyMask: keyMask, queryMask: queryMask)
    #expect(masked.row(1).row(0) == .zeros(6) && masked.row(0) == result.row(0))
    let each = vmap { (x: Tensor<Double>, c: Tensor<Double>, m: Tensor<Bool>) in attention(x, context: c, keyMask: m) }
    #expect(norm(each(x, context, keyMask) - result) < tolerance)
    // Keys that nobody may see do not matter, even if there are no others.
    let nothing = attention(x, context: context, keyMask: .full([2, 4], false))
    #expect(nothing.scalars.allSatisfy { $0.isFinite })
  }

  @Test func recurrentCellsMatchJAX() throws {
    let references = try References.load()
    check(RNNCell<Double>(3, 2, key: key), references.rnn)
    check(GRUCell<Double>(3, 2, key: key), references.gru)
    check(LSTMCell<Double>(3, 2, key: key), references.lstm)
    #expect(LSTMCell<Double>(3, 2, key: key).input.bias == Tensor([0, 0, 1, 1, 0, 0, 0, 0]))
  }

  private func check<Cell: RecurrentCell>(_ cell: Cell, _ expected: [Double]) where Cell.Scalar == Double {
    let cell = filled(cell)
    let x = filled([2, 4, 3], 20)
    let (outputs, state) = cell.unroll(x)
    #expect(norm(outputs.reshaped([-1]) - Tensor(expected)) < tolerance)
    #expect(norm(cell.output(state).row(1) - outputs.row(1).row(3)) < 1e-15)
    let each = vmap { (x: Tensor<Double>) in cell.unroll(x).outputs }(x)
    #expect(norm(each - outputs) < 1e-13)
    // Piece by piece from the state between.
    let (front, middle) = cell.unroll(Tensor(AnyTensor(x).slice(axis: 1, 0..<2)))
    let back = cell.unroll(Tensor(AnyTensor(x).slice(axis: 1, 2..<4)), from: middle).outputs
    #expect(norm(Tensor.concatenate([front, back], axis: 1) - outputs) < 1e-15)
  }
}
