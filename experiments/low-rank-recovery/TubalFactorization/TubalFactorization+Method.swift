import Tensors

/// Recover T = X * X^T, of low tubal rank, from y = A(T), by gradient descent on 1/2 ||A(U * U^T) - y||²; axes of U in front are runs.
package struct TubalProblem: Sendable {
  package let target: Tensor<Double>
  package let sensing: MeasurementMatrix
  /// y
  private let measured: Tensor<Double>

  /// - Parameter sensing: symmetrized under the tubal transpose.
  package init(target: Tensor<Double>, sensing: MeasurementMatrix) {
    self.target = target
    self.sensing = sensing
    measured = sensing.measure(target)
  }

  private func square(_ u: Tensor<Double>) -> Tensor<Double> { Tubal.product(u, Tubal.transpose(u)) }

  /// U + mu A*(y - A(U * U^T)) * U
  package func step(_ u: Tensor<Double>, rate: Double) -> Tensor<Double> {
    u + rate * Tubal.product(sensing.adjoint(measured - sensing.measure(square(u))), u)
  }

  /// |U * U^T - T|_F / |T|_F
  package func testError(_ u: Tensor<Double>) -> Tensor<Double> { (square(u) - target).norm(-3, -2, -1) / target.norm() }

  /// |A(U * U^T) - y| / |y|
  package func trainError(_ u: Tensor<Double>) -> Tensor<Double> {
    (sensing.measure(square(u)) - measured).norm(-1) / measured.norm()
  }
}

extension TubalFactorization {
  /// X of independent normal numbers, [k, n, r], scaled so that the largest singular value of a Fourier slice is 1.
  static func trueFactor(side: Int, rank: Int, tubes: Int, key: Key) -> Tensor<Double> {
    let x = Tensor<Double>.normal([tubes, side, rank], key: key)
    return x / Tubal.singularValues(x).max()
  }

  /// ||V_perp^T V_L||, the sine of the largest principal angle, in each Fourier slice: V_L the first r left singular vectors of U, `basis`
  /// orthonormal bases of the slices of X; both in real form.
  package static func largestSine(of left: Tensor<Double>, from basis: Tensor<Double>) -> Tensor<Double> {
    let rank = basis.shape[basis.rank - 1]
    let leading = left.split(axis: -1, sizes: [rank, left.shape[left.rank - 1] - rank])[0]
    return (leading - matmul(basis, matmul(basis, leading, transposeA: true))).thinSVD().s.max(-1)
  }
}
