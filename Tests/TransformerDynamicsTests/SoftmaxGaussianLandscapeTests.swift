import Foundation
import Tensors
import Testing
import TransformerDynamics

@Suite struct SoftmaxGaussianLandscapeTests {
  typealias Paper = SoftmaxGaussianLandscape

  private func example(_ kernel: Paper.Kernel) -> (layer: Paper.Layer, data: Paper.Regression) {
    let key = Key(seed: 5)
    return (
      Paper.Layer(3, heads: 2, kernel: kernel, key: key.named("layer")),
      Paper.Regression(inputs: .normal([2, 4, 3], key: key.named("X")), targets: .normal([2, 4], key: key.named("y")))
    )
  }

  /// B = [S^1 V^1, S^2 V^2] W_O entry by entry; the Gaussian weights are not divided by their sum.
  @Test(arguments: Paper.Kernel.allCases) func layerIsThePapersFormula(kernel: Paper.Kernel) {
    let (layer, data) = example(kernel)
    let product = { (i: Int, place: Int, w: Tensor<Double>, head: Int, column: Int) in
      (0..<3).reduce(0.0) { $0 + data.inputs[i, place, $1] * w[$1, head, column] }
    }
    let outputs = layer(data.inputs)
    for i in 0..<2 {
      for k in 0..<4 {
        var expected = 0.0
        for h in 0..<2 {
          let weights = (0..<4).map { j in
            let pairs = (0..<3).map { (product(i, k, layer.heads.query, h, $0), product(i, j, layer.heads.key, h, $0)) }
            return kernel == .softmax
              ? exp(pairs.reduce(0) { $0 + $1.0 * $1.1 } / 3.0.squareRoot())
              : exp(-pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 6)
          }
          let sum = kernel == .softmax ? weights.reduce(0, +) : 1
          for j in 0..<4 {
            let read = (0..<3).reduce(0.0) { $0 + product(i, j, layer.heads.value, h, $1) * layer.output[h, $1] }
            expected += weights[j] / sum * read
          }
        }
        #expect(abs(outputs[i, k] - expected) < 1e-13)
      }
    }
  }

  /// The losses of one weight are those of the layer with that weight.
  @Test(arguments: Paper.Kernel.allCases) func partialLossesAreTheLayers(kernel: Paper.Kernel) {
    let (layer, data) = example(kernel)
    let other = Tensor<Double>.normal([3, 2, 3], key: Key(seed: 8))
    var changed = layer
    changed.heads.value = other
    let value = Paper.ValueTraining(layer, data).loss(other).scalar
    #expect(abs(value - data.loss(changed(data.inputs)).scalar) < 1e-13)
    changed = layer
    changed.heads.query = other
    let query = Paper.QueryTraining(layer, data).loss(other).scalar
    #expect(abs(query - data.loss(changed(data.inputs)).scalar) < 1e-13)
  }

  /// The normal equations: no W_V has a smaller loss than one that solves them, and its loss is the floor.
  @Test(arguments: Paper.Kernel.allCases) func floorIsThatOfLeastSquares(kernel: Paper.Kernel) throws {
    let (layer, data) = example(kernel)
    let (phi, y) = (layer.features(data.inputs), data.targets.reshaped(-1))
    let u = try solve(matmul(phi, phi, transposeA: true), matmul(phi, y, transposeA: true))
    let least = ((matmul(phi, u) - y).square().mean() / 2).scalar
    #expect(least > 1e-3)
    #expect(abs(try Paper.ValueTraining(layer, data).floor() - least) < 1e-10)
  }

  @Test func directionsHaveTheColumnsLengths() {
    let weight = Tensor<Double>.normal([5, 2, 3], key: Key(seed: 2))
    let direction = Paper.filterNormalizedDirection(weight, key: Key(seed: 3))
    #expect((direction.norm(0) - weight.norm(0)).abs().max().scalar < 1e-14)
    #expect((direction - weight).abs().max().scalar > 0.1)
  }

  /// Two dots, always as many pixels of curves, and a way along curves from dot to dot exactly when the picture is said to have one.
  @Test(arguments: [true, false]) func pathsConnectTheDots(isConnected: Bool) {
    let side = 16
    for seed in 0..<20 {
      let pixels = Paper.PathPicture(side: side, isConnected: isConnected, key: Key(seed: UInt64(seed))).pixels
      let dots = pixels.indices.filter { pixels[$0] == 2 }
      #expect(dots.count == 2 && pixels.count { $0 == 1 } == 22)
      var reached: Set = [dots[0]]
      var frontier = [dots[0]]
      while let place = frontier.popLast() {
        for row in max(0, place / side - 1)...min(side - 1, place / side + 1) {
          for column in max(0, place % side - 1)...min(side - 1, place % side + 1) {
            let next = row * side + column
            if pixels[next] > 0, reached.insert(next).inserted { frontier.append(next) }
          }
        }
      }
      #expect(reached.contains(dots[1]) == isConnected && reached.count == 12)
    }
  }
}
