import ComplexModule
import Tensors
import Testing
import Transforms

/// Functions of matrices whose results do not depend on the signs that LAPACK chooses.
struct MatrixFunction: Sendable, CustomTestStringConvertible {
  let name: String
  let shape: [Int]
  let function: @Sendable (Tensor<Double>) -> Tensor<Double>

  var testDescription: String { name }

  init(_ name: String, _ shape: [Int], _ function: @escaping @Sendable (Tensor<Double>) -> Tensor<Double>) {
    (self.name, self.shape, self.function) = (name, shape, function)
  }

  static func positive(_ x: Tensor<Double>) -> Tensor<Double> {
    matmul(x, x, transposeB: true) + .identity(x.shape[x.rank - 1])
  }

  static func parts(_ z: Tensor<Complex<Double>>) -> Tensor<Double> { joined(z.real, z.imaginary) }

  /// x[0] + i x[1].
  static func complexOf(_ x: Tensor<Double>) -> Tensor<Complex<Double>> { complex(x.row(0), x.row(1)) }

  static func columns(_ x: Tensor<Double>, _ range: Range<Int>) -> Tensor<Double> {
    Tensor(AnyTensor(x).slice(axis: x.rank - 1, range))
  }

  /// Those of References.
  static let referenced: [MatrixFunction] = [
    .init("cholesky", [2, 4, 4]) { positive($0).cholesky() },
    .init("triangularSolve", [2, 4, 4]) { x in
      let (a, b) = (x.row(0), x.row(1))
      return joined(
        triangularSolve(a, b), triangularSolve(a, b, transposed: true, unitDiagonal: true), triangularSolve(a, b, isLower: false))
    },
    .init("solve", [3, 4, 4]) { x in Tensor.stack([x.row(0), x.row(1)]).solve(x.row(2)) },
    .init("inverse", [2, 3, 3]) { $0.inverse() },
    .init("determinant", [3, 3, 3]) { determinant($0) },
    .init("logDeterminant", [3, 3, 3]) { x in
      let (sign, logarithm) = logDeterminant(x)
      return joined(sign, logarithm)
    },
    .init("eigh", [2, 4, 4]) { x in
      let (values, vectors) = x.eigh()
      return joined(values, vectors.square())
    },
    .init("svdTall", [2, 5, 3], squaredSVD),
    .init("svdWide", [2, 3, 5], squaredSVD),
    .init("qr", [2, 5, 3], squaredQR),
    .init("pseudoInverse", [5, 3]) { $0.pseudoInverse() },
    .init("leastSquares", [5, 5]) { x in columns(x, 0..<3).leastSquares(columns(x, 3..<5)) },
    .init("leastSquaresWide", [3, 7]) { x in columns(x, 0..<5).leastSquares(columns(x, 5..<7)) },
    .init("matrixExponential", [4, 4]) { matrixExponential($0) },
    .init("kronecker", [2, 2, 3]) { x in x.row(0).kronecker(x.row(1)) },
    .init("complexMatmul", [2, 4, 4]) { x in parts(matmul(complexOf(x), complexOf(x), transposeB: true)) },
    .init("complexSolve", [2, 4, 4]) { x in parts(complexOf(x).solve(complexOf(x).transposed())) },
    .init("complexFunctions", [2, 5]) { x in
      let z = complexOf(x)
      return joined(parts(z.exp()), z.magnitude(), z.phase())
    },
    .init("fft", [2, 6, 5]) { x in joined(parts(fft(complexOf(x), axis: 0)), parts(inverseFFT(complexOf(x)))) },
    .init("fft2", [2, 3, 4, 5]) { x in
      joined(parts(fft(complexOf(x), axes: [-2, -1])), parts(inverseFFT(complexOf(x), axes: [0, 2])))
    },
    .init("realFFT", [6, 5]) { x in joined(parts(realFFT(x)), parts(realFFT(x, axis: 0))) },
    .init("inverseRealFFT", [2, 4, 5]) { x in
      let z = complexOf(x)
      return joined(inverseRealFFT(z), inverseRealFFT(z, count: 9), inverseRealFFT(z, axis: 0))
    },
  ]

  @Sendable static func squaredSVD(_ x: Tensor<Double>) -> Tensor<Double> {
    let (u, s, vT) = x.thinSVD()
    return joined(u.square(), s, vT.square())
  }

  @Sendable static func squaredQR(_ x: Tensor<Double>) -> Tensor<Double> {
    let (q, r) = qr(x)
    return joined(q.square(), r.square())
  }

  /// Further ones, for which the derivatives need agree with one another only.
  static let others: [MatrixFunction] = [
    .init("qr wide", [3, 5], squaredQR),
    .init("choleskySolve", [2, 3, 3]) { x in choleskySolve(positive(x.row(0)).cholesky(), x.row(1)) },
    .init("solve vector", [4, 3]) { x in
      let a = Tensor(AnyTensor(x).slice(axis: 0, 0..<3)) as Tensor<Double>
      return a.solve(x.row(3))
    },
    .init("constant matrix", [3, 2]) { x in
      let a = Tensor<Double>(shape: [3, 3], [2, 1, 0, -1, 3, 1, 0.5, 0, 1])
      return joined(a.solve(x), triangularSolve(a, x))
    },
    .init("lu", [2, 4, 4]) { x in
      let (p, l, u) = lu(x)
      return joined(matmul(p, x), l.square(), u)
    },
    .init("triangles", [2, 3, 4]) { x in
      joined(
        x.lowerTriangle(diagonal: 1) * x, x.upperTriangle(diagonal: -1) * x.lowerTriangle(), x.diagonal(offset: 1).square(),
        x.diagonal(offset: -1), x.diagonal().diagonalMatrix() * 2, x.trace().square())
    },
    .init("outer", [2, 3]) { x in x.row(0).outer(x.row(1).square()) },
    .init("complex determinant", [2, 3, 3]) { x in
      let d = determinant(complexOf(x))
      return Tensor.stack([d.real, d.imaginary])
    },
    .init("complex triangularSolve", [2, 3, 3]) { x in
      let z = complexOf(x)
      return parts(triangularSolve(z, z.adjoint(), isLower: false, transposed: true))
    },
  ]
}

@Suite struct LinearAlgebraDerivativeTests {
  @Test(arguments: MatrixFunction.referenced) func agreesWithJAX(_ function: MatrixFunction) throws {
    try checkReference(function.name, function.function)
  }

  @Test func exponentialOfLargeMatrices() throws {
    try checkReference("matrixExponentialLarge") { matrixExponential($0 * 8) }
    for norm in ["0.01", "0.2", "0.9", "2.0", "5.0", "40.0"] { try checkReference("expm \(norm)") { matrixExponential($0) } }
  }

  @Test func eigenvaluesAgreeWithJAX() throws {
    // Symmetric functions of the values, whose order is LAPACK's.
    try checkReference("eigenvalueSums") { x in
      let values = eigenvalues(x)
      let sum = (values * values * values).sum()
      let product = (0..<4).map { values.row($0) }.reduce(complex(Tensor(1.0))) { $0 * $1 }
      return joined(sum.real, sum.imaginary, product.real, product.imaginary)
    }
  }

  @Test(arguments: MatrixFunction.referenced + MatrixFunction.others) func derivativesAgree(_ function: MatrixFunction) {
    checkDerivatives(function.function, at: .normal(function.shape, key: Key(seed: 5)), function.name)
  }

  /// In single precision everything is the same code: the results differ by single roundings times conditions of some tens.
  @Test func singlePrecision() {
    func check(_ name: String, _ a: Tensor<Float>, _ b: Tensor<Double>) {
      #expect(distance(a.map { Double($0) }, b) < 2e-4, "\(name)")
    }
    let x = Tensor<Float>.normal([3, 4, 4], key: Key(seed: 9))
    let y = x.map { Double($0) }
    check("cholesky", (matmul(x, x, transposeB: true) + .identity(4)).cholesky(), MatrixFunction.positive(y).cholesky())
    check("solve", x.solve(x.transposed()), y.solve(y.transposed()))
    check("determinant", determinant(x), determinant(y))
    check("logDeterminant", logDeterminant(x).logarithm, logDeterminant(y).logarithm)
    check("eigh", x.eigh().values, y.eigh().values)
    check("svd", x.thinSVD().s, y.thinSVD().s)
    check("qr", qr(x).r.abs(), qr(y).r.abs())
    check("pseudoInverse", x.pseudoInverse(), y.pseudoInverse())
    check("triangularSolve", triangularSolve(x, x), triangularSolve(y, y))
    for scale in [0.1, 0.6, 1.5, 6] as [Float] {
      check("matrixExponential", matrixExponential(x * scale), matrixExponential(y * Double(scale)))
    }
    check("eigenvalues", eigenvalues(x).sum(-1).real, x.map { Double($0) }.trace())
    let z = complex(x, x.transposed())
    let w = complex(y, y.transposed())
    check("complex matmul", matmul(z, z).imaginary, matmul(w, w).imaginary)
    check("complex solve", z.solve(z.adjoint()).real, w.solve(w.adjoint()).real)
    check("fft", fft(z, axes: [0, 2]).imaginary, fft(w, axes: [0, 2]).imaginary)
    check("realFFT", realFFT(x, axis: 1).imaginary, realFFT(y, axis: 1).imaginary)
    check("inverseRealFFT", inverseRealFFT(z, count: 7), inverseRealFFT(w, count: 7))
  }
}
