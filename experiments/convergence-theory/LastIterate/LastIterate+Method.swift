import Optimizers
import Problems
import Tensors
import Transforms

/// Step sizes eta_t, t = 1, 2, ..., for a horizon T.
package enum StepSize: Sendable {
  /// eta / sqrt(T).
  case constant(Double)
  /// eta / sqrt(t).
  case squareRoot(Double)
  /// eta (T - t + 1) / T^(3/2).
  case linear(Double)
  /// 2 / (mu (t + 1)).
  case harmonic(Double)
  /// 1 / (mu t).
  case inverseTime(Double)

  package var name: String {
    switch self {
    case .constant: "constant"
    case .squareRoot: "square root"
    case .linear: "linear"
    case .harmonic: "2/(μ(t + 1))"
    case .inverseTime: "1/(μt)"
    }
  }

  package func rate(_ t: Int, of horizon: Int) -> Double {
    let (t, horizon) = (Double(t), Double(horizon))
    return switch self {
    case .constant(let eta): eta / horizon.squareRoot()
    case .squareRoot(let eta): eta / t.squareRoot()
    case .linear(let eta): eta * (horizon - t + 1) / (horizon * horizon.squareRoot())
    case .harmonic(let mu): 2 / (mu * (t + 1))
    case .inverseTime(let mu): 1 / (mu * t)
    }
  }
}

/// The instance on which the last iterate loses a logarithm, of T dimensions (Harvey et al. 2019): f(x) = max over 0 <= i <= T of h_i.x, with
/// h_i = (a_1, ..., a_i, -b_(i+1), 0, ...) and h_T = a; a_j = 1/(8 (T - j + 1)), b_j = sqrt(j)/(2 sqrt(T)).
package struct HardInstance {
  package let a: [Double]
  package let b: [Double]

  package init(horizon: Int) {
    let count = Double(horizon)
    a = (1...horizon).map { 1 / (8 * (count - Double($0) + 1)) }
    b = (1...horizon).map { Double($0).squareRoot() / (2 * count.squareRoot()) }
  }

  /// The largest h_i.x and the first i where it is, from prefix sums.
  package func maximum(_ x: [Double]) -> (value: Double, index: Int) {
    var (prefix, best, index) = (0.0, -Double.infinity, 0)
    for i in x.indices {
      let value = prefix - b[i] * x[i]
      if value > best { (best, index) = (value, i) }
      prefix += a[i] * x[i]
    }
    return prefix > best ? (prefix, x.count) : (best, index)
  }

  /// f(x).
  package func value(_ x: [Double]) -> Double { maximum(x).value }
}

/// Projected subgradient descent on the hard instance, from 0.
package struct HardRun: Codable {
  package private(set) var x: [Double]
  /// x_T, before the last step.
  package private(set) var last: [Double] = []
  private var sum: [Double]

  package init(dimension: Int) {
    x = [Double](repeating: 0, count: dimension)
    sum = x
  }

  /// x_(t+1) = the projection on the unit ball of x_t - eta h_i, with the first i that attains the maximum.
  package mutating func step(_ instance: HardInstance, rate: Double, isLast: Bool) {
    if isLast { last = x }
    let index = instance.maximum(x).index
    var square = 0.0
    for i in x.indices {
      sum[i] += x[i]
      if i < index { x[i] -= rate * instance.a[i] } else if i == index { x[i] += rate * instance.b[i] }
      square += x[i] * x[i]
    }
    if square > 1 { for i in x.indices { x[i] /= square.squareRoot() } }
  }

  /// The mean of the iterates before each step.
  package func average(over count: Int) -> [Double] { sum.map { $0 / Double(count) } }
}

/// F = f + h with a noisy gradient of f and a step x_(t+1) = argmin h(x) + <g, x - x_t> + D(x, x_t) / eta; all along the last axis.
package struct StochasticProblem {
  package typealias Vectors = Tensor<Double>

  package var name: String
  package var start: Vectors
  package var schedules: [StepSize]
  package var noise: OracleNoise
  /// F.
  package var value: (Vectors) -> Vectors
  /// grad f.
  package var gradient: (Vectors) -> Vectors
  /// Of x, g and eta.
  package var step: (Vectors, Vectors, Vectors) -> Vectors
  /// min F.
  package var minimum: Double

  private static func convexSchedules(_ rate: Double) -> [StepSize] { [.constant(rate), .squareRoot(rate), .linear(rate)] }

  /// (2): f(x) = |x| from ones / sqrt(d), unconstrained. The subgradient at 0 is 0.
  package static func norm(_ norm: LastIterate.Norm, _ distribution: OracleNoise.Distribution) -> StochasticProblem {
    StochasticProblem(
      name: distribution == .normal ? "norm" : "norm, heavy tails",
      start: .full([norm.dimension], 1 / Double(norm.dimension).squareRoot()),
      schedules: convexSchedules(norm.rate), noise: OracleNoise(distribution, variance: norm.noise * norm.noise),
      value: { $0.norm(-1) }, gradient: { $0 / maximum($0.norm(-1, keepingAxes: true), Tensor(1e-300)) },
      step: { x, g, rate in x - rate * g }, minimum: 0)
  }

  /// (3): |A x - b|^2 / (2 n) + weight |x|_1 with a sparse truth, A normal; prox steps.
  package static func lasso(_ lasso: LastIterate.Lasso, key: Key) -> StochasticProblem {
    let (n, d) = (lasso.rows, lasso.dimension)
    let design = Vectors.normal([n, d], key: key.named("design"))
    let truth = Vectors((0..<d).map { $0 < lasso.nonzero ? 1 : 0 })
    let targets = matmul(design, truth) + .normal([n], standardDeviation: 0.1, key: key.named("targets"))
    let gram = matmul(design, design, transposeA: true) / Double(n)
    let linear = matmul(targets, design) / Double(n)
    let constant = targets.squaredNorm().scalar / Double(2 * n)
    let gradient = { (x: Vectors) in matmul(x.reshaped(-1, d), gram).reshaped(x.shape) - linear }
    let step = { (x: Vectors, g: Vectors, rate: Vectors) in softThreshold(x - rate * g, by: rate * lasso.weight) }
    let value = { (x: Vectors) in
      ((gradient(x) - linear) * x).sum(-1) * 0.5 + constant + x.abs().sum(-1) * lasso.weight
    }
    // Proximal gradient steps converge linearly here: 5000 of them leave rounding alone.
    let rate = Tensor(1 / largestRowSum(gram))
    let update = compile { (x: Vectors) in step(x, gradient(x), rate) }
    var x = Vectors.zeros(d)
    for _ in 0..<5000 { x = update(x) }
    return StochasticProblem(
      name: "LASSO", start: .zeros(d), schedules: convexSchedules(lasso.rate),
      noise: OracleNoise(.normal, variance: lasso.noise * lasso.noise), value: value, gradient: gradient, step: step,
      minimum: value(x).scalar)
  }

  /// An upper bound of the largest eigenvalue: the largest sum of a row.
  private static func largestRowSum(_ matrix: Vectors) -> Double { matrix.abs().sum(1).max().scalar }

  /// (4): <c, x> on the simplex from its centre, multiplicative or projected steps.
  package static func simplex(_ simplex: LastIterate.Simplex, isEntropic: Bool, key: Key) -> StochasticProblem {
    let d = simplex.dimension
    let c = Vectors.uniform([d], key: key)
    return StochasticProblem(
      name: isEntropic ? "simplex, KL" : "simplex, Euclidean", start: .full([d], 1 / Double(d)),
      schedules: convexSchedules(isEntropic ? simplex.entropicRate : simplex.euclideanRate),
      noise: OracleNoise(.normal, variance: simplex.noise * simplex.noise), value: { ($0 * c).sum(-1) },
      gradient: { _ in c },
      step: { x, g, rate in
        isEntropic ? MirrorMap.simplexEntropy.step(from: x, along: g, rate: rate) : projectedOnSimplex(x - rate * g)
      }, minimum: c.min().scalar)
  }

  /// (5): mu |x - z|^2 / 2 + weight |x|_1 from 0, prox steps. The minimum is the soft threshold of z.
  package static func strong(_ strong: LastIterate.Strong, key: Key) -> StochasticProblem {
    let (mu, z) = (strong.convexity, Vectors.normal([strong.dimension], key: key))
    let value = { (x: Vectors) in (x - z).square().sum(-1) * (mu / 2) + x.abs().sum(-1) * strong.weight }
    return StochasticProblem(
      name: "strongly convex", start: .zeros(strong.dimension), schedules: [.harmonic(mu), .inverseTime(mu)],
      noise: OracleNoise(.normal, variance: strong.noise * strong.noise), value: value, gradient: { ($0 - z) * mu },
      step: { x, g, rate in softThreshold(x - rate * g, by: rate * strong.weight) },
      minimum: value(softThreshold(z, by: strong.weight / mu)).scalar)
  }
}
