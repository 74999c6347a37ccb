import Lenses
import Tensors
import Transforms

extension ParametricLensLearning {
  private typealias Vector = Tensor<Double>
  private typealias VectorLens = Lens<Wire<Vector>, Wire<Vector>>

  package static let realLawNames = [
    "identity", "projections", "pairing", "sum", "additivity", "homogeneity", "chain rule", "chain rule in Para",
    "differences", "associativity", "interchange",
  ]

  /// The axioms of reverse derivatives (Cockett et al. 2020, RD.1 to RD.5, and linearity in the change) and the laws of lenses, on random
  /// layers of widths 3, 4, 5 and 3: the largest difference of both sides of each.
  package static func realLaws(_ key: Key) -> Tensor<Double> {
    let layer = { (inputs: Int, outputs: Int, name: String) -> (Vector) -> Vector in
      let weights = Vector.normal([outputs, inputs], standardDeviation: 0.5, key: key.named(name))
      return { matmul(weights, $0).tanh() }
    }
    let normal = { (count: Int, name: String) in Vector.normal([count], key: key.named(name)) }
    let (f, f2, g, h) = (layer(3, 4, "f"), layer(3, 4, "f2"), layer(4, 5, "g"), layer(5, 3, "h"))
    let (x, y, change, change2) = (normal(3, "x"), normal(3, "y"), normal(4, "change"), normal(4, "change2"))
    let reverse = { (f: @escaping (Vector) -> Vector) in VectorLens(reverseDerivativeOf: f) }
    let (rf, rf2, rg, rh) = (reverse(f), reverse(f2), reverse(g), reverse(h))
    let back = rf.put(x, change)

    let projection = Lens(reverseDerivativeOf: { (pair: Pair<Vector, Vector>) in pair.first })
      .put(Pair(x, y), y)
    let pairing = Lens(reverseDerivativeOf: { (x: Vector) in Pair(f(x), f2(x)) }).put(x, Pair(change, change2))
    let last = normal(5, "last")
    let chain = (reverse { g(f($0)) }, rf.then(rg))
    let parametric = (
      Learner<Pair<Vector, Vector>, Vector, Vector>(reverseDerivativeOf: { p, a in g((f(p.first) + p.second) * f(a)) }),
      Learner<Pair<Vector, Vector>, Vector, Vector>(reverseDerivativeOf: { p, a in (f(p.first) + p.second) * f(a) }).then(rg)
    )
    let parameters = Pair(y, normal(4, "bias"))
    let (whole, parts) = (parametric.0.put(parameters, x, last), parametric.1.put(parameters, x, last))
    // The step of differences whose error, step^2 from the third derivative and 1e-16 / step from rounding, is least.
    let step = 1e-5
    let difference = ((f(x + step * y) - f(x - step * y)) * change).sum() / (2 * step)

    // Lenses whose put is no derivative: the laws of lenses do not ask it.
    let arbitrary = { (forward: @escaping (Vector) -> Vector, inputs: Int, outputs: Int, name: String) -> VectorLens in
      let backward = layer(inputs + outputs, inputs, name)
      return VectorLens {
        forward($0)
      } put: {
        backward(.concatenate([$0, $1]))
      }
    }
    let (a, b, c) = (arbitrary(f, 3, 4, "put f"), arbitrary(g, 4, 5, "put g"), arbitrary(h, 5, 3, "put h"))
    let sides = Pair(x, y)
    let ends = Pair(last, normal(5, "end"))
    let twoByTwo = (a.then(b).beside(a.then(b)), a.beside(a).then(b.beside(b)))
    return .stack([
      VectorLens.identity.put(x, y).largestDifference(from: reverse { $0 }.put(x, y)),
      projection.largestDifference(from: Pair(y, y.zeros)),
      pairing.largestDifference(from: back + rf2.put(x, change2)),
      reverse { f($0) + f2($0) }.put(x, change).largestDifference(from: back + rf2.put(x, change)),
      rf.put(x, change + change2).largestDifference(from: back + rf.put(x, change2)),
      rf.put(x, change * 3).largestDifference(from: back * 3),
      maximum(
        chain.0.put(x, last).largestDifference(from: chain.1.put(x, last)),
        chain.0.then(rh).put(x, y).largestDifference(from: rf.then(rg.then(rh)).put(x, y))),
      whole.largestDifference(from: parts),
      ((back * y).sum() - difference).abs(),
      maximum(
        a.then(b).then(c).put(x, y).largestDifference(from: a.then(b.then(c)).put(x, y)),
        a.then(b).then(c).get(x).largestDifference(from: a.then(b.then(c)).get(x))),
      twoByTwo.0.put(sides, ends).largestDifference(from: twoByTwo.1.put(sides, ends)),
    ])
  }

  /// The laws that hold to rounding; differences are a check from outside with an error of their own.
  package static var exactRealLaws: [String] { realLawNames.filter { $0 != "differences" } }

  package static let booleanLawNames = ["identity", "sum", "additivity", "chain rule", "associativity", "chain rule, x² reduced"]

  /// How often each law is violated over all points and changes of random polynomial maps of Z_2^3. The last one is no law: with x^2 taken
  /// for x, which has the same values, the formal derivative of a composition is another.
  package static func booleanLaws(_ key: Key) -> [Double] {
    let map = { (name: String) in
      BooleanMap(
        inputs: 3,
        outputs: (0..<3).map { output in
          BooleanPolynomial(
            products: (0..<5).map { i in
              let draws = Tensor<Int32>.integers([4], in: 0..<3, key: key.named(name)[output][i]).scalars.map(Int.init)
              return Array(draws.dropFirst(1 + draws[0]))
            })
        })
    }
    let (f, g, h) = (map("f"), map("g"), map("h"))
    let all = (0..<8).map { number in (0..<3).map { (number >> $0) & 1 == 1 } }
    let xor = { (a: [Bool], b: [Bool]) in zip(a, b).map { $0 != $1 } }
    let sum = BooleanMap(inputs: 3, outputs: zip(f.outputs, g.outputs).map { $0 + $1 })
    let identity = BooleanMap(inputs: 3, outputs: (0..<3).map { .variable($0) })
    let reduced = BooleanMap(
      inputs: 3,
      outputs: f.then(g).outputs.map { BooleanPolynomial(products: $0.products.map { Array(Set($0)).sorted() }) })
    let chain = f.then(g).then(h).lens
    let violations = { (isLaw: ([Bool], [Bool]) -> Bool) in
      Double(all.reduce(0) { count, x in count + all.count { !isLaw(x, $0) } })
    }
    return [
      violations { identity.lens.get($0) == $0 && identity.lens.put($0, $1) == $1 },
      violations { sum.lens.put($0, $1) == xor(f.lens.put($0, $1), g.lens.put($0, $1)) },
      violations { x, c in all.allSatisfy { f.lens.put(x, xor(c, $0)) == xor(f.lens.put(x, c), f.lens.put(x, $0)) } },
      violations { f.then(g).lens.put($0, $1) == f.lens.then(g.lens).put($0, $1) && f.then(g)($0) == g(f($0)) },
      violations { chain.put($0, $1) == f.lens.then(g.lens.then(h.lens)).put($0, $1) },
      violations { reduced.lens.put($0, $1) == f.lens.then(g.lens).put($0, $1) },
    ]
  }
}
