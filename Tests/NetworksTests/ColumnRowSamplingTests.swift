import Foundation
import Networks
import Tensors
import Testing
import Transforms

@Suite struct ColumnRowSamplingTests {
  typealias Rule = ColumnRowSampling.Rule
  let key = Key(seed: 47)

  private func normal(_ shape: [Int], _ name: String) -> Tensor<Double> { .normal(shape, key: key.named(name)) }

  /// Rows whose norms spread over some orders of magnitude.
  private func heavyRows(_ n: Int, _ d: Int, _ name: String) -> Tensor<Double> {
    normal([n, d], name) * (1.5 * normal([n, 1], "\(name) scales")).exp()
  }

  /// By trying every number of winners.
  @Test(arguments: [1, 5, 12, 20]) func winnersAreTheBestNumber(count: Int) {
    for seed in 0..<5 {
      let weights = (2 * normal([20], "weights \(seed)")).exp()
      let sorted = weights.scalars.sorted(by: >).map { $0 / weights.sum().scalar }
      let values = (0..<count).map { c in (1 - sorted.prefix(c).reduce(0, +)) / Double(count - c) }
      let c = values.indices.min { values[$0] < values[$1] } ?? 0
      let winners = ColumnRowSampling(.winnersTakeAll, count: count).winners(Tensor(sorted))
      #expect(Int(winners.count.scalar) == c && abs(winners.tail.scalar - values[c] * Double(count - c)) < 1e-14)
      // The winners come first and as they are; the others are drawn from the rest.
      let order = sorted.indices.map { Int32(weights.scalars.firstIndex(of: weights.scalars.sorted(by: >)[$0]) ?? -1) }
      let terms = ColumnRowSampling(.winnersTakeAll, count: count).terms(weights: weights, key: key[seed])
      #expect(Array(terms.indices.scalars.prefix(c)) == Array(order.prefix(c)))
      for (slot, index) in terms.indices.scalars.enumerated() {
        let place = order.firstIndex(of: index) ?? -1
        #expect(slot < c ? place == slot : place >= c)
        let factor = slot < c ? 1 : values[c] / sorted[place]
        // 1 - P_c loses digits here.
        #expect(abs(terms.factors[slot] - factor) < 1e-10 * factor)
      }
    }
  }

  /// Weights of 0 are never drawn, though their interval is at the end, where rounding may lead.
  @Test(arguments: [Rule.independent, .winnersTakeAll]) func impossibleTermsStayAway(rule: Rule) {
    let weights = Tensor<Float>((0..<50).map { $0 < 7 ? 0.1 : 0 })
    for seed in 0..<20 {
      let terms = ColumnRowSampling(rule, count: 6).terms(weights: weights, key: key[seed])
      #expect(terms.indices.scalars.allSatisfy { $0 < 7 } && terms.factors.scalars.allSatisfy(\.isFinite))
    }
  }

  /// The mean over many draws, and their spread: that of independent draws by its definition, E |t / p|² - |E t / p|², over the draws.
  @Test(arguments: Rule.allCases) func estimatesHaveTheirMeanAndSpread(rule: Rule) {
    let (n, k, draws) = (60, 12, 6000)
    let (x, y) = (heavyRows(n, 3, "x"), normal([n, 4], "y"))
    let exact = matmul(x, y, transposeA: true)
    let sampling = ColumnRowSampling(rule, count: k)
    let weights = (x.norm(-1) * y.norm(-1)).scalars
    let order = weights.indices.sorted { weights[$0] > weights[$1] }
    let sorted = order.map { weights[$0] / weights.reduce(0, +) }
    let c = rule == .deterministic ? k : Int(sampling.winners(Tensor(sorted)).count.scalar)
    var (rest, spread) = (Tensor<Double>.zeros([3, 4]), 0.0)
    let tail = sorted.dropFirst(c).reduce(0, +)
    for place in c..<n {
      let term = x.row(order[place]).outer(y.row(order[place]))
      rest = rest + term
      spread += term.squaredNorm().scalar / (sorted[place] / tail)
    }
    let expected =
      rule == .deterministic ? rest.squaredNorm().scalar : (spread - rest.squaredNorm().scalar) / Double(k - c)
    #expect(abs(sampling.expectedError(x, y).scalar - expected) < 1e-10 * expected)

    let errors = vmap { (key: Key) in sampling.product(x, y, key: key) - exact }(Key.batch(key.split(draws)))
    let measured = errors.squaredNorm(1, 2).mean().scalar
    // Heavy tails: the spread of the squared errors is a few times their mean.
    #expect(abs(measured / expected - 1) < 0.1)
    let bias = errors.mean(0).squaredNorm().scalar
    if rule == .deterministic {
      #expect(abs(bias / expected - 1) < 1e-10)
    } else {
      #expect(bias < 3 * measured / Double(draws))
    }
  }

  // MARK: Layers

  private func layer() -> Dense<Double> {
    var layer = Dense<Double>(5, 3, key: key.named("layer"))
    layer.bias = normal([3], "bias")
    return layer
  }

  private struct Arguments: TensorTree {
    var layer: Dense<Double>
    var x, norms: Tensor<Double>
  }

  private func loss(_ a: Arguments, _ rule: Rule, _ count: Int, _ target: Tensor<Double>, _ key: Key) -> Tensor<Double> {
    let y = a.layer(a.x, sampling: ColumnRowSampling(rule, count: count), gradientNorms: a.norms, key: key)
    return ((y - target) * (y - target) * (y + target)).sum()
  }

  @Test func layersAreExactButForTheWeights() {
    let (layer, x, target) = (layer(), normal([4, 6, 5], "x"), normal([4, 6, 3], "target"))
    let exact = grad { (a: Arguments) in
      let y = a.layer(a.x)
      return ((y - target) * (y - target) * (y + target)).sum()
    }(Arguments(layer: layer, x: x, norms: .ones([4, 6])))
    let arguments = Arguments(layer: layer, x: x, norms: .uniform([4, 6], in: 0.5..<2, key: key.named("norms")))
    #expect(layer(x, sampling: ColumnRowSampling(.independent, count: 2), gradientNorms: arguments.norms, key: key) == layer(x))
    let sampled = grad { (a: Arguments) in loss(a, .winnersTakeAll, 8, target, key) }(arguments)
    #expect((sampled.x - exact.x).abs().max().scalar < 1e-12)
    let biases = [sampled, exact].map { $0.layer.bias ?? Tensor(.nan) }
    #expect((biases[0] - biases[1]).abs().max().scalar < 1e-12)
    #expect((sampled.layer.weight - exact.layer.weight).abs().max().scalar > 1e-2)
    // All rows, as they are: exact.
    let all = grad { (a: Arguments) in loss(a, .deterministic, 24, target, key) }(arguments)
    #expect((all.layer.weight - exact.layer.weight).abs().max().scalar < 1e-12)
    // The norms of the outputs' gradient, which a layer's weights turn into that of its input.
    let outputs = layer(x)
    let cotangent = grad { (y: Tensor<Double>) in ((y - target) * (y - target) * (y + target)).sum() }(outputs)
    #expect((sampled.norms - cotangent.norm(-1)).abs().max().scalar < 1e-12)
  }

  /// Rows drawn by a wrong guess of the norms are drawn without bias too.
  @Test(arguments: [Rule.independent, .winnersTakeAll]) func weightGradientsAreRightOnAverage(rule: Rule) {
    let (layer, target) = (layer(), normal([4, 6, 3], "target"))
    let x = heavyRows(24, 5, "x").reshaped(4, 6, 5) * 0.1
    let norms = Tensor<Double>.uniform([4, 6], in: 0.5..<2, key: key.named("norms"))
    let exact = grad { (a: Arguments) in loss(a, .deterministic, 24, target, key) }(Arguments(layer: layer, x: x, norms: norms))
    let gradients = compile(
      vmap { (key: Key) in
        grad { (a: Arguments) in loss(a, rule, 7, target, key) }(Arguments(layer: layer, x: x, norms: norms)).layer.weight
      })(Key.batch(key.split(4000)))
    let errors = gradients - exact.layer.weight
    #expect(errors.mean(0).squaredNorm().scalar < 3 * errors.squaredNorm(1, 2).mean().scalar / 4000)
    // The compiled batch draws what a single one draws.
    let one = grad { (a: Arguments) in loss(a, rule, 7, target, key[5]) }(Arguments(layer: layer, x: x, norms: norms))
    #expect((gradients.row(5) - one.layer.weight).abs().max().scalar < 1e-12)
  }
}
