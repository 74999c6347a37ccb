import Tensors

/// Linear measurements A of arrays of one shape, as far as gradient descent on 1/2 |A(X - M)|² sees them: by A*A.
///
/// Axes in front of that shape are runs: all of them go through the measurements at once, as the rows of one product.
package protocol SensingOperator: Sendable {
  /// A*A(X), for X of [..., shape].
  func normal(_ x: Tensor<Double>) -> Tensor<Double>
}

/// A*A = identity: the population loss.
package struct PopulationSensing: SensingOperator {
  package init() {}
  package func normal(_ x: Tensor<Double>) -> Tensor<Double> { x }
}

/// A(X)_i = <A_i, X>, by its measurements: reads m n² numbers for A and as many for A*, for matrices of side n.
package struct MeasurementMatrix: SensingOperator {
  /// Of an A_i.
  package let shape: [Int]
  /// vec(A_i) as rows, [m, elements]; draws of the measurements may be axes in front, and are then the first axes of X too.
  package let rows: Tensor<Double>

  package init(shape: [Int], rows: Tensor<Double>) {
    (self.shape, self.rows) = (shape, rows)
  }

  /// Several draws along a new first axis.
  package init(stacking draws: [MeasurementMatrix]) {
    self.init(shape: draws[0].shape, rows: .stack(draws.map(\.rows)))
  }

  /// A(X), [..., m], for X of [..., shape].
  package func measure(_ x: Tensor<Double>) -> Tensor<Double> {
    rowProduct(x, rows, rank: shape.count, transposed: true, resultShape: [rows.shape[rows.rank - 2]])
  }

  /// A*(y) = sum_i y_i A_i, [..., shape], for y of [..., m].
  package func adjoint(_ y: Tensor<Double>) -> Tensor<Double> {
    rowProduct(y, rows, rank: 1, transposed: false, resultShape: shape)
  }

  package func normal(_ x: Tensor<Double>) -> Tensor<Double> { adjoint(measure(x)) }
}

/// A*A alone, as a matrix: reads n⁴ numbers, less than the measurements do as soon as n² < 2m.
package struct NormalMatrix: SensingOperator {
  /// Of an A_i.
  package let shape: [Int]
  /// sum_i vec(A_i) vec(A_i)^T, [elements, elements]; draws as in ``MeasurementMatrix``.
  package let matrix: Tensor<Double>

  package init(shape: [Int], matrix: Tensor<Double>) {
    (self.shape, self.matrix) = (shape, matrix)
  }

  /// Several draws along a new first axis.
  package init(stacking draws: [NormalMatrix]) {
    self.init(shape: draws[0].shape, matrix: .stack(draws.map(\.matrix)))
  }

  package func normal(_ x: Tensor<Double>) -> Tensor<Double> {
    // The matrix is symmetric: rows times it are it times columns.
    rowProduct(x, matrix, rank: shape.count, transposed: false, resultShape: shape)
  }
}

/// The arrays of x, whose last `rank` axes are one array each, as rows times a matrix, or for each draw times its own.
private func rowProduct(
  _ x: Tensor<Double>, _ matrix: Tensor<Double>, rank: Int, transposed: Bool, resultShape: [Int]
) -> Tensor<Double> {
  let draws = Array(matrix.shape.dropLast(2))
  let leading = Array(x.shape.dropLast(rank))
  let runs = leading.dropFirst(draws.count).reduce(1, *)
  let elements = x.shape.suffix(rank).reduce(1, *)
  return matmul(x.reshaped(draws + [runs, elements]), matrix, transposeB: transposed).reshaped(leading + resultShape)
}
