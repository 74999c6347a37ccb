import Networks
import Solvers
import Tensors
import Transforms

/// An order of the hidden units of one network that brings its weights close to those of another.
public struct WeightMatching: Sendable {
  /// For each hidden layer, the unit that comes to each place: what ``MLP/reordered(_:)`` takes.
  public var orders: [[Int]]
  /// The inner product of the first network with the reordered second one before the first sweep and after each; it never falls.
  public var overlaps: [Double]
  /// Whether the last sweep changed nothing.
  public var isConverged: Bool
}

/// Weight matching (Ainsworth, Hayase and Srinivasa, "Git Re-Basin", 2023, Algorithm 1): permutations P_l of the hidden units of b that
/// maximise sum_l <W_l^a, P_l W_l^b P_{l-1}^T> + <b_l^a, P_l b_l^b>, which is least distance in weights, by coordinate ascent.
///
///     let matched = b.reordered(try weightMatching(b, to: a, key: key).orders)
///
/// Layer by layer in random order, the others held, the best P_l is the linear assignment with the gains
///
///     C_l = W_l^a P_{l-1} (W_l^b)^T + (W_{l+1}^a)^T P_{l+1} W_{l+1}^b + b_l^a (b_l^b)^T
///
/// whose row i is unit i of a. A change must gain more than rounding, so that the ascent ends. It finds a local maximum.
/// - Parameters:
///   - b: what is reordered.
///   - a: a network of the same widths.
///   - start: orders to begin with; nil leaves the units where they are.
///   - maximumSweeps: over all hidden layers.
///   - key: of the order of the layers.
/// - Throws: `LinearAlgebraError.invalidInput` for weights that are not finite.
public func weightMatching<Scalar: RealScalar>(
  _ b: MLP<Scalar>, to a: MLP<Scalar>, from start: [[Int]]? = nil, maximumSweeps: Int = 30, key: Key
) throws(LinearAlgebraError) -> WeightMatching {
  guard a.layers.map(\.weight.shape) == b.layers.map(\.weight.shape) else {
    fatalError("weightMatching: hidden layers of \(a.hiddenWidths) and \(b.hiddenWidths) units, or other inputs and outputs")
  }
  var ascent = MatchingAscent(a: layers(a), b: layers(b), orders: start ?? b.hiddenUnitOrders)
  var matching = WeightMatching(orders: ascent.orders, overlaps: [ascent.overlap], isConverged: false)
  while !matching.isConverged, matching.overlaps.count <= maximumSweeps {
    matching.isConverged = try !ascent.sweep(order: key[matching.overlaps.count].permutation(ascent.orders.count))
    matching.overlaps.append(ascent.overlap)
  }
  matching.orders = ascent.orders
  return matching
}

/// Weights [inputs, outputs] and biases in Double.
private typealias Layer = (weight: Tensor<Double>, bias: Tensor<Double>?)

private func layers<Scalar: RealScalar>(_ network: MLP<Scalar>) -> [Layer] {
  network.layers.map { ($0.weight.converted(to: Double.self), $0.bias?.converted(to: Double.self)) }
}

private struct MatchingAscent {
  let a, b: [Layer]
  var orders: [[Int]]

  /// One assignment for each hidden layer; whether any changed.
  mutating func sweep(order: [Int]) throws(LinearAlgebraError) -> Bool {
    var isChanged = false
    for l in order {
      let gains = gains(of: l)
      let now = orders[l].enumerated().reduce(0) { $0 + gains[$1.offset, $1.element] }
      let best = try linearAssignment(cost: gains, maximizing: true)
      if best.value - now > 1e-12 * Double(orders[l].count) * gains.abs().max().scalar {
        orders[l] = best.columns
        isChanged = true
      }
    }
    return isChanged
  }

  /// C_l, [units of a, units of b].
  private func gains(of l: Int) -> Tensor<Double> {
    let incoming = l == 0 ? b[0].weight : b[l].weight.gather(places(l - 1))
    let outgoing = l + 1 == orders.count ? b[l + 1].weight : b[l + 1].weight.gather(places(l + 1), axis: 1)
    var gains = matmul(a[l].weight, incoming, transposeA: true) + matmul(a[l + 1].weight, outgoing, transposeB: true)
    if let bias = a[l].bias, let other = b[l].bias { gains += outer(bias, other) }
    return gains
  }

  private func places(_ l: Int) -> Tensor<Int32> { Tensor<Int32>(orders[l].map { Int32($0) }) }

  /// <a, P b> over all weights and biases.
  var overlap: Double {
    a.indices.reduce(0) { sum, l in
      let rows = l == 0 ? b[l].weight : b[l].weight.gather(places(l - 1))
      let weight = l == orders.count ? rows : rows.gather(places(l), axis: 1)
      guard let bias = a[l].bias, let other = b[l].bias else { return sum + (a[l].weight * weight).sum().scalar }
      let moved = l == orders.count ? other : other.gather(places(l))
      return sum + (a[l].weight * weight).sum().scalar + (bias * moved).sum().scalar
    }
  }
}
