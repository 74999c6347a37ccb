import Solvers
import Tensors
import Testing
import Transforms

/// Against loops over plain arrays, one context and one query at a time.
@Suite struct RegressionContextsTests {
  let x = Tensor<Double>.normal([3, 7, 4], key: Key(seed: 1))
  let y = Tensor<Double>.normal([3, 7], key: Key(seed: 2))
  let queries = Tensor<Double>.normal([3, 4], key: Key(seed: 3))

  private var contexts: RegressionContexts<Double> { RegressionContexts(inputs: x, targets: y) }

  private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  /// The inputs of one context, in rows.
  private func rows(_ context: Int) -> [[Double]] { (0..<7).map { i in (0..<4).map { x[context, i, $0] } } }

  @Test func gradientDescent() {
    let rates = [0.7, 0.3, 0.9]
    let start = Tensor<Double>.normal([3, 4], key: Key(seed: 4))
    for (origin, measured) in [
      (Tensor.zeros(3, 4), contexts.gradientDescent(rates: Tensor(rates))),
      (start, contexts.gradientDescent(rates: Tensor(rates), from: start)),
    ] {
      for c in 0..<3 {
        var w = origin.row(c).scalars
        for rate in rates {
          let errors = rows(c).enumerated().map { dot($1, w) - y[c, $0] }
          w = (0..<4).map { k in w[k] - rate / 7 * zip(errors, rows(c)).reduce(0) { $0 + $1.0 * $1.1[k] } }
        }
        for k in 0..<4 { #expect(abs(measured[c, k] - w[k]) < 1e-13) }
      }
    }
  }

  /// Tokens (x, y) as the paper has them, examples and query alike: the query's answer is what has been taken from its 0.
  @Test func preconditionedDescent() {
    let (rates, curvatures) = ([0.8, 0.5, 0.6], [0.2, 0.35, 0.9])
    let weights = contexts.preconditionedDescent(rates: Tensor(rates), curvatures: Tensor(curvatures))
    let answers = (weights * queries).sum(1)
    for c in 0..<3 {
      var inputs = rows(c) + [queries.row(c).scalars]
      var residuals = y.row(c).scalars + [0]
      for (rate, curvature) in zip(rates, curvatures) {
        let (known, seen) = (inputs.dropLast(), residuals)
        let overlaps = inputs.map { token in known.map { dot($0, token) / 7 } }
        residuals = zip(residuals, overlaps).map { $0 - rate * zip(seen, $1).reduce(0) { $0 + $1.0 * $1.1 } }
        inputs = zip(inputs, overlaps).map { token, overlap in
          (0..<4).map { k in token[k] - curvature * zip(known, overlap).reduce(0) { $0 + $1.0[k] * $1.1 } }
        }
      }
      #expect(abs(answers[c] + residuals[7]) < 1e-13)
    }
    let plain = contexts.preconditionedDescent(rates: Tensor(rates), curvatures: .zeros(3))
    #expect((plain - contexts.gradientDescent(rates: Tensor(rates))).norm().scalar < 1e-13)
  }

  /// The gradient of what ridge regression minimizes is zero.
  @Test func ridge() {
    let w = contexts.ridge(0.3)
    let gradient = grad { (w: Tensor<Double>) in
      let errors = matmul(x, w.expandingDimensions(-1)).squeezed(-1) - y
      return errors.squaredNorm() + 0.3 * w.squaredNorm()
    }(w)
    #expect(gradient.norm().scalar < 1e-12)
  }

  /// Of many examples the minimum, where the gradient is zero; of few, weights that fit them and are a combination of their inputs.
  @Test func minimumNorm() {
    let residuals = matmul(x, contexts.minimumNorm().expandingDimensions(-1)).squeezed(-1) - y
    #expect(matmul(x, residuals.expandingDimensions(-1), transposeA: true).norm().scalar < 1e-12)

    let (few, answers) = (x.slice(All(), 0..<2), y.slice(All(), 0..<2))
    let w = RegressionContexts(inputs: few, targets: answers).minimumNorm().expandingDimensions(-1)
    #expect((matmul(few, w).squeezed(-1) - answers).norm().scalar < 1e-13)
    let combination = matmul(few, matmul(few, few, transposeB: true).solve(matmul(few, w)), transposeA: true)
    #expect((combination - w).norm().scalar < 1e-12)
  }

  @Test func stochasticPass() {
    let rates = [0.05, 0.2]
    let measured = contexts.stochasticPass(rate: Tensor(rates).reshaped(2, 1, 1))
    for (i, rate) in rates.enumerated() {
      for c in 0..<3 {
        var w = [Double](repeating: 0, count: 4)
        for (example, x) in rows(c).enumerated() {
          let error = dot(w, x) - y[c, example]
          w = zip(w, x).map { $0 - 2 * rate * error * $1 }
        }
        for k in 0..<4 { #expect(abs(measured[i, c, k] - w[k]) < 1e-13) }
      }
    }
  }
}
