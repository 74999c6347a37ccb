import Tensors
import Transforms

/// How a transformer that has been trained becomes a deeper one (Du et al. 2024, arXiv 2405.15319, Section 3). The names are the paper's.
public enum DepthGrowth: String, Sendable, Hashable, Codable, CaseIterable {
  /// Copies of the whole stack behind each other, 1..L, 1..L, ...: the function changes.
  case stack = "G_stack"
  /// Every block followed by its copies, 1, 1, 2, 2, ...: the function changes.
  case direct = "G_direct"
  /// The stack, then new blocks whose last projections, of the attention and of the feed-forward part, are 0: the function stays.
  case zero = "G_zero"
  /// The stack, then new blocks: the function changes.
  case random = "G_random"
}

extension TransformerStack {
  /// A stack `factor` times as deep; the last norm stays.
  /// - Parameters:
  ///   - growth: where the further blocks come from.
  ///   - shape: of new blocks; its depth does not matter.
  ///   - key: of new blocks' weights.
  public func grown(by factor: Int, _ growth: DepthGrowth, _ shape: TransformerShape, key: Key) -> TransformerStack {
    guard factor > 0 else { fatalError("TransformerStack.grown: \(factor) times as deep") }
    let depth = blocks.count
    var grown = self
    switch growth {
    case .stack: grown.blocks = (0..<factor * depth).map { blocks[$0 % depth] }
    case .direct: grown.blocks = (0..<factor * depth).map { blocks[$0 / factor] }
    case .zero, .random:
      grown.blocks += (0..<(factor - 1) * depth).map {
        let block = TransformerBlock<Scalar>(shape, key: key.named("blocks")[$0])
        return growth == .zero ? block.withoutContribution : block
      }
    }
    return grown
  }
}

extension TransformerBlock {
  /// The block with last projections of 0, so that it returns its input; their gradients are not 0, so that it learns.
  fileprivate var withoutContribution: TransformerBlock {
    var block = self
    block.attention.output = block.attention.output.zeroed
    block.contract = block.contract.zeroed
    return block
  }
}

extension Dense {
  fileprivate var zeroed: Dense {
    var layer = self
    layer.weight = .zeros(weight.shape)
    layer.bias = bias.map { .zeros($0.shape) }
    return layer
  }
}
