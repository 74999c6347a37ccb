import Tensors
import Transforms

/// A ReLU network in the mean-field scaling, of any number of hidden layers with N neurons each:
///
///     h_1 = relu(W_1 x),  h_l = relu(W_l h_(l-1) / N),  f(x) = W_L h_(L-1) / N
///
/// With one hidden layer f(x) = (1/N) sum_i a_i relu(<w_i, x>). Several networks side by side have an axis in front of every tensor.
package struct MeanFieldNetwork: TensorTree, Codable {
  /// From the input on: [..., d, N], then [..., N, N] between hidden layers, last [..., N, 1].
  package var weights: [Tensor<Double>]

  package init(weights: [Tensor<Double>]) { self.weights = weights }

  /// w ~ N(0, 1/d) next to the input, N(0, 1) elsewhere.
  package init(count: Int, inputs: Int, width: Int, hiddenLayers: Int, key: Key) {
    let widths = [inputs] + Array(repeating: width, count: hiddenLayers) + [1]
    weights = zip(widths, widths.dropFirst()).enumerated().map { layer, ends in
      .normal([count, ends.0, ends.1], standardDeviation: layer == 0 ? 1 / Double(inputs).squareRoot() : 1, key: key[layer])
    }
  }

  /// N.
  package var width: Int { weights[0].shape[weights[0].rank - 1] }

  /// The values of the last hidden layer for inputs [..., n, d]: [..., n, N].
  private func features(_ x: Tensor<Double>) -> Tensor<Double> {
    weights.dropLast().dropFirst().reduce(matmul(x, weights[0]).relu()) { (matmul($0, $1) / Double(width)).relu() }
  }

  /// f of inputs [..., n, d]: [..., n].
  package func callAsFunction(_ x: Tensor<Double>) -> Tensor<Double> {
    (matmul(features(x), weights[weights.count - 1]) / Double(width)).squeezed(-1)
  }

  /// Var_i(a_i relu(<w_i, x>)) of each input, the sample variance over the neurons of the last hidden layer: [..., n].
  package func contributionVariance(_ x: Tensor<Double>) -> Tensor<Double> {
    let a = weights[weights.count - 1]
    return (features(x) * a.squeezed(-1).expandingDimensions(-2)).variance(-1, correction: 1)
  }

  /// One step of SGD on e = f - y, for inputs [..., n, d] and targets [..., n]:
  ///
  ///     a_i <- a_i - eta mean(e relu(<w_i, x>)),  w_i <- w_i - eta mean(e a_i 1[<w_i, x> > 0] x)
  ///
  /// These are the gradients of half the mean squared loss, times N for each end of a weight that is in a hidden layer, so that every
  /// neuron moves by O(1) whatever N.
  package func stepped(_ x: Tensor<Double>, _ y: Tensor<Double>, rate: Double) -> MeanFieldNetwork {
    let gradient = grad { (network: MeanFieldNetwork) in (network(x) - y).square().mean(-1).sum() / 2 }(self)
    let last = weights.count - 1
    return MeanFieldNetwork(
      weights: weights.indices.map { layer in
        let isBetween = layer > 0 && layer < last
        let scale = isBetween ? Double(width * width) : Double(width)
        return weights[layer] - rate * scale * gradient.weights[layer]
      })
  }

  // MARK: Dropout and paths

  /// What is left when only some neurons stay, averaged over those that do: weights out of a neuron are multiplied by N/M, or by 0.
  /// - Parameter kept: for each hidden layer 1 for the M neurons that stay and 0 for the others, [..., N].
  package func keeping(_ kept: [Tensor<Double>]) -> MeanFieldNetwork {
    var network = self
    for (layer, kept) in kept.enumerated() {
      let scale = kept * (Double(width) / kept.sum(-1, keepingAxes: true))
      network.weights[layer + 1] = weights[layer + 1] * scale.expandingDimensions(-1)
    }
    return network
  }

  /// The corners of a path of straight segments from `self` to `other`, for one hidden layer, with k = N/2:
  ///
  ///     1. neurons 1 ... k alone, their a doubled      2. the w of the silent neurons become those of `other`
  ///     3. neurons k + 1 ... N of `other` alone        4. the w of the silent neurons become those of `other`      5. `other`
  ///
  /// Segments 2 and 4 do not change f; on the others f is linear in the parameters, so the loss is convex. A variant of the paper's path:
  /// the same idea with fewer segments.
  package func corners(to other: MeanFieldNetwork) -> [MeanFieldNetwork] {
    guard weights.count == 2 else { fatalError("MeanFieldNetwork.corners: \(weights.count - 1) hidden layers, expected one") }
    let first = Tensor<Double>((0..<width).map { $0 < width / 2 ? 1 : 0 })
    let second = 1 - first
    let (start, end) = (keeping([first]).weights[1], other.keeping([second]).weights[1])
    let mixed = weights[0] * first + other.weights[0] * second
    return [
      self, MeanFieldNetwork(weights: [weights[0], start]), MeanFieldNetwork(weights: [mixed, start]),
      MeanFieldNetwork(weights: [mixed, end]), MeanFieldNetwork(weights: [other.weights[0], end]), other,
    ]
  }

  /// The networks at these places of the axis in front.
  package func gather(_ places: [Int]) -> MeanFieldNetwork {
    let places = Tensor<Int32>(places.map { Int32($0) })
    return MeanFieldNetwork(weights: weights.map { $0.gather(places) })
  }
}
