import Notebook
import Optimizers
import Tensors
import Transforms

extension AdaGradFullAdaptivity {
  /// The functions to be minimized from (1, ..., 1), with curvatures l from 0.1 to L at their minimum 0.
  enum Landscape: String {
    /// (a): sum l x²/2
    case convex
    /// (b): sum log(1 + l x²/2)
    case nonconvex

    func callAsFunction(_ x: Tensor<Double>) -> Tensor<Double> {
      let halves = Tensor.linspace(0.1, smoothness, count: x.count) * x.square() / 2
      return self == .convex ? halves.sum() : halves.log1p().sum()
    }
  }

  /// E||xi||² = s0² + s1² ||grad f||².
  struct NoiseLevel {
    /// s0.
    var constant: Double
    /// s1.
    var affine: Double
    /// "(20, 0)"
    var label: String { "(\(constant.brief), \(affine.brief))" }
  }

  /// A rule on a noisy problem, at every noise level, rate and chain at once.
  struct NoisyDescent<Rule: GradientOptimizer> where Rule.Scalar == Double {
    /// What does not change: one of each for every run.
    private struct Run: TensorTree {
      var rule: Rule
      var constantNoise: Tensor<Double>
      var affineNoise: Tensor<Double>
    }

    /// All runs after t steps; every tensor has an axis of levels x rates x chains in front.
    struct State: TensorTree, Codable {
      /// w_(t+1), the next iterate.
      var iterate: Tensor<Double>
      var memory: Rule.State
      /// Of w_1, ..., w_t.
      var mean: Tensor<Double>
      /// Of ||grad f(w_1)||², ..., ||grad f(w_t)||².
      var meanSquaredGradient: Tensor<Double>
    }

    let start: State
    /// State, number t = 1, 2, ... of the step, its key.
    let step: (State, Tensor<Double>, Key) -> State
    private let value: (Tensor<Double>) -> Tensor<Double>

    init(_ problem: Landscape, _ rule: Rule, levels: [NoiseLevel], rates: [Double], chains: Int, dimension: Int) {
      let grid = levels.flatMap { level in rates.map { (level: level, rate: $0) } }
      let perRun = { (value: (NoiseLevel, Double) -> Double) in
        Tensor(grid.flatMap { point in Array(repeating: value(point.level, point.rate), count: chains) })
      }
      let count = grid.count * chains
      var rules = rule.mapTensors { AnyTensor.stack(Array(repeating: $0, count: count)) }
      rules.learningRate = perRun { $1 }
      let runs = Run(
        rule: rules, constantNoise: perRun { level, _ in level.constant }, affineNoise: perRun { level, _ in level.affine })

      start = vmap { (w: Tensor<Double>) in
        State(
          iterate: w, memory: rule.initialState(for: w), mean: w, meanSquaredGradient: grad { problem($0) }(w).squaredNorm())
      }(.ones([count, dimension]))

      step = compile { (state: State, t: Tensor<Double>, key: Key) in
        let z = Tensor<Double>.normal([chains, dimension], key: key)
        let draws = z.broadcast(to: [grid.count, chains, dimension]).reshaped(count, dimension)
        return vmap { (run: Run, state: State, z: Tensor<Double>) in
          let w = state.iterate
          let gradient = grad { problem($0) }(w)
          let squared = gradient.squaredNorm()
          let deviation = (run.constantNoise.square() + run.affineNoise.square() * squared).sqrt()
          let g = gradient + deviation / Double(dimension).squareRoot() * z
          var next = state
          next.iterate = run.rule.updated(w, gradient: g, &next.memory)
          next.mean = state.mean + (w - state.mean) / t
          next.meanSquaredGradient = state.meanSquaredGradient + (squared - state.meanSquaredGradient) / t
          return next
        }(runs, state, draws)
      }
      value = compile(vmap { problem($0) })
    }

    /// f at the mean iterates.
    func values(of state: State) -> Tensor<Double> { value(state.mean) }
  }
}
