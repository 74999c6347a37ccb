import Solvers
import Tensors
import Testing
import Transforms

@Suite struct SketchTests {
  /// A sketch of so many rows into so many, times a matrix.
  typealias Sketching = @Sendable (Int, Int, Key, Tensor<Double>) -> Tensor<Double>

  static let sketches: [(name: String, apply: Sketching)] = [
    ("Gaussian", { GaussianSketch(of: $0, into: $1, key: $2)($3) }),
    ("Hadamard", { SubsampledHadamard(of: $0, into: $1, key: $2)($3) }),
    ("sparse", { SparseEmbedding(of: $0, into: $1, nonzeros: 4, key: $2)($3) }),
    ("count", { CountSketch(of: $0, into: $1, key: $2)($3) }),
  ]

  /// E[S^T S] = I, entry by entry: each within five standard errors of the mean of 2000 sketches of 6 rows (one padded) into 4.
  @Test(arguments: sketches.indices) func theGramMatrixIsTheIdentityOnAverage(index: Int) {
    let (name, sketch) = Self.sketches[index]
    let draws = 2000
    var (sum, squares) = (Tensor<Double>.zeros([6, 6]), Tensor<Double>.zeros([6, 6]))
    for i in 0..<draws {
      let s = sketch(6, 4, Key(seed: 7)[i], .identity(6))
      let gram = matmul(s, s, transposeA: true)
      sum += gram
      squares += gram.square()
    }
    let mean = sum / Double(draws)
    let error = ((squares / Double(draws) - mean.square()).abs() / Double(draws)).sqrt()
    let deviation = (mean - .identity(6)).abs() - 5 * error
    #expect(deviation.max().scalar < 1e-12, "\(name): off by \((mean - .identity(6)).abs().max().scalar)")
  }

  /// They are linear: S a is (S I) a.
  @Test(arguments: sketches.indices) func theyAreTheirMatrices(index: Int) {
    let (name, sketch) = Self.sketches[index]
    let a = Tensor<Double>.normal([50, 3], key: Key(seed: 4))
    let matrix = sketch(50, 24, Key(seed: 3), .identity(50))
    #expect(matrix.shape == [24, 50], "\(name)")
    #expect((sketch(50, 24, Key(seed: 3), a) - matmul(matrix, a)).abs().max().scalar < 1e-13, "\(name)")
  }

  /// Rows of an orthogonal matrix times sqrt(n / m), all different: S S^T = n / m I.
  @Test func hadamardRowsAreOrthogonal() {
    let s = SubsampledHadamard<Double>(of: 64, into: 20, key: Key(seed: 5))(.identity(64))
    #expect((matmul(s, s, transposeB: true) - .identity(20) * (64.0 / 20)).abs().max().scalar < 1e-13)
    #expect((s.abs() - (1 / 20.0).squareRoot()).abs().max().scalar < 1e-14)
  }

  @Test func sparseColumnsHaveTheirNumberOfEntries() {
    let s = SparseEmbedding<Double>(of: 40, into: 32, nonzeros: 8, key: Key(seed: 6))(.identity(40))
    #expect((s .!= 0).converted(to: Double.self).sum(0) == .full([40], 8))
    #expect((s.square().sum(0) - 1).abs().max().scalar < 1e-14)
  }

  /// A batch of keys is the sketches one by one.
  @Test func theyAreBatched() {
    let keys = Key(seed: 8).split(3)
    let a = Tensor<Double>.normal([30, 2], key: Key(seed: 9))
    let batch = vmap({ (key: Key) in SubsampledHadamard<Double>(of: 30, into: 8, key: key)(a) })(Key.batch(keys))
    for i in 0..<3 { #expect(batch.row(i) == SubsampledHadamard(of: 30, into: 8, key: keys[i])(a)) }
  }
}
