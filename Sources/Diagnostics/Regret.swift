/// What an online learner has lost, against what it could have lost.
///
///     var regret = Regret()
///     for t in 0..<rounds {
///       regret.suffer(loss(x), least: leastOfThisRound)
///       comparator.add(c)
///     }
///     regret.against(comparator.least(inBall: 1))      // static: the best fixed point in hindsight
///     regret.dynamic                                    // the best point of every round
public struct Regret: Codable, Sendable {
  /// The sum of the losses.
  public private(set) var losses = 0.0
  /// The sum of the losses over the least possible in each round.
  public private(set) var dynamic = 0.0

  /// Before the first round.
  public init() {}

  /// One round.
  /// - Parameter least: the least loss of any point in this round; NaN where nobody asks for the dynamic regret.
  public mutating func suffer(_ loss: Double, least: Double = .nan) {
    losses += loss
    dynamic += loss - least
  }

  /// The regret against a comparator that lost this much in all.
  public func against(_ comparator: Double) -> Double { losses - comparator }
}

/// The sum of losses f_t(x) = <g_t, x> so far.
public struct LinearComparator: Codable, Sendable {
  /// The sum of g_t.
  public private(set) var sum: [Double]

  /// No losses in `dimension` variables.
  public init(dimension: Int) { sum = [Double](repeating: 0, count: dimension) }

  /// One more.
  public mutating func add(_ g: [Double]) { for i in sum.indices { sum[i] += g[i] } }

  /// The least sum over the ball |x| <= radius: -radius |sum|.
  public func least(inBall radius: Double) -> Double { -radius * norm(sum) }

  /// The least sum over the simplex: that of a corner.
  public var leastOnSimplex: Double { sum.min() ?? 0 }
}

/// The sum of losses f_t(x) = |x - c_t|^2 / 2 so far.
public struct QuadraticComparator: Codable, Sendable {
  private var sum: [Double]
  private var squares = 0.0
  private var count = 0.0

  /// No losses in `dimension` variables.
  public init(dimension: Int) { sum = [Double](repeating: 0, count: dimension) }

  /// One more.
  public mutating func add(_ c: [Double]) {
    for i in sum.indices {
      sum[i] += c[i]
      squares += c[i] * c[i]
    }
    count += 1
  }

  /// The least sum over the ball |x| <= radius: at the mean of the c_t, or the nearest point of the ball.
  public func least(inBall radius: Double) -> Double {
    guard count > 0 else { return 0 }
    let reach = min(radius, norm(sum) / count)
    return 0.5 * (count * reach * reach + squares) - reach * norm(sum)
  }
}

private func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
