import Foundation
import Networks
import Tensors

/// Q, K1, K2, V1 and V2, each [n, d], uniform on [-1, 1].
package struct AttentionInputs {
  package var q, k1, k2, v1, v2: Tensor<Double>

  package init(_ n: Int, _ d: Int, key: Key) {
    let parts = ["q", "k1", "k2", "v1", "v2"].map { Tensor<Double>.uniform([n, d], in: -1..<1, key: key.named($0)) }
    (q, k1, k2, v1, v2) = (parts[0], parts[1], parts[2], parts[3], parts[4])
  }

  /// Queries and keys times B.
  package func scaled(by bound: Double) -> AttentionInputs {
    var result = self
    (result.q, result.k1, result.k2) = (q * bound, k1 * bound, k2 * bound)
    return result
  }

  private var scores: Tensor<Double> { Networks.KroneckerAttention.scores(q, k1, k2) }

  private func outputError(_ output: Tensor<Double>, _ exact: Tensor<Double>) -> Double { (output - exact).abs().max().scalar }

  /// For each degree from 1 on: the largest error of the output, and of the exponential over e^X X^(g + 1) / (g + 1)! with X = B³. Both
  /// by the monomials.
  package func errors(degrees: Int, bound: Double) -> (output: Tensor<Double>, exponential: Tensor<Double>) {
    let (n, x) = (q.shape[0], bound * bound * bound)
    let exponentials = scores.exp()
    let exact = Networks.KroneckerAttention.output(exponentials, v1, v2)
    var (output, exponential): ([Double], [Double]) = ([], [])
    for degree in 1...degrees {
      let polynomial = PolynomialKroneckerAttention<Double>(degree: degree, dimension: q.shape[1])
      output.append(outputError(polynomial(q, k1, k2, v1, v2), exact))
      let first = polynomial.monomials(q) * polynomial.coefficients.expandingDimensions(1)
      let pairs = khatriRao(polynomial.monomials(k1), polynomial.monomials(k2))
      let matrix = matmul(first, pairs, transposeA: true).reshaped(n, n, n)
      let taylor = exp(x + Double(degree + 1) * log(x) - lgamma(Double(degree + 2)))
      exponential.append(outputError(matrix, exponentials) / taylor)
    }
    return (Tensor(output), Tensor(exponential))
  }

  /// The least degree whose output errs by at most `error`; NaN if none up to `most` does.
  package func neededDegree(error: Double, most: Int) -> Double {
    let scores = scores
    let exact = Networks.KroneckerAttention.output(scores.exp(), v1, v2)
    var term = scores
    var polynomial = 1 + scores
    for degree in 1...most {
      if outputError(Networks.KroneckerAttention.output(polynomial, v1, v2), exact) <= error { return Double(degree) }
      term = term * scores * (1 / Double(degree + 1))
      polynomial = polynomial + term
    }
    return .nan
  }

  /// (U2 x U3)^T (V1 x V2) with both Khatri-Rao products written out, against (U2^T V1) * (U3^T V2).
  package func identityError(degree: Int) -> Double {
    let polynomial = PolynomialKroneckerAttention<Double>(degree: degree, dimension: q.shape[1])
    let (u2, u3) = (polynomial.monomials(k1), polynomial.monomials(k2))
    let explicit = matmul(khatriRao(u2, u3), khatriRao(v1.transposed(), v2.transposed()), transposeB: true)
    let factored = matmul(u2, v1) * matmul(u3, v2)
    return ((explicit - factored).norm() / factored.norm()).scalar
  }

  /// Of the columns: [r, n] and [r, n] to [r, n²], column (j, k) = a_j * b_k.
  private func khatriRao(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Tensor<Double> {
    (a.expandingDimensions(2) * b.expandingDimensions(1)).reshaped(a.shape[0], a.shape[1] * b.shape[1])
  }
}
