import LowRankRecovery
import Tensors
import Testing

/// Against References/supervised_dictionary.py.
@Suite struct SupervisedDictionaryTests {
  typealias Paper = SupervisedDictionary
  let d = 6
  let n = 10
  let r = 2
  let q = 2

  private func objective() throws -> Paper.Objective {
    var stack = Tensor.concatenate([Fixture.wave(d, n, 0.1), Fixture.wave(q, n, 0.5)])
    stack *= 2 / (try thinSVD(stack).s.max().scalar)
    let parts = stack.split(sizes: [d, q])
    return Paper.Objective(
      Paper.Sample(data: parts[0], covariates: parts[1], labels: Tensor((0..<n).map { $0 % 3 == 0 ? 1 : 0 }), norm: 2),
      Paper.Weights(xi: 0.8, nu: 1.1))
  }

  @Test func weightsGiveTheTheoremsConstants() {
    let weights = Paper.Weights(xi: 0.8, nu: 1.1)
    #expect(abs(weights.step(norm: 2) - 0.390625) < 1e-15)
    #expect(abs(weights.mu() - 1.6) < 1e-15 && abs(weights.smoothness(norm: 2) - 3.2) < 1e-15)
    #expect(Paper.Weights(xi: 1, nu: 1).contraction(norm: 2) == 0.5)
    #expect(Paper.Weights(xi: 0.5, nu: 0.5).contraction(norm: 2) == 0.75)
  }

  @Test func projectedDescentIsThePapers() throws {
    let f = try objective()
    var z = Paper.Lifted(z: Fixture.wave(d, 1 + n, 0.7), gamma: .zeros([q]))
    var values: [Double] = []
    for t in 0...50 {
      if t % 10 == 0 { values.append(f.value(z).scalar) }
      if t == 7 {
        Fixture.expectEqual(
          [z.z[1, 0], z.z[3, 4], z.gamma[1]], [-0.3196384459783111, 0.18350852652621194, -0.301633021556688])
      }
      z = z.lpgdStep(f, rank: r)
    }
    Fixture.expectEqual(
      values,
      [22.72242634233509, 9.153012793848998, 9.149714757665118, 9.149679412300312, 9.149679031969939, 9.149679027877617])
    #expect(try thinSVD(z.z).s[r] < 1e-14)
  }

  @Test func blockDescentIsThePapers() throws {
    let f = try objective()
    var blocks = Paper.Blocks(
      w: Fixture.wave(d, r, 0.2), h: Fixture.wave(r, n, 0.3), beta: Fixture.wave(r, 1, 0.6).flattened(), gamma: .zeros([q]))
    var values: [Double] = []
    for t in 0..<50 {
      blocks = blocks.sweep(f, gradientSteps: 5)
      if t == 0 || t % 10 == 9 { values.append(f.value(blocks).scalar) }
    }
    Fixture.expectEqual(
      values,
      [10.867745336782933, 9.152795156142618, 9.149684871713921, 9.149679039050357, 9.14967902785464, 9.14967902783315])
  }

  @Test func twoStagesAreThePapers() throws {
    let f = try objective()
    Fixture.expectEqual([f.value(Paper.twoStages(f, rank: r)).scalar], [9.180867813637274])
  }

  /// Without covariates every array of theirs is empty.
  @Test func covariatesMayBeMissing() throws {
    var f = try objective()
    f.covariates = .zeros([0, n])
    let z = Paper.Lifted(z: Fixture.wave(d, 1 + n, 0.7), gamma: .zeros([0])).lpgdStep(f, rank: r)
    #expect(z.gamma.shape == [0] && f.value(z).scalar.isFinite)
    #expect(f.value(Paper.twoStages(f, rank: r)).scalar.isFinite)
  }
}
