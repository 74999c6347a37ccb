import ComplexModule

/// A square Toeplitz matrix C of c[j - i], which multiplies in O(n log n).
///
/// It is a corner of a circulant matrix, which the Fourier transform makes diagonal. The period is the first power of two from 2 n on, so
/// that nothing wraps around; the transform of the circulant is computed once and kept. Products carry the rounding of transforms: an
/// error of some roundings of the largest sum, not of each. Differentiable with respect to diagonals and factors.
///
///     let c = ToeplitzMatrix(diagonals: Tensor([-1.0, 2, 5]))     // 2 on the diagonal, 5 above, -1 below: [[2, 5], [-1, 2]]
///     c(x)                                                        // x [..., 2] to [..., 2]
public struct ToeplitzMatrix<Scalar: RealScalar> {
  /// The number n of rows and columns.
  public let count: Int
  /// Extent of the circulant.
  private let period: Int
  /// The transform of the circulant's first column, [..., period / 2 + 1].
  private let spectrum: Tensor<Complex<Scalar>>

  /// The matrix, or a batch of them.
  /// - Parameter diagonals: c[-(n - 1)], ..., c[n - 1] along the last axis, [..., 2 n - 1]: from the lowest diagonal to the uppermost.
  public init(diagonals: Tensor<Scalar>) {
    guard let extent = diagonals.shape.last, extent % 2 == 1 else {
      fatalError("ToeplitzMatrix: diagonals of shape \(diagonals.shape); their number must be odd")
    }
    let n = (extent + 1) / 2
    var period = 2
    while period < 2 * n { period *= 2 }
    // Downwards from the top of the first column: c[0], c[-1], ..., c[1 - n], zeros, c[n - 1], ..., c[1].
    let parts = diagonals.flipped(-1).split(axis: -1, sizes: [n - 1, n])
    let gap = Tensor<Scalar>.zeros(diagonals.shape.dropLast() + [period - extent])
    (count, self.period) = (n, period)
    spectrum = realFFT(.concatenate([parts[1], gap, parts[0]], axis: -1))
  }

  /// The lower triangular matrix whose product is the causal convolution y[i] = k[0] x[i] + ... + k[i] x[0].
  /// - Parameter kernel: [..., n].
  public init(convolvingWith kernel: Tensor<Scalar>) {
    let n = kernel.shape.last ?? 0
    self.init(diagonals: kernel.flipped(-1).padded(axis: -1, low: 0, high: n - 1))
  }

  /// y[i] = sum over j of c[j - i] x[j] along the last axis, [..., n] to [..., n]; leading axes are those of x and of the matrix, broadcast.
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    guard x.shape.last == count else { fatalError("ToeplitzMatrix: \(count) columns times shape \(x.shape)") }
    let transform = realFFT(x.padded(axis: -1, low: 0, high: period - count))
    return inverseRealFFT(transform * spectrum, count: period).split(axis: -1, sizes: [count, period - count])[0]
  }
}

extension Tensor {
  /// Rows of a Toeplitz matrix, element (i, j) = c[j - i], written out: [..., rows + columns - 1] to [..., rows, columns].
  ///
  /// The last axis holds c[-(rows - 1)], ..., c[columns - 1]. For products with square ones ``ToeplitzMatrix`` is faster.
  public func toeplitzRows(_ rows: Int) -> Tensor {
    let (extent, leading) = (shape.last ?? 0, Array(shape.dropLast()))
    guard rows > 0, extent >= rows else { fatalError("Tensor.toeplitzRows(\(rows)): of diagonals of shape \(shape)") }
    if rows == 1 { return expandingDimensions(-2) }
    // The vector again and again, cut into rows that are shorter by one: each starts one element earlier in the vector than the last.
    let tiles = expandingDimensions(-2).broadcast(to: leading + [rows, extent]).reshaped(leading + [rows * extent])
    let used = rows * (extent - 1)
    let skewed = tiles.split(axis: -1, sizes: [rows - 1, used, rows * extent - used - rows + 1])[1]
    let columns = extent - rows + 1
    return skewed.reshaped(leading + [rows, extent - 1]).split(axis: -1, sizes: [columns, extent - 1 - columns])[0]
  }
}
