extension Tensor where Scalar: RealScalar {
  /// Independent directions, uniform on the unit sphere of the last axis.
  public static func unitVectors(_ shape: [Int], key: Key) -> Tensor {
    guard let dimension = shape.last, dimension > 0 else {
      fatalError("Tensor.unitVectors: shape \(shape) has no last axis to be a direction")
    }
    var result = normal(shape, key: key)
    result.withUnsafeMutableBufferPointer { x in
      for start in stride(from: 0, to: x.count, by: dimension) {
        let row = start..<start + dimension
        let norm = row.reduce(0.0) { $0 + Double(x[$1]) * Double(x[$1]) }.squareRoot()
        for i in row { x[i] = Scalar(Double(x[i]) / norm) }
      }
    }
    return result
  }

  /// Independent matrices of shape [..., m, n] from the Haar distribution: uniform over those with orthonormal columns (m >= n) or
  /// orthonormal rows (m < n); over the orthogonal group, reflections included, for m = n.
  ///
  /// The Q of a QR decomposition of a normal matrix, its columns' signs such that R has a positive diagonal: without that it would not
  /// be uniform (Mezzadri, "How to generate random matrices from the classical compact groups", Notices of the AMS 54, 2007).
  public static func orthogonal(_ shape: [Int], key: Key) -> Tensor {
    guard shape.count >= 2 else { fatalError("Tensor.orthogonal: shape \(shape) has no two last axes to be a matrix") }
    let (m, n) = (shape[shape.count - 2], shape[shape.count - 1])
    let (long, short) = (Swift.max(m, n), Swift.min(m, n))
    let batches = shape.dropLast(2).reduce(1, *)
    let normals = Tensor<Double>.normal([batches, long, short], key: key)
    let matrices = Threads.map(batches) { batch in
      var (q, r) = qr(normals.row(batch))
      for j in 0..<short where r[j, j] < 0 {
        for i in 0..<long { q[i, j] = -q[i, j] }
      }
      return m < n ? q.transposed() : q
    }
    return Tensor(shape: shape, matrices.flatMap { $0.scalars.map { Scalar($0) } })
  }
}
