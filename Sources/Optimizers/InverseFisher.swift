import Tensors
import Transforms

/// Products with the inverse of a damped empirical Fisher matrix F = lambda I + (1/m) sum_i g_i g_i^T, no d x d matrix being formed
/// (Frantar, Kurtic and Alistarh, "M-FAC", NeurIPS 2021, arXiv 2107.03356):
///
///     v_i = F_(i-1)^-1 g_i,  q_i = m + g_i . v_i,  F_i = F_(i-1) + g_i g_i^T / m,  F_0 = lambda I
///     F^-1 x = x / lambda - sum_j v_j (v_j . x) / q_j
public protocol InverseFisher<Scalar> {
  /// The type of the numbers.
  associatedtype Scalar: RealScalar
  /// lambda.
  var damping: Double { get }
  /// v_i, one a row: [m, d].
  var directions: Tensor<Scalar> { get }
  /// q_i: [m].
  var pivots: Tensor<Scalar> { get }
  /// F^-1 x for a vector x, [d].
  func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar>
}

extension InverseFisher {
  /// The diagonal of F^-1: 1 / lambda - sum_j v_jl^2 / q_j.
  public func diagonal() -> Tensor<Scalar> {
    Scalar(1 / damping) - matmul(1 / pivots, directions.square())
  }
}

/// The paper's static algorithm: the recursion of Sherman and Morrison, O(d m^2) once and O(d m) a product.
public struct StaticInverseFisher<Scalar: RealScalar>: InverseFisher {
  /// lambda.
  public let damping: Double
  /// v_i, one a row: [m, d].
  public let directions: Tensor<Scalar>
  /// q_i: [m].
  public let pivots: Tensor<Scalar>

  /// The inverse of the Fisher matrix of gradients [m, d]. Runs over them one by one, eagerly.
  public init(gradients: Tensor<Scalar>, damping: Double) {
    let m = gradients.shape[0]
    // Directions that are not there yet are zero, their pivots one: they add nothing to the sum.
    var (directions, pivots) = (Tensor<Scalar>.zeros(gradients.shape), Tensor<Scalar>.ones(m))
    for i in 0..<m {
      let g = gradients.row(i)
      let v = Self.product(g, damping, directions, pivots)
      pivots[i] = Scalar(m) + g.dot(v).scalar
      directions.setRow(i, to: v)
    }
    (self.damping, self.directions, self.pivots) = (damping, directions, pivots)
  }

  /// F^-1 x.
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> { Self.product(x, damping, directions, pivots) }

  private static func product(
    _ x: Tensor<Scalar>, _ damping: Double, _ directions: Tensor<Scalar>, _ pivots: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    x / Scalar(damping) - matmul(matmul(directions, x) / pivots, directions)
  }
}

/// The paper's dynamic algorithm: everything that depends on d is the gradients themselves, so that one of them can be replaced.
///
/// With S = G G^T / lambda + m I = L U, without pivoting: q is the diagonal of U, g_j . v_i = U_ij for j > i, and V = B G with
/// B = L^-1 / lambda. S is positive definite, so L and U are its Cholesky factor with columns, and rows, scaled: no loop over pivots.
public struct DynamicInverseFisher<Scalar: RealScalar>: InverseFisher, TensorTree {
  /// lambda.
  public let damping: Double
  /// g_i, one a row: [m, d].
  public let gradients: Tensor<Scalar>
  /// U, [m, m]: q on the diagonal, the inner products g_j . v_i above it.
  public let upper: Tensor<Scalar>
  /// B, [m, m], lower triangular: the directions in terms of the gradients.
  public let combinations: Tensor<Scalar>

  /// The inverse of the Fisher matrix of the gradients of a window, O(m^3).
  public init(_ window: GradientWindow<Scalar>, damping: Double) {
    let m = window.gradients.shape[0]
    let factor = (window.products / Scalar(damping) + Scalar(m) * .identity(m)).cholesky()
    let roots = factor.diagonal()
    (self.damping, gradients) = (damping, window.gradients)
    upper = roots.expandingDimensions(1) * factor.transposed()
    combinations = triangularSolve(factor / roots, Tensor.identity(m) / Scalar(damping), unitDiagonal: true)
  }

  /// q_i: [m].
  public var pivots: Tensor<Scalar> { upper.diagonal() }
  /// V = B G, [m, d]; a product does not need it.
  public var directions: Tensor<Scalar> { matmul(combinations, gradients) }

  /// F^-1 x in 2 d m + O(m^2) multiply-adds.
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    var counter = MultiplyAddCounter()
    return product(x, counting: &counter)
  }

  /// F^-1 x, and what it costs beside O(d) operations on single elements.
  public func product(_ x: Tensor<Scalar>, counting counter: inout MultiplyAddCounter) -> Tensor<Scalar> {
    let p = counter.matmul(gradients, x) / Scalar(damping)
    // The paper's forward substitution: p_(i+1...) -= D_i,(i+1...) p_i / q_i, then p / q.
    let quotients = counter.triangularSolve(upper, p, isLower: false, transposed: true)
    return x / Scalar(damping) - counter.matmul(counter.matmul(quotients, combinations), gradients)
  }
}

/// The last m gradients in a ring, with their inner products: O(d m) to replace the oldest. Traceable.
public struct GradientWindow<Scalar: RealScalar>: TensorTree, Codable {
  /// One a row, [m, d]; zero where there is none yet, which leaves F at (1/m) times the sum of those that are there.
  public var gradients: Tensor<Scalar>
  /// G G^T, [m, m].
  public var products: Tensor<Scalar>
  /// The row of the next gradient.
  public var place: Tensor<Int32>

  /// An empty window for `capacity` gradients.
  public init(capacity: Int, dimension: Int) {
    gradients = .zeros(capacity, dimension)
    products = .zeros(capacity, capacity)
    place = Tensor(0)
  }

  /// A full window: the rows of [m, d], the first the oldest.
  public init(gradients: Tensor<Scalar>) {
    self.gradients = gradients
    products = matmul(gradients, gradients, transposeB: true)
    place = Tensor(0)
  }

  /// Puts a gradient, [d], in the place of the oldest.
  public mutating func push(_ gradient: Tensor<Scalar>) {
    let m = gradients.shape[0]
    let isNewest = Tensor<Int32>.arange(m) .== place
    gradients = .where(isNewest.expandingDimensions(1), gradient, gradients)
    let products = matmul(gradients, gradient)
    self.products = .where(
      isNewest.expandingDimensions(1), products, .where(isNewest, products.expandingDimensions(1), self.products))
    place = (place + 1) % Int32(m)
  }
}

/// Counts the multiply-adds of products by the shapes that are multiplied.
public struct MultiplyAddCounter: Sendable {
  /// So far.
  public private(set) var count = 0

  /// Nothing counted yet.
  public init() {}

  mutating func matmul<Scalar: RealScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
    count += max(a.count, b.count)  // Of a matrix with a vector: one for each element of the matrix.
    return Tensors.matmul(a, b)
  }

  mutating func triangularSolve<Scalar: RealScalar>(
    _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, isLower: Bool, transposed: Bool
  ) -> Tensor<Scalar> {
    count += b.count * (b.count + 1) / 2
    return Tensors.triangularSolve(a, b, isLower: isLower, transposed: transposed)
  }
}
