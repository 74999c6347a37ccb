/// An array of numbers with a shape: row-major, contiguous, 64-byte aligned, a value.
///
///     var a = Tensor<Double>(shape: [2, 3], [1, 2, 3, 4, 5, 6])
///     a[0, 2] = 7
///     let b = matmul(a, a, transposeB: true) + 1     // shape [2, 2]
///
/// Copies share memory until one of them is written to. The last axis varies fastest; a rank-0 tensor has shape `[]` and one
/// scalar; axes of extent 0 are allowed. Mistakes of shape or index stop the program with a message that names the operation and
/// the shapes; failures that depend on the numbers (an SVD that does not converge) are thrown.
public struct Tensor<Scalar: TensorScalar>: Sendable {
  /// Extents of the axes, outermost first.
  public let shape: [Int]
  /// Number of scalars: the product of `shape`.
  public let count: Int
  @usableFromInline var storage: TensorStorage

  /// Number of axes.
  @inlinable public var rank: Int { shape.count }

  /// Every scalar, in row-major order (a copy).
  public var scalars: [Scalar] { withUnsafeBufferPointer(Array.init) }

  init(uninitialized shape: [Int]) {
    self.init(shape: shape, count: elementCount(shape))
  }

  private init(shape: [Int], count: Int) {
    self.init(shape: shape, count: count, storage: TensorStorage(byteCount: count * MemoryLayout<Scalar>.stride))
  }

  init(shape: [Int], count: Int, storage: TensorStorage) {
    self.shape = shape
    self.count = count
    self.storage = storage
  }

  /// A tensor of `shape` from its scalars in row-major order; stops if their number is not the product of `shape`.
  public init(shape: [Int], _ scalars: [Scalar]) {
    self.init(uninitialized: shape)
    guard scalars.count == count else {
      fatalError("Tensor.init: \(scalars.count) scalars for shape \(shape), which holds \(count)")
    }
    scalars.withUnsafeBytes { source in
      if let bytes = source.baseAddress { storage.memory.copyMemory(from: bytes, byteCount: source.count) }
    }
  }

  /// A vector (rank 1).
  public init(_ scalars: [Scalar]) { self.init(shape: [scalars.count], scalars) }

  /// One number (rank 0).
  public init(_ scalar: Scalar) { self.init(shape: [], [scalar]) }

  /// A tensor of `shape` with every scalar equal to `value`.
  public static func full(_ shape: [Int], _ value: Scalar) -> Tensor {
    var result = Tensor(uninitialized: shape)
    result.withUnsafeMutableBufferPointer { $0.update(repeating: value) }
    return result
  }

  /// Zeros.
  public static func zeros(_ shape: [Int]) -> Tensor { full(shape, .zero) }

  /// Zeros.
  public static func zeros(_ shape: Int...) -> Tensor { full(shape, .zero) }

  /// A matrix with ones on its main diagonal and zeros elsewhere; square unless `columns` is given.
  public static func identity(_ rows: Int, _ columns: Int? = nil) -> Tensor where Scalar: Numeric {
    var result = zeros(rows, columns ?? rows)
    for i in 0..<Swift.min(rows, columns ?? rows) { result[i, i] = 1 }
    return result
  }
}

/// Product of the extents; stops on a negative one.
func elementCount(_ shape: [Int]) -> Int {
  var count = 1
  for extent in shape {
    guard extent >= 0 else { fatalError("Tensor: shape \(shape) has a negative extent") }
    let (product, overflow) = count.multipliedReportingOverflow(by: extent)
    guard !overflow else { fatalError("Tensor: shape \(shape) holds more scalars than an Int can count") }
    count = product
  }
  return count
}
