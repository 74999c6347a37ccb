import Optimizers
import Problems
import Tensors
import Transforms

extension AdaBeliefResidual {
  /// A function of the plane, the window it is drawn in and the values of its contours.
  @dynamicMemberLookup
  struct Toy {
    let function: TestFunction<Double>
    let window: [ClosedRange<Double>]
    let levels: [Double]

    subscript<Value>(dynamicMember path: KeyPath<TestFunction<Double>, Value>) -> Value { function[keyPath: path] }
    func loss(_ x: Tensor<Double>, on batch: WholeBatch) -> Tensor<Double> { function.loss(x, on: batch) }
  }

  /// (b), in the order of the claims.
  static var toys: [Toy] {
    [
      Toy(
        function: .plane("|x| + |y|", start: [-1.5, 1.2], minimum: [0, 0]) { x, y in x.abs() + y.abs() },
        window: [-2...1, -1...2], levels: [0.3, 0.7, 1.2, 1.8, 2.4]),
      Toy(
        function: .plane("(x + y)² + (x − y)²/10", start: [-1, 0.6], minimum: [0, 0]) { x, y in
          (x + y).square() + (x - y).square() / 10
        }, window: [-1.5...1, -1...1.5], levels: [0.02, 0.1, 0.3, 0.8, 1.6]),
      Toy(
        function: .plane("x²/20 + √(y² + 0.001)/2", start: [2, 2], minimum: [0, 0]) { x, y in
          x.square() / 20 + 0.5 * (1e-3 + y.square()).sqrt()
        }, window: [-1...2.5, -1...2.5], levels: [0.05, 0.15, 0.3, 0.5, 0.9]),
      Toy(function: .beale(), window: [0.8...3.5, 0...2.2], levels: [0.1, 1, 10, 100]),
      Toy(function: .rosenbrock(start: [-2, 2]), window: [-2.2...1.5, -0.5...3], levels: [1, 10, 100, 400]),
    ]
  }

  /// A rule with its rates, and where it is: every tensor of a run has an axis of rates in front.
  struct Run<Rule: GradientOptimizer>: TensorTree, Codable {
    var x: Tensor<Rule.Scalar>
    var memory: Rule.State

    init(_ rule: Rule, from x: Tensor<Rule.Scalar>, count: Int) {
      self.x = Tensor(AnyTensor.stack(Array(repeating: AnyTensor(x), count: count)))
      memory = rule.initialState(for: x).mapTensors { AnyTensor.stack(Array(repeating: $0, count: count)) }
    }

    /// One step of the rule at each of the rates.
    func advanced(
      _ rule: Rule, rates: Tensor<Rule.Scalar>, loss: @escaping (Tensor<Rule.Scalar>) -> Tensor<Rule.Scalar>
    ) -> Run {
      vmap { (rate: Tensor<Rule.Scalar>, run: Run) in
        var (rule, run) = (rule, run)
        rule.learningRate = rate
        rule.step(&run.x, &run.memory, loss: loss)
        return run
      }(rates, self)
    }
  }

  /// The three rules on one function of the plane.
  struct ToyRace {
    struct State: TensorTree, Codable {
      var sgd: Run<Momentum<Double>>
      var adam: Run<Adam<Double>>
      var belief: Run<AdaBelief<Double>>
    }

    let start: State
    let step: (State) -> State

    init(_ toy: Toy, rates: [Double]) {
      let (sgd, adam, belief) = (Momentum<Double>(), Adam<Double>(), AdaBelief<Double>())
      start = State(
        sgd: Run(sgd, from: toy.start, count: rates.count), adam: Run(adam, from: toy.start, count: rates.count),
        belief: Run(belief, from: toy.start, count: rates.count))
      let loss = { (x: Tensor<Double>) in toy.loss(x, on: WholeBatch()) }
      let rates = Tensor(rates)
      step = compile { state in
        State(
          sgd: state.sgd.advanced(sgd, rates: rates, loss: loss), adam: state.adam.advanced(adam, rates: rates, loss: loss),
          belief: state.belief.advanced(belief, rates: rates, loss: loss))
      }
    }

    /// [methods, rates, 2]
    func positions(of state: State) -> Tensor<Double> { .stack([state.sgd.x, state.adam.x, state.belief.x]) }
  }

  /// (a): a gradient of 1 + sigma z, wherever the parameter is.
  struct NoisyGradients {
    struct Run<Memory: TensorTree & Codable>: TensorTree, Codable {
      var memory: Memory
      /// The sum of -update over the last steps; the learning rate is 1.
      var total: Tensor<Double>
    }

    /// Every tensor has an axis of sigmas x chains in front.
    struct State: TensorTree, Codable {
      var adam: Run<Moments<Double>>
      var belief: Run<Moments<Double>>
    }

    let start: State
    /// State, whether the step counts (1 or 0), the key of the step.
    let step: (State, Tensor<Double>, Key) -> State

    init(_ noise: Noise) {
      let sigmas = Tensor<Double>(noise.sigmas.flatMap { Array(repeating: $0, count: noise.chains) })
      let (adam, belief) = (Adam<Double>(learningRate: 1), AdaBelief<Double>(learningRate: 1))
      let parameter = TensorList([Tensor<Double>(0)])
      let memory = Moments(parameter).mapTensors { AnyTensor.stack(Array(repeating: $0, count: sigmas.count)) }
      let zeros = Tensor<Double>.zeros([sigmas.count])
      start = State(adam: Run(memory: memory, total: zeros), belief: Run(memory: memory, total: zeros))
      step = compile { (state: State, weight: Tensor<Double>, key: Key) in
        let gradients = 1 + sigmas * .normal([sigmas.count], key: key)
        return vmap { (g: Tensor<Double>, state: State) in
          var next = state
          let g = TensorList([g])
          next.adam.total -= weight * adam.update(&next.adam.memory, gradient: g, at: parameter).elements[0]
          next.belief.total -= weight * belief.update(&next.belief.memory, gradient: g, at: parameter).elements[0]
          return next
        }(gradients, state)
      }
    }
  }

  /// A rule, and another one that sees its gradients and moves nothing.
  struct Watched<Rule: GradientOptimizer, Watcher: GradientOptimizer>: GradientOptimizer where Rule.Scalar == Watcher.Scalar {
    var rule: Rule
    var watcher: Watcher

    struct State: TensorTree, Codable {
      var rule: Rule.State
      var watcher: Watcher.State
    }

    var learningRate: Tensor<Rule.Scalar> {
      get { rule.learningRate }
      set { rule.learningRate = newValue }
    }

    func initialState(for parameters: TensorList<Rule.Scalar>, key: Key) -> State {
      State(rule: rule.initialState(for: parameters, key: key[0]), watcher: watcher.initialState(for: parameters, key: key[1]))
    }

    func update(
      _ state: inout State, gradient: TensorList<Rule.Scalar>, at parameters: TensorList<Rule.Scalar>
    ) -> TensorList<Rule.Scalar> {
      _ = watcher.update(&state.watcher, gradient: gradient, at: parameters)
      return rule.update(&state.rule, gradient: gradient, at: parameters)
    }
  }
}
