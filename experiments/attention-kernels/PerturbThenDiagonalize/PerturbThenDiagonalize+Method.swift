import ComplexModule
import Networks
import Tensors

/// The HiPPO-LegS matrix of one size in the eigenvectors of its normal part.
package struct LegendreSystem {
  package let size: Int
  /// A, [n, n].
  package let matrix: Tensor<Double>
  /// B, [n].
  package let input: Tensor<Double>
  /// Of the normal part N: l [n], vectors [n, n].
  package let normal: (values: Tensor<Complex<Double>>, vectors: Tensor<Complex<Double>>)

  package init(size: Int) throws {
    self.size = size
    matrix = HiPPO.matrix(size)
    input = HiPPO.input(size)
    normal = try eigen(HiPPO.normalPart(size))
  }

  /// S4D: the system (N, B/2, C). The half is what makes it agree with (A, B, C) at low frequencies.
  package func diagonal(output: Tensor<Double>) throws -> DiagonalStateSpace<Double> {
    try DiagonalStateSpace(eigenvalues: normal.values, vectors: normal.vectors, input: input / 2, output: output)
  }

  /// The transfer functions of (A, B, C), exact, and of (N, B/2, C) for outputs C [seeds, n], each [seeds, frequencies].
  ///
  /// Sherman and Morrison: with g = C (s - N)^-1 B and h = B^T (s - N)^-1 B, the former is g / (1 + h / 2), and the latter g / 2.
  package func transfers(
    outputs: Tensor<Double>, at frequencies: Tensor<Double>
  ) throws -> (exact: Tensor<Complex<Double>>, diagonal: Tensor<Complex<Double>>) {
    let rows = Tensor.concatenate([outputs, input.expandingDimensions(0)])
    let parts = try diagonal(output: rows).transfer(at: frequencies).split(sizes: [outputs.shape[0], 1])
    return (2 * parts[0] / (1 + parts[1]), parts[0])
  }

  /// C (i omega - A)^-1 B by elimination, [seeds].
  package func solvedTransfer(outputs: Tensor<Double>, at frequency: Double) throws -> Tensor<Complex<Double>> {
    let shifted = complex(-1 * matrix, frequency * .identity(size))
    return matmul(complex(outputs), try solve(shifted, complex(input)))
  }

  /// Where to look: evenly up to `bend`, then in equal ratios up to 20 n², and beyond the bend closely around each Im l(N), for there are
  /// spikes about 1/2 wide.
  package func frequencies(bend: Double, low: Int, high: Int, near: Int) -> Tensor<Double> {
    let spikes = normal.values.imaginary.scalars.filter { $0 > bend }
    let around = Tensor<Double>.linspace(-1, 1, count: near).scalars
    let places =
      Tensor<Double>.linspace(0, bend, count: low).scalars
      + Tensor<Double>.geomspace(bend, 20 * Double(size * size), count: high).scalars
      + spikes.flatMap { spike in around.map { spike + $0 } }
    return Tensor(places.sorted())
  }

  /// The outputs of (A, B, C) for inputs held between samples, C of [n]. exp of the system with its input as one more state holds both
  /// exp(A step) and the integral over B.
  package func recurrence(output: Tensor<Double>, _ u: [Double], step: Double) -> [Double] {
    let n = size
    let extended = Tensor.concatenate([matrix, input.expandingDimensions(1)], axis: 1).padded([(0, 1), (0, 0)])
    let flow = matrixExponential(extended * step).scalars
    let c = output.scalars
    var (state, next) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    return u.map { u in
      flow.withUnsafeBufferPointer { flow in
        state.withUnsafeBufferPointer { state in
          for i in 0..<n {
            // A and so its exponential are lower triangular.
            var sum = flow[i * (n + 1) + n] * u
            for j in 0...i { sum += flow[i * (n + 1) + j] * state[j] }
            next[i] = sum
          }
        }
      }
      swap(&state, &next)
      return zip(c, state).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }
}

/// Singular values, descending, and vectors of complex square matrices [..., n, n], the right ones in rows, conjugated.
///
/// By the real matrix [[Re, -Im], [Im, Re]], which has each singular value twice: of each pair the first.
package func complexSingular(
  _ a: Tensor<Complex<Double>>
) -> (u: Tensor<Complex<Double>>, s: Tensor<Double>, vH: Tensor<Complex<Double>>) {
  let (n, leading) = (a.shape[a.rank - 1], Array(a.shape.dropLast(2)))
  let (x, y) = (a.real, a.imaginary)
  let real = Tensor.concatenate([.concatenate([x, -1 * y], axis: -1), .concatenate([y, x], axis: -1)], axis: -2)
  let (u, s, vT) = real.thinSVD()
  let first = { (x: Tensor<Double>) in x.reshaped(leading + [2 * n, n, 2]).split(axis: -1, into: 2)[0].squeezed(-1) }
  let complexVectors = { (x: Tensor<Double>) in
    let parts = first(x).split(axis: -2, into: 2)
    return complex(parts[0], parts[1])
  }
  return (
    complexVectors(u), s.reshaped(leading + [n, 2]).split(axis: -1, into: 2)[0].squeezed(-1),
    complexVectors(vT.transposed()).adjoint()
  )
}

/// Ginibre matrices, complex and normal, divided by their spectral norms: [..., n, n].
package func unitGinibre(_ shape: [Int], key: Key) -> Tensor<Complex<Double>> {
  let normal = complex(
    Tensor<Double>.normal(shape, key: key.named("real")), Tensor<Double>.normal(shape, key: key.named("imaginary")))
  return normal / complex(spectralNorms(normal))
}

/// [..., 1, 1]
package func spectralNorms(_ a: Tensor<Complex<Double>>) -> Tensor<Double> {
  complexSingular(a).s.max(-1, keepingAxes: true).expandingDimensions(-1)
}

/// The condition of eigenvectors of norm 1 as a function of the matrix, kappa(V) for A + E = V diag(l) V^-1, and its gradient.
package struct EigenvectorCondition {
  /// kappa, [...].
  package let value: Tensor<Double>
  /// The direction of steepest ascent in E, complex, [..., n, n].
  package let gradient: Tensor<Complex<Double>>

  /// Of matrices [..., n, n] with eigenvalues that differ.
  package init(_ matrix: Tensor<Complex<Double>>) throws {
    let n = matrix.shape[matrix.rank - 1]
    let (l, v) = try eigen(matrix)
    let (u, s, wH) = complexSingular(v)
    let (largest, least) = (s.split(axis: -1, sizes: [1, n - 1])[0], s.split(axis: -1, sizes: [n - 1, 1])[1])
    value = (largest / least).squeezed(-1)
    // d kappa = Re <g, dV> with g = (u_1 w_1^H - kappa u_n w_n^H) / s_n, less what would only change the norms of columns.
    func dyad(_ place: Int) -> Tensor<Complex<Double>> {
      matmul(u.split(axis: -1, into: n)[place], wH.split(axis: -2, into: n)[place])
    }
    let kappa = complex((largest / least).expandingDimensions(-1))
    var g = (dyad(0) - kappa * dyad(n - 1)) / complex(least.expandingDimensions(-1))
    g = g - v * complex((v.conjugate() * g).sum(-2, keepingAxes: true).real)
    // dV = V (K * P) with P = V^-1 dE V and K_ij = 1 / (l_j - l_i) off the diagonal, hence the gradient V^-H (V^H g * conj K) V^H.
    let difference = l.expandingDimensions(-2) - l.expandingDimensions(-1)
    let identity = complex(Tensor<Double>.identity(n))
    let k = (1 - identity) / (difference + identity)
    gradient = matmul(try inverse(v).adjoint(), matmul(matmul(v.adjoint(), g) * k.conjugate(), v.adjoint()))
  }
}
