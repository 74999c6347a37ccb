import Networks
import Tensors
import Transforms

extension PromptClassifier {
  /// Layer-causal gradient descent (LCGD) on one example: layer by layer, from the first, the loss of what the model's own last norm and
  /// head make of the layer's output moves this layer's keys and values, before the next layer is looked at. No layer learns from those
  /// above it.
  package func layerCausalStep(
    _ example: ClassificationTasks<Scalar>.Example, rate: Tensor<Double>
  ) -> [KeyValueWeights<Scalar>] {
    var x = embedded(nil, example.input)
    return stack.blocks.map { block in
      var block = block
      let (weights, input) = (block.keyValueWeights, x)
      let gradient = grad { (weights: KeyValueWeights<Scalar>) in
        var block = block
        block.keyValueWeights = weights
        let exit = head(stack.lastNorm(block(input, lastPlaces: 1)).squeezed(1))
        return crossEntropy(exit, labels: example.label)
      }(weights)
      block.keyValueWeights = weights.adding(gradient.scaled(by: -rate))
      x = block(input)
      return block.keyValueWeights
    }
  }
}

extension LayerCausalLearning {
  /// A model, and the same with one layer's weights disturbed, for each layer: one behind the other along a first axis. Every tensor of
  /// the layer gets normal noise of `noise` times its root mean square.
  package static func disturbed(_ model: PromptClassifier<Double>, noise: Double, key: Key) -> PromptClassifier<Double> {
    let others = model.stack.blocks.indices.map { layer in
      var other = model
      let tensors = model.stack.blocks[layer].tensors.map { Tensor<Double>($0) }
      other.stack.blocks[layer] = model.stack.blocks[layer].replacingTensors(
        tensors.enumerated().map { i, tensor in
          let size = tensor.square().mean().sqrt() * noise
          return AnyTensor(tensor + size * .normal(tensor.shape, key: key[layer][i]))
        })
      return other
    }
    return ([model] + others).stacked()
  }

  /// C_lm = |u_l - u'_l| / |u_l| of what layer l does, when layer m is disturbed: [layers l, layers m], averaged over tasks.
  /// - Parameter updates: of each layer l, [1 + layers m, tasks, entries], of the model itself first.
  package static func causality(_ updates: [Tensor<Double>]) -> Tensor<Double> {
    .stack(
      updates.map { update in
        let own = update.slice(0..<1)
        return ((update - own).norm(-1) / own.norm(-1)).mean(1).slice(1..<update.shape[0])
      })
  }

  /// What fine-tuning adds to the keys and values of each layer, [models, tasks, entries], at the only rate.
  static func updates(_ tuning: ImplicitFineTuning<Double>, _ weights: [KeyValueWeights<Double>]) -> [Tensor<Double>] {
    zip(weights, tuning.origin).map { end, start in
      let parts = [end.key - start.key, end.value - start.value]
      return .concatenate(parts.map { $0.reshaped($0.shape[0], $0.shape[2], -1) }, axis: 2)
    }
  }
}
