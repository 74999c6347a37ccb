import Tensors
import Transforms

/// One number for each row and each column of a cost matrix: the unknowns of the dual of transport.
public struct TransportPotentials: TensorTree, Codable, Sendable {
  /// f, [n].
  public var rows: Tensor<Double>
  /// g, [m].
  public var columns: Tensor<Double>

  /// The potentials f and g.
  public init(rows: Tensor<Double>, columns: Tensor<Double>) {
    self.rows = rows
    self.columns = columns
  }
}

/// Entropic optimal transport (Cuturi 2013): minimize <C, P> + epsilon sum P (log P - 1) over plans with row sums a and column sums b.
///
/// The solution is P = exp((f_i + g_j - C_ij) / epsilon). Everything here is traced tensor arithmetic: differentiate it, or `vmap` it over
/// problems; ``sinkhorn(_:from:tolerance:maximumSweeps:)`` is the fast solver of one problem.
public struct TransportProblem: TensorTree, Sendable {
  /// C, [n, m].
  public var cost: Tensor<Double>
  /// What each row sends, positive, [n].
  public var a: Tensor<Double>
  /// What each column takes, positive, [m], equal in sum to `a`.
  public var b: Tensor<Double>
  /// epsilon, in units of the cost.
  public var regularization: Tensor<Double>

  /// A problem with its regularization.
  public init(cost: Tensor<Double>, a: Tensor<Double>, b: Tensor<Double>, regularization: Double) {
    _ = Self.checkedSizes(cost, a, b)
    guard regularization > 0 else { fatalError("TransportProblem: a regularization of \(regularization)") }
    self.cost = cost
    self.a = a
    self.b = b
    self.regularization = Tensor(regularization)
  }

  /// f = g = 0, where Sinkhorn's iteration starts.
  public var zeroPotentials: TransportPotentials { TransportPotentials(rows: .zeros(a.shape), columns: .zeros(b.shape)) }

  /// One sweep of Sinkhorn's iteration in the logarithmic domain: f so that the row sums are a, then g so that the column sums are b.
  public func sweep(_ potentials: TransportPotentials) -> TransportPotentials {
    let f = regularization * (a.log() - ((potentials.columns - cost) / regularization).logSumExp(axis: 1))
    let g = regularization * (b.log() - ((f.expandingDimensions(1) - cost) / regularization).logSumExp(axis: 0))
    return TransportPotentials(rows: f, columns: g)
  }

  /// P, [n, m].
  public func plan(_ potentials: TransportPotentials) -> Tensor<Double> {
    ((potentials.rows.expandingDimensions(1) + potentials.columns - cost) / regularization).exp()
  }

  /// The dual, concave in the potentials: <a, f> + <b, g> - epsilon sum P.
  public func dualValue(_ potentials: TransportPotentials) -> Tensor<Double> {
    a.dot(potentials.rows) + b.dot(potentials.columns) - regularization * plan(potentials).sum()
  }

  /// The sum of |P 1 - a| and |P^T 1 - b|.
  public func marginalError(_ plan: Tensor<Double>) -> Tensor<Double> {
    (plan.sum(1) - a).abs().sum() + (plan.sum(0) - b).abs().sum()
  }

  static func checkedSizes(_ cost: Tensor<Double>, _ a: Tensor<Double>, _ b: Tensor<Double>) -> (n: Int, m: Int) {
    guard cost.rank == 2, a.shape == [cost.shape[0]], b.shape == [cost.shape[1]], a.count > 0, b.count > 0 else {
      fatalError("transport: costs of shape \(cost.shape) between weights of shapes \(a.shape) and \(b.shape)")
    }
    return (a.count, b.count)
  }
}

/// Squared Euclidean distances of the points x, [n, d], and y, [m, d]: [n, m].
public func squaredDistances(_ x: Tensor<Double>, _ y: Tensor<Double>) -> Tensor<Double> {
  (x.expandingDimensions(1) - y.expandingDimensions(0)).squaredNorm(-1)
}
