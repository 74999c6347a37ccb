import Lenses
import Tensors
import Transforms

/// The parameters of an affine layer: weights [inputs, outputs] and bias [outputs].
package struct Affine: TensorTree, Codable {
  package var weight: Tensor<Double>
  package var bias: Tensor<Double>

  /// x times the weights, plus the bias.
  package func callAsFunction(_ x: Tensor<Double>) -> Tensor<Double> { matmul(x, weight) + bias }

  /// Layers of these widths; normal weights of variance 1 / inputs, normal biases of standard deviation 0.1. `leading` axes are batches.
  package static func chain(_ widths: [Int], leading: [Int] = [], key: Key) -> [Affine] {
    (0..<widths.count - 1).map { i -> Affine in
      let (inputs, outputs) = (widths[i], widths[i + 1])
      let deviation = 1 / Double(inputs).squareRoot()
      return Affine(
        weight: .normal(leading + [inputs, outputs], standardDeviation: deviation, key: key[i].named("weight")),
        bias: .normal(leading + [outputs], standardDeviation: 0.1, key: key[i].named("bias")))
    }
  }
}

extension BackpropFunctor {
  /// What the laws are tried on: two networks, side by side where a law wants it, an input and a target for each, and a direction.
  package struct Draw: TensorTree {
    package var p: [Affine]
    package var q: [Affine]
    package var a: Pair<Tensor<Double>, Tensor<Double>>
    package var b: Pair<Tensor<Double>, Tensor<Double>>
    package var direction: [Affine]

    /// Many draws, along the first axis of each tensor. Inputs and targets are in (0, 1), where the cross-entropy lives.
    package static func batch(_ count: Int, widths: [Int], key: Key) -> Draw {
      let points = { (width: Int, name: String) in
        Tensor<Double>.uniform([count, width], in: 0.05..<0.95, key: key.named(name))
      }
      let (first, last) = (widths[0], widths[widths.count - 1])
      let network = { (name: String) in Affine.chain(widths, leading: [count], key: key.named(name)) }
      return Draw(
        p: network("p"), q: network("q"), a: Pair(points(first, "a"), points(first, "c")),
        b: Pair(points(last, "b"), points(last, "d")), direction: network("direction"))
    }
  }

  package typealias Layer = (Affine, Tensor<Double>) -> Tensor<Double>
  package typealias LayerLearner = Learner<Affine, Tensor<Double>, Tensor<Double>>
  package typealias NetworkLearner = Learner<[Affine], Tensor<Double>, Tensor<Double>>

  package static var errors: [ErrorFunction<Double>] { [.quadratic, .crossEntropy, .hyperbolicCosine] }

  package static func layers(
    _ count: Int, activation: @escaping (Tensor<Double>) -> Tensor<Double>, isLastLinear: Bool = false
  ) -> [Layer] {
    (0..<count).map { i in { p, x in isLastLinear && i == count - 1 ? p(x) : activation(p(x)) } }
  }

  /// The layers one after the other: one function of all parameters.
  package static func composed(_ layers: [Layer]) -> ([Affine], Tensor<Double>) -> Tensor<Double> {
    { parameters, x in zip(layers, parameters).reduce(x) { $1.0($1.1, $0) } }
  }

  package static let lawNames = [
    "implement", "update", "request", "back-propagation", "differences", "associativity", "identity", "interchange",
    "layer", "copy",
  ]

  /// The largest difference of the two sides of each law, in the order of the names.
  static func discrepancies(of draw: Draw, error: ErrorFunction<Double>, rate: Double, layers count: Int) -> Tensor<Double> {
    let functions = Self.functions(count, error)
    let learn = { (layer: @escaping Layer) in LayerLearner(descending: layer, rate: rate, error: error) }
    return .stack(
      functoriality(draw, error, rate: rate, layers: count) + gradientLaws(draw, error, rate: rate, functions)
        + monoidalLaws(draw, functions.map(learn)) + wiringLaws(draw, functions[0], error, rate: rate))
  }

  private static func functions(_ count: Int, _ error: ErrorFunction<Double>) -> [Layer] {
    error.name == ErrorFunction<Double>.crossEntropy.name
      ? layers(count) { $0.sigmoid() } : layers(count) { $0.tanh() }
  }

  /// L(g after f) = L(g) after L(f): in implement, update and request.
  static func functoriality(
    _ draw: Draw, _ error: ErrorFunction<Double>, rate: Double, layers count: Int
  ) -> [Tensor<Double>] {
    let functions = functions(count, error)
    let whole = NetworkLearner(descending: composed(functions), rate: rate, error: error)
    let parts = NetworkLearner.chain(functions.map { LayerLearner(descending: $0, rate: rate, error: error) })
    let (p, a, b) = (draw.p, draw.a.first, draw.b.first)
    return [
      whole.implement(p, a).largestDifference(from: parts.implement(p, a)),
      whole.update(p, a, b).largestDifference(from: parts.update(p, a, b)),
      whole.request(p, a, b).largestDifference(from: parts.request(p, a, b)),
    ]
  }

  /// The composed update against p - eps grad E of the whole network, over the largest entry of that; and its slope along a direction
  /// against central differences of E, over its magnitude or 1.
  private static func gradientLaws(
    _ draw: Draw, _ error: ErrorFunction<Double>, rate: Double, _ functions: [Layer]
  ) -> [Tensor<Double>] {
    let (p, a, b) = (draw.p, draw.a.first, draw.b.first)
    let network = composed(functions)
    let loss = { (p: [Affine]) in error.value(network(p, a), b).sum() }
    let updated = NetworkLearner.chain(functions.map { LayerLearner(descending: $0, rate: rate, error: error) }).update(p, a, b)
    let expected = p.adding(-rate, grad(loss)(p))
    // The step of differences whose error, h^2 from the third derivative and 1e-16 / h from rounding, is least.
    let h = 1e-5
    let slope =
      (p.adding(-1, updated).combined(with: draw.direction) { ($0 * $1) }.tensors)
      .reduce(Tensor(0)) { $0 + Tensor<Double>($1).sum() } / rate
    let difference = (loss(p.adding(h, draw.direction)) - loss(p.adding(-h, draw.direction))) / (2 * h)
    return [
      updated.largestDifference(from: expected) / expected.largestDifference(from: expected.zeros),
      (slope - difference).abs() / maximum(slope.abs(), Tensor(1)),
    ]
  }

  /// (1 ; 2) ; 3 = 1 ; (2 ; 3), f ; id = f = id ; f, and (f ; g) (x) (f ; g) = (f (x) f) ; (g (x) g).
  private static func monoidalLaws(_ draw: Draw, _ learners: [LayerLearner]) -> [Tensor<Double>] {
    let (p, q, a) = (draw.p, draw.q, draw.a)
    let (one, two, three) = (learners[0], learners[1], learners[2])
    // The target of a shorter chain: what the next layer makes of nothing in particular.
    let target = two.implement(q[1], one.implement(q[0], a.second))
    let last = three.implement(q[2], target)
    let left = one.then(two).then(three).put(Pair(Pair(p[0], p[1]), p[2]), a.first, last)
    let right = one.then(two.then(three)).put(Pair(p[0], Pair(p[1], p[2])), a.first, last)
    let associativity = [
      left.first.first.first.largestDifference(from: right.first.first),
      left.first.first.second.largestDifference(from: right.first.second.first),
      left.first.second.largestDifference(from: right.first.second.second),
      left.second.largestDifference(from: right.second),
    ]

    typealias Identity = ParametricLens<Closed, Wire<Tensor<Double>>, Wire<Tensor<Double>>>
    let middle = one.implement(q[0], a.second)
    let plain = one.put(p[0], a.first, middle)
    let before = Identity.identity.then(one).put(Pair(Unit(), p[0]), a.first, middle)
    let after = one.then(Identity.identity).put(Pair(p[0], Unit()), a.first, middle)
    let identity = [
      plain.first.largestDifference(from: before.first.second), plain.first.largestDifference(from: after.first.first),
      plain.second.largestDifference(from: before.second), plain.second.largestDifference(from: after.second),
    ]

    let targets = Pair(target, two.implement(p[1], one.implement(p[0], a.second)))
    let chains = one.then(two).beside(one.then(two)).put(Pair(Pair(p[0], p[1]), Pair(q[0], q[1])), a, targets)
    let rows = one.beside(one).then(two.beside(two)).put(Pair(Pair(p[0], q[0]), Pair(p[1], q[1])), a, targets)
    let interchange = [
      chains.first.first.first.largestDifference(from: rows.first.first.first),
      chains.first.first.second.largestDifference(from: rows.first.second.first),
      chains.first.second.first.largestDifference(from: rows.first.first.second),
      chains.first.second.second.largestDifference(from: rows.first.second.second),
      chains.second.largestDifference(from: rows.second),
    ]
    return [associativity, identity, interchange].map { $0.reduce(Tensor(0)) { maximum($0, $1) } }
  }

  /// A layer is its affine map, then its activation, as learners; and the learner of the copy a -> (a, a) requests a - (a - b) - (a - d)
  /// of a quadratic error, in general f_a of the sum of the two slopes.
  private static func wiringLaws(
    _ draw: Draw, _ layer: @escaping Layer, _ error: ErrorFunction<Double>, rate: Double
  ) -> [Tensor<Double>] {
    typealias Plain = Learner<Unit, Tensor<Double>, Tensor<Double>>
    let (p, a) = (draw.p[0], draw.a.first)
    let isSigmoid = error.name == ErrorFunction<Double>.crossEntropy.name
    // The output of the affine map is no probability, so the cross-entropy's slope has a pole there that cancels; any error passes on.
    let affine = LayerLearner(descending: { $0($1) }, rate: rate, error: error)
    let activation = Plain(descending: { _, x in isSigmoid ? x.sigmoid() : x.tanh() }, rate: rate, error: error)
    let target = layer(draw.q[0], draw.a.second)
    let whole = LayerLearner(descending: layer, rate: rate, error: error).put(p, a, target)
    let parts = affine.then(activation).put(Pair(p, Unit()), a, target)

    let copy = Learner<Unit, Tensor<Double>, Pair<Tensor<Double>, Tensor<Double>>>(
      descending: { _, x in Pair(x, x) }, rate: rate, error: error)
    let wanted = Pair(draw.a.second, draw.a.second.square())
    let slopes = error.slope(a, wanted.first) + error.slope(a, wanted.second)
    return [
      maximum(whole.first.largestDifference(from: parts.first.first), whole.second.largestDifference(from: parts.second)),
      copy.request(Unit(), a, wanted).largestDifference(from: error.target(a, slopes)),
    ]
  }
}
