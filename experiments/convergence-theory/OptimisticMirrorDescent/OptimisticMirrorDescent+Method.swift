import Diagnostics
import Tensors

/// Optimistic mirror descent on the unit ball with the Euclidean regularizer: x_t = Proj(xhat_t - eta_t M_t) is played, then
/// xhat_(t+1) = Proj(xhat_t - eta_t g_t). The hint M_t is the last gradient, or 0 for plain descent.
package struct OptimisticDescent: Codable {
  /// xhat_t.
  private var anchor: [Double]
  /// M_t.
  private var hint: [Double]
  /// V_(t-1) = sum over s < t of |g_s - M_s|^2.
  package private(set) var surprise = 0.0
  private let isOptimistic: Bool

  package init(dimension: Int, isOptimistic: Bool) {
    anchor = [Double](repeating: 0, count: dimension)
    hint = anchor
    self.isOptimistic = isOptimistic
  }

  /// x_t.
  package func point(rate: Double) -> [Double] { moved(anchor, along: hint, by: -rate).projectedOnUnitBall }

  /// The gradient at x_t comes in. The rate is that of the point.
  package mutating func learn(_ gradient: [Double], rate: Double) {
    surprise += zip(gradient, hint).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    anchor = moved(anchor, along: gradient, by: -rate).projectedOnUnitBall
    if isOptimistic { hint = gradient }
  }
}

/// Linear losses -<c_t, x> with c_t = s_t e_1 + sigma noise, and steps D' / sqrt(delta + V_(t-1)).
package struct LinearRun: Codable {
  private var learner: OptimisticDescent
  private let scale: Double
  private let delta: Double
  private var sampled = Regret()
  private var comparator: LinearComparator
  private var lastMean: Double?
  /// Of the mean losses F_t.
  package private(set) var regret = Regret()
  /// Sigma^2_(1:T) = sum over t > 1 of |grad F_t - grad F_(t-1)|^2.
  package private(set) var drift = 0.0
  /// sigma^2_(1:T) = sum of E|grad f_t - grad F_t|^2.
  package private(set) var variance = 0.0

  package init(dimension: Int, isOptimistic: Bool, scale: Double, delta: Double) {
    learner = OptimisticDescent(dimension: dimension, isOptimistic: isOptimistic)
    comparator = LinearComparator(dimension: dimension)
    (self.scale, self.delta) = (scale, delta)
  }

  /// One round, whose mean direction is `mean` e_1.
  package mutating func step(mean: Double, noise: Rounds, at t: Int, sigma: Double) {
    let rate = scale / (delta + learner.surprise).squareRoot()
    let x = learner.point(rate: rate)
    var gradient = noise.vector(t, times: -sigma)
    gradient[0] -= mean
    sampled.suffer(dot(gradient, x))
    regret.suffer(-mean * x[0], least: -abs(mean))
    comparator.add(gradient)
    if let lastMean { drift += (mean - lastMean) * (mean - lastMean) }
    lastMean = mean
    variance += sigma * sigma
    learner.learn(gradient, rate: rate)
  }

  /// Against the best fixed point in hindsight.
  package var staticRegret: Double { sampled.against(comparator.least(inBall: 1)) }
}

/// Strongly convex losses |x - c_t|^2 / 2 with c_t = e_1 / 2 + sigma noise, or -e_1 in a corrupted round; eta_t = 2/t.
package struct QuadraticRun: Codable {
  private var learner: OptimisticDescent
  private var regret = Regret()
  private var comparator: QuadraticComparator

  package init(dimension: Int) {
    learner = OptimisticDescent(dimension: dimension, isOptimistic: true)
    comparator = QuadraticComparator(dimension: dimension)
  }

  /// Round t, from 0.
  package mutating func step(noise: Rounds, at t: Int, sigma: Double, isCorrupted: Bool) {
    let rate = 2 / Double(t + 1)
    let x = learner.point(rate: rate)
    var c = noise.vector(t, times: isCorrupted ? 0 : sigma)
    c[0] += isCorrupted ? -1 : 0.5
    let gradient = moved(x, along: c, by: -1)
    regret.suffer(0.5 * dot(gradient, gradient))
    comparator.add(c)
    learner.learn(gradient, rate: rate)
  }

  /// Against the best fixed point in hindsight.
  package var staticRegret: Double { regret.against(comparator.least(inBall: 1)) }
}

/// The online Newton variant for exp-concave losses (<a_t, x> - y_t)^2 / 2: A_t = I + (beta/2) sum g g^T in the place of 1/eta_t, and
/// projections in its norm.
package struct NewtonRun: Codable {
  private var metric: SmallSystem
  private var anchor: [Double]
  private var hint: [Double]
  private let beta: Double
  private var regret = Regret()
  /// sum a a^T, sum y a and sum y^2: all losses together.
  private var gram: SmallSystem
  private var moments: [Double]
  private var squares = 0.0

  package init(dimension: Int, beta: Double) {
    metric = SmallSystem(dimension: dimension, diagonal: 1)
    gram = SmallSystem(dimension: dimension, diagonal: 0)
    anchor = [Double](repeating: 0, count: dimension)
    (hint, moments) = (anchor, anchor)
    self.beta = beta
  }

  /// One round.
  package mutating func step(_ rounds: Rounds, at t: Int) {
    let (a, y) = (rounds.vector(t, times: 1), rounds.labels[t])
    let x = projected(anchor, minus: hint)
    let residual = dot(a, x) - y
    let gradient = a.map { $0 * residual }
    regret.suffer(0.5 * residual * residual)
    gram.add(a, weight: 1)
    for i in moments.indices { moments[i] += y * a[i] }
    squares += y * y
    metric.add(gradient, weight: beta / 2)
    anchor = projected(anchor, minus: gradient)
    hint = gradient
  }

  /// The nearest point of the ball, in the norm of A, to x - A^-1 g: (A + lambda I) p = A x - g.
  private func projected(_ x: [Double], minus g: [Double]) -> [Double] {
    metric.solution(moved(metric.product(x), along: g, by: -1), inBall: 1)
  }

  /// Against the point of the ball with the least sum of squares.
  package var staticRegret: Double {
    guard squares > 0 else { return regret.losses }
    let x = gram.solution(moments, inBall: 1)
    return regret.against(0.5 * dot(x, gram.product(x)) - dot(x, moments) + 0.5 * squares)
  }
}

/// What the environment draws before the first round: a vector for each, and labels where there are some.
package struct Rounds {
  private let vectors: [Double]
  private let dimension: Int
  package let labels: [Double]

  /// Vectors N(0, I/d).
  package init(normal count: Int, _ dimension: Int, key: Key) {
    vectors = Tensor<Double>.normal([count, dimension], standardDeviation: 1 / Double(dimension).squareRoot(), key: key).scalars
    self.dimension = dimension
    labels = []
  }

  /// Unit vectors with labels <a, w> + noise, w of norm 1/2.
  package init(regression count: Int, _ dimension: Int, noise: Double, key: Key) {
    let features = Tensor<Double>.unitVectors([count, dimension], key: key.named("features"))
    let truth = Tensor<Double>.unitVectors([dimension], key: key.named("truth")) * 0.5
    vectors = features.scalars
    self.dimension = dimension
    labels = (matmul(features, truth) + .normal([count], standardDeviation: noise, key: key.named("noise"))).scalars
  }

  /// The vector of round t, from 0.
  package func vector(_ t: Int, times factor: Double) -> [Double] {
    vectors[t * dimension..<(t + 1) * dimension].map { factor * $0 }
  }
}
