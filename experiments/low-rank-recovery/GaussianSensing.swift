import Tensors

/// Gaussian measurements of arrays of one shape: A(X)_i = <A_i, X> for i = 1...m, the entries of A_i independent and normal.
package struct GaussianSensing: Sendable {
  /// Of an A_i.
  package let shape: [Int]
  /// m.
  package let count: Int
  /// Of an entry of A_i.
  package let standardDeviation: Double
  private let transpose: (@Sendable (Tensor<Double>) -> Tensor<Double>)?
  private let key: Key

  /// - Parameters:
  ///   - standardDeviation: of an entry; by default that of N(0, 1/m), where A*A is near the identity.
  ///   - symmetrizedBy: a transpose: measure with (A_i + A_i^T)/2 instead, the same on arrays that equal their transpose. Such
  ///     measurements cannot see an antisymmetric part: not for asymmetric factors.
  package init(
    shape: [Int], count: Int, standardDeviation: Double? = nil,
    symmetrizedBy transpose: (@Sendable (Tensor<Double>) -> Tensor<Double>)?, key: Key
  ) {
    self.shape = shape
    self.count = count
    self.standardDeviation = standardDeviation ?? 1 / Double(count).squareRoot()
    self.transpose = transpose
    self.key = key
  }

  /// Of n x n matrices, with entries from N(0, 1/m) unless said otherwise.
  package init(side: Int, count: Int, standardDeviation: Double? = nil, symmetrized: Bool, key: Key) {
    let transpose: @Sendable (Tensor<Double>) -> Tensor<Double> = { $0.transposed() }
    self.init(
      shape: [side, side], count: count, standardDeviation: standardDeviation, symmetrizedBy: symmetrized ? transpose : nil,
      key: key)
  }

  private var elements: Int { shape.reduce(1, *) }

  /// The measurements, block by block, each [rows, elements].
  private func blocks() -> some Sequence<Tensor<Double>> {
    let size = 1000
    return stride(from: 0, to: count, by: size).lazy.enumerated().map { index, start in
      var block = Tensor<Double>.normal([min(size, count - start)] + shape, key: key[index]) * standardDeviation
      if let transpose { block = (block + transpose(block)) / 2 }
      return block.reshaped(-1, elements)
    }
  }

  /// The operator with all its measurements.
  package func measurementMatrix() -> MeasurementMatrix {
    MeasurementMatrix(shape: shape, rows: .concatenate(Array(blocks())))
  }

  /// A*A of the same measurements, which never lie in memory at once.
  package func normalMatrix() -> NormalMatrix {
    var matrix = Tensor<Double>.zeros([elements, elements])
    for block in blocks() { gemm(alpha: 1, block, transposeA: true, block, beta: 1, into: &matrix) }
    return NormalMatrix(shape: shape, matrix: matrix)
  }

  /// These draws side by side, in the form whose application reads fewer numbers.
  package static func stacked(_ draws: [GaussianSensing]) -> any SensingOperator {
    draws[0].elements < 2 * draws[0].count
      ? NormalMatrix(stacking: draws.map { $0.normalMatrix() })
      : MeasurementMatrix(stacking: draws.map { $0.measurementMatrix() })
  }
}
