import Tensors
import Testing

@Suite struct LinearAlgebraTests {
  static let sizes = [(1, 1, 1), (2, 3, 4), (65, 17, 33), (5, 200, 3), (300, 200, 150), (130, 130, 700)]

  /// Against the triple loop in Double; the bound is k rounding errors of terms of size one to four.
  @Test(arguments: sizes) func products(m: Int, n: Int, k: Int) {
    check(m, n, k, Float.self)
    check(m, n, k, Double.self)

    func check<Scalar: RealScalar>(_ m: Int, _ n: Int, _ k: Int, _: Scalar.Type) {
      let a = Tensor<Scalar>.normal([m, k], key: Key(seed: 1))
      let b = Tensor<Scalar>.normal([k, n], key: Key(seed: 2))
      var reference = [Double](repeating: 0, count: m * n)
      let (x, y) = (a.scalars.map { Double($0) }, b.scalars.map { Double($0) })
      for i in 0..<m {
        for l in 0..<k {
          for j in 0..<n { reference[i * n + j] += x[i * k + l] * y[l * n + j] }
        }
      }
      let expected = Tensor(shape: [m, n], reference)
      let tolerance = Double(Scalar.ulpOfOne) * Double(k) * 4
      func expectNear(_ c: Tensor<Scalar>, _ expected: Tensor<Double>, _ note: String) {
        #expect((c.map { Double($0) } - expected).map(abs).max().scalar <= tolerance, "\(note) \(Scalar.self)")
      }
      expectNear(matmul(a, b), expected, "a b")
      expectNear(matmul(a.transposed(), b, transposeA: true), expected, "aT b")
      expectNear(matmul(a, b.transposed(), transposeB: true), expected, "a bT")
      expectNear(matmul(a.transposed(), b.transposed(), transposeA: true, transposeB: true), expected, "aT bT")
      var c = matmul(a, b)
      gemm(alpha: 2, a, b, beta: -1, into: &c)
      expectNear(c, expected, "2 a b - c")
      let column = b.transposed().row(0)
      let product = Tensor<Double>((0..<m).map { expected[$0, 0] })
      expectNear(matmul(a, column), product, "a x")
      expectNear(matmul(a.transposed(), column, transposeA: true), product, "aT x")
      expectNear(matmul(a.row(0), b), expected.row(0), "x b")
      expectNear(matmul(a.row(0), b.transposed(), transposeB: true), expected.row(0), "x bT")
    }
  }

  @Test func largeMatrixVectorProductsAreTiled() {
    let a = Tensor<Double>.normal([700, 900], key: Key(seed: 1))
    let x = Tensor<Double>.normal([900], key: Key(seed: 2))
    let y = matmul(a, x)
    for i in [0, 63, 64, 127, 128, 699] { #expect(abs(y[i] - a.row(i).dot(x).scalar) < 1e-11) }
    #expect((matmul(a.transposed(), x, transposeA: true) - y).norm().scalar < 1e-11)
  }

  @Test func emptyProducts() {
    #expect(matmul(Tensor<Float>.zeros(2, 0), Tensor<Float>.zeros(0, 3)) == .zeros(2, 3))
    #expect(matmul(Tensor<Float>.zeros(2, 0), Tensor<Float>.zeros(0)) == .zeros(2))
    #expect(matmul(Tensor<Float>.zeros(0, 2), Tensor<Float>.zeros(2, 3)) == .zeros(0, 3))
  }

  @Test(arguments: [(6, 6), (9, 4), (4, 9), (1, 5), (120, 70)]) func singularValues(m: Int, n: Int) throws {
    let a = Tensor<Double>.normal([m, n], key: Key(seed: 3))
    let (u, s, vT) = try thinSVD(a)
    let k = min(m, n)
    #expect(u.shape == [m, k] && s.shape == [k] && vT.shape == [k, n])
    #expect((matmul(u * s, vT) - a).norm().scalar < 1e-13 * a.norm().scalar * 10)
    #expect((matmul(u, u, transposeA: true) - .identity(k)).norm().scalar < 1e-13 * Double(k))
    #expect((matmul(vT, vT, transposeB: true) - .identity(k)).norm().scalar < 1e-13 * Double(k))
    #expect(zip(s.scalars, s.scalars.dropFirst()).allSatisfy { $0 >= $1 && $1 >= 0 })
  }

  @Test func singularValuesOfKnownMatrix() throws {
    // [[3, 0], [4, 5]] has singular values sqrt(45) and sqrt(5).
    let s = try thinSVD(Tensor<Float>(shape: [2, 2], [3, 0, 4, 5])).s
    #expect(abs(s[0] - 6.708204) < 1e-5 && abs(s[1] - 2.236068) < 1e-5)
  }

  @Test func notANumberIsThrown() {
    #expect(throws: LinearAlgebraError.self) { try thinSVD(Tensor<Double>(shape: [2, 2], [1, .nan, 0, 1])) }
  }

  @Test(arguments: [(6, 6), (9, 4), (4, 9), (120, 70)]) func orthogonalTriangular(m: Int, n: Int) {
    let a = Tensor<Double>.normal([m, n], key: Key(seed: 4))
    let (q, r) = qr(a)
    let k = min(m, n)
    #expect((matmul(q, r) - a).norm().scalar < 1e-13 * a.norm().scalar * 10)
    #expect((matmul(q, q, transposeA: true) - .identity(k)).norm().scalar < 1e-13 * Double(k))
    for i in 1..<k { #expect(r[i, i - 1] == 0) }
  }
}
