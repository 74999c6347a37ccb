import Lenses
import Tensors
import Testing
import Transforms

typealias Vector = Tensor<Double>
typealias VectorLens = Lens<Wire<Vector>, Wire<Vector>>

/// Arguments of order one through three smooth layers: a few dozen roundings.
private let rounding = 1e-13

/// A dense layer with tanh.
func layer(_ inputs: Int, _ outputs: Int, _ key: Key) -> (Vector) -> Vector {
  let weights = Vector.normal([outputs, inputs], key: key)
  return { matmul(weights, $0).tanh() }
}

func largest(_ a: Vector, _ b: Vector) -> Double { (a - b).abs().max().scalar }

@Suite struct LensLawTests {
  /// Lenses of any kind: get and put have nothing to do with each other, as the laws do not ask it.
  private func arbitrary(_ inputs: Int, _ outputs: Int, _ key: Key) -> VectorLens {
    let forward = layer(inputs, outputs, key.named("get"))
    let backward = layer(inputs + outputs, inputs, key.named("put"))
    return VectorLens {
      forward($0)
    } put: {
      backward(.concatenate([$0, $1]))
    }
  }

  /// The largest difference between two lenses on random values and changes.
  private func discrepancy(_ a: VectorLens, _ b: VectorLens, inputs: Int, outputs: Int, _ key: Key) -> Double {
    let (x, change) = (Vector.normal([inputs], key: key.named("x")), Vector.normal([outputs], key: key.named("change")))
    return max(largest(a.get(x), b.get(x)), largest(a.put(x, change), b.put(x, change)))
  }

  @Test(arguments: 0..<5) func composition(draw: Int) {
    let key = Key(seed: 1)[draw]
    let (f, g, h) = (arbitrary(3, 4, key[0]), arbitrary(4, 2, key[1]), arbitrary(2, 3, key[2]))
    #expect(discrepancy(f.then(g).then(h), f.then(g.then(h)), inputs: 3, outputs: 3, key) == 0)
    #expect(discrepancy(VectorLens.identity.then(f), f, inputs: 3, outputs: 4, key) == 0)
    #expect(discrepancy(f.then(.identity), f, inputs: 3, outputs: 4, key) == 0)
    // A composition that puts at the value in the middle, or forgets the first lens, is none.
    let broken = VectorLens {
      g.get(f.get($0))
    } put: {
      f.put($0, g.put(f.get($0 * 2), $1))
    }
    #expect(discrepancy(f.then(g), broken, inputs: 3, outputs: 2, key) > 1e-6)
  }

  @Test(arguments: 0..<5) func interchange(draw: Int) {
    let key = Key(seed: 2)[draw]
    let (f, g) = (arbitrary(3, 4, key[0]), arbitrary(4, 2, key[1]))
    let (h, k) = (arbitrary(2, 3, key[2]), arbitrary(3, 5, key[3]))
    let (one, other) = (f.then(g).beside(h.then(k)), f.beside(h).then(g.beside(k)))
    let x = Pair(Vector.normal([3], key: key[4]), Vector.normal([2], key: key[5]))
    let change = Pair(Vector.normal([2], key: key[6]), Vector.normal([5], key: key[7]))
    #expect(one.get(x) == other.get(x) && one.put(x, change) == other.put(x, change))
    // Each half sees its own.
    #expect(one.put(x, change).first == f.then(g).put(x.first, change.first))
    #expect(one.put(x, change).second == h.then(k).put(x.second, change.second))
  }
}

/// The axioms of reverse derivative categories (Cockett et al. 2020), on random layers.
@Suite struct ReverseDerivativeTests {
  private let key = Key(seed: 3)
  private var f: (Vector) -> Vector { layer(3, 4, key[0]) }
  private var g: (Vector) -> Vector { layer(4, 2, key[1]) }
  private var x: Vector { .normal([3], key: key.named("x")) }

  @Test func chainRule() {
    let change = Vector.normal([2], key: key.named("change"))
    let whole = Lens(reverseDerivativeOf: { g(f($0)) })
    let parts = Lens(reverseDerivativeOf: f).then(Lens(reverseDerivativeOf: g))
    #expect(largest(whole.get(x), parts.get(x)) < rounding && largest(whole.put(x, change), parts.put(x, change)) < rounding)
    let flipped = Lens(reverseDerivativeOf: f).then(VectorLens(get: g) { _, change in matmul(Vector.full([4, 2], 1), change) })
    #expect(largest(flipped.put(x, change), whole.put(x, change)) > 1e-3)
  }

  @Test func againstDifferences() {
    let change = Vector.normal([4], key: key.named("change"))
    let gradient = Lens(reverseDerivativeOf: f).put(x, change)
    for i in 0..<3 {
      let step = 1e-5
      let shifted = { (sign: Double) in (f(x + sign * step * Vector.identity(3).row(i)) * change).sum().scalar }
      // Central differences: step^2 from the third derivative, 1e-16 / step from rounding.
      #expect(abs(gradient[i] - (shifted(1) - shifted(-1)) / (2 * step)) < 1e-8)
    }
  }

  @Test func parametersAndInputChangePlaces() {
    let model = Learner<Vector, Vector, Vector>(reverseDerivativeOf: { p, a in (p * a).tanh() })
    let (p, a, change) = (x, Vector.normal([3], key: key[5]), Vector.normal([3], key: key[6]))
    let (there, back) = (model.put(p, a, change), model.exchanged.put(a, p, change))
    #expect(there.first == back.second && there.second == back.first && there.first != there.second)
    let slope = 1 - (p * a).tanh().square()
    #expect(largest(there.first, change * slope * a) < rounding && largest(there.second, change * slope * p) < rounding)
  }
}
