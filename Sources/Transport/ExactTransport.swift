import CNetworkSimplex
import Tensors

/// An optimal plan with the potentials that prove it optimal.
public struct ExactTransport: Sendable {
  /// What goes from each row to each column, [n, m]; at most n + m - 1 entries are not zero.
  public var plan: Tensor<Double>
  /// The optimal solution of the dual, f_i + g_j <= C_ij.
  public var potentials: TransportPotentials
  /// The sum of the plan times the costs.
  public var cost: Double
}

/// Optimal transport without regularization: the plan of least cost with row sums `a` and column sums `b`, by LEMON's network simplex.
///
///     let distance = exactTransport(cost: squaredDistances(x, y), a: weights, b: weights).cost.squareRoot()
///
/// It computes with whole numbers, so that it always ends: costs are rounded to 2^-44 of their range, masses to 2^-50 of their sum. Equal
/// weights are exact, and with as many rows as columns the plan is then a permutation (the assignment problem). The plan is optimal for
/// costs that differ by less than 3e-14 of their range from those given; `cost` is summed from the costs as given.
/// - Parameters:
///   - cost: finite numbers, [n, m].
///   - a: what each row sends, not negative.
///   - b: what each column takes, not negative, equal in sum to `a` up to rounding.
public func exactTransport(cost: Tensor<Double>, a: Tensor<Double>, b: Tensor<Double>) -> ExactTransport {
  let (n, m) = TransportProblem.checkedSizes(cost, a, b)
  let total = a.sum().scalar
  let (low, high) = (cost.min().scalar, cost.max().scalar)
  guard total > 0, total.isFinite, (high - low).isFinite, a.min().scalar >= 0, b.min().scalar >= 0,
    abs(b.sum().scalar - total) <= 1e-9 * total
  else {
    fatalError("exactTransport: costs must be finite, weights not negative and equal in sum; sums \(total) and \(b.sum().scalar)")
  }
  let unit = high > low ? (high - low) * 0x1p-44 : 1
  let costs = cost.scalars.map { Int64((($0 - low) / unit).rounded()) }
  let (supplies, demands) = wholeMasses(a.scalars, b.scalars)
  let mass = total / Double(supplies.reduce(0, +))
  var flows = [Int64](repeating: 0, count: n * m)
  var (rows, columns) = ([Int64](repeating: 0, count: n), [Int64](repeating: 0, count: m))
  var message = [CChar](repeating: 0, count: 200)
  let status = offprint_transport(n, m, supplies, demands, costs, &flows, &rows, &columns, &message, message.count)
  guard status == 0 else {
    fatalError(
      "exactTransport: LEMON: \(String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))")
  }
  let plan = Tensor(shape: [n, m], flows.map { Double($0) * mass })
  return ExactTransport(
    plan: plan,
    potentials: TransportPotentials(
      rows: Tensor(rows.map { Double($0) * unit + low }), columns: Tensor(columns.map { Double($0) * unit })),
    cost: (plan * cost).sum().scalar)
}

/// Whole numbers in proportion to `a` and `b`, equal in sum.
private func wholeMasses(_ a: [Double], _ b: [Double]) -> ([Int64], [Int64]) {
  if a.allSatisfy({ $0 == a[0] }), b.allSatisfy({ $0 == b[0] }) {
    let divisor = greatestCommonDivisor(a.count, b.count)
    return (a.map { _ in Int64(b.count / divisor) }, b.map { _ in Int64(a.count / divisor) })
  }
  let sum = Int64(1) << 50
  return (rounded(a, sum), rounded(b, sum))
}

/// Whole numbers in proportion to the weights; the largest takes what rounding leaves of `sum`.
private func rounded(_ weights: [Double], _ sum: Int64) -> [Int64] {
  let total = weights.reduce(0, +)
  var whole = weights.map { Int64(($0 / total * Double(sum)).rounded()) }
  if let largest = whole.indices.max(by: { whole[$0] < whole[$1] }) { whole[largest] += sum - whole.reduce(0, +) }
  return whole
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }
