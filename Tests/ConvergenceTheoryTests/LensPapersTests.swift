import ConvergenceTheory
import Lenses
import Tensors
import Testing
import Transforms

@Suite struct ParametricLensLearningTests {
  /// The rules of the table and of the products, by hand: the example seen is right afterwards, and nothing else of a table moves.
  @Test func circuitsLearnWhatTheySee() {
    let truth = [true, false, true, true]
    let table = Circuit.learn(truth, model: .lookupTable(bits: 2), bits: 2, order: [2, 1, 0, 3])
    #expect(table == [0.25, 0.5, 0.5, 0.75, 1])
    // p_0 moves with every error, and with it every row: after input 0 all rows say 1.
    let products = Circuit.learn(truth, model: .quadratic(bits: 2), bits: 2, order: [0])
    #expect(products == [0.25, 0.75])
  }

  @Test func lawsHoldAndReducedPowersBreakThem() {
    let violations = (0..<10).map { ParametricLensLearning.booleanLaws(Key(seed: 1)[$0]) }
    #expect(violations.allSatisfy { $0.dropLast().allSatisfy { $0 == 0 } })
    #expect(violations.contains { ($0.last ?? 0) > 0 })
    let laws = ParametricLensLearning.realLaws(Key(seed: 2)).scalars
    #expect(laws.count == ParametricLensLearning.realLawNames.count && laws.allSatisfy { $0 < 1e-8 })
  }

  /// The composed network is the function that its parts say.
  @Test func networksAreTheirParts() {
    let network = ConvolutionalNetwork(side: 4, filters: 2, classes: 3, key: Key(seed: 3))
    let images = Tensor<Double>.normal([5, 4, 4, 1], key: Key(seed: 4))
    let direct = network.affine(
      conv2d(images, network.filter, padding: .same).relu().maxPool2D(ImageExtents(2, 2)).reshaped(5, 8))
    #expect(network(images) == direct)
    let change = Tensor<Double>.normal([5, 3], key: Key(seed: 5))
    let put = ConvolutionalNetwork.lens.put(network, images, change)
    let gradient = grad { (network: ConvolutionalNetwork) in (network(images) * change).sum() }(network)
    #expect((put.first.filter - gradient.filter).abs().max().scalar < 1e-13)
    #expect((put.first.affine.weight - gradient.affine.weight).abs().max().scalar < 1e-13)
  }
}

@Suite struct LearnersAsMachinesTests {
  private func descent(rate: Double) -> QuantizedDescent {
    var settings = LearnersAsMachines.Descent()
    settings.inputs = [1, 2]
    return .line(settings, rate: rate, step: 0.5)
  }

  /// p in {-2, -1.5, ..., 2}, p* = 0.5 at place 5: p - p* shrinks by 1 - eps a^2, rounded to steps, and stays on the grid.
  @Test func lineIsGradientDescent() {
    let slow = descent(rate: 0.2)  // factors 0.8 and 0.2
    #expect(slow.transitions == [[1, 4], [2, 4], [3, 4], [3, 5], [4, 5], [5, 5], [6, 5], [7, 5], [7, 6]])
    #expect(abs(slow.errors[0] - 0.5 * 6.25 * 2.5) < 1e-12 && slow.errors[5] == 0)
    #expect(slow.always(10) == (9, 9) && slow.always(1.3) == (5, 5))
    let fast = descent(rate: 0.6)  // factors 0.4 and -1.4
    #expect(fast.transitions[7] == [6, 2] && fast.always(1.3) == (5, 3))
  }

  @Test func depthsCountPairs() {
    #expect(descent(rate: 0.2).depths == [1, 1, 1, 1, 0, 0, 0, 1, 1])
  }
}
