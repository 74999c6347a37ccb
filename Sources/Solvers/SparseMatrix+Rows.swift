import Tensors

extension SparseMatrix {
  /// Every entry of a dense matrix, zeros too: for one that is nearly full.
  public init(dense matrix: Tensor<Double>) {
    guard matrix.rank == 2 else { fatalError("SparseMatrix: of a tensor of shape \(matrix.shape)") }
    let columns = matrix.shape[1]
    self.init(
      rows: matrix.shape[0], columns: columns,
      entries: matrix.scalars.enumerated().map { Entry(row: $0 / columns, column: $0 % columns, value: $1) })
  }

  /// The entries of row i, in the order in which they were given.
  public func row(_ i: Int) -> [Entry] {
    (starts[i]..<starts[i + 1]).map { Entry(row: i, column: Int(places[$0]), value: values[$0]) }
  }

  /// y += factor times row i; for a symmetric matrix, column i.
  public func addRow(_ i: Int, times factor: Double, to y: inout [Double]) {
    guard y.count == columns else { fatalError("SparseMatrix.addRow: \(columns) columns into \(y.count) numbers") }
    let range = starts[i]..<starts[i + 1]
    y.withUnsafeMutableBufferPointer { y in
      places.withUnsafeBufferPointer { places in
        values.withUnsafeBufferPointer { values in
          for k in range { y[Int(places[k])] += factor * values[k] }
        }
      }
    }
  }

  /// The rows and columns of `indices`, as a dense matrix.
  public func block(_ indices: [Int]) -> Tensor<Double> {
    var place = [Int](repeating: -1, count: columns)
    for (local, index) in indices.enumerated() { place[index] = local }
    var result = [Double](repeating: 0, count: indices.count * indices.count)
    for (local, index) in indices.enumerated() {
      for k in starts[index]..<starts[index + 1] {
        let column = place[Int(places[k])]
        if column >= 0 { result[local * indices.count + column] = values[k] }
      }
    }
    return Tensor(shape: [indices.count, indices.count], result)
  }
}
