import Foundation
import Optimizers
import Solvers
import Tensors

/// How the shift of the diagonal is drawn: c = -0.15 + 0.6 Beta(a, b).
package enum ShiftDistribution: String, CaseIterable, Sendable {
  case highVariance = "high"
  case lowVariance = "low"

  /// Where the shifts lie, as the learners are told: a little more than the distributions reach.
  static let contexts = -0.15...0.65

  func draw(_ key: Key) -> Double {
    let (a, b) = self == .highVariance ? (0.5, 1.5) : (2.0, 6.0)
    return -0.15 + 0.6 * Tensor<Double>.beta([], a, b, key: key).scalar
  }
}

/// (A + c I) x = b: the 5-point Laplacian A of a square grid, and a normal b within the ball of radius sqrt(n).
package struct ShiftedLaplacian: Sendable {
  private let side: Int
  let shift: Double
  private let matrix: SparseMatrix
  private let right: [Double]

  init(side: Int, shift: Double, key: Key) {
    self.side = side
    self.shift = shift
    matrix = SparseMatrix.laplacian(side, side).shifted(by: shift)
    right = Self.truncatedNormal(side * side, key)
  }

  /// The first normal vector of a sequence that lies within the ball.
  private static func truncatedNormal(_ n: Int, _ key: Key) -> [Double] {
    var attempt = 0
    while true {
      let b = Tensor<Double>.normal([n], key: key[attempt])
      if b.squaredNorm().scalar <= Double(n) { return b.scalars }
      attempt += 1
    }
  }

  /// Iterations of SOR.
  func cost(_ omega: Double, tolerance: Double) -> Double {
    Double(matrix.successiveOverRelaxation(right, relaxation: omega, tolerance: tolerance).iterations)
  }

  /// omega* = 1 + (beta / (1 + sqrt(1 - beta²)))², beta = 4 cos(pi / (side + 1)) / (4 + c) the spectral radius of I - D^-1 (A + c I).
  var optimalRelaxation: Double {
    let beta = 4 * cos(Double.pi / Double(side + 1)) / (4 + shift)
    return 1 + pow(beta / (1 + (1 - beta * beta).squareRoot()), 2)
  }

  /// Iterations k, and radius and |C^(k - 1)|^(1 / (k - 1)) of C = I - (A + c I) M^-1, M = D / omega + L.
  func analysis(_ omega: Double, tolerance: Double) -> SORAnalysis {
    let n = side * side
    var column = [Double](repeating: 0, count: n)
    let a = Tensor.stack(
      (0..<n).map { j -> Tensor<Double> in
        matrix.multiply((0..<n).map { $0 == j ? 1 : 0 }, into: &column)
        return Tensor(column)  // A is symmetric: its columns are its rows.
      })
    let m = a.lowerTriangle(diagonal: -1) + a.diagonal().diagonalMatrix() / omega
    let c = .identity(n) - matmul(a, triangularSolve(m, .identity(n)))
    let iterations = cost(omega, tolerance: tolerance)
    var (power, square, exponent) = (Tensor<Double>.identity(n), c, Int(iterations) - 1)
    while exponent > 0 {
      if exponent & 1 == 1 { power = matmul(power, square) }
      square = matmul(square, square)
      exponent >>= 1
    }
    return SORAnalysis(
      iterations: iterations, radius: eigenvalues(c).magnitude().max().scalar,
      powerNorm: pow(power.thinSVD().s.max().scalar, 1 / max(1, iterations - 1)))
  }
}

/// What theory needs to know of one omega.
struct SORAnalysis: Codable {
  var iterations, radius, powerNorm: Double
}

/// Every learner on one sequence of systems, with the iterations it has spent.
struct SequenceMethods: Codable, Sendable {
  /// As the official code has it, and with probabilities that add up to 1; one each without context, and one for each bin of it.
  private var plain: [TsallisINF]
  private var binned: [[TsallisINF]]
  private var chebyshev: ChebyshevBandit
  /// In the order of ``names``.
  private(set) var totals: [Double]
  /// The learners, and the optimum of each instance.
  static let names = [
    "Tsallis-INF", "Tsallis-INF, exact", "Tsallis-INF-CB", "Tsallis-INF-CB, exact", "ChebCB", "instance-optimal",
  ]

  init(_ settings: LearningToRelax.Settings) {
    plain = [true, false].map { TsallisINF(arms: settings.arms, hasOfficialStart: $0) }
    binned = plain.map { [TsallisINF](repeating: $0, count: settings.bins) }
    chebyshev = ChebyshevBandit(arms: settings.arms, degree: settings.degree, contexts: ShiftDistribution.contexts)
    totals = [Double](repeating: 0, count: Self.names.count)
  }

  mutating func solve(_ instance: ShiftedLaplacian, _ settings: LearningToRelax.Settings, key: Key) {
    let uniform = Tensor<Double>.uniform([3], key: key.named("choices"))
    let omegas = settings.omegas
    let cost = { (omega: Double) in instance.cost(omega, tolerance: settings.tolerance) }
    let contexts = ShiftDistribution.contexts
    let share = (instance.shift - contexts.lowerBound) / (contexts.upperBound - contexts.lowerBound)
    let bin = min(settings.bins - 1, max(0, Int(share * Double(settings.bins))))

    var costs: [Double] = []
    for i in plain.indices {
      costs.append(cost(omegas[plain[i].choose(uniform[0])]))
      plain[i].observe(costs[costs.count - 1] - 1)
    }
    for i in binned.indices {
      costs.append(cost(omegas[binned[i][bin].choose(uniform[1])]))
      binned[i][bin].observe(costs[costs.count - 1] - 1)
    }
    costs.append(cost(omegas[chebyshev.choose(in: instance.shift, uniform[2])]))
    chebyshev.observe(costs[costs.count - 1] - 1)
    costs.append(cost(instance.optimalRelaxation))
    for (i, cost) in costs.enumerated() { totals[i] += cost }
  }
}
