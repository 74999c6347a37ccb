import Foundation
import Tensors

/// Tsallis-INF (Zimmert and Seldin 2021, arXiv 1807.07623) for costs of unknown size, as in Khodak et al. 2023 (arXiv 2310.02246): arms are
/// drawn with p_i = 4 / (eta (K_i / s - x))², eta = 2 / sqrt(t), K_i the sum of importance-weighted costs, s the mean cost so far, and x
/// below every K_i / s such that the p_i add up to 1.
///
/// From min K_i / s - 2 / eta, where the largest p_i is 1, 20 of Newton's steps fall monotonically to the root. The official code of the
/// second paper starts at -1 instead, from where they leap over the least K_i / s as soon as that is large, and end beside it with
/// "probabilities" that add up to 10^13: that arm is chosen for ever, and no cost counts any more. For its results there is
/// `hasOfficialStart`.
public struct TsallisINF: Codable, Sendable {
  /// K_i.
  private var sums: [Double]
  private var total = 0.0
  private var rounds = 0
  /// The arm chosen last, and what it was drawn with.
  private var chosen = 0
  private var probability = 1.0

  /// Whether x is sought from -1.
  private let hasOfficialStart: Bool

  /// A learner that knows nothing of its arms.
  public init(arms: Int, hasOfficialStart: Bool = false) {
    sums = [Double](repeating: 0, count: arms)
    self.hasOfficialStart = hasOfficialStart
  }

  /// The probabilities of this round; they add up to 1 up to rounding, but for the official start.
  public var probabilities: [Double] {
    let eta = 2 / Double(rounds + 1).squareRoot()
    let scale = total > 0 ? total / Double(rounds) : 1
    var x = hasOfficialStart ? -1 : (sums.min() ?? 0) / scale - 2 / eta
    var p: [Double] = []
    for _ in 0..<20 {
      p = sums.map { 4 / pow(eta * ($0 / scale - x), 2) }
      x -= (p.reduce(0, +) - 1) / (eta * p.reduce(0) { $0 + $1 * $1.squareRoot() })
    }
    return p
  }

  /// The arm that the uniform number selects.
  public mutating func choose(_ uniform: Double) -> Int {
    let p = probabilities
    chosen = drawn(p, uniform)
    probability = p[chosen]
    return chosen
  }

  /// The cost of the arm chosen last, not negative.
  public mutating func observe(_ cost: Double) {
    sums[chosen] += cost / probability
    total += cost
    rounds += 1
  }
}

/// ChebCB (Khodak et al. 2023): a contextual bandit that regresses the cost of each arm on Chebyshev polynomials of a context, and draws
/// arms by the inverse of their gap to the best prediction (Foster and Rakhlin 2020's SquareCB).
///
/// Regression is by least squares, the shortest where an arm was tried too rarely, with the coefficients clipped at |theta_0| <= 1 / N and
/// |theta_j| <= 2 L width / (scale j), where K is the largest cost, L the range of costs over the width of contexts, N = 2 + 4 width L
/// (1 + log m) / K, and the scale K N divides all costs. The official code solves the constrained problem where we clip.
public struct ChebyshevBandit: Codable, Sendable {
  private let contexts: ClosedRange<Double>
  /// Number m of Chebyshev polynomials.
  private let features: Int
  private var arms: [Regression]
  private var rounds = 0
  private var smallest = Double.infinity
  private var largest = 0.0
  /// Sums over the rounds of prediction², prediction times cost, and cost²: the squared error under any later scale.
  private var errors = [0.0, 0, 0]
  private var exploration = 0.0
  private var last: Choice?

  private struct Regression: Codable, Sendable {
    var gram: [Double]
    var right: [Double]
    /// Of costs that are not scaled, not clipped.
    var coefficients: [Double]
  }

  private struct Choice: Codable, Sendable {
    var arm: Int
    var polynomials: [Double]
    var prediction: Double
  }

  /// A learner for contexts of a range; `degree` is the highest of its polynomials.
  public init(arms: Int, degree: Int, contexts: ClosedRange<Double>) {
    let m = degree + 1
    self.contexts = contexts
    features = m
    self.arms = (0..<arms).map { _ in
      Regression(
        gram: [Double](repeating: 0, count: m * m), right: [Double](repeating: 0, count: m),
        coefficients: [Double](repeating: 0, count: m))
    }
  }

  private var width: Double { contexts.upperBound - contexts.lowerBound }
  private var slope: Double { rounds > 0 ? (largest - smallest) / width : 0 }
  private var bound: Double { largest > 0 ? 2 + 4 * width * slope / largest * (1 + log(Double(features))) : 2 }
  private var scale: Double { largest * bound }

  /// The arm that the uniform number selects in a context.
  public mutating func choose(in context: Double, _ uniform: Double) -> Int {
    let polynomials = chebyshev(2 / width * (context - contexts.lowerBound) - 1)
    let predictions = arms.map { predict($0, polynomials) }
    let best = predictions.indices.min { predictions[$0] < predictions[$1] } ?? 0
    var p = predictions.map { 1 / (Double(arms.count) + exploration * ($0 - predictions[best])) }
    p[best] += 1 - p.reduce(0, +)
    let arm = drawn(p, uniform)
    last = Choice(arm: arm, polynomials: polynomials, prediction: predictions[arm])
    return arm
  }

  /// The cost of the arm chosen last, not negative.
  public mutating func observe(_ cost: Double) {
    guard let last else { fatalError("ChebyshevBandit: a cost before any choice") }
    let m = features
    rounds += 1
    (smallest, largest) = (min(smallest, cost), max(largest, cost))
    for i in 0..<m {
      for j in 0..<m { arms[last.arm].gram[i * m + j] += last.polynomials[i] * last.polynomials[j] }
      arms[last.arm].right[i] += last.polynomials[i] * cost
    }
    let gram = Tensor(shape: [m, m], arms[last.arm].gram)
    arms[last.arm].coefficients = matmul(gram.pseudoInverse(tolerance: 1e-10), Tensor(arms[last.arm].right)).scalars
    for (i, product) in [last.prediction * last.prediction, last.prediction * cost, cost * cost].enumerated() {
      errors[i] += product
    }
    guard scale > 0 else { return }
    let t = Double(rounds)
    let error = errors[0] - 2 * errors[1] / scale + errors[2] / (scale * scale)
    let approximation =
      (Double.pi + 2 / Double.pi * log(2 * Double(m) + 1)) / (2 * scale * Double(m + 1)) * width * slope
    let regret = max(error, 0) + 2 * approximation * approximation * t
    exploration = regret > 0 ? 2 * t * (Double(arms.count) * t / regret).squareRoot() : 0
  }

  private func predict(_ arm: Regression, _ polynomials: [Double]) -> Double {
    guard scale > 0 else { return 0 }
    var sum = 0.0
    for (j, coefficient) in arm.coefficients.enumerated() {
      let limit = j == 0 ? 1 / bound : 2 * width * slope / (scale * Double(j))
      sum += min(max(coefficient / scale, -limit), limit) * polynomials[j]
    }
    return sum
  }

  /// T_0, ..., T_(m - 1) at x.
  private func chebyshev(_ x: Double) -> [Double] {
    var values = [1, x]
    while values.count < features { values.append(2 * x * values[values.count - 1] - values[values.count - 2]) }
    return Array(values.prefix(features))
  }
}

/// The index that a uniform number selects, each with its probability up to their sum.
private func drawn(_ probabilities: [Double], _ uniform: Double) -> Int {
  var rest = uniform * probabilities.reduce(0, +)
  for (i, probability) in probabilities.enumerated() {
    rest -= probability
    if rest < 0 { return i }
  }
  return probabilities.count - 1
}
