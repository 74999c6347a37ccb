import Tensors
import Transforms

/// Relaxation of A x = b row by row, in place. The rows' order matters, and every row needs a diagonal entry that is not 0.
extension SparseMatrix {
  /// Solves A x = b by successive over-relaxation (Young 1950) from x = 0: x <- x + M^-1 (b - A x) with M = D / omega + L, the diagonal
  /// and the triangle below it. Gauss and Seidel's iteration for omega = 1.
  /// - Parameters:
  ///   - b: as many numbers as rows.
  ///   - relaxation: omega, between 0 and 2; with other values it converges for no A.
  ///   - tolerance: on the norm of b - A x divided by that of b.
  ///   - maximumIterations: sweeps over all rows.
  public func successiveOverRelaxation(
    _ b: [Double], relaxation: Double, tolerance: Double = 1e-8, maximumIterations: Int = 10_000
  ) -> LinearSolution<Tensor<Double>> {
    guard rows == columns, b.count == rows else {
      fatalError("SparseMatrix: \(rows) x \(columns) matrix, \(b.count) numbers on the right")
    }
    let factors = diagonal.map { relaxation / $0 }
    let scale = b.reduce(0) { $0 + $1 * $1 }.squareRoot()
    var x = [Double](repeating: 0, count: rows)
    var residuals = [scale > 0 ? 1.0 : 0]
    while residuals[residuals.count - 1] > tolerance, residuals.count <= maximumIterations {
      sweep(b, factors, &x)
      residuals.append(residualNorm(b, x) / scale)
      if !residuals[residuals.count - 1].isFinite { break }
    }
    return LinearSolution(
      solution: Tensor(x), iterations: residuals.count - 1, residuals: residuals,
      isConverged: residuals[residuals.count - 1] <= tolerance)
  }

  /// The symmetric variant as a preconditioner: (D + omega U)^-1 D (D + omega L)^-1 times a vector, U and L the triangles beside the
  /// diagonal. Symmetric positive definite for such an A and omega between 0 and 2; a constant factor is left out.
  public func symmetricOverRelaxation(_ r: [Double], relaxation: Double) -> [Double] {
    let diagonal = diagonal
    var y = r
    y.withUnsafeMutableBufferPointer { y in
      for i in 0..<rows {
        var sum = y[i]
        for k in starts[i]..<starts[i + 1] where places[k] < i { sum -= relaxation * values[k] * y[Int(places[k])] }
        y[i] = sum / diagonal[i]
      }
      for i in (0..<rows).reversed() {
        var sum = 0.0
        for k in starts[i]..<starts[i + 1] where places[k] > i { sum += values[k] * y[Int(places[k])] }
        y[i] -= relaxation * sum / diagonal[i]
      }
    }
    return y
  }

  /// A + shift I. Every row needs a diagonal entry.
  public func shifted(by shift: Double) -> SparseMatrix {
    SparseMatrix(
      rows: rows, columns: columns,
      entries: (0..<rows).flatMap { i in
        (starts[i]..<starts[i + 1]).map { k in
          Entry(row: i, column: Int(places[k]), value: values[k] + (Int(places[k]) == i ? shift : 0))
        }
      })
  }

  /// x_i <- x_i + omega (b_i - sum_j a_ij x_j) / a_ii, one row after the other; `factors` are omega / a_ii.
  private func sweep(_ b: [Double], _ factors: [Double], _ x: inout [Double]) {
    x.withUnsafeMutableBufferPointer { x in
      b.withUnsafeBufferPointer { b in
        factors.withUnsafeBufferPointer { factors in
          withUnsafeEntries { starts, places, values in
            for i in 0..<b.count {
              var sum = b[i]
              for k in starts[i]..<starts[i + 1] { sum -= values[k] * x[Int(places[k])] }
              x[i] += factors[i] * sum
            }
          }
        }
      }
    }
  }

  private func residualNorm(_ b: [Double], _ x: [Double]) -> Double {
    x.withUnsafeBufferPointer { x in
      b.withUnsafeBufferPointer { b in
        withUnsafeEntries { starts, places, values in
          var square = 0.0
          for i in 0..<b.count {
            var sum = b[i]
            for k in starts[i]..<starts[i + 1] { sum -= values[k] * x[Int(places[k])] }
            square += sum * sum
          }
          return square.squareRoot()
        }
      }
    }
  }

  /// Buffers, whose elements are read without checks in release builds.
  @inline(__always)
  private func withUnsafeEntries<Result>(
    _ body: (UnsafeBufferPointer<Int>, UnsafeBufferPointer<Int32>, UnsafeBufferPointer<Double>) -> Result
  ) -> Result {
    starts.withUnsafeBufferPointer { starts in
      places.withUnsafeBufferPointer { places in
        values.withUnsafeBufferPointer { values in body(starts, places, values) }
      }
    }
  }
}
