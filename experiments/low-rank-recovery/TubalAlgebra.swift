import Tensors

/// Third-order tensors as matrices of tubes: the t-product of Kilmer and Martin, "Factorization strategies for third-order tensors"
/// (2011).
///
/// A tensor of n1 x n2 tubes of k numbers is a `Tensor` of shape [..., k, n1, n2]: its frontal slices one after the other, so that their
/// products are a batch. Under the Fourier transform along the tubes the algebra is that of k complex matrices, of which k / 2 + 1 say
/// everything: the others are conjugates. Axes in front are runs.
package enum Tubal {
  /// A * B: the circular convolution of the slices, by products of Fourier slices. [..., k, a, b] x [..., k, b, c] -> [..., k, a, c].
  package static func product(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Tensor<Double> {
    inverseRealFFT(matmul(realFFT(a, axis: -3), realFFT(b, axis: -3)), count: a.shape[a.rank - 3], axis: -3)
  }

  /// A^T: every slice transposed, and slices 2...k in reverse order, so that Fourier slices are conjugated and transposed.
  @Sendable package static func transpose(_ a: Tensor<Double>) -> Tensor<Double> {
    a.flipped(-3).rolled(1, axis: -3).transposed()
  }

  /// I, with A * I = A: the first slice is the identity matrix, the others are zero. [k, side, side]
  package static func identity(_ side: Int, tubes k: Int) -> Tensor<Double> {
    Tensor.identity(side).expandingDimensions(0).padded(axis: 0, low: 0, high: k - 1)
  }

  /// How many Fourier slices there are up to conjugation.
  package static func distinctSlices(_ k: Int) -> Int { k / 2 + 1 }

  /// The singular values of Fourier slices 0...k / 2, descending: [..., k / 2 + 1, min(n1, n2)]. The most that are not zero in a slice
  /// are the tubal rank.
  package static func singularValues(_ a: Tensor<Double>) -> Tensor<Double> { decomposition(a).values }

  /// The thin singular value decomposition of Fourier slices: values as ``singularValues(_:)``, and left vectors in the real form of
  /// ``realFourierSlices(_:)``, [..., k / 2 + 1, 2 n1, 2 min(n1, n2)]: columns 2j and 2j + 1 span the j-th complex one.
  package static func decomposition(_ a: Tensor<Double>) -> (values: Tensor<Double>, left: Tensor<Double>) {
    let (u, s, _) = realFourierSlices(a).thinSVD()
    // Each singular value of the complex matrix comes twice.
    let values = s.reshaped(Array(s.shape.dropLast()) + [s.shape[s.rank - 1] / 2, 2]).mean(-1)
    return (values, u)
  }

  /// Fourier slices B + iC as real matrices ((B, -C), (C, B)): [..., k / 2 + 1, 2 n1, 2 n2].
  package static func realFourierSlices(_ a: Tensor<Double>) -> Tensor<Double> {
    let slices = realFFT(a, axis: -3)
    let (b, c) = (slices.real, slices.imaginary)
    return .concatenate([.concatenate([b, -c], axis: -1), .concatenate([c, b], axis: -1)], axis: -2)
  }
}
