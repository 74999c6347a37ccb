import EdgeOfStability
import Networks
import Tensors
import Testing
import Transforms

/// Against References/large_step_escape.py: JAX's gradient, and Newton's method for the minimum.
@Suite struct LargeStepEscapeTests {
  @Test func landscape() {
    let landscape = WellLandscape(
      depth: 0.6, width: 0.5, centers: Tensor(shape: [2, 3], [0.5, -0.2, 0.1, 0.3, 0.4, -0.6]))
    let x = Tensor(shape: [2, 3], [0.2, 0.3, -0.4, 5, 0, 0])
    expect(landscape.values(x).slice(0..<1), [-0.5715195051909733], 1e-14)
    // Far from the wells f is |x|²/2.
    expect(landscape.gradients(x), [-0.2341015966049322, 0.4558735815092396, -0.343012676697122, 5, 0, 0], 1e-14)
  }

  @Test func localMinimum() {
    let landscape = LargeStepEscape.Landscape().function
    expect(landscape.localMinima(), [1.9706056537807652, 0], 1e-13)
    expect(landscape.curvatures(), [62.24782892033737, 68.04029540521871], 1e-9)
    expect(landscape.distancesToMinima(Tensor(shape: [1, 2], [1.9706056537807652, 3])), [3], 1e-13)
  }

  /// In all protocols the drift for each draw of the first is the same.
  @Test func protocolsShareTheirDrift() {
    let protocols = NoiseProtocol.all(rate: 0.5, division: 100)
    #expect(protocols.map(\.name) == ["large", "small", "repeated"])
    for noisy in protocols { #expect(abs(noisy.rate * Double(noisy.repeats * noisy.share) - 0.5) < 1e-15) }
    #expect(protocols[1].repeats == 1 && protocols[2].share == 1)
  }

  /// Every start has its own batch; the trace is the mean of v.Hv over the same signs with the whole Hessian.
  @Test func networksWithAStartingAxis() {
    let keys = [Key(seed: 1), Key(seed: 2)]
    let draw = { (key: Key) in MLP<Float>([3, 4, 2], initializer: .he(), key: key) }
    let runs = DigitRuns(vmap(draw)(.batch(keys)))
    let x = Tensor<Float>.normal([5, 3], key: Key(seed: 3))
    let labels = Tensor<Int32>([0, 1, 1, 0, 1])
    let batches: [[Int32]] = [[0, 3], [4, 4]]
    let stepped = runs.stepped(x, labels, batches: Tensor(shape: [2, 2], batches.flatMap(\.self)), rate: Tensor(0.3))
    let traces = runs.traces(x, labels, probes: 3, key: Key(seed: 4)).scalars
    for (i, key) in keys.enumerated() {
      let network = draw(key)
      let loss = { (parameters: Tensor<Float>, x: Tensor<Float>, labels: Tensor<Int32>) in
        crossEntropy(network.unraveled(parameters)(x), labels: labels)
      }
      let parameters: Tensor<Float> = network.raveled()
      let batch = Tensor(batches[i])
      let expected = parameters - 0.3 * grad { loss($0, x.gather(batch), labels.gather(batch)) }(parameters)
      var moved = network
      for (place, layer) in stepped.networks.layers.enumerated() {
        (moved.layers[place].weight, moved.layers[place].bias) = (layer.weight.slice(i), layer.bias?.slice(i))
      }
      let found: Tensor<Float> = moved.raveled()
      #expect((found - expected).abs().max().scalar < 1e-6)

      let h = hessian { loss($0, x, labels) }(parameters)
      let products = (0..<3).map { probe in
        let signs = Tensor<Float>.rademacher(parameters.shape, key: Key(seed: 4)[probe])
        return signs.dot(matmul(h, signs)).scalar
      }
      #expect(abs(traces[i] - products.reduce(0, +) / 3) < 1e-4)
    }
  }

  private func expect(_ values: Tensor<Double>, _ reference: [Double], _ tolerance: Double) {
    #expect(values.count == reference.count)
    for (value, expected) in zip(values.scalars, reference) { #expect(abs(value - expected) < tolerance) }
  }
}
