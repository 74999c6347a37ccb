/// The incomplete Cholesky factor L of a symmetric positive definite matrix, with the entries of its lower triangle alone (IC(0); Meijerink
/// and van der Vorst 1977): L L^T agrees with A there. A preconditioner of conjugate gradients; for M-matrices, discrete Laplacians
/// among them, it exists.
public struct IncompleteCholesky: Sendable {
  /// Where each row begins in `places` and `values`, and the end; the diagonal is the last entry of a row.
  private let starts: [Int]
  private let places: [Int]
  private let values: [Double]

  /// Nil where a pivot is not positive. Entries above the diagonal are not read.
  public init?(_ matrix: SparseMatrix) {
    var (starts, places, values) = ([0], [Int](), [Double]())
    for i in 0..<matrix.rows {
      let row = (matrix.starts[i]..<matrix.starts[i + 1]).map { (place: Int(matrix.places[$0]), value: matrix.values[$0]) }
        .filter { $0.place <= i }.sorted { $0.place < $1.place }
      guard row.last?.place == i else { return nil }
      let begin = values.count
      for (place, value) in row {
        // a_ij less the product of what rows i and j have in common before j.
        var rest = value
        var (k, l) = (begin, place == i ? begin : starts[place])
        while k < values.count, places[k] < place {
          let other = place == i ? places[k] : places[l]
          if places[k] == other {
            rest -= values[k] * (place == i ? values[k] : values[l])
            (k, l) = (k + 1, l + 1)
          } else if places[k] < other {
            k += 1
          } else {
            l += 1
          }
        }
        if place == i {
          guard rest > 0 else { return nil }
          values.append(rest.squareRoot())
        } else {
          values.append(rest / values[starts[place + 1] - 1])
        }
        places.append(place)
      }
      starts.append(values.count)
    }
    (self.starts, self.places, self.values) = (starts, places, values)
  }

  /// (L L^T)^-1 r.
  public func solve(_ r: [Double]) -> [Double] {
    guard r.count == starts.count - 1 else {
      fatalError("IncompleteCholesky: \(r.count) numbers for \(starts.count - 1) rows")
    }
    var y = r
    for i in y.indices {
      let diagonal = starts[i + 1] - 1
      for k in starts[i]..<diagonal { y[i] -= values[k] * y[places[k]] }
      y[i] /= values[diagonal]
    }
    for i in y.indices.reversed() {
      let diagonal = starts[i + 1] - 1
      y[i] /= values[diagonal]
      for k in starts[i]..<diagonal { y[places[k]] -= values[k] * y[i] }
    }
    return y
  }
}
