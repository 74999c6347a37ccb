import Optimizers
import Tensors
import Testing

@Suite struct InverseFisherTests {
  let gradients = Tensor<Double>.normal([6, 20], key: Key(seed: 1))
  let x = Tensor<Double>.normal([20], key: Key(seed: 2))

  private func fisher(_ gradients: Tensor<Double>, _ damping: Double) -> Tensor<Double> {
    damping * .identity(gradients.shape[1]) + matmul(gradients, gradients, transposeA: true) / Double(gradients.shape[0])
  }

  private func deviation(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Double { ((a - b).norm() / b.norm()).scalar }

  @Test func bothAlgorithmsInvert() throws {
    let dense = try inverse(fisher(gradients, 0.05))
    let fixed = StaticInverseFisher(gradients: gradients, damping: 0.05)
    let window = DynamicInverseFisher(GradientWindow(gradients: gradients), damping: 0.05)
    for product in [fixed(x), window(x)] { #expect(deviation(product, matmul(dense, x)) < 1e-13) }
    for diagonal in [fixed.diagonal(), window.diagonal()] { #expect(deviation(diagonal, dense.diagonal()) < 1e-13) }
    // The two ways to V and q have nothing in common but the gradients.
    #expect(deviation(window.directions, fixed.directions) < 1e-13 && deviation(window.pivots, fixed.pivots) < 1e-13)
    #expect(abs(window.upper[1, 4] - gradients.row(4).dot(fixed.directions.row(1)).scalar) < 1e-12)
  }

  @Test func productIsLinearInDimension() {
    var counter = MultiplyAddCounter()
    _ = DynamicInverseFisher(GradientWindow(gradients: gradients), damping: 0.1).product(x, counting: &counter)
    #expect(counter.count == 2 * 6 * 20 + 6 * 6 + 6 * 7 / 2)
  }

  /// Nine gradients through a window of six leave the last six; before that the missing ones count as zero.
  @Test func windowForgets() throws {
    let all = Tensor<Double>.normal([9, 20], key: Key(seed: 3))
    var window = GradientWindow<Double>(capacity: 6, dimension: 20)
    for i in 0..<9 {
      window.push(all.row(i))
      let kept = all.slice(max(0, i - 5)..<i + 1)
      let expected = try solve(0.1 * .identity(20) + matmul(kept, kept, transposeA: true) / 6, x)
      #expect(deviation(DynamicInverseFisher(window, damping: 0.1)(x), expected) < 1e-13)
    }
  }

  @Test func removalIsThatOfTheDenseInverse() throws {
    let inverse = try inverse(fisher(gradients, 0.02))
    let removed = [1, 4, 5, 11, 12, 19]
    var mask = Tensor<Double>.zeros(20)
    for i in removed { mask[i] = 1 }
    let q = Tensor<Int32>(removed.map { Int32($0) })
    let rows = inverse.gather(q)
    let expected = x - matmul(try solve(rows.gather(q, axis: 1), x.gather(q)), rows)
    let pruned = removing(mask, from: x, gradients: gradients, damping: 0.02)
    #expect(deviation(pruned, expected) < 1e-12 && removed.allSatisfy { pruned[$0] == 0 })
    // Of one weight alone the loss of the model is its saliency.
    let saliency = surgeonSaliencies(of: x, StaticInverseFisher(gradients: gradients, damping: 0.02))[4]
    var single = Tensor<Double>.zeros(20)
    single[4] = 1
    let move = removing(single, from: x, gradients: gradients, damping: 0.02) - x
    #expect(abs(saliency - 0.5 * move.dot(matmul(fisher(gradients, 0.02), move)).scalar) < 1e-12 * saliency)
  }

  @Test func kroneckerInverseIsThatOfTheProduct() throws {
    let (a, b) = (fisher(gradients.slice(All(), 0..<4), 0), fisher(gradients.slice(All(), 4..<7), 0))
    let g = x.slice(0..<12).reshaped(4, 3)
    let dense = try solve(a.kronecker(b) + 0.3 * .identity(12), g.flattened())
    #expect(deviation(KroneckerInverse(inputs: a, outputs: b, damping: 0.3)(g).flattened(), dense) < 1e-13)
  }
}
