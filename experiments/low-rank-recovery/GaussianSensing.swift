import Tensors

/// Gaussian measurements of an n x n matrix: A(X)_i = <A_i, X> for i = 1...m, with entries of A_i drawn from N(0, 1/m).
///
/// Gradient descent needs only A*A, so that is what is kept: the n² x n² matrix sum_i vec(A_i) vec(A_i)^T. Applying it reads n⁴
/// numbers instead of the 2 m n² of the measurements themselves, less as soon as n² < 2m.
package struct GaussianSensing: Sendable {
  package let side: Int
  /// A*A, [n², n²], symmetric.
  package let normalMatrix: Tensor<Double>

  /// - Parameter symmetrized: measure with (A_i + A_i^T)/2 instead, the same on symmetric matrices. Such measurements cannot see an
  ///   antisymmetric part: not for asymmetric factors.
  package init(side: Int, measurements: Int, symmetrized: Bool, key: Key) {
    self.side = side
    var normalMatrix = Tensor<Double>.zeros([side * side, side * side])
    // Block by block, so that the measurements of the full preset never lie in memory at once.
    let blockSize = 1000
    for (index, start) in stride(from: 0, to: measurements, by: blockSize).enumerated() {
      let rows = min(blockSize, measurements - start)
      var block = Tensor<Double>.normal([rows, side, side], key: key[index]) * (1 / Double(measurements).squareRoot())
      if symmetrized { block = (block + block.transposed()) / 2 }
      block = block.reshaped(rows, side * side)
      gemm(alpha: 1, block, transposeA: true, block, beta: 1, into: &normalMatrix)
    }
    self.normalMatrix = normalMatrix
  }

  /// A*A(X) for X of [n, n].
  package func applyNormal(to x: Tensor<Double>) -> Tensor<Double> {
    matmul(normalMatrix, x.reshaped([side * side])).reshaped([side, side])
  }
}
