import Lenses
import Tensors
import Transforms

/// Gradient descent rounded to a grid of parameters, as a machine whose inputs are training pairs.
package struct QuantizedDescent {
  /// The points of the grid.
  package var parameters: [[Double]]
  /// The mean error of each over the training pairs.
  package var errors: [Double]
  /// Where each training pair leads each of them.
  package var transitions: [[Int]]
  /// The point of the grid without error.
  package var target: [Double]
  /// The distance of neighbouring points.
  package var step: Double

  private typealias Vector = Tensor<Double>

  /// I(p, a) = p a on the multiples of `step` in [-bound, bound].
  package static func line(_ descent: LearnersAsMachines.Descent, rate: Double, step: Double) -> QuantizedDescent {
    QuantizedDescent(
      dimension: 1, step: step, reach: Int((descent.bound / step).rounded()), target: [descent.target], descent, rate: rate
    ) { p, a in p.sum() * a }
  }

  /// I(p, a) = tanh(p1 a + p2) on `side` x `side` points of the square.
  package static func plane(_ descent: LearnersAsMachines.Descent, rate: Double, side: Int) -> QuantizedDescent {
    let reach = side / 2
    return QuantizedDescent(
      dimension: 2, step: descent.bound / Double(reach), reach: reach, target: [descent.target, descent.target / 2], descent,
      rate: rate
    ) { p, a in (p * .stack([a, Tensor(1)])).sum().tanh() }
  }

  private init(
    dimension: Int, step: Double, reach: Int, target: [Double], _ descent: LearnersAsMachines.Descent, rate: Double,
    _ function: @escaping (Vector, Vector) -> Vector
  ) {
    let side = 2 * reach + 1
    let count = dimension == 1 ? side : side * side
    // Whole numbers of steps, so that p* is a point of the grid whenever it is a multiple of the step.
    let places = (0..<count).map { i in dimension == 1 ? [i - reach] : [i / side - reach, i % side - reach] }
    let points = places.map { $0.map { Double($0) * step } }
    // The target itself is on the grid: otherwise there is no parameter without error.
    let goal = Vector(target.map { ($0 / step).rounded() * step })
    let learner = Learner<Vector, Vector, Vector>(descending: function, rate: rate, error: ErrorFunction<Double>.quadratic)
    let batch = Vector(shape: [count, dimension], points.flatMap { $0 })
    var errors = [Double](repeating: 0, count: count)
    var transitions = [[Int]](repeating: [], count: count)
    for a in descent.inputs.map({ Vector($0) }) {
      let b = function(goal, a)
      let outcome = vmap { (p: Vector) in Pair(learner.update(p, a, b), (learner.implement(p, a) - b).square() * 0.5) }(batch)
      let moved = outcome.first.scalars
      for (i, error) in outcome.second.scalars.enumerated() {
        errors[i] += error / Double(descent.inputs.count)
        // To the nearest point, halves away from zero around the target: a shorter way to the target stays no longer after rounding.
        let next = (0..<dimension).map { axis in
          let center = (goal[axis] / step).rounded()
          let place = center + ((moved[i * dimension + axis] - goal[axis]) / step).rounded()
          return Int(min(max(place, Double(-reach)), Double(reach))) + reach
        }
        transitions[i].append(next.reduce(0) { $0 * side + $1 })
      }
    }
    (parameters, self.errors, self.transitions) = (points, errors, transitions)
    (self.target, self.step) = (goal.scalars, step)
  }

  private func machine(observing bound: Double) -> MooreMachine<Bool> {
    // A parameter on the edge of the bound is in it, whatever its last bit.
    MooreMachine(outputs: errors.map { $0 <= bound * (1 + 1e-12) }, transitions: transitions)
  }

  /// How many parameters have an error of at most `bound`, and how many always will.
  package func always(_ bound: Double) -> (holding: Int, always: Int) {
    let machine = machine(observing: bound)
    return (machine.outputs.count { $0 }, machine.always(machine.outputs).count { $0 })
  }

  /// How many behaviours are told apart by whether the error is at most `bound`.
  package func behaviours(observing bound: Double) -> Int { (machine(observing: bound).behaviours.max() ?? -1) + 1 }

  /// The fewest training pairs that lead from each parameter to the target or a neighbour of it on the grid, where rounding stops
  /// descent; NaN where none do.
  package var depths: [Double] {
    let machine = machine(observing: 0)
    let isNear = parameters.map { zip($0, target).allSatisfy { abs($0 - $1) < 1.5 * step } }
    return machine.distances(to: isNear).map { $0.map(Double.init) ?? .nan }
  }

  /// The share of all parameters that can be reached from each.
  package var reachableShares: [Double] {
    let machine = machine(observing: 0)
    return transitions.indices.map { Double(machine.reachable(from: $0).count { $0 }) / Double(transitions.count) }
  }
}

extension FiniteLearner {
  /// Three tables of independent uniform entries.
  package static func random(_ sizes: Sizes, key: Key) -> FiniteLearner {
    let (inputs, outputs) = (sizes.inputs, sizes.outputs)
    let table = { (below: Int, name: String) in
      Tensor<Int32>.integers(
        [sizes.parameters * inputs * outputs], in: 0..<Int32(below), key: key.named(name)
      ).scalars.map(Int.init)
    }
    let (implement, update, request) = (
      table(outputs, "implement"), table(sizes.parameters, "update"), table(inputs, "request")
    )
    return FiniteLearner(
      tabulating: Learner {
        implement[$0 * inputs + $1]
      } update: {
        update[($0 * inputs + $1) * outputs + $2]
      } request: {
        request[($0 * inputs + $1) * outputs + $2]
      }, sizes)
  }
}

extension MooreMachine<Bool> {
  /// Uniform transitions; a state shows false with probability 0.3.
  package static func random(states: Int, inputs: Int, key: Key) -> MooreMachine {
    let next = Tensor<Int32>.integers([states * inputs], in: 0..<Int32(states), key: key.named("transitions")).scalars
    return MooreMachine(
      outputs: Tensor<Int32>.bernoulli([states], probability: 0.7, key: key.named("outputs")).scalars.map { $0 == 1 },
      transitions: (0..<states).map { state in (0..<inputs).map { Int(next[state * inputs + $0]) } })
  }
}
