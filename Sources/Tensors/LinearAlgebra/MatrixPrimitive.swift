import ComplexModule

/// Primitives on matrices, which are the last two axes (vectors the last one) after any leading axes: a batch is one more of them.
///
/// Promise: each call of LAPACK or BLAS is whole on one thread and covers a matrix, or a tile of it cut by size alone (`Cholesky`),
/// so the bits do not depend on the number of threads.
protocol MatrixPrimitive: Primitive {}

extension MatrixPrimitive {
  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    apply(zip(inputs, isBatched).map { $1 ? $0 : $0.broadcast(to: [size] + $0.shape) })
  }

  /// The batch of a linear solver where only the last input, the right-hand sides, has the batch axis: one call with more columns.
  func batchOfColumns(_ inputs: [AnyTensor], size: Int) -> [AnyTensor] {
    let b = inputs[inputs.count - 1]
    let (n, columns) = (b.shape[1], b.shape[2])
    let wide = b.permuted([1, 0, 2]).reshaped([n, size * columns])
    return [apply(inputs.dropLast() + [wide])[0].reshaped([n, size, columns]).permuted([1, 0, 2])]
  }
}

/// Where the matrices number `index` of a batch lie.
struct MatrixOperands {
  fileprivate let inputs, outputs: Kernel.Pointers
  /// The working memory of this matrix.
  let scratch: UnsafeMutableRawPointer
  let index: Int

  /// The matrix (or vector) of `count` scalars within input `i`.
  func input<S>(_ i: Int, _ count: Int, _ type: S.Type = S.self) -> UnsafePointer<S> {
    UnsafePointer(inputs[i].assumingMemoryBound(to: S.self) + index * count)
  }

  /// The matrix (or vector) of `count` scalars within output `i`.
  func output<S>(_ i: Int, _ count: Int, _ type: S.Type = S.self) -> UnsafeMutablePointer<S> {
    outputs[i].assumingMemoryBound(to: S.self) + index * count
  }
}

extension Kernel {
  /// `body` for each matrix of a batch, on threads, in blocks that the sizes alone determine.
  ///
  /// - Parameters:
  ///   - work: arithmetic operations for one matrix, roughly.
  ///   - scratch: bytes of working memory for one matrix.
  static func matrices(
    _ batch: Int, work: Int, scratch: Int = 0, _ body: @escaping @Sendable (MatrixOperands) -> Void
  ) -> Kernel {
    // Some 100 microseconds of arithmetic in a block.
    let block = max(1, (1 << 18) / max(1, work))
    return Kernel { inputs, outputs, _ in
      let (inputs, outputs) = (Shared(inputs), Shared(outputs))
      Threads.forEachBlock(of: batch, size: block) { range in
        withUnsafeTemporaryAllocation(byteCount: max(64, scratch), alignment: 64) { memory in
          guard let memory = memory.baseAddress else { return }
          for i in range {
            body(MatrixOperands(inputs: inputs.value, outputs: outputs.value, scratch: memory, index: i))
          }
        }
      }
    }
  }
}

extension Signature {
  var rows: Int { shape[rank - 2] }
  var columns: Int { shape[rank - 1] }
  /// Extents before the last two.
  var leading: [Int] { Array(shape.dropLast(2)) }
  /// Number of matrices.
  var matrixCount: Int { elementCount(leading) }
}

/// Stops unless the input is a matrix of a type that `operation` takes.
func requireMatrix(_ signature: Signature, _ operation: String, square: Bool = false, complex: Bool = false) {
  if !complex { requireReal(signature, operation) }
  guard signature.scalarType.isDifferentiable else {
    fatalError("\(operation): not defined for tensors of \(signature.scalarType)")
  }
  guard signature.rank >= 2, !square || signature.rows == signature.columns else {
    fatalError("\(operation): shape \(signature.shape) is no \(square ? "square " : "")matrix")
  }
}

/// The kernel of the real scalar type.
func realKernel(_ signature: Signature, _ float: () -> Kernel, _ double: () -> Kernel) -> Kernel {
  signature.scalarType == .float ? float() : double()
}

extension UnsafeMutablePointer {
  /// Exchanges rows and columns of a square matrix.
  func transposeSquare(_ n: Int) {
    for i in 0..<n {
      for j in 0..<i { swap(&self[i * n + j], &self[j * n + i]) }
    }
  }
}

extension UnsafeMutablePointer where Pointee: FloatingPoint {
  /// The tile of (a + aT) / 2 at these rows and columns, for matrices of n columns.
  func symmetrize(from a: UnsafePointer<Pointee>, _ n: Int, _ rows: Range<Int>, _ columns: Range<Int>) {
    // In squares of 8 by 8, whose mirror images are whole cache lines.
    for top in stride(from: rows.lowerBound, to: rows.upperBound, by: 8) {
      for left in stride(from: columns.lowerBound, to: columns.upperBound, by: 8) {
        for i in top..<Swift.min(top + 8, rows.upperBound) {
          for j in left..<Swift.min(left + 8, columns.upperBound) {
            self[i * n + j] = a[i * n + j] / 2 + a[j * n + i] / 2
          }
        }
      }
    }
  }
}

extension UnsafePointer where Pointee: FloatingPoint {
  func isFinite(_ count: Int) -> Bool {
    for i in 0..<count where !self[i].isFinite { return false }
    return true
  }
}
