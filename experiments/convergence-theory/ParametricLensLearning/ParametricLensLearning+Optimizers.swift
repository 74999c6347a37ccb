import Lenses
import Tensors
import Transforms

extension OptimizerRule where State == Unit {
  /// Every optimizer, and Nesterov's with `get` replaced by that of momentum.
  package static func all(rate: Double, gamma: Double) -> [any AnyOptimizerRule] {
    [
      descent(rate), OptimizerRule<Weights>.momentum(rate, gamma), OptimizerRule<Weights>.nesterov(rate, gamma),
      OptimizerRule<Weights>.nesterovAtParameters(rate, gamma), OptimizerRule<Weights>.adagrad(rate),
      OptimizerRule<Moments<Weights>>.adam(rate),
    ]
  }

  /// p <- p - eps g.
  private static func descent(_ rate: Double) -> OptimizerRule {
    OptimizerRule(
      name: "gradient descent", lens: .gradientDescent(), sent: rate, initialState: { _ in Unit() },
      twin: .rule { _, p, gradient in
        (Unit(), p.adding(-rate, gradient(p)))
      })
  }
}

extension OptimizerRule where State == Perceptron.Weights {
  /// v <- gamma v + g; p <- p - eps v.
  fileprivate static func momentum(_ rate: Double, _ gamma: Double) -> OptimizerRule {
    OptimizerRule(
      name: "momentum", lens: .momentum(gamma), sent: rate, initialState: \.zeros,
      twin: .rule { v, p, gradient in
        let velocity = gradient(p).adding(gamma, v)
        return (velocity, p.adding(-rate, velocity))
      })
  }

  /// v <- gamma v + g(p - eps gamma v); p <- p - eps v.
  fileprivate static func nesterov(_ rate: Double, _ gamma: Double) -> OptimizerRule {
    OptimizerRule(
      name: "Nesterov", lens: .momentum(gamma, looksAhead: true), sent: rate, initialState: \.zeros,
      twin: .rule { v, p, gradient in
        let velocity = gradient(p.adding(-rate * gamma, v)).adding(gamma, v)
        return (velocity, p.adding(-rate, velocity))
      })
  }

  /// Nesterov's put with get = p, against the lens of momentum.
  fileprivate static func nesterovAtParameters(_ rate: Double, _ gamma: Double) -> OptimizerRule {
    let nesterov: OptimizerLens<Weights, Weights> = .momentum(gamma, looksAhead: true)
    let replaced = OptimizerLens<Weights, Weights>(get: { $0.second }, put: nesterov.put)
    return OptimizerRule(
      name: "Nesterov at p", lens: replaced, sent: rate, initialState: \.zeros, twin: .lens(.momentum(gamma)))
  }

  /// s <- s + g^2; p <- p - eps g / (delta + sqrt s).
  fileprivate static func adagrad(_ rate: Double) -> OptimizerRule {
    OptimizerRule(
      name: "Adagrad", lens: .adagrad(rate: rate), sent: 1, initialState: \.zeros,
      twin: .rule { s, p, gradient in
        let g = gradient(p)
        let squares = s.combined(with: g) { $0 + $1 * $1 }
        return (squares, p.adding(-rate, g.combined(with: squares) { $0 / ($1.sqrt() + 1e-7) }))
      })
  }
}

extension OptimizerRule where State == Moments<Perceptron.Weights> {
  /// Kingma and Ba's Algorithm 1 with its default constants, the bias correction by powers of beta.
  fileprivate static func adam(_ rate: Double) -> OptimizerRule {
    OptimizerRule(
      name: "Adam", lens: .adam(rate: rate), sent: 1, initialState: { Moments(before: $0) },
      twin: .rule { state, p, gradient in
        let (beta1, beta2) = (0.9, 0.999)
        let g = gradient(p)
        var next = state
        next.step = state.step + 1
        next.first = state.first.combined(with: g) { $0 * beta1 + $1 * (1 - beta1) }
        next.second = state.second.combined(with: g) { $0 * beta2 + $1 * $1 * (1 - beta2) }
        let gathered = { (beta: Double) in 1 - Tensor(beta).power(next.step) }
        let step = next.first.scaled(by: 1 / gathered(beta1)).combined(with: next.second.scaled(by: 1 / gathered(beta2))) {
          $0 / ($1.sqrt() + 1e-8)
        }
        return (next, p.adding(-rate, step))
      })
  }
}
