import EdgeOfStability
import Tensors
import Testing

@Suite struct TrainingJacobianTests {
  /// J = U diag(s) V^T from known factors: regions find them again.
  @Test func regionsAreThoseOfTheFactors() throws {
    let key = Key(seed: 6)
    let v = Tensor<Double>.orthogonal([6, 6], key: key)
    // The first pair is turned by 60 degrees, the others stay where they are.
    let (c, s) = (0.5, 0.75.squareRoot())
    let other = v.slice(All(), 5)
    let values = [3.0, 1.02, 1.005, 0.995, 0.9, 0.1]
    let turned = c * v.slice(All(), 0) + s * other
    let last = c * other - s * v.slice(All(), 0)
    let u = Tensor.stack([turned] + (1..<5).map { v.slice(All(), $0) } + [last], axis: 1)
    let regions = try TrainingJacobian.SingularRegions(of: matmul(u * Tensor(values), v, transposeB: true))
    #expect((regions.values - Tensor(values)).norm().scalar < 1e-14)
    #expect((regions.alignment() - Tensor([0.5, 1, 1, 1, 1, 0.5])).norm().scalar < 1e-12)
    #expect(regions.bulk == [2, 3])
    // Inputs are the columns of V, outputs those of U, up to signs.
    let (inputs, outputs) = (regions.inputs([0]).flattened(), regions.outputs([0]).flattened())
    #expect(abs(abs(inputs.dot(v.slice(All(), 0)).scalar) - 1) < 1e-13)
    #expect(abs(abs(outputs.dot(turned).scalar) - 1) < 1e-13)
    let perturbed = regions.perturbedRegions(extremes: 2)
    #expect(perturbed.map(\.name) == ["bulk", "stable", "chaotic"])
    #expect(perturbed.map(\.places) == [[2, 3], [4, 5], [0, 1]])
  }

  /// Probabilities (1/2, 1/2) and (1/4, 3/4): log 2 - log(3) / 2 one way. A shift of all scores changes nothing.
  @Test func divergenceIsThatOfTheProbabilities() {
    let (log2, log3) = (0.6931471805599453, 1.0986122886681098)
    let before = Tensor<Double>(shape: [2, 2], [3, 3, 1, 1])
    let after = Tensor<Double>(shape: [2, 2], [0, log3, 7, 7])
    #expect(abs(TrainingJacobian.divergence(before, after).scalar - (log2 - log3 / 2) / 2) < 1e-15)
    #expect(abs(TrainingJacobian.divergence(after, before).scalar - (0.75 * log3 - log2) / 2) < 1e-15)
  }
}
