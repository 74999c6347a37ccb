import Tensors
import Transforms

/// Points of three patches with a label y = +-1: the weak feature y v, always; the strong feature y u, in the first points only; and noise
/// orthogonal to both. Several data sets.
package struct FeaturePoints: TensorTree {
  /// [data sets, n, 3, d]
  package var x: Tensor<Double>
  /// [data sets, n]
  package var y: Tensor<Double>

  /// u and v lie along the first two axes: nothing else prefers a direction.
  /// - Parameters:
  ///   - strong: points with the strong feature.
  ///   - noise: standard deviation of a coordinate of the noise.
  package init(
    dataSets: Int, count: Int, strong: Int, dimension: Int, strongNorm: Double, weakNorm: Double, noise: Double, key: Key
  ) {
    y = .rademacher([dataSets, count], key: key.named("labels"))
    let axes = Tensor<Double>.identity(dimension)
    let signs = y.expandingDimensions(2)
    let isStrong = Tensor<Double>((0..<count).map { $0 < strong ? 1 : 0 }).expandingDimensions(1)
    let isFree = 1 - axes.slice(0..<2).sum(0)
    let xi = isFree * Tensor.normal([dataSets, count, dimension], standardDeviation: noise, key: key.named("noise"))
    x = .stack([weakNorm * signs * axes.slice(1), strongNorm * signs * isStrong * axes.slice(0), xi], axis: 2)
  }

  package init(x: Tensor<Double>, y: Tensor<Double>) { (self.x, self.y) = (x, y) }
}

/// f(W, x) = F_+ - F_- with F_j = (1/m) sum_r sum_p relu(<w_(j,r), x^(p)>)², the output weights fixed.
package struct PatchNetwork: TensorTree, Codable {
  /// [2, m, d], the neurons of j = +1 first.
  package var w: Tensor<Double>

  package init(w: Tensor<Double>) { self.w = w }

  /// j / m, [2]
  private var outputWeights: Tensor<Double> { Tensor([1, -1]) / Double(w.shape[1]) }

  /// The step on (f - y)²/2 of one point [3, d], and y f before it:
  ///
  ///     w_(j,r) <- w_(j,r) - eta (f - y) j (2/m) sum_p relu(<w_(j,r), x^(p)>) x^(p)
  package func stepped(
    _ x: Tensor<Double>, _ y: Tensor<Double>, rate: Tensor<Double>
  ) -> (network: PatchNetwork, margin: Tensor<Double>) {
    let active = einsum("pd,jrd->jrp", x, w).relu()
    let f = active.square().sum(1, 2).dot(outputWeights)
    let gradient = outputWeights.reshaped(2, 1, 1) * einsum("jrp,pd->jrd", active, x) * 2
    return (PatchNetwork(w: w - rate * (f - y) * gradient), y * f)
  }

  /// max_r <w_(j,r), j e> for the feature e along an axis: [2].
  package func alignment(axis: Int) -> Tensor<Double> {
    (w.slice(All(), All(), axis) * Tensor(shape: [2, 1], [1, -1])).max(1)
  }
}

/// SGD with batch size 1 on several data sets, with several step sizes on each: everything is [rates, data sets].
package struct OscillatingRuns: TensorTree, Codable {
  /// [rates, data sets, 2, m, d]
  package var networks: PatchNetwork
  /// 1, and 0 once a run has diverged; then it stands still.
  package var isBounded: Tensor<Double>
  /// y f of the last strong point drawn.
  package var margin: Tensor<Double>
  /// The sum of 1 - y f over the strong points drawn, and their number.
  package var shortfall: Tensor<Double>
  package var strongDraws: Tensor<Double>

  /// From the same start with every step size.
  /// - Parameter start: [data sets, 2, m, d].
  package init(start: Tensor<Double>, rates: Int) {
    let shape = [rates, start.shape[0]]
    networks = PatchNetwork(w: start.broadcast(to: [rates] + start.shape))
    isBounded = .ones(shape)
    (margin, shortfall, strongDraws) = (.zeros(shape), .zeros(shape), .zeros(shape))
  }

  /// - Parameters:
  ///   - examples: the point drawn of each data set.
  ///   - rates: [rates].
  ///   - strong: points with the strong feature.
  ///   - limit: the largest weight of a run that has not diverged.
  package func stepped(
    _ points: FeaturePoints, examples: Tensor<Int32>, rates: Tensor<Double>, strong: Int, limit: Double
  ) -> OscillatingRuns {
    let (dataSets, n, d) = (points.x.shape[0], points.x.shape[1], points.x.shape[3])
    let places = examples + Tensor<Int32>((0..<dataSets).map { Int32($0 * n) })
    let x = points.x.reshaped(dataSets * n, 3, d).gather(places)
    let y = points.y.flattened().gather(places)
    let one = { (network: PatchNetwork, x: Tensor<Double>, y: Tensor<Double>, rate: Tensor<Double>) in
      let next = network.stepped(x, y, rate: rate)
      return Step(network: next.network, margin: next.margin)
    }
    let all = vmap(one, axes: [0, 0, 0, nil])
    let next = vmap({ (networks: PatchNetwork, rate: Tensor<Double>) in all(networks, x, y, rate) })(networks, rates)

    var result = self
    result.isBounded = Tensor.where(next.network.w.abs().max(-1, -2, -3) .<= limit, isBounded, 0)
    let goesOn = result.isBounded .> 0
    let isCounted = result.isBounded * Tensor.where(examples.converted(to: Double.self) .< Double(strong), 1, 0) .> 0
    result.networks.w = Tensor.where(goesOn.reshaped(goesOn.shape + [1, 1, 1]), next.network.w, networks.w)
    result.margin = Tensor.where(isCounted, next.margin, margin)
    result.shortfall = Tensor.where(isCounted, shortfall + 1 - next.margin, shortfall)
    result.strongDraws = Tensor.where(isCounted, strongDraws + 1, strongDraws)
    return result
  }

  private struct Step: TensorTree {
    var network: PatchNetwork
    var margin: Tensor<Double>
  }

  /// f of each data set's points under its networks: [rates, data sets, n]. One product for each data set: test points are many.
  package func outputs(_ points: FeaturePoints) -> Tensor<Double> {
    let (rates, m) = (networks.w.shape[0], networks.w.shape[3])
    let (dataSets, n, d) = (points.x.shape[0], points.x.shape[1], points.x.shape[3])
    let w = networks.w.permuted(1, 0, 2, 3, 4).reshaped(dataSets, rates * 2 * m, d)
    let products = matmul(points.x.reshaped(dataSets, n * 3, d), w, transposeB: true)
    let squares = products.relu().square().reshaped(dataSets, n, 3, rates, 2, m).sum(2, 5)
    return (squares * Tensor([1, -1]) / Double(m)).sum(-1).permuted(2, 0, 1)
  }

  /// max_r <w_(j,r), j e>, the mean over j: [rates, data sets].
  package func alignments(axis: Int) -> Tensor<Double> {
    vmap({ (networks: PatchNetwork) in vmap({ (network: PatchNetwork) in network.alignment(axis: axis) })(networks) })(networks)
      .mean(-1)
  }
}
