/// A symmetric positive semidefinite matrix of a few rows, solved so often that tensors would be slow.
package struct SmallSystem: Codable {
  private var rows: [[Double]]

  /// A multiple of the identity.
  package init(dimension: Int, diagonal: Double) {
    rows = (0..<dimension).map { i in (0..<dimension).map { $0 == i ? diagonal : 0 } }
  }

  /// Adds weight v v^T.
  package mutating func add(_ v: [Double], weight: Double) {
    for i in v.indices { for j in v.indices { rows[i][j] += weight * v[i] * v[j] } }
  }

  /// The matrix times v.
  package func product(_ v: [Double]) -> [Double] { rows.map { dot($0, v) } }

  /// The x that minimizes x^T A x / 2 - b.x on the ball |x| <= radius: (A + lambda I) x = b with the least lambda >= 0 that keeps it inside.
  package func solution(_ b: [Double], inBall radius: Double) -> [Double] {
    let size = { (x: [Double]) in dot(x, x).squareRoot() }
    if let x = solution(b, shift: 0), size(x) <= radius { return x }
    // |x| falls in lambda and is at most |b| / lambda.
    var (low, high) = (0.0, size(b) / radius)
    // Sixty halvings leave less than the rounding of the solution.
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if let x = solution(b, shift: middle), size(x) <= radius { high = middle } else { low = middle }
    }
    return solution(b, shift: high) ?? b.map { _ in 0 }
  }

  /// By Cholesky's factorization; nil when the matrix is singular.
  private func solution(_ b: [Double], shift: Double) -> [Double]? {
    var factor = rows
    var x = b
    for i in b.indices {
      for j in 0...i {
        var sum = rows[i][j] + (i == j ? shift : 0)
        for k in 0..<j { sum -= factor[i][k] * factor[j][k] }
        if i == j {
          guard sum > 1e-14 * (rows[i][i] + shift) else { return nil }
          factor[i][i] = sum.squareRoot()
        } else {
          factor[i][j] = sum / factor[j][j]
        }
      }
      for k in 0..<i { x[i] -= factor[i][k] * x[k] }
      x[i] /= factor[i][i]
    }
    for i in b.indices.reversed() {
      for k in i + 1..<b.count { x[i] -= factor[k][i] * x[k] }
      x[i] /= factor[i][i]
    }
    return x
  }
}

func dot(_ x: [Double], _ y: [Double]) -> Double {
  var sum = 0.0
  for i in x.indices { sum += x[i] * y[i] }
  return sum
}

/// x + factor v.
func moved(_ x: [Double], along v: [Double], by factor: Double) -> [Double] {
  var result = x
  for i in x.indices { result[i] += factor * v[i] }
  return result
}

extension [Double] {
  /// The nearest point of the unit ball.
  var projectedOnUnitBall: [Double] {
    let norm = dot(self, self).squareRoot()
    return norm > 1 ? map { $0 / norm } : self
  }
}
