import Datasets
import Notebook
import Optimizers
import Tensors
import Transforms

extension AdaptiveBatchAdaGrad {
  /// A mean over samples: the loss of one sample (a, y) at x, and all samples.
  struct SampledLoss {
    /// [n, features]
    let inputs: Tensor<Double>
    /// [n, outputs]
    let targets: Tensor<Double>
    let start: Tensor<Double>
    /// Of (x, a, y).
    let ofSample: (Tensor<Double>, Tensor<Double>, Tensor<Double>) -> Tensor<Double>

    /// log(1 + (a x - y)²/2), with y = A x* plus errors of Student's t distribution.
    static func robustRegression(samples: Int, features: Int, degrees: Double, key: Key) -> SampledLoss {
      let a = Tensor<Double>.normal([samples, features], key: key.named("inputs"))
      let solution = Tensor<Double>.normal([features], key: key.named("solution"))
      let errors = Tensor<Double>.studentT([samples], degrees: degrees, key: key.named("errors"))
      return SampledLoss(
        inputs: a, targets: (matmul(a, solution) + errors).reshaped(samples, 1), start: .zeros([features])
      ) { x, a, y in
        ((a.dot(x) - y.reshaped([])).square() / 2).log1p()
      }
    }

    /// Cross-entropy of linear classes, x being [classes, features] in one row.
    static func logistic(_ points: LabelledPoints<Double>) -> SampledLoss {
      let features = points.inputs.shape[1]
      return SampledLoss(
        inputs: points.inputs, targets: .oneHot(points.labels, classes: points.classes),
        start: .zeros([points.classes * features])
      ) { x, a, y in
        -(matmul(x.reshaped(points.classes, features), a).logSoftmax() * y).sum()
      }
    }

    /// The whole loss.
    func mean(at x: Tensor<Double>) -> Tensor<Double> { vmap(ofSample, axes: [nil, 0, 0])(x, inputs, targets).mean() }

    /// The gradients of all samples at x, [n, parameters].
    func gradients(at x: Tensor<Double>) -> Tensor<Double> {
      vmap({ (x: Tensor<Double>, a: Tensor<Double>, y: Tensor<Double>) in grad { ofSample($0, a, y) }(x) }, axes: [nil, 0, 0])(
        x, inputs, targets)
    }
  }

  /// How large the batches of a run are.
  enum Schedule {
    case adaptive(tolerance: Double, first: Int)
    case constant(Int)

    var label: String {
      switch self {
      case .adaptive(let tolerance, _): "eta = \(tolerance.brief)"
      case .constant(let size): "b = \(size)"
      }
    }

    var firstSize: Double {
      switch self {
      case .adaptive(_, let first): Double(first)
      case .constant(let size): Double(size)
      }
    }

    /// A test that tolerates everything keeps the batch as it is.
    var tolerance: Double { if case .adaptive(let tolerance, _) = self { tolerance } else { .infinity } }
  }

  /// A rule with growing batches, for every schedule, rate and seed at once.
  struct SampledDescent<Rule: GradientOptimizer> where Rule.Scalar == Double {
    /// What does not change: one of each for every run.
    private struct Run: TensorTree {
      var rule: Rule
      var sizes: AdaptiveBatchSize<Double>
    }

    /// Every tensor has an axis of schedules x rates x seeds in front.
    struct State: TensorTree, Codable {
      var x: Tensor<Double>
      var memory: Rule.State
      /// Of the next batch.
      var batchSize: Tensor<Double>
      /// Processed so far.
      var samples: Tensor<Double>
    }

    let start: State
    private let advance: (State, Key) -> State
    private let measure: (Tensor<Double>) -> Tensor<Double>
    private let keys: [Key]

    init(
      _ loss: SampledLoss, _ rule: Rule, _ test: AdaptiveBatchSize<Double>.Test, schedules: [Schedule], rates: [Double],
      keys: [Key]
    ) {
      let count = loss.inputs.shape[0]
      let grid = schedules.flatMap { schedule in
        rates.flatMap { rate in keys.map { _ in (schedule: schedule, rate: rate) } }
      }
      let batched = { (tensor: AnyTensor) in AnyTensor.stack(Array(repeating: tensor, count: grid.count)) }
      var rules = rule.mapTensors(batched)
      rules.learningRate = Tensor(grid.map(\.rate))
      var sizes = AdaptiveBatchSize<Double>(tolerance: 1, test: test, largest: count)
      sizes.tolerance = Tensor(grid.map(\.schedule.tolerance))
      let runs = Run(rule: rules, sizes: sizes)

      self.keys = keys
      start = State(
        x: Tensor(batched(AnyTensor(loss.start))), memory: rule.initialState(for: loss.start).mapTensors(batched),
        batchSize: Tensor(grid.map(\.schedule.firstSize)), samples: .zeros([grid.count]))
      advance = compile { (state: State, keys: Key) in
        // Where each sample stands in the order of its seed: [seeds, n], and the same for every schedule and rate.
        let places = vmap { (key: Key) in Tensor<Int32>.permutation(count, key: key).converted(to: Double.self) }(keys)
        let all = places.tiled(schedules.count * rates.count, 1)
        return vmap { (run: Run, state: State, places: Tensor<Double>) in
          let batch = BatchMoments(TensorList([loss.gradients(at: state.x)]), isInBatch: places .< state.batchSize)
          var next = state
          next.x = run.rule.updated(state.x, gradient: batch.mean.elements[0], &next.memory)
          next.batchSize = run.sizes.next(after: state.batchSize, batch)
          next.samples = state.samples + state.batchSize
          return next
        }(runs, state, all)
      }
      measure = compile(vmap { x in grad { loss.mean(at: $0) }(x).squaredNorm() })
    }

    /// Step number i = 0, 1, ... of all runs.
    func step(_ i: Int, _ state: inout State) { state = advance(state, Key.batch(keys.map { $0[i] })) }

    /// ||grad f(x)||² of all runs.
    func squaredGradients(of state: State) -> Tensor<Double> { measure(state.x) }
  }
}
