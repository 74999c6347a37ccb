import Networks
import Tensors
import Testing

/// The constructed layers against the algorithms that they are, in loops over plain arrays.
@Suite struct LinearAttentionTests {
  let dimension = 3
  let count = 6
  let x = Tensor<Double>.normal([6, 3], key: Key(seed: 1)).scalars
  let y = Tensor<Double>.normal([6], key: Key(seed: 2)).scalars
  let query = Tensor<Double>.normal([3], key: Key(seed: 3)).scalars

  private func row(_ i: Int) -> [Double] { Array(x[i * 3..<i * 3 + 3]) }
  private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  /// [1, count, dimension + 1].
  private var context: Tensor<Double> {
    Tensor(shape: [1, count, dimension + 1], (0..<count).flatMap { row($0) + [y[$0]] })
  }
  /// [1, 1, dimension + 1].
  private var queryToken: Tensor<Double> { Tensor(shape: [1, 1, dimension + 1], query + [0]) }

  /// w after steps on (1 / 2 divisor) (sum_i (w . x_i - y_i)² + ridge |w|²).
  private func descended(from start: [Double], rates: [Double], ridge: Double = 0, divisor: Double) -> [Double] {
    rates.reduce(start) { w, rate in
      let errors = (0..<count).map { dot(w, row($0)) - y[$0] }
      return (0..<dimension).map { k in
        let slope = (0..<count).reduce(ridge * w[k]) { $0 + errors[$1] * row($1)[k] }
        return w[k] - rate / divisor * slope
      }
    }
  }

  /// A random layer is the sum that its definition says, one token and one example at a time.
  @Test func layerIsItsDefinition() {
    let layer = LinearSelfAttention<Double>(4, initializer: .normal(standardDeviation: 0.5), key: Key(seed: 4))
    let tokens = Tensor<Double>.normal([2, 5, 4], key: Key(seed: 5))
    let context = Tensor<Double>.normal([2, 3, 4], key: Key(seed: 6))
    let result = layer(tokens, context: context)
    func times(_ a: Tensor<Double>, _ v: [Double]) -> [Double] { (0..<4).map { i in dot((0..<4).map { a[i, $0] }, v) } }
    for b in 0..<2 {
      for t in 0..<5 {
        let e = (0..<4).map { tokens[b, t, $0] }
        let q = times(layer.query, e)
        var sum = [0.0, 0, 0, 0]
        for i in 0..<3 {
          let other = (0..<4).map { context[b, i, $0] }
          let score = dot(times(layer.key, other), q) / 3
          for (k, v) in times(layer.value, other).enumerated() { sum[k] += score * v }
        }
        for (k, change) in times(layer.output, sum).enumerated() { #expect(abs(result[b, t, k] - e[k] - change) < 1e-13) }
      }
    }
  }

  @Test func oneStepFromAnyStart() {
    let start = [0.4, -1.1, 0.7]
    let layer = LinearSelfAttention<Double>.gradientStep(dimension: 3, rate: 0.9, start: Tensor(start))
    let w = descended(from: start, rates: [0.9], divisor: 6)
    let step = zip(w, start).map { $0 - $1 }
    let after = layer(context, context: context)
    for i in 0..<count {
      #expect(abs(after[0, i, 3] - (y[i] - dot(step, row(i)))) < 1e-13)
      for k in 0..<3 { #expect(after[0, i, k] == row(i)[k]) }
    }
    #expect(abs(layer(queryToken, context: context)[0, 0, 3] + dot(step, query)) < 1e-13)
  }

  @Test(arguments: [1, 2, 5]) func layersAreSteps(depth: Int) {
    let rates = (0..<depth).map { 0.9 - 0.1 * Double($0) }
    let transformer = LinearTransformer(rates.map { LinearSelfAttention<Double>.gradientStep(dimension: 3, rate: $0) })
    let w = descended(from: [0, 0, 0], rates: rates, divisor: 6)
    #expect(abs(transformer.predictions(queryToken, context: context)[0, 0] - dot(w, query)) < 1e-12)
    let recurrent = LinearTransformer([LinearSelfAttention<Double>.gradientStep(dimension: 3, rate: 0.5)], repeats: depth)
    let same = descended(from: [0, 0, 0], rates: [Double](repeating: 0.5, count: depth), divisor: 6)
    #expect(abs(recurrent.predictions(queryToken, context: context)[0, 0] - dot(same, query)) < 1e-12)
  }

  /// GD++ by its equations: residuals fall by eta (1 / N) sum_i r_i x_i . x, inputs by gamma (1 / N) sum_i x_i (x_i . x).
  @Test func preconditionedSteps() {
    let steps = [(rate: 0.8, curvature: 0.25), (rate: 0.6, curvature: 0.4), (rate: 0.7, curvature: 0.1)]
    let transformer = LinearTransformer(
      steps.map { LinearSelfAttention<Double>.preconditionedStep(dimension: 3, rate: $0.rate, curvature: $0.curvature) })
    var inputs = (0..<count).map(row) + [query]
    var residuals = y + [0]
    for step in steps {
      let (known, seen) = (Array(inputs.dropLast()), residuals)
      for (t, token) in inputs.enumerated() {
        for i in known.indices {
          let overlap = dot(known[i], token) / 6
          residuals[t] -= step.rate * seen[i] * overlap
          for k in 0..<3 { inputs[t][k] -= step.curvature * known[i][k] * overlap }
        }
      }
    }
    #expect(abs(transformer.predictions(queryToken, context: context)[0, 0] + residuals[count]) < 1e-12)
  }

  /// With tokens for the penalty, layers are steps of ridge regression, and many of them end at its solution.
  @Test func ridgeTokensArePenalties() throws {
    let lambda = 0.8
    let penalties = LinearSelfAttention<Double>.ridgeTokens(dimension: 3, strength: lambda).expandingDimensions(0)
    let context = Tensor.concatenate([context, penalties], axis: 1)
    let step = LinearSelfAttention<Double>.gradientStep(dimension: 3, rate: 0.9)
    let w = descended(from: [0, 0, 0], rates: [0.9, 0.9], ridge: lambda, divisor: 9)
    let two = LinearTransformer([step, step])
    #expect(abs(two.predictions(queryToken, context: context)[0, 0] - dot(w, query)) < 1e-12)

    let design = Tensor(shape: [6, 3], x)
    let normal = matmul(design, design, transposeA: true) + .identity(3) * lambda
    let solution = try solve(normal, matmul(design, Tensor(y).expandingDimensions(1), transposeA: true)).scalars
    let many = LinearTransformer([step], repeats: 300)
    #expect(abs(many.predictions(queryToken, context: context)[0, 0] - dot(solution, query)) < 1e-10)
  }

  @Test func productsAreWhatMatters() {
    let layer = LinearSelfAttention<Double>(4, initializer: .normal(standardDeviation: 0.5), key: Key(seed: 7))
    let merged = LinearSelfAttention(
      query: layer.keyQuery, key: .identity(4), value: layer.outputValue, output: .identity(4))
    let tokens = Tensor<Double>.normal([2, 5, 4], key: Key(seed: 8))
    #expect(norm(layer(tokens, context: tokens) - merged(tokens, context: tokens)) < 1e-13)
  }
}
