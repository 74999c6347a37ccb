import Diagnostics
import Foundation
import Notebook
import Optimizers
import Tensors
import Transforms

extension PlasticityGeometry {
  /// Linear regression of random labels of +-1, and a start, for every seed.
  package struct RandomLabels {
    /// [seeds, N, D].
    package var inputs: Tensor<Double>
    /// [seeds, N].
    package var labels: Tensor<Double>
    /// w_0 = N(0, 1/D), [seeds, D]; never exactly 0, since the negative entropy could not move such a weight.
    package var start: Tensor<Double>

    /// Inputs N(0, I) + U(-1/2, 1/2), or normal ones with the correlation (-1)^|i-j| / (1 + |i-j|)^power.
    package static func batch(_ seeds: Int, dimension d: Int, _ kind: DataKind, key: Key) -> RandomLabels {
      let n = Int(pow(Double(d), kind.exponent) + 1e-9)
      var inputs = Tensor<Double>.normal([seeds, n, d], key: key.named("normal"))
      if kind.isCorrelated {
        // A stationary Gaussian series: the Cholesky factor of its Toeplitz matrix.
        let covariance = Tensor<Double>(
          shape: [d, d],
          (0..<d * d).map { i in
            let lag = abs(i / d - i % d)
            return (lag % 2 == 0 ? 1 : -1) / pow(1 + Double(lag), kind.power)
          })
        inputs = matmul(inputs, covariance.cholesky(), transposeB: true)
      } else {
        inputs = inputs + .uniform([seeds, n, d], in: -0.5..<0.5, key: key.named("uniform"))
      }
      let start = Tensor<Double>.normal([seeds, d], standardDeviation: 1 / Double(d).squareRoot(), key: key.named("start"))
      return RandomLabels(
        inputs: inputs, labels: .rademacher([seeds, n], key: key.named("labels")),
        start: .where(start .== 0, Tensor(1e-12), start))
    }
  }

  /// Mirror descent with momentum in the dual, for all seeds and rates: y = grad phi(w), v <- mu v + grad L(w), y <- y - lr v.
  package struct DualDescent: TensorTree, Codable {
    /// y, [seeds, rates, D].
    package var dual: Tensor<Double>
    /// v.
    package var velocity: Tensor<Double>

    /// At w_0, with no momentum.
    package init(_ map: MirrorMap, start: Tensor<Double>, rates: Int) {
      let (seeds, d) = (start.shape[0], start.shape[1])
      dual = map.dual(start).expandingDimensions(1).broadcast(to: [seeds, rates, d])
      velocity = .zeros(seeds, rates, d)
    }

    /// One full-batch step on the mean squared error.
    /// - Parameters:
    ///   - signs: the start, [seeds, 1, D].
    ///   - rates: those of this step, [rates, 1].
    package func stepped(
      _ map: MirrorMap, inputs: Tensor<Double>, labels: Tensor<Double>, signs: Tensor<Double>, rates: Tensor<Double>,
      momentum: Double
    ) -> DualDescent {
      let w = map.primal(dual, signs: signs)
      let residual = matmul(w, inputs, transposeB: true) - labels.expandingDimensions(1)
      var next = self
      next.velocity = momentum * velocity + matmul(residual, inputs) * (2 / Double(labels.shape[1]))
      next.dual = dual - rates * next.velocity
      return next
    }
  }

  /// What became of one potential at one D, seed by seed.
  struct Outcome {
    var rate: Double
    var losses: [Double]
    var residuals: [Double]
    /// One for each potential that is tested.
    var distances: [[Double]]
    /// Dual change and weights of the first seed.
    var change: Tensor<Double>
    var weights: Tensor<Double>
  }

  static func train(
    _ map: MirrorMap, on data: RandomLabels, _ loop: String, _ settings: Settings, _ notebook: Recorder
  ) throws -> Outcome {
    let signs = data.start.expandingDimensions(1)
    let step = compile {
      (state: DualDescent, inputs: Tensor<Double>, labels: Tensor<Double>, signs: Tensor<Double>, rates: Tensor<Double>) in
      state.stepped(map, inputs: inputs, labels: labels, signs: signs, rates: rates, momentum: settings.momentum)
    }
    // 1 at the first epoch and 0 at the last.
    let schedule = Schedule.cosine(steps: max(1, settings.epochs - 1))
    let rates = Tensor(settings.rates).reshaped(-1, 1)
    var state = DualDescent(map, start: data.start, rates: settings.rates.count)
    try notebook.steps(loop, settings.epochs, state: &state, cadence: .every(settings.epochs)) { epoch, state in
      state = step(state, data.inputs, data.labels, signs, rates * schedule.factor(at: Double(epoch)))
    }

    let w = map.primal(state.dual, signs: signs)
    let residual = matmul(w, data.inputs, transposeB: true) - data.labels.expandingDimensions(1)
    let losses = residual.square().mean(2)  // [seeds, rates]
    // A rate that diverged for a seed is no candidate.
    let means = losses.mean(0).scalars.map { $0.isFinite ? $0 : .infinity }
    let best = means.indices.min { means[$0] < means[$1] } ?? 0
    let seeds = 0..<data.start.shape[0]
    let weights = seeds.map { w.row($0).row(best) }
    let changes = seeds.map { map.dual(weights[$0]) - map.dual(data.start.row($0)) }
    return Outcome(
      rate: settings.rates[best], losses: seeds.map { losses[$0, best] },
      residuals: seeds.map { outside(changes[$0], of: data.inputs.row($0)) },
      distances: seeds.map { seed in
        geometries.map { _, tested in
          distanceFromNormal((tested.dual(weights[seed]) - tested.dual(data.start.row(seed))).scalars)
        }
      }, change: changes[0], weights: weights[0])
  }

  /// |x - P x| / |x| for the projection P on the span of the rows.
  package static func outside(_ x: Tensor<Double>, of rows: Tensor<Double>) -> Double {
    let coefficients = matmul(rows, rows, transposeB: true).solve(matmul(rows, x))
    return ((x - matmul(rows, coefficients, transposeA: true)).norm() / x.norm()).scalar
  }
}
