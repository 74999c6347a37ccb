import Foundation
import Optimizers
import Solvers
import Tensors

/// The heat equation u' = a(t) Δu + f on the unit square by Crank and Nicolson's method, a sequence of systems (I - a dt/2 Δ) u = b, each
/// solved from the last u by conjugate gradients with SSOR of a chosen omega: the official experiment.
struct HeatMethods: Codable {
  private var plain: TsallisINF
  private var chebyshev: ChebyshevBandit
  /// u of the learners and of each fixed parameter: their solutions differ by the tolerance.
  private var temperatures: [Tensor<Double>]
  private(set) var totals: [Double]
  let names: [String]
  private let side: Int

  init(_ settings: LearningToRelax.Settings, side: Int) {
    self.side = side
    plain = TsallisINF(arms: settings.arms)
    chebyshev = ChebyshevBandit(arms: settings.arms, degree: settings.degree, contexts: 0...10)
    names = ["Tsallis-INF", "ChebCB"] + settings.heat.fixed.map { "ω = \($0)" }
    totals = [Double](repeating: 0, count: names.count)
    temperatures = [Tensor<Double>](
      repeating: Self.bump(side: side, x: 0.5, y: 0.5, radius: 0.25), count: names.count)
  }

  /// One time step of every method.
  mutating func advance(_ step: Int, _ settings: LearningToRelax.Settings, key: Key) {
    let dt = 5 / Double(settings.heat.steps)
    let middle = (Double(step) + 0.5) * dt
    // a(t) = max(0.1 sin(2 pi t), -10 sin(2 pi t)).
    let diffusion = max(0.1 * sin(2 * Double.pi * middle), -10 * sin(2 * Double.pi * middle))
    let factor = 0.5 * diffusion * dt * Double(side * side)
    let laplacian = SparseMatrix.laplacian(side - 1, side - 1)
    let angle = 16 * Double.pi * middle
    let forcing = 32 * Self.bump(side: side, x: 0.5 + cos(angle) / 4, y: 0.5 + sin(angle) / 4, radius: 0.125)

    let uniform = Tensor<Double>.uniform([2], key: key)
    let omegas = settings.omegas
    let chosen = [omegas[plain.choose(uniform[0])], omegas[chebyshev.choose(in: diffusion, uniform[1])]] + settings.heat.fixed
    for (i, omega) in chosen.enumerated() {
      let u = temperatures[i]
      let b = u - factor * laplacian.times(u) + dt * forcing
      // A = I + factor L has its diagonal 1 + 4 factor, so SSOR of A is that of L + I / factor.
      let scaled = laplacian.shifted(by: 1 / factor)
      let result = conjugateGradient(
        { $0 + factor * laplacian.times($0) }, b, start: u,
        preconditioner: { Tensor(scaled.symmetricOverRelaxation($0.scalars, relaxation: omega)) }, tolerance: settings.tolerance)
      temperatures[i] = result.solution
      totals[i] += Double(result.iterations)
      if i == 0 { plain.observe(Double(max(1, result.iterations) - 1)) }
      if i == 1 { chebyshev.observe(Double(max(1, result.iterations) - 1)) }
    }
  }

  /// exp(1 - 1 / (1 - |x - centre|² / radius²)) within the radius, 0 outside; at the interior points, row after row.
  private static func bump(side: Int, x: Double, y: Double, radius: Double) -> Tensor<Double> {
    Tensor(
      (1..<side).flatMap { i in
        (1..<side).map { j in
          let square = (pow(Double(i) / Double(side) - x, 2) + pow(Double(j) / Double(side) - y, 2)) / (radius * radius)
          return square < 1 ? exp(1 - 1 / (1 - square)) : 0
        }
      })
  }
}

extension SparseMatrix {
  fileprivate func times(_ x: Tensor<Double>) -> Tensor<Double> {
    var y = [Double](repeating: 0, count: rows)
    multiply(x.scalars, into: &y)
    return Tensor(y)
  }
}
