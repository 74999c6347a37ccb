import Networks
import Tensors
import Transforms

/// f(x) = |x|²/2 - A sum_k exp(-|x - c_k|²/(2 s²)): strongly convex towards 0 but for narrow wells, in each of which lies a local minimum of
/// a curvature far larger than 1.
package struct WellLandscape: TensorTree {
  /// A
  package var depth: Double
  /// s
  package var width: Double
  /// c_k, [wells, dimension]
  package var centers: Tensor<Double>

  package init(depth: Double, width: Double, centers: Tensor<Double>) {
    (self.depth, self.width, self.centers) = (depth, width, centers)
  }

  /// x - c_k, [points, wells, dimension], and A exp(-|x - c_k|²/(2 s²)), [points, wells].
  private func wells(_ x: Tensor<Double>) -> (offsets: Tensor<Double>, heights: Tensor<Double>) {
    let offsets = x.expandingDimensions(1) - centers
    return (offsets, depth * (offsets.squaredNorm(-1) / (-2 * width * width)).exp())
  }

  /// f of points [points, dimension].
  package func values(_ x: Tensor<Double>) -> Tensor<Double> { x.squaredNorm(-1) / 2 - wells(x).heights.sum(-1) }

  /// grad f(x) = x + sum_k A exp(-|x - c_k|²/(2 s²)) (x - c_k) / s²
  package func gradients(_ x: Tensor<Double>) -> Tensor<Double> {
    let (offsets, heights) = wells(x)
    return x + (heights.expandingDimensions(2) * offsets).sum(1) / (width * width)
  }

  /// The local minima, one near each centre, by gradient descent with steps that are short for the wells' largest curvature 1 + A/s².
  package func localMinima() -> Tensor<Double> {
    let rate = 1 / (1 + depth / (width * width))
    return (0..<500).reduce(centers) { x, _ in x - rate * gradients(x) }
  }

  /// Eigenvalues of the Hessian at the first local minimum, ascending.
  package func curvatures() -> Tensor<Double> {
    let point = localMinima().slice(0)
    return hessian { (x: Tensor<Double>) in values(x.expandingDimensions(0)).sum() }(point).eigh().values
  }

  /// The distance of points to the nearest local minimum.
  package func distancesToMinima(_ x: Tensor<Double>) -> Tensor<Double> {
    (x.expandingDimensions(1) - localMinima()).norm(-1).min(-1)
  }
}

/// How SGD goes through its draws of the noise, be it added to the gradient or that of a batch.
package struct NoiseProtocol {
  package var name: String
  package var rate: Double
  /// How often each draw is used, one step after the other.
  package var repeats: Int
  /// Draws for each draw of the first protocol.
  package var share: Int

  /// (i) the large step eta; (ii) eta/k, each draw used once, k times as many of them; (iii) eta/k, each draw used k times, so that the drift
  /// for each draw is that of (i).
  package static func all(rate: Double, division k: Int) -> [NoiseProtocol] {
    [
      NoiseProtocol(name: "large", rate: rate, repeats: 1, share: 1),
      NoiseProtocol(name: "small", rate: rate / Double(k), repeats: 1, share: k),
      NoiseProtocol(name: "repeated", rate: rate / Double(k), repeats: k, share: 1),
    ]
  }
}

/// Networks of several starts on one classification problem, with their own batches.
package struct DigitRuns: TensorTree, Codable {
  /// A leading axis of starts.
  package var networks: MLP<Float>

  package init(_ networks: MLP<Float>) { self.networks = networks }

  private static func loss(_ network: MLP<Float>, _ x: Tensor<Float>, _ labels: Tensor<Int32>) -> Tensor<Float> {
    crossEntropy(network(x), labels: labels)
  }

  /// SGD on a batch of each start, [starts, B].
  package func stepped(_ x: Tensor<Float>, _ labels: Tensor<Int32>, batches: Tensor<Int32>, rate: Tensor<Double>) -> DigitRuns {
    let one = { (network: MLP<Float>, batch: Tensor<Int32>) in
      let gradient = grad { Self.loss($0, x.gather(batch), labels.gather(batch)) }(network)
      return network.adding(gradient.scaled(by: -1 * rate))
    }
    return DigitRuns(vmap(one)(networks, batches))
  }

  /// The share of right answers of each start.
  package func accuracies(_ x: Tensor<Float>, _ labels: Tensor<Int32>) -> Tensor<Float> {
    vmap({ (network: MLP<Float>) in accuracy(network(x), labels: labels) })(networks)
  }

  /// Hutchinson's estimate of the trace of the loss's Hessian for each start: the mean of v.Hv over random signs v.
  package func traces(_ x: Tensor<Float>, _ labels: Tensor<Int32>, probes: Int, key: Key) -> Tensor<Float> {
    vmap({ (network: MLP<Float>) in
      let start: Tensor<Float> = network.raveled()
      let loss = { (parameters: Tensor<Float>) in Self.loss(network.unraveled(parameters), x, labels) }
      return (0..<probes).map { i in
        let signs = Tensor<Float>.rademacher(start.shape, key: key[i])
        return signs.dot(hvp(loss)(start, signs))
      }.reduce(Tensor(0), +) / Float(probes)
    })(networks)
  }
}
