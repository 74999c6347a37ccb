import Tensors
import Transforms

/// What Sinkhorn's iteration returns, converged or not.
public struct EntropicTransport: Sendable {
  /// f and g.
  public var potentials: TransportPotentials
  /// P = exp((f_i + g_j - C_ij) / epsilon), [n, m]; its column sums are b.
  public var plan: Tensor<Double>
  /// The sum of the plan times the costs, without the entropy.
  public var cost: Double
  /// The sum of |P 1 - a| after each sweep; the last belongs to `plan`.
  public var errors: [Double]
  /// Whether the last error is at most the tolerance.
  public var isConverged: Bool

  /// Sweeps made, each over rows and columns.
  public var sweeps: Int { errors.count }
}

/// Sinkhorn's iteration for one problem (Cuturi 2013, algorithm 1), stabilized for small regularizations (Schmitzer 2019, algorithm 2).
///
///     let problem = TransportProblem(cost: squaredDistances(x, y), a: weights, b: weights, regularization: 0.01)
///     let plan = sinkhorn(problem, tolerance: 1e-9).plan
///
/// Promise: the iterates of ``TransportProblem/sweep(_:)`` up to rounding, for any regularization; a sweep reads the kernel once, allocates
/// nothing, and gives the same bits for any number of threads. Inside, u and v scale a kernel K = exp((f + g - C) / epsilon); before they
/// leave the range of numbers their logarithms are taken up by f and g, and K is made again.
/// - Parameters:
///   - start: where to begin; its rows do not matter. By default zero.
///   - tolerance: on the sum of |P 1 - a| after a sweep; 0 makes all sweeps.
///   - maximumSweeps: at least 1.
public func sinkhorn(
  _ problem: TransportProblem, from start: TransportPotentials? = nil, tolerance: Double = 1e-9, maximumSweeps: Int = 1000
) -> EntropicTransport {
  guard maximumSweeps > 0 else { fatalError("sinkhorn: \(maximumSweeps) sweeps") }
  var scaling = KernelScaling(problem, start ?? problem.zeroPotentials)
  var errors: [Double] = []
  for sweep in 0..<maximumSweeps {
    // What is measured on the way belongs to the sweep before.
    let error = scaling.sweep()
    guard sweep > 0 else { continue }
    errors.append(error)
    if !(error > tolerance && error.isFinite) { break }
  }
  let plan = scaling.plan()
  errors.append((plan.sum(1) - problem.a).abs().sum().scalar)
  return EntropicTransport(
    potentials: scaling.potentials, plan: plan, cost: plan.flattened().dot(problem.cost.flattened()).scalar, errors: errors,
    isConverged: errors[errors.count - 1] <= tolerance)
}
