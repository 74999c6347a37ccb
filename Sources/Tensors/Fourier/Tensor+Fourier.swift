import ComplexModule

/// Discrete Fourier transforms by FFTW: y[k] = sum over j of x[j] e^(-2 pi i j k / n), and 1 / n in the inverse (as in NumPy).

/// The transform of complex numbers along an axis, by default the last.
public func fft<Scalar: RealScalar>(_ x: Tensor<Complex<Scalar>>, axis: Int = -1) -> Tensor<Complex<Scalar>> {
  fft(x, axes: [axis])
}

/// The transform of complex numbers along several axes: `axes: [-2, -1]` of images.
public func fft<Scalar: RealScalar>(_ x: Tensor<Complex<Scalar>>, axes: [Int]) -> Tensor<Complex<Scalar>> {
  let axes = normalizedAxes(axes, x.shape, "fft")
  return Tensor(FourierTransform(axes: axes, isInverse: false)(AnyTensor(x)))
}

/// The inverse of `fft` along an axis.
public func inverseFFT<Scalar: RealScalar>(_ x: Tensor<Complex<Scalar>>, axis: Int = -1) -> Tensor<Complex<Scalar>> {
  inverseFFT(x, axes: [axis])
}

/// The inverse of `fft` along several axes.
public func inverseFFT<Scalar: RealScalar>(_ x: Tensor<Complex<Scalar>>, axes: [Int]) -> Tensor<Complex<Scalar>> {
  let axes = normalizedAxes(axes, x.shape, "inverseFFT")
  let count = axes.map { x.shape[$0] }.reduce(1, *)
  let sums = FourierTransform(axes: axes, isInverse: true)(AnyTensor(x))
  return Tensor(sums * (1 / Double(max(1, count))))
}

/// The transform of n real numbers along an axis: its first n / 2 + 1 coefficients, of which the others are the conjugates.
public func realFFT<Scalar: RealScalar>(_ x: Tensor<Scalar>, axis: Int = -1) -> Tensor<Complex<Scalar>> {
  Tensor(RealFourierTransform(axis: normalizedAxis(axis, x.shape, "realFFT"))(AnyTensor(x)))
}

/// The `count` real numbers along an axis whose `realFFT` this is; `count`, by default even, decides on 2 (extent - 1) or one more.
///
/// What cannot be the transform of real numbers is ignored: the imaginary part of the first coefficient, and for even counts of the last.
public func inverseRealFFT<Scalar: RealScalar>(
  _ x: Tensor<Complex<Scalar>>, count: Int? = nil, axis: Int = -1
) -> Tensor<Scalar> {
  let axis = normalizedAxis(axis, x.shape, "inverseRealFFT")
  let count = count ?? 2 * (x.shape[axis] - 1)
  return Tensor(InverseRealFourierTransform(axis: axis, count: count)(AnyTensor(x)) * (1 / Double(count)))
}
