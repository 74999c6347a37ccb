import EdgeOfStability
import Networks
import Solvers
import Tensors
import Testing
import Transforms

/// The closed forms of steps and blocks against automatic differentiation of the losses.
@Suite struct OutlierAlignmentTests {
  private let key = Key(seed: 5)
  /// Sums of some tens of numbers of size one.
  private let tolerance = 1e-13

  private func sample(_ count: Int) -> OutlierAlignment.Sample {
    OutlierAlignment.Sample(
      inputs: .normal([2, count, 3], key: key.named("inputs")),
      labels: .integers([2, count], in: 0..<2, key: key.named("labels")))
  }

  private func second(_ rows: Tensor<Double>, _ run: Int) -> Tensor<Double> {
    let rows = rows.row(run)
    return matmul(rows, rows, transposeA: true) / Double(rows.shape[0])
  }

  @Test func softmaxStepsDescendTheCrossEntropy() {
    let (layer, sample) = (OutlierAlignment.SoftmaxLayer(weights: .normal([2, 2, 3], key: key)), sample(1))
    let next = layer.stepped(on: sample, rate: 0.3).weights
    for run in 0..<2 {
      let w = layer.weights.row(run)
      let gradient = grad { crossEntropy(matmul(sample.inputs.row(run), $0, transposeB: true), labels: sample.labels.row(run)) }(
        w)
      #expect((next.row(run) - (w - 0.3 * gradient)).norm().scalar < tolerance)
    }
  }

  @Test func softmaxBlocksAreHessianAndGradientMoments() {
    let (layer, sample) = (OutlierAlignment.SoftmaxLayer(weights: .normal([2, 2, 3], key: key)), sample(7))
    for run in 0..<2 {
      let (w, x, y) = (layer.weights.row(run), sample.inputs.row(run), sample.labels.row(run))
      let loss = { (w: Tensor<Double>) in crossEntropy(matmul(x, w, transposeB: true), labels: y) }
      let each = (0..<7).map { i in
        grad { crossEntropy(matmul(x.slice(i..<i + 1), $0, transposeB: true), labels: y.slice(i..<i + 1)) }(w)
      }
      let whole = hessian(loss)(w)
      for c in 0..<2 {
        let block = whole.slice(c, All(), c, All())
        #expect((second(layer.hessianRows(c, sample), run) - block).norm().scalar < tolerance)
        let moment = each.reduce(Tensor<Double>.zeros(3, 3)) { $0 + $1.row(c).outer($1.row(c)) } / 7
        #expect((second(layer.gradientRows(c, sample), run) - moment).norm().scalar < tolerance)
      }
    }
  }

  @Test func networkStepsAndBlocksAreThoseOfTheLogisticLoss() {
    let network = OutlierAlignment.ReLUNetwork(
      first: .normal([2, 4, 3], key: key.named("first")), second: .normal([2, 4], key: key.named("second")))
    let (single, many) = (sample(1), sample(7))
    let next = network.stepped(on: single, rate: 0.2, decay: 0.1)
    let moments = (0..<4).map { second(network.firstLayerRows($0, many.inputs), 1) }
    let (w, v) = (network.first.row(1), network.second.row(1))
    func loss(_ w: Tensor<Double>, _ v: Tensor<Double>, _ sample: OutlierAlignment.Sample) -> Tensor<Double> {
      let outputs = matmul(matmul(sample.inputs.row(1), w, transposeB: true).relu(), v)
      return logisticLoss(outputs, sample.labels.row(1).converted(to: Double.self))
    }
    let slopes = (grad { loss($0, v, single) }(w), grad { loss(w, $0, single) }(v))
    #expect((next.first.row(1) - (w - 0.2 * (slopes.0 + 0.1 * w))).norm().scalar < tolerance)
    #expect((next.second.row(1) - (v - 0.2 * (slopes.1 + 0.1 * v))).norm().scalar < tolerance)
    let first = hessian { loss($0, v, many) }(w)
    for unit in 0..<4 { #expect((moments[unit] - first.slice(unit, All(), unit, All())).norm().scalar < tolerance) }
    let last = hessian { loss(w, $0, many) }(v)
    #expect((second(network.secondLayerRows(many.inputs), 1) - last).norm().scalar < tolerance)
  }

  /// A frame of which w has known shares: cosines 0.6 and 0, and 0.8 outside.
  @Test func componentsAreCosines() {
    let axes = Tensor<Double>.identity(3).slice(0..<2).expandingDimensions(0)
    let cosines = OutlierAlignment.components(of: Tensor(shape: [1, 3], [-3, 0, 4]), along: axes)
    #expect((cosines - Tensor(shape: [1, 2], [0.6, 0])).norm().scalar < tolerance)
  }

  @Test func mixturesHaveTheirMeansAndNoise() {
    let mixture = OutlierAlignment.Mixture.exclusiveOr(runs: 2, dimension: 5, precision: 100, key: key)
    let gram = matmul(mixture.means, mixture.means, transposeB: true).row(1)
    let expected = Tensor<Double>(shape: [4, 4], [1, -1, 0, 0, -1, 1, 0, 0, 0, 0, 1, -1, 0, 0, -1, 1])
    #expect((gram - expected).norm().scalar < tolerance)
    #expect((mixture.means.row(0) - mixture.means.row(1)).norm().scalar > 0.1)
    let sample = mixture.sample(4000, key: key.named("sample"))
    // Along mu: +-1 for class 1, 0 for class 0, each plus noise of variance 0.01; three standard errors.
    let along = matmul(sample.inputs.row(1), mixture.means.row(1).row(0)).square()
    let isFirst = sample.labels.row(1).converted(to: Double.self)
    #expect(abs(isFirst.mean().scalar - 0.5) < 3 * 0.5 / 63)
    #expect(abs((along * isFirst).sum().scalar / isFirst.sum().scalar - 1.01) < 3 * 0.2 / 44)
    #expect(abs((along * (1 - isFirst)).sum().scalar / (1 - isFirst).sum().scalar - 0.01) < 3 * 0.0142 / 44)
  }
}
