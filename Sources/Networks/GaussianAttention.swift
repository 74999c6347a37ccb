import Tensors
import Transforms

/// Attention without a softmax (SOFT; Lu et al. 2022, arXiv 2207.03341): tokens weigh each other by a Gaussian kernel of one vector q_i
/// each, which is query and key at once,
///
///     Z = S V,   S_ij = exp(-|q_i - q_j|² / 2)
///
/// Rows of S do not sum to 1. S is symmetric and positive semidefinite, so m landmarks L approximate it in O(n m): see
/// ``NystromAttention``. Queries are [..., n, d], divided by d^(1/4) beforehand, values [..., n, c], results [..., n, c].
public enum GaussianAttention {
  /// exp(-|x_i - y_j|² / 2), [..., n, m], of x [..., n, d] and y [..., m, d], by norms and one product. Distances that rounding made
  /// negative count as 0.
  public static func kernel<Scalar: RealScalar>(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
    let products = matmul(x, y, transposeB: true)
    let exponents = products - 0.5 * x.squaredNorm(-1, keepingAxes: true) - 0.5 * y.squaredNorm(-1).expandingDimensions(-2)
    return minimum(exponents, Tensor(0)).exp()
  }

  /// S V by its definition, in O(n²).
  /// - Parameter rowsTogether: how many rows of S are in memory at once. By default all.
  public static func full<Scalar: RealScalar>(
    _ q: Tensor<Scalar>, _ v: Tensor<Scalar>, rowsTogether: Int? = nil
  ) -> Tensor<Scalar> {
    let n = q.shape[q.rank - 2]
    let together = max(1, rowsTogether ?? n)
    let sizes = stride(from: 0, to: n, by: together).map { min(together, n - $0) }
    return .concatenate(q.split(axis: -2, sizes: sizes).map { matmul(kernel($0, q), v) }, axis: -2)
  }
}

/// The inverse of A + epsilon I by products alone, for symmetric positive semidefinite A [..., m, m] (Lu et al. 2022, section 3.3): Newton
/// and Raphson's V <- 2 V - V (A + epsilon I) V from V = alpha (A + epsilon I), alpha = 1.8 / |A|_1². Its residual I - (A + epsilon I) V
/// is squared by each step.
///
/// The derivative is that of an exact inverse X, dA = -X^T dX X^T, with what the steps have come to for X: they are not taped. While they
/// have not converged the two differ.
public struct NewtonInverse: Sendable, Hashable, Codable {
  /// epsilon. Kernel matrices of smooth tokens are nearly singular.
  public var regularization: Double
  /// How many.
  public var steps: Int

  /// The paper's defaults.
  public init(regularization: Double = 0.01, steps: Int = 20) {
    (self.regularization, self.steps) = (regularization, steps)
  }

  /// An approximation of (A + epsilon I)^-1.
  public func callAsFunction<Scalar: RealScalar>(_ a: Tensor<Scalar>) -> Tensor<Scalar> {
    customVJP(taped) { (_: Tensor<Scalar>, inverse: Tensor<Scalar>, cotangent: Tensor<Scalar>) in
      -matmul(matmul(inverse, cotangent, transposeA: true), inverse, transposeB: true)
    }(a)
  }

  /// The same numbers with the steps' own derivative.
  public func taped<Scalar: RealScalar>(_ a: Tensor<Scalar>) -> Tensor<Scalar> {
    let matrix = regularized(a)
    return (0..<steps).reduce(start(a)) { v, _ in improved(v, of: matrix) }
  }

  /// A + epsilon I.
  public func regularized<Scalar: RealScalar>(_ a: Tensor<Scalar>) -> Tensor<Scalar> {
    a + Scalar(regularization) * Tensor.identity(a.shape[a.rank - 1])
  }

  /// alpha (A + epsilon I), with the row sums of A itself in alpha.
  public func start<Scalar: RealScalar>(_ a: Tensor<Scalar>) -> Tensor<Scalar> {
    let norm = a.abs().sum(-1).max(-1).expandingDimensions(-1).expandingDimensions(-1)
    return regularized(a) * (1.8 / norm.square())
  }

  /// One step towards the inverse of a regularized matrix.
  public func improved<Scalar: RealScalar>(_ v: Tensor<Scalar>, of matrix: Tensor<Scalar>) -> Tensor<Scalar> {
    2 * v - matmul(v, matmul(matrix, v))
  }
}

/// An n x n matrix of attention as a product of three, rows C B, through m landmarks: never formed, it multiplies values in O(n m).
public struct NystromAttention<Scalar: RealScalar>: TensorTree {
  /// From the middle to the tokens, [..., n, m].
  public var rows: Tensor<Scalar>
  /// [..., m, m].
  public var core: Tensor<Scalar>
  /// From the tokens to the middle, transposed: [..., n, m].
  public var columns: Tensor<Scalar>

  /// Gaussian attention's S as P A⁺ P^T with P = kernel(Q, L), A = kernel(L, L) (SOFT).
  /// - Parameters:
  ///   - q: Q, [..., n, d], divided by d^(1/4).
  ///   - landmarks: L, [..., m, d].
  ///   - inverse: makes A⁺.
  ///   - isNormalized: D^-1/2 A⁺ D^-1/2 in place of A⁺, with the row sums of A on the diagonal of D (SOFT++): its norm stays bounded when
  ///     there are more tokens.
  public init(
    gaussian q: Tensor<Scalar>, landmarks: Tensor<Scalar>, inverse: NewtonInverse = NewtonInverse(), isNormalized: Bool = false
  ) {
    rows = GaussianAttention.kernel(q, landmarks)
    columns = rows
    let a = GaussianAttention.kernel(landmarks, landmarks)
    core = inverse(a)
    if isNormalized {
      let scales = a.sum(-1).reciprocalSquareRoot()
      core = core * scales.expandingDimensions(-1) * scales.expandingDimensions(-2)
    }
  }

  /// Softmax attention as a product of three softmaxes (Nystromformer; Xiong et al. 2021, arXiv 2102.03902): softmax(Q L^T)
  /// softmax(L L^T)⁺ softmax(L Q^T), with Q for queries and keys.
  ///
  /// The pseudo-inverse is exact, by a singular value decomposition; their iteration approximates it.
  /// - Parameters:
  ///   - q: Q, [n, d], divided by d^(1/4).
  ///   - landmarks: L, [m, d].
  public init(softmax q: Tensor<Scalar>, landmarks: Tensor<Scalar>) {
    rows = matmul(q, landmarks, transposeB: true).softmax()
    core = matmul(landmarks, landmarks, transposeB: true).softmax().pseudoInverse()
    columns = matmul(landmarks, q, transposeB: true).softmax().transposed()
  }

  /// Times values [..., n, c], from right to left.
  public func callAsFunction(_ v: Tensor<Scalar>) -> Tensor<Scalar> {
    matmul(rows, matmul(core, matmul(columns, v, transposeA: true)))
  }

  /// The matrix that it stands for, [..., n, n].
  public var matrix: Tensor<Scalar> { matmul(matmul(rows, core), columns, transposeB: true) }
}
