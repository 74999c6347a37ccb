import InContextLearning
import Networks
import Tensors
import Testing

@Suite struct InContextLinearLearnersTests {
  typealias Paper = InContextLinearLearners

  @Test func operationsOnTokens() {
    var memory = Paper.TokenMemory([[1, 2, 3, 4, 0, 0], [-5, 6, 7, -8, 0, 0]])
    memory.mov(0, 0..<2, to: 1, 4..<6)
    #expect(memory.columns == [[1, 2, 3, 4, 0, 0], [-5, 6, 7, -8, 1, 2]])
    // [1 2; 3 4] times (3, 4), and [-5 6; 7 -8] times (7, -8).
    memory.mul((2, 2, 1), 0..<4, 2..<4, to: 4..<6)
    let products: [[Double]] = memory.columns.map { Array($0[4...]) }
    #expect(products == [[11, 25], [-83, 113]])
    memory.div(4..<6, by: 0, to: 2..<4)
    let quotients: [[Double]] = memory.columns.map { Array($0[2..<4]) }
    #expect(quotients == [[11, 25], [-16.6, 22.6]])
    memory.aff(0..<2, [1, 2, 0, 1], 4..<5, [1, 10], bias: [0.5, 0], to: 0..<2)
    let sums: [[Double]] = memory.columns.map { Array($0[..<2]) }
    // 1 + 2 * 2 + 11 + 0.5 and 2 + 10 * 11; -5 + 2 * 6 - 83 + 0.5 and 6 - 10 * 83.
    #expect(sums == [[16.5, 112], [-75.5, -824]])
  }

  /// By hand: x = 2, y = 3, w = 1: the residual is -1, the gradient 2 (2 * -1 + 0.5).
  @Test func stochasticStep() {
    let w = Paper.stochasticStepProgram(x: [2], y: 3, weights: [1], rate: 0.1, ridge: 0.5)
    #expect(w.count == 1 && abs(w[0] - (1 - 0.1 * 2 * (2 * -1 + 0.5))) < 1e-15)
  }

  /// By hand: x = 1, 2, y = 1, 3, lambda = 2: w = 7 / 7.
  @Test func ridge() {
    let ridge = Paper.ridgeProgram(x: [[1], [2]], y: [1, 3], query: [5], ridge: 2)
    #expect(abs(ridge.weights[0] - 1) < 1e-15 && abs(ridge.answer - 5) < 1e-14)
  }

  @Test func programsAgreeWithFormulas() {
    let errors = Paper.programErrors(dimension: 4, examples: 6, draws: 20, key: Key(seed: 1))
    #expect(errors.stochasticStep < 1e-13 && errors.ridge < 1e-11)
  }

  /// Equal scores read the mean of all places, a high score one of them.
  @Test func probe() {
    var probe = Paper.Probe(places: 3, width: 2, outputs: 1, key: Key(seed: 1))
    probe.readout.weight = Tensor(shape: [2, 1], [1, 10])
    let states = Tensor<Float>(shape: [1, 3, 2], [1, 2, 3, 4, 5, 6])
    #expect(abs(probe(states)[0, 0] - 43) < 1e-4)
    probe.scores = Tensor([0, 0, 100])
    #expect(abs(probe(states)[0, 0] - 65) < 1e-4)
    probe.scores = Tensor([100, 0, 0])
    #expect(abs(probe(states)[0, 0] - 21) < 1e-4)
  }
}
