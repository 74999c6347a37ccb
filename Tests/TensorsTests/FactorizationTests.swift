import ComplexModule
import Foundation
import Tensors
import Testing

@Suite struct FactorizationTests {
  typealias Matrix = Tensor<Double>
  let key = Key(seed: 21)

  /// Identities that define the factorizations, in batches of sizes that are and are not a block of LAPACK.
  @Test(arguments: [1, 2, 7, 70]) func defineThemselves(n: Int) throws {
    let a = Matrix.normal([3, n, n], key: key)
    let roundings = 1e-13 * Double(n)
    func near(_ x: Matrix, _ y: Matrix, _ note: String) {
      #expect((x - y).norm().scalar <= roundings * (1 + y.norm().scalar), "\(note)")
    }
    let spd = matmul(a, a, transposeB: true) + .identity(n)
    let l = try cholesky(spd)
    near(matmul(l, l, transposeB: true), spd, "cholesky")
    #expect(l == l.lowerTriangle())
    near(matmul(spd, choleskySolve(l, a)), a, "choleskySolve")
    near(matmul(spd, try solve(spd, a)), a, "solve")
    near(matmul(spd, try inverse(spd)), Matrix.zeros(3, n, n) + .identity(n), "inverse")
    near(logDeterminant(spd).logarithm, l.diagonal().log().sum(-1) * 2, "logDeterminant")
    let (p, lower, upper) = lu(a)
    near(matmul(p, matmul(lower, upper)), a, "lu")
    #expect(lower == lower.lowerTriangle(diagonal: -1) + .identity(n) && upper == upper.upperTriangle())
    #expect(lower.abs().max().scalar <= 1 && p.sum(-1) == .full([3, n], 1))
    let symmetric = (a + a.transposed()) * 0.5
    let (values, vectors) = try eigh(a)
    near(matmul(symmetric, vectors), vectors * values.reshaped(3, 1, n), "eigh")
    #expect(zip(values.row(1).scalars, values.row(1).scalars.dropFirst()).allSatisfy(<=))
    near(matmul(vectors, vectors, transposeA: true), Matrix.zeros(3, n, n) + .identity(n), "orthonormal")
    let (w, v) = try eigen(a)
    let left = matmul(complex(a), v)
    let right = v * w.reshaped(3, 1, n)
    near((left - right).magnitude(), .zeros(3, n, n), "eigen")
    near((v.magnitude().square()).sum(1), .full([3, n], 1), "norm of vectors")
    near(eigenvalues(a).sum(-1).real, a.trace(), "eigenvalues")
    let z = complex(a, a.transposed())
    let (wz, vz) = try eigen(z)
    near((matmul(z, vz) - vz * wz.reshaped(3, 1, n)).magnitude(), .zeros(3, n, n), "complex eigen")
  }

  /// One block of LAPACK and the first sizes in blocks of our own, with a last block that is whole and one that is not.
  @Test(arguments: [511, 512, 700]) func choleskyInBlocks(n: Int) throws {
    let threads = Threads.count
    defer { Threads.count = threads }
    func check<Scalar: RealScalar>(_ type: Scalar.Type) throws {
      let b = Tensor<Scalar>.normal([n, n], key: key)
      let a = matmul(b, b, transposeB: true) + .identity(n)
      Threads.count = 1
      let l = try cholesky(a + (b - b.transposed()))
      // Higham, "Accuracy and Stability", theorem 10.3: n roundings of |l| |lT|, whose norm is at most the trace of a. As many in
      // the product here, and less in the sums.
      let bound = a.trace().scalar * 3 * Scalar(n) * Scalar.ulpOfOne / 2
      #expect((matmul(l, l, transposeB: true) - a).norm().scalar <= bound)
      #expect(l == l.lowerTriangle())
      Threads.count = 2
      let again = try cholesky(a + (b - b.transposed()))
      #expect(again == l)
      // What fails in the last block only fills all with NaN.
      var scalars = a.scalars
      scalars[n * n - 1] = -1
      #expect(!Tensor(shape: [n, n], scalars).cholesky().scalars.contains { !$0.isNaN })
      scalars[n * n - 1] = 1
      scalars[(n - 1) * n] = .nan
      #expect(!Tensor(shape: [n, n], scalars).cholesky().scalars.contains { !$0.isNaN })
    }
    try check(Float.self)
    try check(Double.self)
  }

  /// What the polar factor and the truncation are defined by, for batches of tall, square and wide matrices.
  @Test(arguments: [(7, 3), (4, 4), (3, 7)]) func spectralProjections(m: Int, n: Int) throws {
    let a = Matrix.normal([2, m, n], key: key)
    let p = a.polarFactor()
    let gram = matmul(p, p, transposeA: m >= n, transposeB: m < n)
    #expect((gram - Matrix.identity(min(m, n))).norm().scalar < 1e-13)
    let (u, s, vT) = try thinSVD(a)
    // <p, a> is the largest that the unit ball of the spectral norm allows.
    let (attained, bound) = ((p * a).sum().scalar, s.sum().scalar)
    #expect(abs(attained - bound) < 1e-13 * bound)
    let low = a.truncated(toRank: 2)
    let expected = matmul(u.slice(All(), All(), 0..<2) * s.slice(All(), 0..<2).reshaped(2, 1, 2), vT.slice(All(), 0..<2))
    #expect((low - expected).norm().scalar < 1e-13)
    let left: Matrix = .concatenate([s.slice(All(), 2...), .zeros([2, 2])], axis: 1)
    let difference = try thinSVD(a - low).s - left
    #expect(difference.norm().scalar < 1e-13)
    #expect(a.truncated(toRank: min(m, n)) == a && a.truncated(toRank: 0) == .zeros([2, m, n]))
  }

  /// The pair of a rotation is i sin + cos and its conjugate, that with positive imaginary part first.
  @Test func eigenvaluesOfARotation() {
    let values = eigenvalues(Matrix(shape: [2, 2], [0.6, -0.8, 0.8, 0.6]))
    #expect(abs(values[0].real - 0.6) < 1e-15 && abs(values[0].imaginary - 0.8) < 1e-15)
    #expect(abs(values[1].real - 0.6) < 1e-15 && abs(values[1].imaginary + 0.8) < 1e-15)
  }

  @Test func batchesOfThinMatrices() throws {
    for (m, n) in [(5, 2), (2, 5)] {
      let a = Matrix.normal([2, 3, m, n], key: key)
      let (u, s, vT) = try thinSVD(a)
      #expect((matmul(u * s.reshaped([2, 3, 1, 2]), vT) - a).norm().scalar < 1e-14 * 20)
      let (q, r) = qr(a)
      #expect((matmul(q, r) - a).norm().scalar < 1e-14 * 20)
      #expect(r == r.upperTriangle())
      let p = try pseudoInverse(a)
      #expect((matmul(matmul(a, p), a) - a).norm().scalar < 1e-14 * 50)
      #expect(
        (try leastSquares(a, Matrix.full([m], 1)) - matmul(p, Matrix.full([m, 1], 1)).reshaped(2, 3, n)).norm().scalar < 1e-12)
    }
  }

  @Test func knownDeterminants() {
    // An even and an odd permutation, and a singular matrix.
    let a = Matrix(shape: [3, 3, 3], [0, 2, 0, 0, 0, 3, 4, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 5, 1, 2, 3, 2, 4, 6, 0, 0, 0])
    #expect(determinant(a).scalars == [24, -10, 0])
    let (sign, logarithm) = logDeterminant(a)
    #expect(sign.scalars == [1, -1, 0])
    #expect(abs(logarithm[0] - log(24)) < 1e-15 && abs(logarithm[1] - log(10)) < 1e-15 && logarithm[2] == -.infinity)
  }

  @Test func failuresAreThrown() {
    let indefinite = Matrix(shape: [2, 2], [1, 2, 2, 1])
    let singular = Matrix(shape: [2, 2], [1, 2, 2, 4])
    let invalid = Matrix(shape: [2, 2], [1, .nan, .infinity, 1])
    #expect(description { _ = try cholesky(indefinite) } == "cholesky of shape [2, 2]: the matrix is not positive definite")
    #expect(description { _ = try solve(singular, indefinite) } == "solve of shape [2, 2]: the matrix is singular")
    #expect(description { _ = try inverse(singular) } == "inverse of shape [2, 2]: the matrix is singular")
    for message in [
      description { _ = try cholesky(invalid) }, description { _ = try solve(invalid, indefinite) },
      description { _ = try eigh(invalid) }, description { _ = try eigen(invalid) }, description { _ = try thinSVD(invalid) },
      description { _ = try pseudoInverse(invalid) },
    ] {
      #expect(message?.hasSuffix("the matrix contains NaN or infinity") == true)
    }
    // Only the matrix that fails is NaN.
    let mixed = Tensor.stack([indefinite, .identity(2)]).cholesky()
    #expect(mixed.row(0).scalars.allSatisfy(\.isNaN) && mixed.row(1) == .identity(2))
  }

  private func description(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch { return "\(error)" }
  }

  @Test func shapeMistakesStop() async {
    await #expect(processExitsWith: .failure) { _ = Tensor<Double>.zeros(2, 3).cholesky() }
    await #expect(processExitsWith: .failure) { _ = Tensor<Double>.zeros(3, 3).solve(.zeros(2, 1)) }
    await #expect(processExitsWith: .failure) { _ = fft(Tensor<Complex<Double>>.zeros(3, 3), axis: 2) }
    await #expect(processExitsWith: .failure) { _ = inverseRealFFT(Tensor<Complex<Double>>.zeros(3), count: 6) }
  }

  @Test func emptyMatrices() throws {
    #expect(try cholesky(Matrix.zeros(2, 0, 0)) == .zeros(2, 0, 0))
    #expect(try solve(Matrix.zeros(0, 3, 3), .zeros(0, 3, 2)) == .zeros(0, 3, 2))
    #expect(determinant(Matrix.zeros(2, 0, 0)) == .full([2], 1))
    #expect(matrixExponential(Matrix.zeros(0, 0)) == .zeros(0, 0))
  }

  /// Blocks of the batch on several threads, aligned or not, and the same transforms one by one.
  @Test(arguments: [(300, 128), (40, 1001), (70, 999)]) func fourierBatches(count: Int, n: Int) {
    let x = complex(Matrix.normal([count, n], key: key), Matrix.normal([count, n], key: key.named("imaginary")))
    let y = fft(x)
    for i in [0, 1, count / 2, count - 1] { #expect((fft(x.row(i)) - y.row(i)).magnitude().max().scalar < 1e-11) }
    #expect((inverseFFT(y) - x).magnitude().max().scalar < 1e-13)
    #expect((inverseRealFFT(realFFT(x.real), count: n) - x.real).abs().max().scalar < 1e-13)
    #expect((inverseRealFFT(realFFT(x.real, axis: 0), count: count, axis: 0) - x.real).abs().max().scalar < 1e-13)
  }

  @Test func magnitudesDoNotOverflow() {
    let z = Tensor<Complex<Double>>([Complex(3e200, 4e200), Complex(0, 0), Complex(-3, 4)])
    let magnitudes = z.magnitude()
    #expect(abs(magnitudes[0] / 5e200 - 1) < 1e-15 && magnitudes[1] == 0 && abs(magnitudes[2] - 5) < 1e-15)
  }
}
