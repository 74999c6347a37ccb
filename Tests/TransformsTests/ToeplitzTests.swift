import Foundation
import Tensors
import Testing
import Transforms

/// Toeplitz products against the matrix written out by its definition, C_ij = c[j - i].
@Suite struct ToeplitzTests {
  let key = Key(seed: 21)

  private func matrix(_ c: Tensor<Double>) -> Tensor<Double> {
    let n = (c.count + 1) / 2
    return Tensor(shape: [n, n], (0..<n * n).map { c[$0 % n - $0 / n + n - 1] })
  }

  /// Diagonals are not symmetric, so that a transposed matrix would be seen; 8, 9 and 16 lie on both sides of the period's steps.
  @Test(arguments: [1, 2, 3, 8, 9, 16, 100]) func productsAreThoseOfTheMatrix(n: Int) {
    let c = Tensor<Double>.normal([2 * n - 1], key: key.named("c"))
    let x = Tensor<Double>.normal([3, n], key: key.named("x"))
    let expected = matmul(x, matrix(c), transposeB: true)
    // A few roundings of transforms of up to 256 numbers.
    #expect((ToeplitzMatrix(diagonals: c)(x) - expected).abs().max().scalar < 1e-13 * Double(n))
    let single = ToeplitzMatrix(diagonals: c.converted(to: Float.self))(x.converted(to: Float.self))
    #expect((single.converted(to: Double.self) - expected).abs().max().scalar < 1e-5)
    #expect(c.toeplitzRows(n) == matrix(c))
  }

  @Test func rowsOfOtherShapes() {
    // c[-1], c[0], c[1], c[2]: two rows of three.
    #expect(Tensor([1.0, 2, 3, 4]).toeplitzRows(2) == Tensor(shape: [2, 3], [2, 3, 4, 1, 2, 3]))
    #expect(Tensor([1.0, 2, 3]).toeplitzRows(3) == Tensor(shape: [3, 1], [3, 2, 1]))
    #expect(Tensor([1.0, 2, 3]).toeplitzRows(1) == Tensor(shape: [1, 3], [1, 2, 3]))
  }

  @Test func convolutionIsCausal() {
    let kernel = Tensor([1.0, 10, 100])
    let y = ToeplitzMatrix(convolvingWith: kernel)(Tensor([1.0, 2, 3]))
    #expect((y - Tensor([1, 12, 123])).abs().max().scalar < 1e-12)
  }

  @Test func batchesOfMatricesBroadcast() {
    let c = Tensor<Double>.normal([2, 1, 9], key: key.named("c"))
    let x = Tensor<Double>.normal([4, 2, 3, 5], key: key.named("x"))
    let y = ToeplitzMatrix(diagonals: c)(x)
    for head in 0..<2 {
      let expected = matmul(x.slice(All(), head), matrix(c.row(head).row(0)), transposeB: true)
      #expect((y.slice(All(), head) - expected).abs().max().scalar < 1e-13)
    }
  }

  @Test func derivatives() {
    let c = Tensor<Double>.normal([9], key: key.named("c"))
    let x = Tensor<Double>.normal([2, 5], key: key.named("x"))
    checkDerivatives({ ToeplitzMatrix(diagonals: c)($0) }, at: x, "in the factor")
    checkDerivatives({ ToeplitzMatrix(diagonals: $0)(x).square() }, at: c, "in the diagonals")
    checkDerivatives({ $0.toeplitzRows(4).square() }, at: c, "rows")
  }
}
