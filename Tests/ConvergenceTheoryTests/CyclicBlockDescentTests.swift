import ConvergenceTheory
import Foundation
import Problems
import Tensors
import Testing

/// Against References/cyclic_block_descent.py, an independent transcription in NumPy that computes A x anew.
@Suite struct CyclicBlockDescentTests {
  private let problem = CompositeBlocks(
    LinearModel(
      .sigmoid, design: Tensor(shape: [6, 4], (0..<24).map { (k: Int) -> Double in sin(1 + Double(k) + 0.3 * Double(k * k)) }),
      targets: Tensor([1, -1, 1, 1, -1, -1])),
    l1: 0.01, count: 2)

  @Test func cyclesAreThePapers() {
    var state = BlockDescentState(problem)
    let steps = BlockSteps(problem)
    for _ in 0..<3 { steps.cycle(&state, over: [0, 1]) }
    expect(state.point, [0.706898032874129, 3.362022872088403, 0.32365464975560077, -0.4001709429832774])
    #expect(abs(problem.value(at: state.point, scores: state.scores).scalar - 0.30288768132242483) < 1e-13)
    #expect(abs(problem.gradientMapping(at: state.point, scores: state.scores).scalar - 0.024041318403585008) < 1e-13)
    #expect(state.passes == 3)
    steps.cycle(&state, over: [1])
    #expect(state.passes == 3.5)
  }

  /// The change is taken since the point of the block's own last step.
  @Test func recursiveCyclesAreThePapers() {
    var state = BlockDescentState(problem)
    let steps = BlockSteps(problem, shortening: 2)
    steps.cycle(&state, over: [0, 1])
    steps.recursiveCycle(&state, sample: Tensor([0, 3, 3]))
    steps.recursiveCycle(&state, sample: Tensor([5, 1, 2]))
    expect(state.point, [0.8470290017317568, 2.0505637611797, 0.40010131399515, -0.32221131352464555])
    #expect(abs(state.passes - 3) < 1e-15)
    expect(state.scores, matmul(problem.model.design, state.point).scalars)
  }

  @Test func cyclicSmoothnessIsItsDefinition() {
    #expect(abs(problem.cyclicSmoothness - 2.1863539363171363) < 1e-12)
    #expect(abs(CompositeBlocks(problem.model, l1: 0, count: 1).cyclicSmoothness - 1) < 1e-12)
  }

  private func expect(_ values: Tensor<Double>, _ reference: [Double]) {
    for (value, expected) in zip(values.scalars, reference) { #expect(abs(value - expected) < 1e-13) }
  }
}
