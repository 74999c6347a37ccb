import Datasets
import InContextLearning
import Networks
import Tensors
import Testing

@Suite struct AttentionDualFormTests {
  private let key = Key(seed: 4)

  @Test func identitiesHold() {
    #expect(AttentionDualForm.splitError(demonstrations: 5, tokens: 2, width: 6, key: key) < 1e-13)
    let errors = AttentionDualForm.descentErrors(steps: 3, demonstrations: 5, width: 6, rate: 0.05, key: key)
    #expect(errors.count == 3 && errors.allSatisfy { $0 < 1e-13 })
    let momentum = AttentionDualForm.momentumErrors(eta: 0.6, places: 5, width: 6, heads: 2, key: key)
    #expect(momentum.identity < 1e-14 && momentum.future == 0)
  }

  @Test func theFilterHoldsPowersOfMomentum() {
    let filter: Tensor<Double> = AttentionDualForm.momentumFilter(0.5, places: 3)
    #expect(filter == Tensor(shape: [3, 3], [0, 0, 0, 0.5, 0, 0, 0.25, 0.5, 0]))
    #expect(AttentionDualForm.momentumFilter(0, places: 3) == Tensor<Double>.zeros(3, 3))
  }

  /// The weights of Theorem 1 of Mahankali et al. are a step of gradient descent from 0, and the split is the layer's answer.
  @Test func knownLayersTakeTheStep() {
    let tasks = InContextRegression<Double>(50, length: 9, dimension: 4, key: key)
    let u = Tensor<Double>([0, 0, 0, 0, 2])
    let step = AttentionDualForm.LinearUpdate(OneStepDescent.Model(value: u, keyQuery: .identity(5)), on: tasks)
    let cosines = step.cosines(on: tasks, key: key).mapValues(\.scalar)
    #expect(abs(cosines["cosine", default: .nan] - 1) < 1e-14 && cosines["shuffled", default: .nan] < 0.6)
    #expect(step.zeroShot == .zeros(50, 4))

    let value = Tensor<Double>.normal([5], key: key.named("u"))
    let keyQuery = Tensor<Double>.normal([5, 5], key: key.named("M"))
    let update = AttentionDualForm.LinearUpdate(OneStepDescent.Model(value: value, keyQuery: keyQuery), on: tasks)
    let x = tasks.inputs.slice(All(), 8)
    let tokens = tasks.prompts()
    let attended = linearAttention(
      matmul(tasks.query.reshaped(50, 5), keyQuery, transposeB: true).expandingDimensions(1), tokens,
      matmul(tokens, value.expandingDimensions(1)))
    #expect((((update.zeroShot + update.inContext) * x).sum(1) - attended.reshaped(50)).abs().max().scalar < 1e-12)
  }

  @Test func pairsOfLettersOverlap() {
    let chain = AttentionDualForm.letterPairs(3, concentration: 0.5, key: key).transitions
    for (from, to) in (0..<81).map({ ($0 / 9, $0 % 9) }) { #expect((chain.slice(from, to).scalar > 0) == (from % 3 == to / 3)) }
  }
}
