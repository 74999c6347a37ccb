import Tensors
import Transforms

extension IncrementalRank {
  /// Z* = V diag(spectrum) V^T, or F F^T with a Gaussian F, scaled so that its largest eigenvalue is the first of the spectrum.
  static func target(side: Int, spectrum: [Double], isGaussian: Bool, key: Key) throws -> Tensor<Double> {
    let factor = Tensor<Double>.normal([side, spectrum.count], key: key)
    guard isGaussian else {
      let v = qr(factor).q
      return matmul(v * Tensor(spectrum), v, transposeB: true)
    }
    let largest = try thinSVD(factor).s[0]
    return matmul(factor, factor, transposeB: true) * (spectrum[0] / (largest * largest))
  }

  /// For s = 1..<rank: the leading s eigenpairs of a symmetric matrix as factors [rank - 1, n, rank - 1], their columns from s on zero.
  package static func truncations(of matrix: Tensor<Double>, below rank: Int) throws -> Tensor<Double> {
    let (values, vectors) = try eigh(matrix)
    let factor = (vectors * maximum(values, Tensor(0)).sqrt()).flipped(-1)
    return .stack((1..<rank).map { s in factor.slice(All(), ..<s).paddedColumns(to: rank - 1) })
  }

  /// U - mu A*(A(U U^T) - y) U: gradient descent on f(U) = 1/4 |A(U U^T) - y|².
  package static func step(_ u: Tensor<Double>, _ problem: SensingProblem, rate: Double) -> Tensor<Double> {
    u - rate * problem.gradient(u)
  }
}
