import ComplexModule
import Tensors

/// The matrices of HiPPO-LegS (Gu et al. 2020, arXiv 2008.07669), whose state is a window's Legendre coefficients: x' = A x + B u.
public enum HiPPO {
  /// A, [n, n]: -sqrt((2 j - 1)(2 k - 1)) below the diagonal, -j on it, 0 above, with j, k from 1.
  public static func matrix(_ n: Int) -> Tensor<Double> {
    let b = input(n)
    return normalPart(n) - b.outer(b) / 2
  }

  /// B, [n]: sqrt(2 j - 1).
  public static func input(_ n: Int) -> Tensor<Double> { Tensor((0..<n).map { Double(2 * $0 + 1).squareRoot() }) }

  /// N = A + B B^T / 2, which is normal: -1/2 on the diagonal and otherwise skew, so every eigenvalue has the real part -1/2.
  public static func normalPart(_ n: Int) -> Tensor<Double> {
    let b = input(n).scalars
    return Tensor(
      shape: [n, n],
      (0..<n * n).map { place in
        let (j, k) = place.quotientAndRemainder(dividingBy: n)
        return j == k ? -0.5 : (j > k ? -0.5 : 0.5) * b[j] * b[k]
      })
  }
}

/// How a continuous system becomes a recurrence.
public enum Discretization: Sendable, Hashable, Codable {
  /// Exact for inputs that are constant between samples.
  case zeroOrderHold
  /// The trapezoidal rule; it bends the axis of frequencies.
  case bilinear
}

/// A state-space system with a diagonal state matrix: x' = diag(l) x + b u, y = Re(c x).
///
/// Leading axes of c are outputs of the same state. As a recurrence it runs in O(n) a sample; as a convolution with its
/// ``kernel(_:step:_:)`` over all samples at once. `vmap` takes several systems.
public struct DiagonalStateSpace<Scalar: RealScalar> {
  /// l, [n].
  public var eigenvalues: Tensor<Complex<Scalar>>
  /// b, [n].
  public var input: Tensor<Complex<Scalar>>
  /// c, [..., n].
  public var output: Tensor<Complex<Scalar>>

  /// A system in its own coordinates.
  public init(eigenvalues: Tensor<Complex<Scalar>>, input: Tensor<Complex<Scalar>>, output: Tensor<Complex<Scalar>>) {
    (self.eigenvalues, self.input, self.output) = (eigenvalues, input, output)
  }

  /// The system (A, B, C) in the eigenvectors of A = V diag(l) V^-1: (l, V^-1 B, C V). It is as accurate as V is well conditioned.
  /// - Parameters:
  ///   - vectors: V, [n, n].
  ///   - eigenvalues: l, [n].
  ///   - input: B, [n].
  ///   - output: C, [..., n].
  public init(
    eigenvalues: Tensor<Complex<Scalar>>, vectors: Tensor<Complex<Scalar>>, input: Tensor<Scalar>, output: Tensor<Scalar>
  ) throws(LinearAlgebraError) {
    let rows = complex(output.rank == 1 ? output.expandingDimensions(0) : output)
    self.init(
      eigenvalues: eigenvalues, input: try solve(vectors, complex(input)),
      output: matmul(rows, vectors).reshaped(output.shape))
  }

  /// The transfer function C (s I - A)^-1 B on the imaginary axis, s = i omega: [..., frequencies].
  /// - Parameter frequencies: omega, [frequencies], in radians per unit of time.
  public func transfer(at frequencies: Tensor<Scalar>) -> Tensor<Complex<Scalar>> {
    let s = complex(.zeros(frequencies.shape), frequencies).expandingDimensions(-1)
    return contracted(input, 1 / (s - eigenvalues))
  }

  /// sum over i of c_i b_i columns_ki: [..., rows of `columns`].
  private func contracted(_ b: Tensor<Complex<Scalar>>, _ columns: Tensor<Complex<Scalar>>) -> Tensor<Complex<Scalar>> {
    let residues = (b * output).reshaped([output.count / max(1, b.count), b.count])
    return matmul(residues, columns, transposeB: true).reshaped(output.shape.dropLast() + [columns.shape[0]])
  }

  /// The recurrence x[k] = exp(logTransition) x[k - 1] + input u[k] of samples at distance `step`.
  public func discretized(
    step: Scalar, _ method: Discretization = .zeroOrderHold
  ) -> (logTransition: Tensor<Complex<Scalar>>, input: Tensor<Complex<Scalar>>) {
    switch method {
    case .zeroOrderHold:
      let exponent = eigenvalues * Complex(step)
      return (exponent, (exponent.exp() - 1) / eigenvalues * input)
    case .bilinear:
      let half = eigenvalues * Complex(step / 2)
      let transition = (1 + half) / (1 - half)
      return (complex(transition.magnitude().log(), transition.phase()), Complex(step) / (1 - half) * input)
    }
  }

  /// The response to a single 1, Re(c diag(transition)^k input) for k = 0, 1, ...: [..., samples].
  public func kernel(_ samples: Int, step: Scalar, _ method: Discretization = .zeroOrderHold) -> Tensor<Scalar> {
    let (logTransition, input) = discretized(step: step, method)
    let times = complex(Tensor<Scalar>((0..<samples).map { Scalar($0) })).expandingDimensions(-1)
    return contracted(input, (times * logTransition).exp()).real
  }

  /// The outputs for inputs u [..., samples], from the state 0: the convolution with the kernel, by Fourier transforms.
  public func callAsFunction(
    _ u: Tensor<Scalar>, step: Scalar, _ method: Discretization = .zeroOrderHold
  ) -> Tensor<Scalar> {
    ToeplitzMatrix(convolvingWith: kernel(u.shape.last ?? 0, step: step, method))(u)
  }

  /// The only output (c of [n]) for inputs u, sample by sample: the recurrence, without transforms or derivatives.
  public func recurrence(_ u: [Scalar], step: Scalar, _ method: Discretization = .zeroOrderHold) -> [Scalar] {
    let (logTransition, input) = discretized(step: step, method)
    let (transition, b, c) = (logTransition.exp().scalars, input.scalars, output.scalars)
    var state = [Complex<Scalar>](repeating: .zero, count: b.count)
    return u.map { u in
      var y: Scalar = 0
      for i in state.indices {
        state[i] = transition[i] * state[i] + b[i].multiplied(by: u)
        y += c[i].real * state[i].real - c[i].imaginary * state[i].imaginary
      }
      return y
    }
  }
}
