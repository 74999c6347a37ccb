import Tensors
import TestSupport
import Testing
import Transforms

@Suite(.serialized) struct CompileTests {
  let key = Key(seed: 5)
  var x: Tensor<Double> { .normal([8, 3], key: key.named("x")) }
  var y: Tensor<Double> { .uniform([8, 4], key: key.named("y")) }

  /// A step of gradient descent, as papers write it.
  @Sendable static func step(_ model: MLP, _ x: Tensor<Double>, _ y: Tensor<Double>) -> (MLP, Tensor<Double>) {
    let result = valueAndGrad(crossEntropy)(model, x, y)
    let next = zip(model.tensors, result.gradient.tensors).map { AnyTensor(Tensor<Double>($0) - Tensor<Double>($1) * 0.3) }
    return (model.replacingTensors(next), result.value)
  }

  @Test func equalsEagerToTheBit() {
    let compiled = compile(Self.step)
    var (a, b) = (MLP(key), MLP(key))
    for _ in 0..<5 {
      let (eager, planned) = (Self.step(a, x, y), compiled(b, x, y))
      #expect(eager.1 == planned.1)
      (a, b) = (eager.0, planned.0)
      for (p, q) in zip(a.tensors, b.tensors) { #expect(Tensor<Double>(p) == Tensor<Double>(q)) }
    }
  }

  @Test func trainingAllocatesNothing() {
    var plan: Plan?
    let compiled = compile(onPlan: { plan = $0 }, Self.step)
    var model = MLP(key)
    let (x, y) = (x, y)
    for _ in 0..<4 { model = compiled(model, x, y).0 }
    // Other tests run at the same time: the promise is checked on the memory itself, which must be one of few blocks again and again.
    var places: Set<UnsafeRawPointer> = []
    for _ in 0..<100 {
      model = compiled(model, x, y).0
      model.w1.withUnsafeBufferPointer { _ = places.insert(UnsafeRawPointer($0.baseAddress!)) }
    }
    #expect(places.count <= 3)
    #expect((plan?.workingMemory ?? 0) > 0)
  }

  @Test func resultsAreNotOverwrittenWhileSomebodyHoldsThem() {
    let compiled = compile { (x: Tensor<Double>) in x * 2 }
    let all = (0..<10).map { compiled(Tensor([Double($0)])) }
    for (i, result) in all.enumerated() { #expect(result.scalars == [2 * Double(i)]) }
  }

  @Test func plansBelongToShapesAndConstants() {
    var plans = 0
    let compiled = compile(onPlan: { _ in plans += 1 }) { (scaled: Scaled) in scaled.x * scaled.factor }
    #expect(compiled(Scaled(x: Tensor([1, 2]), factor: 3)).scalars == [3, 6])
    #expect(compiled(Scaled(x: Tensor([4, 5]), factor: 3)).scalars == [12, 15])
    #expect(plans == 1)
    #expect(compiled(Scaled(x: Tensor([4, 5]), factor: 2)).scalars == [8, 10])
    #expect(compiled(Scaled(x: Tensor([4, 5, 6]), factor: 3)).scalars == [12, 15, 18])
    #expect(plans == 3)
    #expect(compiled(Scaled(x: Tensor([1, 2]), factor: 3)).scalars == [3, 6])
    #expect(plans == 3)
  }

  struct Scaled: TensorTree {
    var x: Tensor<Double>
    var factor: Double
  }

  @Test func argumentsConstantsAndRepeatedResultsPassThrough() {
    let compiled = compile { (x: Tensor<Double>) -> [Tensor<Double>] in
      let y = x + 1
      return [x, Tensor([7, 8]), y, y, x.reshaped(1, 2), y.reshaped(2, 1)]
    }
    for x in [[1.0, 2], [3, 4]] {
      let results = compiled(Tensor(x))
      #expect(results.map(\.scalars) == [x, [7, 8], x.map { $0 + 1 }, x.map { $0 + 1 }, x, x.map { $0 + 1 }])
      #expect(results[4].shape == [1, 2] && results[5].shape == [2, 1])
    }
  }

  @Test func broadcastsInsideChains() {
    let (a, b, c) = (
      Tensor<Double>.normal([6, 1, 5], key: key[0]), Tensor<Double>.normal([4, 1], key: key[1]),
      Tensor<Double>.normal([6, 4, 5], key: key[2])
    )
    func f(_ a: Tensor<Double>, _ b: Tensor<Double>, _ c: Tensor<Double>) -> Tensor<Double> {
      let d = (a + b) * c
      return d.tanh() - d.sum(1, keepingAxes: true) * b + 3
    }
    let compiled = compile { (a: Tensor<Double>, b: Tensor<Double>, c: Tensor<Double>) in f(a, b, c) }
    #expect(compiled(a, b, c) == f(a, b, c))
  }

  /// Long rows, many rows, and both: every way to cut a loop into tiles.
  @Test(arguments: [[1], [3000], [2, 3000], [700, 3], [5, 600], [3, 40, 50], [0, 4]]) func tiles(shape: [Int]) {
    let a = Tensor<Float>.normal(shape, key: key[3])
    let row = Tensor<Float>.normal([shape[shape.count - 1]], key: key[4])
    let column = Tensor<Float>.normal(shape.dropLast() + [1], key: key[5])
    func f(_ a: Tensor<Float>, _ row: Tensor<Float>, _ column: Tensor<Float>) -> Tensor<Float> {
      ((a + row) * column).exp() + row * a
    }
    let compiled = compile { (a: Tensor<Float>, row: Tensor<Float>, column: Tensor<Float>) in f(a, row, column) }
    #expect(compiled(a, row, column) == f(a, row, column))
  }

  /// A row that is repeated in every tile, where a thread's share begins with the shorter tile at the end of the rows.
  @Test func sharesThatBeginWithAShortTile() {
    let x = Tensor<Float>.normal([51, 13, 100], key: key[9])
    let (scale, row) = (Tensor<Float>.normal([51, 1, 1], key: key[10]), Tensor<Float>.normal([100], key: key[11]))
    let f = { (x: Tensor<Float>, scale: Tensor<Float>, row: Tensor<Float>) in (x * scale + row) * row }
    let count = Threads.count
    defer { Threads.count = count }
    Threads.count = 2
    #expect(compile(f)(x, scale, row) == f(x, scale, row))
  }

  @Test func threadsDoNotChangeBits() {
    let a = Tensor<Float>.normal([300, 700], key: key[6])
    let compiled = { compile { (a: Tensor<Float>) in (a.tanh() * a).sum(0) + (a * 2).exp().sum(1).sum() } }
    let count = Threads.count
    defer { Threads.count = count }
    Threads.count = 1
    let one = compiled()(a)
    Threads.count = 2
    #expect(compiled()(a) == one)
  }

  /// Many models at once, large enough to be cut into parts: the same bits as the whole batch eagerly, for any number of threads.
  @Test func batchesAreCutIntoParts() {
    let copies = 600
    let rates = Tensor<Double>.uniform([copies], key: key[7])
    let model = MLP(key)
    let models = model.mapTensors { tensor in
      AnyTensor(Tensor<Double>(tensor) + Tensor<Double>.normal([copies] + tensor.shape, key: key[8]))
    }
    let (x, y) = (x, y)
    let train = { (model: MLP, rate: Tensor<Double>) in
      let gradient = grad(crossEntropy)(model, x, y)
      return model.replacingTensors(
        zip(model.tensors, gradient.tensors).map { AnyTensor(Tensor<Double>($0) - Tensor<Double>($1) * rate) })
    }
    let eager = vmap(train)(models, rates)
    let count = Threads.count
    defer { Threads.count = count }
    for threads in [1, 2] {
      Threads.count = threads
      var text = ""
      // One batch is an argument, the other is captured.
      let compiled = compile(onPlan: { text = "\($0)" }) { (models: MLP) in vmap(train)(models, rates) }
      let result = compiled(models)
      #expect(text.contains(" parts"), "\(text)")
      for (a, b) in zip(result.tensors, eager.tensors) { #expect(Tensor<Double>(a) == Tensor<Double>(b)) }
    }
  }

  /// Windows of the elements of a batch, their derivatives, and pieces that are joined keep the elements apart.
  @Test func batchesWithWindowsAreCutIntoParts() {
    let loss = { (x: Tensor<Double>) in (x.row(0) * x.slice(1..<7).tanh()).sum() + x.slice(2..<4).square().sum() }
    let function = { (x: Tensor<Double>) in
      let gradient = grad(loss)(x)
      let joined = Tensor.concatenate([gradient.slice(5..<8), x.slice(0..<5)])
      return joined.updating(2..<3, with: gradient.slice(0..<1))
    }
    let x = Tensor<Double>.normal([600, 8, 100], key: key[9])
    let eager = vmap(function)(x)
    var text = ""
    #expect(compile(onPlan: { text = "\($0)" }) { vmap(function)($0) }(x) == eager)
    #expect(text.contains(" parts"), "\(text)")
    // A window along the batch itself does not.
    let reversed = { (x: Tensor<Double>) in vmap(function)(x).flipped(0) }
    #expect(compile(onPlan: { text = "\($0)" }, reversed)(x) == reversed(x))
    #expect(!text.contains(" parts"), "\(text)")
  }

  @Test func whatIsTracedInsideOtherTransformsIsCompiledWithThem() {
    let inner = compile { (x: Tensor<Double>) in (x * x).sum() }
    let outer = compile { (x: Tensor<Double>) in grad { (x: Tensor<Double>) in inner(x) * 3 }(x) }
    #expect(outer(Tensor([1, -2])).scalars == [6, -12])
    // A function that captures what an outer transform traces, though its own argument is known.
    let product = { (x: Tensor<Double>) in compile { (y: Tensor<Double>) in (x * y).sum() }(Tensor([3, 4])) }
    #expect(grad(product)(Tensor([1, 2])).scalars == [3, 4])
  }

  @Test func longUnrolledLoops() {
    let steps = 50_000
    let f = { (x: Tensor<Double>) in
      var x = x
      for _ in 0..<steps { x = x * 0.99 + 1 }
      return x
    }
    // Traced and dropped: the nodes must not release one another recursively.
    #expect(abs(jvp(f, at: Tensor([0.0]), along: Tensor([1])).value.scalar - 100) < 1e-9)
  }

  @Test func describesItself() {
    var text = ""
    let f = compile(onPlan: { text = "\($0)" }) { (x: Tensor<Double>) in matmul((x + 1).tanh(), x) }
    _ = f(.identity(3))
    #expect(text.contains("in 2 steps, 1 of them fused"))
    #expect(text.contains("add, tanh [3, 3]") && text.contains("matrixMultiply double[3, 3]"))
  }

  /// Products that only a sum reads are computed with it: the same bits, whatever is repeated, read twice, returned, or no number.
  @Test(arguments: [[1], [5], [16], [37], [3, 7], [5000]]) func sumsOfProducts(_ shape: [Int]) {
    func check<Scalar: RealScalar>(_ type: Scalar.Type) {
      var numbers = (0..<4).map { Tensor<Scalar>.normal(shape, key: key[$0]) }
      for (i, odd) in [Scalar.infinity, .nan, -0.0, 0].enumerated() { numbers[i] = .where(numbers[i] .> 1.2, odd, numbers[i]) }
      let (rate, row) = (Tensor<Scalar>(0.3), Tensor<Scalar>.normal([shape.last ?? 1], key: key[9]))
      let forms: [([Tensor<Scalar>]) -> Tensor<Scalar>] = [
        { $0[0] * $0[1] + $0[2] * $0[3] }, { $0[0] * $0[1] + $0[2] }, { $0[0] + $0[1] * $0[2] },
        { rate * $0[0] + 0.7 * $0[1] }, { $0[0] * $0[0] + $0[0] }, { $0[0] * row + rate * row },
        { x in
          let product = x[0] * x[1]
          return (product + x[2]) * (product + 1) + product * product
        },
        { x in
          let product = x[0] * x[1]
          return product + product
        },
        { x in (0..<6).reduce(x[0]) { sum, i in sum * x[i % 4] + x[(i + 1) % 4] * rate } },
        { x in (x[0] * x[1]).sum() * x[2] + x[3] },
      ]
      for (i, form) in forms.enumerated() {
        #expect(compile(form)(numbers) == form(numbers), "form \(i) of \(Scalar.self)")
        let withProduct = compile { (x: [Tensor<Scalar>]) in [form(x), x[0] * x[1]] }
        #expect(withProduct(numbers)[0] == form(numbers), "form \(i) of \(Scalar.self), a product returned")
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test func largeLoopsHaveLargerTiles() {
    // More memory than the second-level cache holds, with a tail behind the last tile.
    let count = 300_001
    let (a, b) = (Tensor<Float>.normal([count], key: key[0]), Tensor<Float>.normal([2, count], key: key[1]))
    let f = { (a: Tensor<Float>, b: Tensor<Float>) in (a.square() * 0.5 + b.tanh() * a).abs().sqrt() }
    #expect(compile(f)(a, b) == f(a, b))
  }
}
