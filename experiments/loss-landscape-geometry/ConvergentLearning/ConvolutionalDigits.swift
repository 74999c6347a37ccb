import Datasets
import Networks
import Problems
import Tensors
import Transforms

extension ConvergentLearning {
  /// Drawn digits, classified by convolutions of 3 x 3 pixels, each with ReLU and a maximum over 2 x 2 pixels after it, and a dense layer.
  struct ConvolutionalDigits: Problem {
    struct Parameters: TensorTree, Codable {
      /// [3, 3, inputs, outputs] of each layer.
      var filters: [Tensor<Float>]
      /// [outputs] of each layer.
      var biases: [Tensor<Float>]
      var readout: Dense<Float>
    }

    let training, test: LabelledPoints<Float>
    let side: Int
    let channels: [Int]
    let batchSize: Int

    init(_ settings: Convolutional, batchSize: Int, key: Key) {
      let sample = { (count: Int, name: String) in
        DrawnDigits.sample(count, side: settings.side, key: key.named(name)).points(as: Float.self)
      }
      (training, test) = (sample(settings.training, "training"), sample(settings.test, "test"))
      (side, channels, self.batchSize) = (settings.side, settings.channels, batchSize)
    }

    func initialParameters(key: Key) -> Parameters {
      let inputs = [1] + channels.dropLast()
      let last = channels.indices.reduce(side) { extent, _ in extent / 2 }
      return Parameters(
        filters: channels.indices.map { Initializer.he().tensor([3, 3, inputs[$0], channels[$0]], key: key[$0]) },
        biases: channels.map { .zeros($0) },
        readout: Dense(last * last * channels[channels.count - 1], training.classes, key: key[channels.count]))
    }

    func batches(key: Key) -> (Int) -> Tensor<Int32> {
      let minibatches = Minibatches(count: training.count, size: min(batchSize, training.count), key: key)
      return { Tensor(minibatches[$0].map { Int32($0) }) }
    }

    func loss(_ parameters: Parameters, on batch: Tensor<Int32>) -> Tensor<Float> {
      crossEntropy(logits(parameters, training.inputs.gather(batch)), labels: training.labels.gather(batch))
    }

    /// Of the first thousand held-out images.
    func measures(of parameters: Parameters) -> [String: Tensor<Float>] {
      let seen = 0..<min(1000, test.count)
      return ["test accuracy": accuracy(logits(parameters, test.inputs.slice(seen)), labels: test.labels.slice(seen))]
    }

    private func logits(_ parameters: Parameters, _ x: Tensor<Float>) -> Tensor<Float> {
      guard let last = layers(parameters, x).last else { fatalError("ConvolutionalDigits: no channels") }
      return parameters.readout(last.reshaped(last.shape[0], last.count / last.shape[0]))
    }

    /// After every pooling, [n, height, width, channels].
    private func layers(_ parameters: Parameters, _ x: Tensor<Float>) -> [Tensor<Float>] {
      var layers: [Tensor<Float>] = []
      var values = x.reshaped(x.shape[0], side, side, 1)
      for (filter, bias) in zip(parameters.filters, parameters.biases) {
        values = (conv2d(values, filter, padding: .same) + bias).relu().maxPool2D(ImageExtents(2, 2))
        layers.append(values)
      }
      return layers
    }

    /// The channels at two random places of each held-out image, the same for every network that is given the key: [2 images, channels].
    func activations(of parameters: Parameters, key: Key) -> [Tensor<Float>] {
      let blocks = stride(from: 0, to: test.count, by: 500).map { start in
        let images = test.inputs.slice(start..<min(start + 500, test.count))
        return layers(parameters, images).enumerated().map { layer, values in
          let (count, places) = (values.shape[0], values.shape[1] * values.shape[2])
          let drawn = Tensor<Int32>.integers([2, count], in: 0..<Int32(places), key: key[start][layer])
          let chosen = drawn + Tensor<Int32>((0..<count).map { Int32($0 * places) })
          return values.reshaped(count * places, values.shape[3]).gather(chosen.flattened())
        }
      }
      return channels.indices.map { layer in .concatenate(blocks.map { $0[layer] }) }
    }
  }
}
