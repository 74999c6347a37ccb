import Networks
import Tensors
import Testing
import Training
import Transforms

@Suite struct WeightMatchingTests {
  private static let key = Key(seed: 7)

  private func network(_ widths: [Int], _ name: String, hasBias: Bool = true) -> MLP<Double> {
    var network = MLP<Double>(widths, activation: .tanh, initializer: .he(), hasBias: hasBias, key: Self.key.named(name))
    for l in network.layers.indices where hasBias {
      network.layers[l].bias = .normal([widths[l + 1]], standardDeviation: 0.3, key: Self.key.named(name)[100 + l])
    }
    return network
  }

  private func shuffled(_ network: MLP<Double>) -> [[Int]] {
    network.hiddenWidths.enumerated().map { Self.key.named("shuffle")[$0].permutation($1) }
  }

  @Test(arguments: [[5, 12, 3], [6, 16, 9, 4], [5, 7, 3]]) func reorderingKeepsTheFunction(widths: [Int]) {
    let x = Tensor<Double>.normal([40, widths[0]], key: Self.key.named("x"))
    for hasBias in [true, false] {
      let network = network(widths, "a", hasBias: hasBias)
      let moved = network.reordered(shuffled(network))
      #expect((moved(x) - network(x)).abs().max().scalar < 1e-12)
      #expect(moved.layers[0].weight != network.layers[0].weight)
      #expect(network.reordered(network.hiddenUnitOrders).tensors.count == network.tensors.count)
      // Unit orders[0][2] of the first hidden layer stands at place 2.
      let unit = shuffled(network)[0][2]
      #expect(moved.layers[0].weight.slice(All(), 2) == network.layers[0].weight.slice(All(), unit))
    }
  }

  @Test(arguments: [[8, 20, 5], [16, 32, 32, 10]]) func aReorderedCopyIsMatchedBack(widths: [Int]) throws {
    let a = network(widths, "a")
    let b = a.reordered(shuffled(a))
    let matching = try weightMatching(b, to: a, key: Self.key.named("sweeps"))
    #expect(matching.isConverged && matching.overlaps.count > 2)
    #expect(b.reordered(matching.orders).largestDifference(from: a).scalar == 0)
    let whole = a.tensors.reduce(0) { $0 + Tensor<Double>($1).squaredNorm().scalar }
    #expect(abs((matching.overlaps.last ?? 0) - whole) < 1e-12 * whole)
    // Where nothing can be gained, one sweep says so.
    let again = try weightMatching(b, to: a, from: matching.orders, key: Self.key)
    #expect(again.orders == matching.orders && again.overlaps.count == 2)
  }

  @Test func theOverlapNeverFalls() throws {
    let widths = [10, 24, 20, 16, 5]
    let (a, b) = (network(widths, "a"), network(widths, "b"))
    for seed in 0..<5 {
      let matching = try weightMatching(b, to: a, key: Self.key[seed])
      #expect(zip(matching.overlaps, matching.overlaps.dropFirst()).allSatisfy { $0 <= $1 })
      #expect(matching.isConverged)
      // The overlap is the inner product, and less distance: |a - Pb|² = |a|² + |b|² - 2 overlap.
      for (orders, overlap) in [(b.hiddenUnitOrders, matching.overlaps[0]), (matching.orders, matching.overlaps.last ?? 0)] {
        let moved = b.reordered(orders)
        let inner = zip(a.tensors, moved.tensors).reduce(0) { $0 + (Tensor<Double>($1.0) * Tensor<Double>($1.1)).sum().scalar }
        #expect(abs(inner - overlap) < 1e-11)
      }
    }
    let short = try weightMatching(b, to: a, maximumSweeps: 1, key: Self.key)
    #expect(short.overlaps.count == 2 && !short.isConverged)
  }

  /// One hidden layer has one assignment: the best of all orders, tried one by one.
  @Test func oneHiddenLayerIsMatchedBest() throws {
    let (a, b) = (network([4, 5, 3], "a"), network([4, 5, 3], "b"))
    let matching = try weightMatching(b, to: a, key: Self.key)
    var orders: [[Int]] = [[]]
    for _ in 0..<5 { orders = orders.flatMap { order in (0..<5).filter { !order.contains($0) }.map { order + [$0] } } }
    let distances = orders.map { order in
      zip(a.tensors, b.reordered([order]).tensors).reduce(0) {
        $0 + (Tensor<Double>($1.0) - Tensor<Double>($1.1)).squaredNorm().scalar
      }
    }
    let least = distances.indices.min { distances[$0] < distances[$1] } ?? 0
    #expect(orders.count == 120 && matching.orders == [orders[least]])
  }
}

@Suite struct LossProfileTests {
  /// L(x) = ±x'Hx / 2 is, above the line through its ends, ∓t (1 - t) d'Hd / 2 with d the difference of the ends.
  @Test(arguments: [-1.0, 1]) func quadraticsHaveTheirBarrier(sign: Double) {
    let (a, b) = (Tensor<Double>([1, -2, 0.5]), Tensor<Double>([0, 3, 2]))
    let h = Tensor<Double>([2, 0.5, 3])
    let profile = LossProfile(from: a, to: b, points: 21) { x in (x.square() * h).sum().scalar * sign / 2 }
    let curvature = ((b - a).square() * h).sum().scalar
    for (t, excess) in zip(profile.positions, profile.excess) {
      #expect(abs(excess + sign * t * (1 - t) * curvature / 2) < 1e-13)
    }
    #expect(abs(profile.barrier - (sign < 0 ? curvature / 8 : 0)) < 1e-13)
    #expect(profile.positions.count == 21 && profile.positions[10] == 0.5)
    #expect(LossProfile(positions: [0, 0.5, 1], losses: [1, .nan, 1]).barrier.isNaN)
  }

  @Test func interpolationEndsExactly() {
    let (a, b) = ([Tensor<Float>([0.1, 7])], [Tensor<Float>([1e8, -3])])
    #expect(a.interpolated(to: b, at: 0) == a && a.interpolated(to: b, at: 1) == b)
    #expect(a.interpolated(to: b, at: 0.25)[0].scalars[1] == 4.5)
    let traced = compile { (t: Tensor<Float>) in a.interpolated(to: b, at: t)[0] }
    #expect(traced(Tensor(0.25)).scalars[1] == 4.5)
  }
}
