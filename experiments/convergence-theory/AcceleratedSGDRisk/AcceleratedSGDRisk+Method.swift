import Notebook
import Tensors
import Transforms

/// Parameters of accelerated SGD: gamma is the long step, delta the short one, which plain SGD takes too.
package struct AcceleratedRates: Codable, Sendable {
  @Setting("step size delta of SGD and of the iterate w") package var delta = 0.1
  @Setting("long step gamma of the auxiliary iterate v") package var gamma = 1.0
  @Setting("statistical condition number kappa_t") package var kappa = 5.0
  @Setting("fourth-moment constant psi of the data, 3 for Gaussian") package var psi = 3.0
  package init() {}

  /// beta = delta / (psi kappa_t gamma)
  package var beta: Double { delta / (psi * kappa * gamma) }
  /// alpha = 1 / (1 + beta)
  package var alpha: Double { 1 / (1 + beta) }

  /// Of the matrix A_i that acts on the expectations of (w - w*, v - w*) in an eigendirection.
  package func spectralRadius(eigenvalue l: Double) -> Double {
    let (a, b) = (1 - delta * l, beta - gamma * l)
    let trace = a * alpha + b * (1 - alpha) + 1 - beta
    // The mixed terms cancel: det A = (1 - delta l)(alpha (b (1 - alpha) + 1 - beta) - (1 - alpha) alpha b).
    let determinant = a * alpha * (1 - beta)
    let discriminant = trace * trace / 4 - determinant
    return discriminant < 0 ? determinant.squareRoot() : abs(trace) / 2 + discriminant.squareRoot()
  }
}

/// SGD and accelerated SGD side by side on linear regression with w* = 0, for every start and repetition: [starts, repetitions, d]. Sums
/// over the window since ``beginWindow()`` make the tail averages.
package struct TailAveragedRuns: TensorTree, Codable {
  /// w of SGD.
  package var plain: Tensor<Double>
  /// w of accelerated SGD.
  package var accelerated: Tensor<Double>
  /// v of accelerated SGD.
  package var momentum: Tensor<Double>
  private var plainSum: Tensor<Double>
  private var acceleratedSum: Tensor<Double>

  /// w_0 = v_0 = start
  package init(start: Tensor<Double>) {
    (plain, accelerated, momentum) = (start, start, start)
    plainSum = .zeros(start.shape)
    acceleratedSum = plainSum
  }

  /// One sample for each repetition, the same for all starts and both methods: inputs x, [repetitions, d], and labels, which are the noise.
  ///
  /// SGD: w_t = w_(t-1) - delta g_t. ASGD: y = alpha w + (1 - alpha) v, g_t = (<y, x> - label) x, w_t = y - delta g_t,
  /// v_t = beta y + (1 - beta) v - gamma g_t.
  package func stepped(x: Tensor<Double>, noise: Tensor<Double>, _ rates: AcceleratedRates) -> Self {
    let gradient = { (point: Tensor<Double>) in ((point * x).sum(-1) - noise).expandingDimensions(2) * x }
    var next = self
    next.plain = plain - rates.delta * gradient(plain)
    next.plainSum = plainSum + next.plain

    let y = rates.alpha * accelerated + (1 - rates.alpha) * momentum
    let g = gradient(y)
    next.accelerated = y - rates.delta * g
    next.momentum = rates.beta * y + (1 - rates.beta) * momentum - rates.gamma * g
    next.acceleratedSum = acceleratedSum + next.accelerated
    return next
  }

  /// Forgets the sums.
  package mutating func beginWindow() {
    plainSum = .zeros(plain.shape)
    acceleratedSum = plainSum
  }

  /// (w - w*)^T H (w - w*) of the averages over the window of `count` steps: [method, starts, repetitions].
  package func excessRisks(over count: Int, eigenvalues: Tensor<Double>) -> Tensor<Double> {
    .stack([plainSum, acceleratedSum].map { (eigenvalues * ($0 / Double(count)).square()).sum(-1) })
  }
}
