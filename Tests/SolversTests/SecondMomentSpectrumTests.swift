import Networks
import Solvers
import Tensors
import Testing
import Transforms

@Suite struct SecondMomentSpectrumTests {
  private let key = Key(seed: 4)

  /// More rows than dimensions, and fewer: the same moment, taken apart on either side.
  @Test(arguments: [(9, 4), (4, 9)]) func agreesWithTheMoment(n: Int, d: Int) throws {
    let rows = Tensor<Double>.normal([2, n, d], key: key)
    let spectrum = try SecondMomentSpectrum(of: rows)
    #expect(spectrum.values.shape == [2, 4] && spectrum.vectors.shape == [2, 4, d])
    for batch in 0..<2 {
      let g = rows.row(batch)
      var moment = Tensor<Double>.zeros(d, d)
      for i in 0..<n { moment = moment + g.row(i).outer(g.row(i)) / Double(n) }
      let (values, vectors) = (spectrum.values.row(batch), spectrum.vectors.row(batch))
      #expect((matmul(vectors, moment) - values.expandingDimensions(1) * vectors).norm().scalar < 1e-13)
      #expect((matmul(vectors, vectors, transposeB: true) - .identity(4)).norm().scalar < 1e-13)
      #expect(zip(values.scalars, values.scalars.dropFirst()).allSatisfy { $0 > $1 })
      #expect(abs(values.sum().scalar - g.squaredNorm().scalar / Double(n)) < 1e-13)
    }
  }

  /// Rows of rank 1: the other vectors are left out, not made of rounding.
  @Test func leavesOutTheVectorsOfZeros() throws {
    let row = Tensor<Double>.normal([1, 8], key: key)
    let spectrum = try SecondMomentSpectrum(of: row.repeated(3))
    #expect(spectrum.vectors.slice(1...2).abs().max().scalar == 0)
    #expect(abs(spectrum.values[0] / row.squaredNorm().scalar - 1) < 1e-14)
  }

  /// Lanczos on Hessian-vector products finds the eigenvalues of the dense Hessian of a small network.
  @Test func lanczosOnProductsIsTheDenseHessian() throws {
    let network = MLP<Double>([4, 5, 3], activation: .tanh, key: key.named("network"))
    let x = Tensor<Double>.normal([20, 4], key: key.named("inputs"))
    let y = Tensor<Int32>.integers([20], in: 0..<3, key: key.named("labels"))
    let loss = { (p: Tensor<Double>) in crossEntropy(network.unraveled(p)(x), labels: y) }
    let parameters = network.raveled(as: Double.self)
    let dense = try eigh(hessian(loss)(parameters)).values.scalars
    let product = compile { (v: Tensor<Double>) in hvp(loss)(parameters, v) }
    let krylov = lanczos(product, start: .normal([parameters.count], key: key.named("start")), steps: parameters.count)
    // Softmax does not see what all scores have in common, so 0 has several vectors, of which Lanczos meets one: compare sets.
    for value in dense { #expect(krylov.ritzValues.contains { abs($0 - value) < 1e-6 }) }
    for value in krylov.ritzValues { #expect(dense.contains { abs($0 - value) < 1e-6 }) }
  }
}
