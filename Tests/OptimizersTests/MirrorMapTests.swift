import Optimizers
import Tensors
import Testing
import Transforms

@Suite struct MirrorMapTests {
  private static let maps: [MirrorMap] = [.euclidean, .norm(3), .norm(1.5), .negativeEntropy, .simplexEntropy]
  private let weights = Tensor([0.2, -0.7, 1.3, -0.05])

  private func point(_ map: MirrorMap) -> Tensor<Double> {
    map == .simplexEntropy ? Tensor([0.1, 0.2, 0.3, 0.4]) : weights
  }

  private func deviation(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Double { (a - b).abs().max().scalar }

  /// Numbers of order one through a power or a logarithm and back: a dozen roundings.
  @Test(arguments: maps) func dualIsTheGradientAndPrimalItsInverse(_ map: MirrorMap) {
    let w = point(map)
    #expect(deviation(map.dual(w), grad { map.potential($0) }(w)) < 1e-14)
    #expect(deviation(map.primal(map.dual(w), signs: w), w) < 1e-14)
    #expect(abs(map.divergence(w, w).scalar) < 1e-15)
  }

  /// The step minimizes <g, x> + D(x, w) / eta: no other point of the domain is lower.
  @Test(arguments: maps) func stepMinimizesItsObjective(_ map: MirrorMap) {
    let (w, g, rate) = (point(map), Tensor([1.0, -2, 0.5, 0.3]), 0.2)
    let next = map.step(from: w, along: g, rate: Tensor(rate))
    let objective = { (x: Tensor<Double>) in (g * x).sum().scalar + map.divergence(x, w).scalar / rate }
    for i in 0..<50 {
      let noise = Tensor<Double>.normal([4], standardDeviation: 0.1, key: Key(seed: 1)[i])
      var other = next * noise.exp()  // Keeps signs, so that the entropies stay convex.
      if map == .simplexEntropy { other = other / other.sum() }
      #expect(objective(other) > objective(next))
    }
  }

  @Test func closedForms() {
    let g = Tensor([1.0, -1, 0, 2])
    let multiplied = Tensor([0.1, 0.2, 0.3, 0.4]) * (g * -0.5).exp()
    #expect(
      deviation(
        MirrorMap.simplexEntropy.step(from: Tensor([0.1, 0.2, 0.3, 0.4]), along: g, rate: Tensor(0.5)),
        multiplied / multiplied.sum()) < 1e-15)
    // w exp(-eta s g) with the sign s of w.
    let kept = weights * (weights.sign() * g * -0.5).exp()
    #expect(deviation(MirrorMap.negativeEntropy.step(from: weights, along: g, rate: Tensor(0.5)), kept) < 1e-15)
    // sign(y) sqrt|y| with y = w|w| - eta g.
    #expect(deviation(MirrorMap.norm(3).step(from: Tensor([1.0]), along: Tensor([5.0]), rate: Tensor(1)), Tensor([-2.0])) < 1e-15)
  }
}
