import Notebook
import Optimizers
import Solvers
import Tensors
import Transforms

extension LionBoundConstraint {
  /// f(x) = ||A x - y||²/2 with y = A z.
  struct BoxProblem: TensorTree {
    var a: Tensor<Double>
    var y: Tensor<Double>
    var solution: Tensor<Double>
    /// Of Lion.
    var start: Tensor<Double>

    init(_ settings: LeastSquares, key: Key) {
      a = .normal([settings.rows, settings.columns], standardDeviation: 1.0 / 5, key: key.named("A"))
      solution = .normal([settings.columns], standardDeviation: settings.spread, key: key.named("z"))
      y = matmul(a, solution)
      start = settings.start * .rademacher([settings.columns], key: key.named("signs"))
    }

    func callAsFunction(_ x: Tensor<Double>) -> Tensor<Double> { (matmul(a, x) - y).squaredNorm() / 2 }
  }

  /// One tree with the problems along a new first axis, the whole repeated for each decay.
  static func batched(_ problems: [BoxProblem], times count: Int) -> BoxProblem {
    let leaves = problems[0].tensors.indices.map { leaf in
      AnyTensor.stack((0..<count).flatMap { _ in problems.map { $0.tensors[leaf] } })
    }
    return problems[0].replacingTensors(leaves)
  }

  /// Lion with decoupled decay, for every decay and problem at once.
  struct LionRuns {
    typealias Rule = DecoupledDecay<Lion<Double>>

    /// Every tensor has an axis of decays x problems in front.
    struct State: TensorTree, Codable {
      var x: Tensor<Double>
      var memory: Rule.State
      /// The sum of f over the last steps.
      var tail: Tensor<Double>
      /// The largest d_(t+1)/d_t - (1 - rate lambda) while d_t > 1e-9, with d the largest |x_i| - 1/lambda; -1 if x was never outside.
      var worstRatio: Tensor<Double>
    }

    let start: State
    /// State and whether f counts in the tail (1 or 0).
    let step: (State, Tensor<Double>) -> State
    /// Distance from the box and f, [2, runs].
    let measure: (Tensor<Double>) -> Tensor<Double>

    init(_ problems: [BoxProblem], rate: Double, _ settings: LeastSquares) {
      let one = Lion<Double>(learningRate: rate, beta1: settings.beta1, beta2: settings.beta2).decoupledDecay(1)
      let decays = Tensor<Double>(settings.decays.flatMap { decay in problems.map { _ in decay } })
      let count = decays.count
      var rules = one.mapTensors { AnyTensor.stack(Array(repeating: $0, count: count)) }
      rules.weightDecay = decays
      let all = LionBoundConstraint.batched(problems, times: settings.decays.count)
      start = State(
        x: all.start, memory: vmap { one.initialState(for: $0) }(all.start), tail: .zeros([count]), worstRatio: .full([count], -1)
      )

      let distance = { (x: Tensor<Double>, decay: Tensor<Double>) in (x.abs().max() - 1 / decay).relu() }
      step = compile { (state: State, weight: Tensor<Double>) in
        vmap { (rule: Rule, problem: BoxProblem, state: State) in
          var next = state
          rule.step(&next.x, &next.memory) { problem($0) }
          let (before, after) = (distance(state.x, rule.weightDecay), distance(next.x, rule.weightDecay))
          let ratio = after / before - (1 - rate * rule.weightDecay)
          next.worstRatio = .where(before .> 1e-9, maximum(state.worstRatio, ratio), state.worstRatio)
          next.tail = state.tail + weight * problem(next.x)
          return next
        }(rules, all, state)
      }
      measure = compile { x in
        vmap(
          { (x: Tensor<Double>, decay: Tensor<Double>, problem: BoxProblem) in .stack([distance(x, decay), problem(x)]) },
          resultAxis: 1)(
            x, decays, all)
      }
    }
  }

  /// The reference: x <- clip(x - grad f / L, ±1/lambda) from 0.
  struct ProjectedGradient {
    let start: Tensor<Double>
    let step: (Tensor<Double>) -> Tensor<Double>
    private let value: (Tensor<Double>) -> Tensor<Double>

    init(_ problems: [BoxProblem], decays: [Double]) {
      let all = LionBoundConstraint.batched(problems, times: decays.count)
      // L <= the squared Frobenius norm, which is sure and not much larger.
      let rates = 1 / all.a.squaredNorm(1, 2)
      let boxes = Tensor(decays.flatMap { decay in problems.map { _ in 1 / decay } })
      start = all.start * 0
      step = compile { x in
        vmap { (problem: BoxProblem, rate: Tensor<Double>, box: Tensor<Double>, x: Tensor<Double>) in
          let next = x - rate * grad { (x: Tensor<Double>) in problem(x) }(x)
          return maximum(-box, minimum(box, next))
        }(all, rates, boxes, x)
      }
      value = { x in vmap { (problem: BoxProblem, x: Tensor<Double>) in problem(x) }(all, x) }
    }

    func values(at x: Tensor<Double>) -> Tensor<Double> { value(x) }
  }

  /// Lion and Lion-K on f(x) = (x - z) Q (x - z)/2 in the plane.
  struct PlanePaths {
    static let potentials: [(name: String, potential: MomentumPotential)] = [
      ("1-norm", .l1), ("2-norm", .norm(2)), ("3/2-norm", .norm(1.5)), ("Huber", .huber(0.5)),
    ]

    struct Run: TensorTree, Codable {
      var x: Tensor<Double>
      var memory: FirstMoment<Double>
    }

    struct State: TensorTree, Codable {
      /// Of Lion, [decays, 2].
      var lion: Tensor<Double>
      var memory: FirstMoment<Double>
      /// Of Lion-K, one for each K.
      var lionK: [Run]
    }

    let start: State
    let step: (State) -> State

    static func value(_ x: Tensor<Double>) -> Tensor<Double> {
      let q = Tensor<Double>(shape: [2, 2], [1, 0.4, 0.4, 0.5])
      let offset = x - Tensor([1.6, 1.2])
      return offset.dot(matmul(q, offset)) / 2
    }

    init(_ plane: Plane) {
      let x = Tensor<Double>([-1.5, 2.2])
      let one = Lion<Double>(learningRate: plane.rate).decoupledDecay(1)
      var lions = one.mapTensors { AnyTensor.stack(Array(repeating: $0, count: plane.decays.count)) }
      lions.weightDecay = Tensor(plane.decays)
      let starts = Tensor.stack(plane.decays.map { _ in x })
      let rules = Self.potentials.map { _, potential in
        LionK<Double>(learningRate: plane.rate, weightDecay: plane.decay, potential: potential)
      }
      start = State(
        lion: starts, memory: vmap { one.initialState(for: $0) }(starts),
        lionK: rules.map { rule in Run(x: x, memory: rule.initialState(for: x)) })
      step = compile { (state: State) in
        var next = state
        let run = vmap { (rule: DecoupledDecay<Lion<Double>>, run: Run) in
          var run = run
          rule.step(&run.x, &run.memory, loss: Self.value)
          return run
        }(lions, Run(x: state.lion, memory: state.memory))
        (next.lion, next.memory) = (run.x, run.memory)
        next.lionK = zip(rules, state.lionK).map { rule, run in
          var run = run
          rule.step(&run.x, &run.memory, loss: Self.value)
          return run
        }
        return next
      }
    }
  }

  /// m' = -alpha grad f - gamma m; x' = grad K(m - eps (alpha grad f + gamma m)) - lambda x, with K(x) = sum sqrt(x² + e²), whose
  /// conjugate is K*(x) = -e sum sqrt(1 - x²), for each decay at once.
  struct LionFlow {
    struct State: TensorTree, Codable {
      var x: Tensor<Double>
      var m: Tensor<Double>
    }

    let start: State
    let step: (State) -> State
    private let measure: (State) -> (Tensor<Double>, Tensor<Double>)

    init(_ problem: BoxProblem, _ flow: Flow) {
      let (alpha, gamma, eps) = (flow.constants[0], flow.constants[1], flow.constants[2])
      let e = flow.width
      let decays = Tensor<Double>(flow.decays)
      let corner = 0.5 * problem.start.sign()
      start = State(
        x: (1 / decays).outer(corner), m: .zeros([flow.decays.count, corner.count]))
      let size = Tensor(flow.step)
      step = compile { state in
        vmap { (decay: Tensor<Double>, state: State) in
          RungeKutta.classical4.step(
            { (_: Tensor<Double>, state: State) in
              let pull = alpha * grad { problem($0) }(state.x) + gamma * state.m
              let argument = state.m - eps * pull
              return State(x: argument / (argument.square() + e * e).sqrt() - decay * state.x, m: -pull)
            }, state, at: Tensor(0), size: size)
        }(decays, state)
      }
      let f = { (x: Tensor<Double>) in vmap { problem($0) }(x) }
      measure = compile { state in
        let value = f(state.x)
        let scaled = decays.reshaped(-1, 1) * state.x
        let conjugate = -e * (1 - scaled.square()).sqrt().sum(-1)
        let k = (state.m.square() + e * e).sqrt().sum(-1)
        let coupling = (scaled * state.m).sum(-1)
        let h =
          alpha * value + gamma / decays * conjugate + (1 - eps * gamma) / (1 + eps * decays) * (conjugate + k - coupling)
        return (value, h)
      }
    }

    /// f and H = alpha f + (gamma/lambda) K*(lambda x) + (1 - eps gamma)/(1 + eps lambda) (K*(lambda x) + K(m) - lambda m x).
    func values(of state: State) -> (f: Tensor<Double>, h: Tensor<Double>) { measure(state) }
  }
}
