import Tensors

/// f(x) = x^T H x / 2 - c^T x, kept so that a change of a few coordinates is cheap: what block coordinate descent works on.
public struct BlockQuadratic: Sendable {
  /// H, symmetric.
  public let matrix: SparseMatrix
  /// c.
  public let linear: [Double]
  /// H_ii, the Lipschitz constant of each partial derivative.
  public let diagonal: [Double]

  /// The quadratic of a symmetric matrix.
  public init(matrix: SparseMatrix, linear: [Double]) {
    guard matrix.rows == linear.count, matrix.columns == linear.count else {
      fatalError("BlockQuadratic: \(matrix.rows) x \(matrix.columns) matrix, linear term of \(linear.count)")
    }
    (self.matrix, self.linear, diagonal) = (matrix, linear, matrix.diagonal)
  }

  /// ||A x - b||^2 / 2 + ridge ||x||^2 / 2 up to its value at 0.
  public static func leastSquares(design: Tensor<Double>, targets: Tensor<Double>, ridge: Double = 0) -> BlockQuadratic {
    let gram = matmul(design, design, transposeA: true) + ridge * Tensor.identity(design.shape[1])
    return BlockQuadratic(matrix: SparseMatrix(dense: gram), linear: matmul(targets, design).scalars)
  }

  /// d.
  public var dimension: Int { linear.count }

  /// f(x), from the gradient that is known: x^T (grad f(x) - c) / 2.
  public func value(at iterate: BlockIterate) -> Double {
    var sum = 0.0
    for i in linear.indices { sum += iterate.x[i] * (iterate.gradient[i] - linear[i]) }
    return sum / 2
  }

  /// f(x) - f(minimum) = grad f(x)^T (x - minimum) / 2, which keeps its digits where values would cancel.
  public func gap(at iterate: BlockIterate, minimum: [Double]) -> Double {
    var sum = 0.0
    for i in linear.indices { sum += iterate.gradient[i] * (iterate.x[i] - minimum[i]) }
    return sum / 2
  }
}

/// A point with the gradient there, which moves with it.
public struct BlockIterate: Codable, Sendable, Equatable {
  /// x.
  public private(set) var x: [Double]
  /// H x - c.
  public private(set) var gradient: [Double]

  /// x = 0.
  public init(_ problem: BlockQuadratic) {
    x = [Double](repeating: 0, count: problem.dimension)
    gradient = problem.linear.map { -$0 }
  }

  /// x_i += delta_i over the block; the gradient follows by |block| columns of H.
  public mutating func move(_ block: [Int], by delta: [Double], in problem: BlockQuadratic) {
    for (i, change) in zip(block, delta) where change != 0 {
      x[i] += change
      problem.matrix.addRow(i, times: change, to: &gradient)
    }
  }
}
