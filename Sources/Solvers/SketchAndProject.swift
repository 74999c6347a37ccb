import Tensors

/// Which random combinations of equations a step of sketch-and-project solves.
public enum EquationSketch: Hashable, Sendable {
  /// One equation, all equally likely: randomized Kaczmarz.
  case row
  /// So many combinations with normal weights.
  case gaussian(columns: Int)
}

/// Solves K z = b by projections on the solutions of random combinations S of its equations (Gower and Richtarik 2015, arXiv 1506.03296):
///
///     z <- z - K^T S (S^T K K^T S)^+ S^T (K z - b)
///
/// Goals, in this order: cheap steps (one equation is tens of nanoseconds: plain buffers, and the residual goes along by K K^T, which is
/// formed once), a residual that is right where it counts (it is computed anew before it ends the iteration), the same numbers for the
/// same key. It can be told to go on to a smaller residual.
public struct SketchAndProject {
  /// z.
  public var solution: Tensor<Double> { Tensor(z) }
  /// Steps so far.
  public private(set) var iterations = 0
  /// ||K z - b||.
  public private(set) var residualNorm: Double

  private let rows: Int
  private let columns: Int
  private let matrix: [Double]
  /// K K^T.
  private let gram: [Double]
  private let right: [Double]
  private let sketch: EquationSketch
  private let key: Key
  private var z: [Double]
  /// K z - b.
  private var residual: [Double]
  private var draws = 0

  /// From z = 0.
  public init(matrix: Tensor<Double>, right: Tensor<Double>, sketch: EquationSketch, key: Key) {
    guard matrix.rank == 2, right.shape == [matrix.shape[0]] else {
      fatalError("SketchAndProject: matrix of shape \(matrix.shape), right side of \(right.shape), expected [m, n] and [m]")
    }
    (rows, columns) = (matrix.shape[0], matrix.shape[1])
    self.matrix = matrix.scalars
    gram = matmul(matrix, matrix, transposeB: true).scalars
    self.right = right.scalars
    (self.sketch, self.key) = (sketch, key)
    z = Array(repeating: 0, count: columns)
    residual = self.right.map { -$0 }
    residualNorm = right.norm().scalar
  }

  /// Steps until the residual is at most `tolerance`, or there were `maximum` of them, those of earlier calls among them.
  public mutating func run(to tolerance: Double, maximum: Int) {
    renewResidual()
    while residualNorm > tolerance, iterations < maximum {
      switch sketch {
      case .row: projectOnRows(tolerance, maximum)
      case .gaussian(let count): projectOnBlocks(min(count, rows), tolerance, maximum)
      }
      renewResidual()
    }
  }

  /// One draw of equations, stopped by the tolerance.
  private mutating func projectOnRows(_ tolerance: Double, _ maximum: Int) {
    let chosen = Tensor<Int32>.integers([4096], in: 0..<Int32(rows), key: key[draws]).scalars
    draws += 1
    let (rows, columns, target) = (rows, columns, tolerance * tolerance)
    var (z, residual, steps) = (z, residual, iterations)
    matrix.withUnsafeBufferPointer { matrix in
      gram.withUnsafeBufferPointer { gram in
        z.withUnsafeMutableBufferPointer { z in
          residual.withUnsafeMutableBufferPointer { residual in
            for i in chosen.lazy.map({ Int($0) }) where gram[i * rows + i] > 0 {
              let coefficient = residual[i] / gram[i * rows + i]
              for j in 0..<columns { z[j] -= coefficient * matrix[i * columns + j] }
              var square = 0.0
              for j in 0..<rows {
                residual[j] -= coefficient * gram[i * rows + j]
                square += residual[j] * residual[j]
              }
              steps += 1
              if square <= target || steps >= maximum { return }
            }
          }
        }
      }
    }
    (self.z, self.residual, iterations) = (z, residual, steps)
  }

  /// One draw of blocks, stopped by the tolerance.
  private mutating func projectOnBlocks(_ count: Int, _ tolerance: Double, _ maximum: Int) {
    let blocks = 32
    let weights = Tensor<Double>.normal([blocks, rows, count], key: key[draws]).scalars
    draws += 1
    var projection = BlockProjection(rows: rows, columns: columns, count: count)
    var (z, residual, steps) = (z, residual, iterations)
    matrix.withUnsafeBufferPointer { matrix in
      gram.withUnsafeBufferPointer { gram in
        weights.withUnsafeBufferPointer { weights in
          z.withUnsafeMutableBufferPointer { z in
            residual.withUnsafeMutableBufferPointer { residual in
              for block in 0..<blocks {
                let sketch = UnsafeBufferPointer(rebasing: weights[block * rows * count..<(block + 1) * rows * count])
                let square = projection.apply(sketch, matrix, gram, z, residual)
                steps += 1
                if square <= tolerance * tolerance || steps >= maximum { return }
              }
            }
          }
        }
      }
    }
    (self.z, self.residual, iterations) = (z, residual, steps)
  }

  private mutating func renewResidual() {
    var square = 0.0
    for i in 0..<rows {
      var value = -right[i]
      for j in 0..<columns { value += matrix[i * columns + j] * z[j] }
      residual[i] = value
      square += value * value
    }
    residualNorm = square.squareRoot()
  }
}

/// One step on so many combinations of equations, with the memory that it needs.
private struct BlockProjection {
  let rows, columns, count: Int
  /// K K^T S, S^T K K^T S and the weights of the combinations.
  private var images, system, weights: [Double]

  init(rows: Int, columns: Int, count: Int) {
    (self.rows, self.columns, self.count) = (rows, columns, count)
    images = Array(repeating: 0, count: rows * count)
    system = Array(repeating: 0, count: count * count)
    weights = Array(repeating: 0, count: count)
  }

  /// - Returns: the square of the residual behind the step.
  mutating func apply(
    _ s: UnsafeBufferPointer<Double>, _ matrix: UnsafeBufferPointer<Double>, _ gram: UnsafeBufferPointer<Double>,
    _ z: UnsafeMutableBufferPointer<Double>, _ residual: UnsafeMutableBufferPointer<Double>
  ) -> Double {
    let (rows, columns, count) = (rows, columns, count)
    images.withUnsafeMutableBufferPointer { images in
      system.withUnsafeMutableBufferPointer { system in
        weights.withUnsafeMutableBufferPointer { weights in
          for entries in [images, system, weights] { entries.update(repeating: 0) }
          for i in 0..<rows {
            for k in 0..<rows {
              let product = gram[i * rows + k]
              for c in 0..<count { images[i * count + c] += product * s[k * count + c] }
            }
            for a in 0..<count {
              weights[a] += s[i * count + a] * residual[i]
              for c in 0...a { system[a * count + c] += s[i * count + a] * images[i * count + c] }
            }
          }
        }
      }
    }
    solveSemidefinite(&system, &weights, count)
    return images.withUnsafeBufferPointer { images in
      weights.withUnsafeBufferPointer { weights in
        var square = 0.0
        for i in 0..<rows {
          var (weight, change) = (0.0, 0.0)
          for c in 0..<count {
            weight += s[i * count + c] * weights[c]
            change += images[i * count + c] * weights[c]
          }
          for j in 0..<columns { z[j] -= weight * matrix[i * columns + j] }
          residual[i] -= change
          square += residual[i] * residual[i]
        }
        return square
      }
    }
  }
}

/// Solves A x = b in place by A = L L^T for a positive semidefinite A, of which the lower triangle is read; a direction whose pivot is
/// rounding error gets no part of the solution.
private func solveSemidefinite(_ a: inout [Double], _ x: inout [Double], _ n: Int) {
  let floor = (0..<n).map { a[$0 * n + $0] }.max().map { $0 * 1e-14 } ?? 0
  for j in 0..<n {
    var pivot = a[j * n + j]
    for k in 0..<j { pivot -= a[j * n + k] * a[j * n + k] }
    let root = pivot > floor ? pivot.squareRoot() : .infinity
    a[j * n + j] = root
    for i in j + 1..<max(n, j + 1) {
      var value = a[i * n + j]
      for k in 0..<j { value -= a[i * n + k] * a[j * n + k] }
      a[i * n + j] = value / root
    }
  }
  for i in 0..<n {
    for k in 0..<i { x[i] -= a[i * n + k] * x[k] }
    x[i] /= a[i * n + i]
  }
  for i in stride(from: n - 1, through: 0, by: -1) {
    for k in i + 1..<max(n, i + 1) { x[i] -= a[k * n + i] * x[k] }
    x[i] /= a[i * n + i]
  }
}
