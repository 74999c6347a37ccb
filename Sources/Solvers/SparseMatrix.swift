import Tensors
import Transforms

/// A matrix by its entries that are not zero, row after row (compressed sparse rows).
///
/// Promise: products and solutions work in place on arrays, without the cost of an operation on tensors: for systems of a few hundred
/// unknowns and more, where that cost would count more than the arithmetic.
public struct SparseMatrix: Sendable {
  /// One number that is not zero.
  public struct Entry: Sendable {
    /// Its row.
    public var row: Int
    /// Its column.
    public var column: Int
    /// Its value.
    public var value: Double

    /// The entry at a place.
    public init(row: Int, column: Int, value: Double) {
      self.row = row
      self.column = column
      self.value = value
    }
  }

  /// Number of rows.
  public let rows: Int
  /// Number of columns.
  public let columns: Int
  /// Where each row begins in `places` and `values`, and the end.
  let starts: [Int]
  let places: [Int32]
  let values: [Double]

  /// The matrix of the entries, in any order, one for a place.
  public init(rows: Int, columns: Int, entries: [Entry]) {
    self.rows = rows
    self.columns = columns
    var starts = [Int](repeating: 0, count: rows + 1)
    for entry in entries {
      guard (0..<rows).contains(entry.row), (0..<columns).contains(entry.column) else {
        fatalError("SparseMatrix: an entry at (\(entry.row), \(entry.column)) of a \(rows) x \(columns) matrix")
      }
      starts[entry.row + 1] += 1
    }
    for i in 0..<rows { starts[i + 1] += starts[i] }
    var next = starts
    var places = [Int32](repeating: 0, count: entries.count)
    var values = [Double](repeating: 0, count: entries.count)
    for entry in entries {
      places[next[entry.row]] = Int32(entry.column)
      values[next[entry.row]] = entry.value
      next[entry.row] += 1
    }
    self.starts = starts
    self.places = places
    self.values = values
  }

  /// Number of entries kept.
  public var count: Int { values.count }

  /// The entries on the diagonal, 0 where there is none.
  public var diagonal: [Double] {
    (0..<min(rows, columns)).map { i in
      (starts[i]..<starts[i + 1]).first { places[$0] == i }.map { values[$0] } ?? 0
    }
  }

  /// y = A x.
  public func multiply(_ x: [Double], into y: inout [Double]) {
    guard x.count == columns, y.count == rows else {
      fatalError("SparseMatrix: \(rows) x \(columns) times \(x.count) numbers into \(y.count)")
    }
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        if let x = x.baseAddress, let y = y.baseAddress { multiply(x, into: y) }
      }
    }
  }

  private func multiply(_ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>) {
    values.withUnsafeBufferPointer { values in
      places.withUnsafeBufferPointer { places in
        starts.withUnsafeBufferPointer { starts in
          for i in 0..<rows {
            // Four sums, so that one addition need not wait for the last.
            var sums = SIMD4<Double>.zero
            var k = starts[i]
            let end = starts[i + 1]
            while k + 4 <= end {
              let factors = SIMD4(x[Int(places[k])], x[Int(places[k + 1])], x[Int(places[k + 2])], x[Int(places[k + 3])])
              sums.addProduct(SIMD4(values[k], values[k + 1], values[k + 2], values[k + 3]), factors)
              k += 4
            }
            var sum = sums.sum()
            while k < end {
              sum += values[k] * x[Int(places[k])]
              k += 1
            }
            y[i] = sum
          }
        }
      }
    }
  }
}

extension SparseMatrix {
  /// Solves A x = b for a symmetric positive definite A by conjugate gradients, preconditioned by the diagonal (Jacobi), from x = 0:
  /// ``conjugateGradient(_:_:start:preconditioner:tolerance:maximumIterations:)`` in place. A singular A will do when b is in its range.
  /// - Parameters:
  ///   - b: as many numbers as rows.
  ///   - tolerance: on the norm of b - A x divided by that of b.
  ///   - maximumIterations: products with A.
  public func solve(_ b: [Double], tolerance: Double = 1e-8, maximumIterations: Int = 1000) -> LinearSolution<Tensor<Double>> {
    guard rows == columns, b.count == rows else {
      fatalError("SparseMatrix: \(rows) x \(columns) matrix, \(b.count) numbers on the right")
    }
    typealias Lanes = SIMD8<Double>
    let inverse = packed(diagonal.map { 1 / $0 })
    var residual = packed(b)
    var x = [Lanes](repeating: .zero, count: residual.count)
    var (direction, image) = (x, x)
    let scale = dot(residual, residual).squareRoot()
    var residuals = [scale > 0 ? 1.0 : 0]
    for i in x.indices { direction[i] = inverse[i] * residual[i] }
    var energy = dot(residual, direction)
    while residuals[residuals.count - 1] > tolerance, residuals.count <= maximumIterations {
      direction.withUnsafeBytes { direction in
        image.withUnsafeMutableBytes { image in
          multiply(
            direction.assumingMemoryBound(to: Double.self).baseAddress!,
            into: image.assumingMemoryBound(to: Double.self).baseAddress!)
        }
      }
      let curvature = dot(direction, image)
      guard curvature > 0, curvature.isFinite else { break }
      let step = energy / curvature
      var (square, next) = (Lanes.zero, Lanes.zero)
      for i in x.indices {
        x[i].addProduct(Lanes(repeating: step), direction[i])
        residual[i].addProduct(Lanes(repeating: -step), image[i])
        square.addProduct(residual[i], residual[i])
        next.addProduct(residual[i], inverse[i] * residual[i])
      }
      let factor = next.sum() / energy
      for i in x.indices {
        direction[i] = (inverse[i] * residual[i]).addingProduct(Lanes(repeating: factor), direction[i])
      }
      energy = next.sum()
      residuals.append(square.sum().squareRoot() / scale)
    }
    let solution = x.flatMap { lanes in (0..<Lanes.scalarCount).map { lanes[$0] } }
    return LinearSolution(
      solution: Tensor(Array(solution.prefix(rows))), iterations: residuals.count - 1, residuals: residuals,
      isConverged: residuals[residuals.count - 1] <= tolerance)
  }
}

/// Numbers in lanes, filled up with zeros.
private func packed(_ numbers: [Double]) -> [SIMD8<Double>] {
  stride(from: 0, to: numbers.count, by: 8).map { start in
    var lanes = SIMD8<Double>.zero
    for i in start..<min(start + 8, numbers.count) { lanes[i - start] = numbers[i] }
    return lanes
  }
}

private func dot(_ x: [SIMD8<Double>], _ y: [SIMD8<Double>]) -> Double {
  var sum = SIMD8<Double>.zero
  for i in x.indices { sum.addProduct(x[i], y[i]) }
  return sum.sum()
}
