import Tensors
import Testing
import Transforms

/// One function of a tensor, to be put through every transform.
struct RuleCase: Sendable, CustomTestStringConvertible {
  let name: String
  let shape: [Int]
  let function: @Sendable (Tensor<Double>) -> Tensor<Double>

  init(_ name: String, _ shape: [Int], _ function: @escaping @Sendable (Tensor<Double>) -> Tensor<Double>) {
    (self.name, self.shape, self.function) = (name, shape, function)
  }

  var testDescription: String { name }
}

/// Derivatives, vectorization and compilation of what moves, picks, sums, convolves and pools.
@Suite struct ShapeRulesTests {
  private static let other = Tensor<Double>.normal([3, 4, 5], key: Key(seed: 8))
  private static let indices = Tensor<Int32>(shape: [2, 2], [0, 3, 3, 1])
  private static let along = Tensor<Int32>(shape: [3, 2, 5], (0..<30).map { Int32($0 * 7 % 4) })
  private static func filter(_ shape: Int...) -> Tensor<Double> { .normal(shape, key: Key(seed: 9)) }

  static let cases: [RuleCase] = [
    RuleCase("where", [3, 4, 5]) { x in .where(x .> 0.3, x * x, x.sin()) },
    RuleCase("slice", [3, 4, 5]) { $0.slice(1, 1..., Every(-2)) },
    RuleCase("updating", [3, 4, 5]) { x in x.updating(0..<2, All(), 3, with: x.slice(1..., All(), 0) * x.slice(0, 0, 0)) },
    RuleCase("updating a constant", [3, 4]) { x in other.updating(All(), All(), 1, with: x) },
    RuleCase("adding", [3, 4, 5]) { x in x.adding(to: 0, value: x.slice(1) * x.slice(2)) },
    RuleCase("setRow", [3, 4]) { x in
      var y = x
      y.setRow(1, to: x.row(0) * 2)
      return y
    },
    RuleCase("pad", [3, 4]) { $0.padded([(1, 2), (0, 1)], with: .constant(2)).padded([(2, 1), (1, 1)], with: .reflect) },
    RuleCase("pad around", [3, 4]) { $0.padded([(1, 2), (0, 1)], with: .edge).padded([(2, 1), (1, 1)], with: .circular) },
    RuleCase("roll, flip, tile, repeat", [3, 4]) { $0.rolled(1, axis: 1).flipped(0).tiled(2, 1).repeated(2, axis: 1) },
    RuleCase("gather", [3, 4, 5]) { $0.gather(indices, axis: 1) },
    RuleCase("scatterAdd", [2, 2, 3]) { $0.scatterAdd(indices, rows: 4) },
    RuleCase("takeAlongAxis", [3, 4, 5]) { $0.takeAlongAxis(along, axis: 1) },
    RuleCase("scatterAddAlongAxis", [3, 2, 5]) { $0.scatterAddAlongAxis(along, axis: 1, extent: 4) },
    RuleCase("sort", [3, 4, 5]) { $0.sorted(axis: 1, descending: true) },
    RuleCase("topK", [3, 4, 5]) { $0.topK(2).values },
    RuleCase("quantile", [3, 4, 5]) { $0.quantile(0.4, axis: 1) },
    RuleCase("cumulative", [3, 4, 5]) { ($0.cumulativeSum(axis: 1) * 0.3).cumulativeProduct().logCumulativeSumExp(axis: 0) },
    RuleCase("walshHadamard", [3, 4, 8]) { walshHadamard(walshHadamard($0).sin(), axis: 1) },
    RuleCase("cumulativeProduct of zeros", [7]) { x in (x * Tensor([1, 1, 0, 1, 1, 0, 1])).cumulativeProduct() },
    RuleCase("einsum", [3, 4, 5]) { x in einsum("bij,bkj,bil->kl", x, other, x) },
    RuleCase("einsum diagonal", [3, 3, 4]) { x in einsum("iij,kkj->kj", x, x) },
    RuleCase("outer", [4]) { x in outer(x, x * x) },
    RuleCase("conv2d", [2, 5, 6, 2]) { conv2d($0, filter(3, 2, 2, 3), stride: ImageExtents(2, 1), padding: .same) },
    RuleCase("conv2d of its own filter", [1, 3, 4, 2]) { x in conv2d(x.tiled(2, 2, 1, 1), x.reshaped(3, 4, 2, 1), padding: .same)
    },
    RuleCase("grouped conv2d", [2, 2, 2, 4]) { f in
      conv2d(other.reshaped(1, 3, 5, 4).sin(), f, stride: ImageExtents(1, 2), padding: .same, groups: 2)
    },
    RuleCase("conv1d", [2, 6, 3]) { conv1d($0, filter(3, 3, 2), padding: .explicit(low: 2, high: 0)) },
    RuleCase("maxPool2D", [2, 5, 6, 2]) { $0.maxPool2D(ImageExtents(3, 2), stride: ImageExtents(2, 2), padding: .same) },
    RuleCase("averagePool2D", [2, 5, 6, 2]) { $0.averagePool2D(ImageExtents(3, 2), stride: ImageExtents(2, 1), padding: .same) },
  ]

  @Test(arguments: cases) func rules(_ item: RuleCase) { checkRules(item) }

  /// Filters with a batch axis, images with or without one.
  @Test func convolutionsOfABatchOfFilters() {
    let x = Tensor<Double>.normal([3, 2, 5, 4, 2], key: Key(seed: 4))
    let f = Tensor<Double>.normal([3, 3, 2, 1, 4], key: Key(seed: 5))
    func one(_ x: Tensor<Double>, _ f: Tensor<Double>) -> Tensor<Double> {
      grad { (f: Tensor<Double>) in conv2d(x, f, padding: .same, groups: 2).tanh().sum() }(f)
    }
    let all = vmap(one)(x, f)
    let shared = vmap(one, axes: [nil, 0])(x.row(0), f)
    let nested = vmap { (x: Tensor<Double>) in vmap(one, axes: [nil, 0])(x, f) }(x)
    for i in 0..<3 {
      #expect((all.row(i) - one(x.row(i), f.row(i))).norm().scalar < 1e-11)
      #expect((shared.row(i) - one(x.row(0), f.row(i))).norm().scalar < 1e-11)
      for j in 0..<3 { #expect((nested.slice(i, j) - one(x.row(i), f.row(j))).norm().scalar < 1e-11) }
    }
  }

  /// Filters beyond the caches are taken in panels: the same sums, bit for bit; only the adjoint adds halves in another order.
  @Test func largeFiltersAreThoseOfTheirParts() {
    let x = Tensor<Float>.normal([3, 5, 6, 64], key: Key(seed: 4))
    let f = Tensor<Float>.normal([3, 3, 64, 70], key: Key(seed: 5))
    let (y, pullback) = vjp({ conv2d($0, f, padding: .same) }, at: x)
    let parts = f.split(axis: 3, sizes: [32, 38]).map { part in vjp({ conv2d($0, part, padding: .same) }, at: x) }
    #expect(y == .concatenate(parts.map(\.value), axis: 3))
    let gradients = zip(parts, y.split(axis: 3, sizes: [32, 38])).map { $0.pullback($1) }
    // Sums of 630 products.
    let error = (pullback(y) - gradients[0] - gradients[1]).abs().max().scalar
    #expect(error < 630 * 0x1p-24 * pullback(y).abs().max().scalar)
  }

  /// Images are cut into blocks by size: one and two threads give the same bits, and so do 1 and 40 images.
  @Test func convolutionsHaveTheSameBitsForAnyNumberOfThreads() {
    let x = Tensor<Float>.normal([40, 9, 11, 3], key: Key(seed: 4))
    let f = Tensor<Float>.normal([3, 3, 3, 20], key: Key(seed: 5))
    let before = Threads.count
    defer { Threads.count = before }
    let results = [1, 2, 3].map { count in
      Threads.count = count
      let (y, pullback) = vjp({ conv2d(x, $0, padding: .same) }, at: f)
      return [y, pullback(y)]
    }
    #expect(results[0] == results[1] && results[0] == results[2])
    #expect(conv2d(x.slice(7...7), f, padding: .same) == results[0][0].slice(7...7))
  }
}

/// vjp against jvp, jvp against central differences, second derivatives against differences of first ones, vmap against a loop, compile
/// against eager. Values are of order one: 1e-10 allows for some thousand roundings, 1e-6 for differences with h = 1e-5.
func checkRules(_ item: RuleCase, key: Key = Key(seed: 1), location: SourceLocation = #_sourceLocation) {
  let f = item.function
  let x = Tensor<Double>.normal(item.shape, key: key.named("x"))
  let v = Tensor<Double>.normal(item.shape, key: key.named("v"))
  let (y, pullback) = vjp(f, at: x)
  let u = Tensor<Double>.normal(y.shape, key: key.named("u"))
  func expect(_ a: Tensor<Double>, _ b: Tensor<Double>, _ tolerance: Double, _ what: String) {
    let isClose = a.shape == b.shape && (a - b).norm().scalar <= tolerance * max(1, b.norm().scalar)
    #expect(isClose, "\(item.name): \(what)", sourceLocation: location)
  }
  let forward = jvp(f, at: x, along: v)
  expect(forward.value, f(x), 0, "value")
  expect((u * forward.tangent).sum(), (pullback(u) * v).sum(), 1e-10, "vjp against jvp")
  let h = 1e-5
  expect(forward.tangent, (f(x + v * h) - f(x - v * h)) * (0.5 / h), 1e-6, "jvp against differences")

  let gradient = grad { (x: Tensor<Double>) in (f(x).tanh() * u).sum() }
  let second = jvp(gradient, at: x, along: v).tangent
  expect(second, (gradient(x + v * h) - gradient(x - v * h)) * (0.5 / h), 1e-6, "second derivative")
  let (compiled, compiledGradient, compiledBatch) = (compile(f), compile(gradient), compile(vmap(gradient)))
  expect(compiled(x), y, 1e-13, "compile")
  expect(compiledGradient(x), gradient(x), 1e-10, "compile of grad")

  let batch = Tensor.stack([x, v, x * 0.5])
  let (values, gradients) = (vmap(f)(batch), vmap(gradient)(batch))
  let batchOfCompiled = compiledBatch(batch)
  for i in 0..<3 {
    expect(values.row(i), f(batch.row(i)), 1e-12, "vmap")
    expect(gradients.row(i), gradient(batch.row(i)), 1e-10, "vmap of grad")
    expect(batchOfCompiled.row(i), gradient(batch.row(i)), 1e-10, "compiled vmap of grad")
  }
  expect(vmap(f, axes: [-1], resultAxis: -1)(Tensor.stack([x, v], axis: -1)).movingAxis(-1, to: 0).row(1), f(v), 1e-12, "axes")
}
