import Networks
import Tensors
import Testing
import Transforms

@Suite struct DepthGrowthTests {
  private let key = Key(seed: 11)

  private func sizes() -> Transformer<Double>.Configuration {
    .init(vocabulary: 7, contextLength: 5, width: 8, heads: 2, depth: 2)
  }

  private func model() -> Transformer<Double> {
    var model = Transformer<Double>(sizes(), key: key)
    // Biases and norms away from their zeros and ones, as in training.
    model.stack = model.stack.mapTensors { $0 + AnyTensor(Tensor<Double>.normal($0.shape, standardDeviation: 0.1, key: key)) }
    return model
  }

  private func grown(_ growth: DepthGrowth, by factor: Int) -> Transformer<Double> {
    var model = model()
    model.stack = model.stack.grown(by: factor, growth, sizes().shape, key: key.named("growth"))
    return model
  }

  /// Which of the first model's blocks each block is; nil for a new one.
  private func origins(_ growth: DepthGrowth, by factor: Int) -> [Int?] {
    let queries = model().stack.blocks.map(\.attention.query.weight)
    return grown(growth, by: factor).stack.blocks.map { block in queries.firstIndex { $0 == block.attention.query.weight } }
  }

  @Test func blocksStandInThePapersOrder() {
    #expect(origins(.stack, by: 3) == [0, 1, 0, 1, 0, 1])
    #expect(origins(.direct, by: 3) == [0, 0, 0, 1, 1, 1])
    #expect(origins(.zero, by: 3) == [0, 1, nil, nil, nil, nil])
    #expect(origins(.random, by: 3) == [0, 1, nil, nil, nil, nil])
    for growth in DepthGrowth.allCases { #expect(origins(growth, by: 1) == [0, 1]) }
    let new = grown(.random, by: 3).stack.blocks[2...].map(\.expand.weight)
    #expect(new.indices.allSatisfy { i in new.indices.allSatisfy { i == $0 || new[i] != new[$0] } }, "new blocks differ")
  }

  /// Only zeroed blocks keep the function, and they are not stuck: their last projections have gradients.
  @Test func zeroedBlocksKeepTheFunction() {
    let text = Tensor<Int32>(shape: [2, 6], [0, 3, 6, 2, 2, 5, 1, 4, 0, 6, 3, 1])
    let input = text.slice(All(), 0..<5)
    let scores = model()(input)
    for growth in DepthGrowth.allCases {
      let change = (grown(growth, by: 2)(input) - scores).abs().max().scalar
      #expect(growth == .zero ? change < 1e-14 : change > 1e-3, "\(growth)")
    }
    let gradient = grad { (model: Transformer<Double>) in model.nextTokenLoss(text) }(grown(.zero, by: 2))
    for block in gradient.stack.blocks[2...] {
      #expect(block.attention.output.weight.abs().max().scalar > 1e-4 && block.contract.weight.abs().max().scalar > 1e-4)
    }
  }

  /// Stacking is running the blocks again on what they returned.
  @Test func stackingComposesTheStackWithItself() {
    let x = Tensor<Double>.normal([3, 5, 8], key: key.named("x"))
    let once = model().stack
    let twice = once.blocks.reduce(once.blocks.reduce(x) { $1($0) }) { $1($0) }
    #expect((grown(.stack, by: 2).stack(x) - once.lastNorm(twice)).abs().max().scalar < 1e-13)
  }

  /// The mean of -log softmax at the next token, entry by entry.
  @Test func nextTokenLossIsTheMeanCrossEntropy() {
    let text = Tensor<Int32>(shape: [2, 6], [0, 3, 6, 2, 2, 5, 1, 4, 0, 6, 3, 1])
    let probabilities = model()(text.slice(All(), 0..<5)).softmax()
    let terms = (0..<2).flatMap { i in (0..<5).map { t in -Double.log(probabilities[i, t, Int(text[i, t + 1])]) } }
    #expect(abs(model().nextTokenLoss(text).scalar - terms.reduce(0, +) / 10) < 1e-14)
  }
}
