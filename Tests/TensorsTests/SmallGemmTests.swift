import Tensors
import Testing

/// Products of small matrices against the triple loop in Double.
@Suite struct SmallGemmTests {
  /// All transposes, edges of every vector width, rows of a and b and c with gaps.
  @Test(arguments: [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 48, 65])
  func products(n: Int) {
    for m in [1, 2, 5, 8, 13, 20] {
      for k in [0, 1, 3, 10, 16, 29, 64, 70] {
        for (transposeA, transposeB) in [(false, false), (true, false), (false, true), (true, true)] {
          for (alpha, beta, gap) in [(1.0, 0.0, 0), (-0.5, 1.0, 3), (2.0, -1.5, 1)] {
            let note = "\(m) x \(n) x \(k) \(transposeA) \(transposeB) \(alpha) \(beta) \(gap)"
            #expect(error(Float.self, m, n, k, transposeA, transposeB, alpha, beta, gap) <= 0, "Float \(note)")
            #expect(error(Double.self, m, n, k, transposeA, transposeB, alpha, beta, gap) <= 0, "Double \(note)")
          }
        }
      }
    }
  }

  /// By how much the worst element is farther off than rounding explains: k + 2 roundings of the sum of magnitudes.
  func error<T: RealScalar>(
    _: T.Type, _ m: Int, _ n: Int, _ k: Int, _ transposeA: Bool, _ transposeB: Bool, _ alpha: Double, _ beta: Double, _ gap: Int
  ) -> Double {
    let (lda, ldb, ldc) = ((transposeA ? m : k) + gap, (transposeB ? k : n) + gap, n + gap)
    let a = Tensor<T>.normal([max(1, (transposeA ? k : m) * lda)], key: Key(seed: 1)).scalars
    let b = Tensor<T>.normal([max(1, (transposeB ? n : k) * ldb)], key: Key(seed: 2)).scalars
    let old = Tensor<T>.normal([m * ldc], key: Key(seed: 3)).scalars
    // With beta = 0 the old c is not read.
    var c = beta == 0 ? old.map { _ in T.nan } : old
    SmallGemm.multiply(transposeA, transposeB, m, n, k, T(alpha), a, lda, b, ldb, T(beta), &c, ldc)
    var worst = -Double.infinity
    for i in 0..<m {
      for j in 0..<ldc {
        guard j < n else {
          // The gaps of c stay as they are.
          if beta != 0, c[i * ldc + j] != old[i * ldc + j] { return .infinity }
          continue
        }
        var (sum, magnitude) = (beta == 0 ? 0 : beta * Double(old[i * ldc + j]), abs(beta * Double(old[i * ldc + j])))
        for l in 0..<k {
          let term = alpha * Double(a[transposeA ? l * lda + i : i * lda + l]) * Double(b[transposeB ? j * ldb + l : l * ldb + j])
          sum += term
          magnitude += abs(term)
        }
        let difference = abs(Double(c[i * ldc + j]) - sum)
        worst = max(worst, difference.isNaN ? .infinity : difference - Double(T.ulpOfOne) * Double(k + 2) * magnitude)
      }
    }
    return worst
  }

  /// An element's bits depend neither on the matrix around it nor on where it lies.
  @Test func elementsAreIndependent() {
    let (m, n, k) = (11, 37, 19)
    let a = Tensor<Float>.normal([m * k], key: Key(seed: 1)).scalars
    let b = Tensor<Float>.normal([k * n], key: Key(seed: 2)).scalars
    var c = [Float](repeating: 0, count: m * n)
    SmallGemm.multiply(false, false, m, n, k, 1, a, k, b, n, 0, &c, n)
    for i in 0..<m {
      for j in 0..<n {
        var sum: Float = 0
        for l in 0..<k { sum = sum.addingProduct(a[i * k + l], b[l * n + j]) }
        #expect(c[i * n + j] == sum)
      }
    }
  }

  /// Every product of a batch is the product alone, large or small, and one factor may serve all.
  @Test(arguments: [(3, 5, 7), (20, 32, 16), (130, 90, 70)]) func batches(m: Int, n: Int, k: Int) {
    let count = 7
    let a = Tensor<Double>.normal([count * m * k], key: Key(seed: 1)).scalars
    let b = Tensor<Double>.normal([n * k], key: Key(seed: 2)).scalars
    var (c, d) = ([Double](repeating: 0, count: count * m * n), [Double](repeating: 0, count: count * m * n))
    batchedGemm(count, false, true, m, n, k, 1, a, k, strideA: m * k, b, k, strideB: 0, 0, &c, n, strideC: m * n)
    d.withUnsafeMutableBufferPointer { d in
      a.withUnsafeBufferPointer { a in
        for i in 0..<count {
          batchedGemm(
            1, false, true, m, n, k, 1, a.baseAddress! + i * m * k, k, strideA: 0, b, k, strideB: 0, 0,
            d.baseAddress! + i * m * n, n, strideC: 0)
        }
      }
    }
    #expect(c == d)
    let first = (0..<k).reduce(0) { $0 + a[m * k + $1] * b[$1] }
    #expect(abs(c[m * n] - first) < 1e-12 * Double(k))
  }
}
