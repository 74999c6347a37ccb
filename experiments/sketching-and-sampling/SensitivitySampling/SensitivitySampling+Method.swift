import Foundation
import Notebook
import Solvers
import Tensors
import Transforms

/// The three matrices.
package enum MatrixKind: String, CaseIterable, Sendable {
  /// Normal numbers, the last column times 0.02, and a first row that has 60 there alone.
  case outlier
  /// Normal numbers.
  case smooth
  /// Rows in random directions, of lengths 10 i^-0.6.
  case heavy

  func matrix(count: Int, dimension: Int, key: Key) -> Tensor<Double> {
    switch self {
    case .outlier:
      let last = dimension - 1
      let rows = Tensor<Double>.normal([count, dimension], key: key)
      return rows.updating(All(), last, with: rows.slice(All(), last) * 0.02).updating(0, with: 0).updating(0, last, with: 60)
    case .smooth: return .normal([count, dimension], key: key)
    case .heavy:
      let lengths = Tensor((1...count).map { 10 * pow(Double($0), -0.6) })
      return Tensor<Double>.unitVectors([count, dimension], key: key) * lengths.expandingDimensions(1)
    }
  }
}

/// What the probabilities of the rows are proportional to.
package enum SamplingScheme: String, CaseIterable, Sendable {
  case sensitivity, uniform
  /// tau^(p/2): sums to about d for p < 2.
  case rootLeverage = "root leverage"
  case leverage
  /// tau + sigma.
  case mixed = "leverage + sensitivity"

  func weights(sensitivities: Tensor<Double>, leverageScores: Tensor<Double>, p: Double) -> Tensor<Double> {
    switch self {
    case .sensitivity: sensitivities
    case .uniform: .ones(sensitivities.shape)
    case .rootLeverage: leverageScores.power(p / 2)
    case .leverage: leverageScores
    case .mixed: leverageScores + sensitivities
    }
  }
}

/// sup_x | |S A x|_p^p / |A x|_p^p - 1 | of a sample S: the largest over the directions of a net, and of an ascent that starts there.
struct DistortionMeasure {
  /// Q of A = Q R: directions are u = R x.
  private let q: Tensor<Double>
  private let p: Double
  /// The net, [k, d].
  private let directions: Tensor<Double>
  /// |q_i u|^p over their sum, [k, n].
  private let shares: Tensor<Double>
  /// The first step of the ascent: about the distance of neighbours in the net.
  private let firstStep: Double

  init(_ a: Tensor<Double>, p: Double, directions: Tensor<Double>) {
    self.p = p
    self.directions = directions
    q = qr(a).q
    let powers = matmul(directions, q, transposeB: true).abs().logarithms(times: p).exp()
    shares = powers / powers.sum(-1).expandingDimensions(1)
    firstStep = 2 * pow(Double(directions.shape[0]), -1 / Double(max(1, directions.shape[1] - 1)))
  }

  /// Of each sample, what its rows count: [samples, n] to [samples]. Ascent on the sphere from the `starts` worst directions of the net,
  /// with steps of falling length along the gradient.
  func distortions(of samples: Tensor<Double>, starts: Int, ascent: Int) -> Tensor<Double> {
    let begin = compile { (samples: Tensor<Double>) in
      let worst = (matmul(samples, shares, transposeB: true) - 1).abs().topK(starts)
      return (worst.values.slice(All(), 0), directions.gather(worst.indices))  // Directions are [samples, starts, d].
    }
    let climb = compile { (samples: Tensor<Double>, u: Tensor<Double>, step: Tensor<Double>) in
      self.climb(samples.expandingDimensions(1), u, step)
    }
    let block = max(1, (1 << 18) / (starts * samples.shape[1]))
    let parts = stride(from: 0, to: samples.shape[0], by: block).map { start -> Tensor<Double> in
      let part = samples.slice(start..<min(samples.shape[0], start + block))
      var (best, u) = begin(part)
      for i in 0..<ascent {
        let (distortion, next) = climb(part, u, Tensor(firstStep * pow(0.85, Double(i))))
        (best, u) = (maximum(best, distortion), next)
      }
      return best
    }
    return .concatenate(parts)
  }

  /// The distortion at directions u, [samples, starts, d], its largest over the starts, and the next directions.
  private func climb(
    _ counts: Tensor<Double>, _ u: Tensor<Double>, _ step: Tensor<Double>
  ) -> (Tensor<Double>, Tensor<Double>) {
    // f = sum_i s_i |q_i u|^p / sum_i |q_i u|^p, and its gradient up to a factor.
    let products = matmul(u, q, transposeB: true)
    let sizes = products.abs()
    let powers = sizes.logarithms(times: p).exp()
    let total = powers.sum(-1).expandingDimensions(2)
    let f = (powers * counts).sum(-1).expandingDimensions(2) / total
    let slopes = (counts - f) * sizes.logarithms(times: p - 1).exp() * products.sign()
    let gradient = (f - 1).sign() * matmul(slopes, q)
    let moved = u + step * gradient / maximum(gradient.norm(-1).expandingDimensions(2), Tensor(1e-300))
    return ((f - 1).abs().max(1).squeezed(1), moved / moved.norm(-1).expandingDimensions(2))
  }
}

extension Tensor<Double> {
  /// The logarithm of the power p of numbers that are not negative.
  fileprivate func logarithms(times p: Double) -> Tensor { maximum(self, Tensor(1e-300)).log() * p }
}

extension SensitivitySampling {
  /// Matrices of `d` columns whose total sensitivity lies far below d^(p/2), or below d: normal rows, and copies of the identity's rows.
  private static func scalingMatrices(_ scaling: Scaling, _ d: Int, _ key: Key) -> [(name: String, a: Tensor<Double>)] {
    [
      ("normal", .normal([scaling.count, d], key: key[d])), ("copies", .identity(d).tiled(scaling.count / d, 1)),
    ]
  }

  /// The least number of rows with a median distortion of at most 1/4, between the numbers tried on logarithmic scales.
  static func findLeastRows(_ scaling: Scaling, _ notebook: Recorder) throws {
    let key = notebook.key("scaling")
    let names = scalingMatrices(scaling, scaling.dimensions[0], key).map(\.name)
    let grid = names.indices.flatMap { matrix in
      scaling.powers.flatMap { p in scaling.dimensions.map { (matrix: matrix, p: p, d: $0) } }
    }
    var found: [[Double]] = []
    try notebook.steps("scaling", grid.count, state: &found, cadence: .every(grid.count)) { i, found in
      let (p, d) = (grid[i].p, grid[i].d)
      let a = scalingMatrices(scaling, d, key)[grid[i].matrix].a
      let sensitivities = lpSensitivities(a, p: p)
      let measure = DistortionMeasure(a, p: p, directions: .unitVectors([scaling.starts, d], key: key.named("starts")[d]))
      let medians = scaling.kept.map { m in
        let samples = RowSampling(weights: sensitivities.scalars, count: Double(m))
          .draw(scaling.draws, key: key.named("samples")[i][m])
        return measure.distortions(of: samples, starts: scaling.starts, ascent: scaling.ascent).median().scalar
      }
      found.append([sensitivities.sum().scalar, crossing(medians, 0.25, at: scaling.kept.map(Double.init))])
    }
    let dimensions = [
      Dimension("matrix", names, "matrix"), Dimension("p", scaling.powers, "exponent p"),
      Dimension("dimension", scaling.dimensions, "columns d"),
    ]
    for (i, name) in ["total", "rows"].enumerated() {
      try notebook.tensor(
        "scaling/\(name)", Tensor(shape: dimensions.map(\.count), found.map { $0[i] }),
        i == 0 ? "total sensitivity S" : "least number of rows for a distortion of 1/4", along: dimensions)
    }
  }

  /// Where values that fall first reach a level, by a straight line on logarithmic scales; NaN where they do not.
  private static func crossing(_ values: [Double], _ level: Double, at places: [Double]) -> Double {
    guard let i = values.firstIndex(where: { $0 <= level }) else { return .nan }
    if i == 0 { return places[0] }
    let share = log(values[i - 1] / level) / log(values[i - 1] / values[i])
    return places[i - 1] * pow(places[i] / places[i - 1], share)
  }
}
