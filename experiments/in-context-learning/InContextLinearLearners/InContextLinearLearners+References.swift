import Datasets
import Solvers
import Tensors
import Transforms

extension InContextLinearLearners {
  /// The algorithms that the transformers are compared with, tuned where they have a step size.
  struct References {
    /// One weight vector for each context, but for the last, which has none.
    static let linear = ["OLS", "ridge", "GD step", "SGD pass"]
    static let all = linear + ["3-NN"]

    private let noise: Double
    /// Step sizes, one for each number of examples from 0 on.
    let descentRates, passRates: [Double]

    /// The step sizes with the least error on `tasks`, for each number of examples on its own.
    init(tunedOn tasks: InContextRegression<Double>, noise: Double, passCandidates: [Double]) {
      self.noise = noise
      let counts = 0..<tasks.inputs.shape[1]
      let queries = counts.map { tasks.inputs.slice(All(), $0) }
      let targets = counts.map { tasks.noiselessTargets.slice(All(), $0) }
      descentRates = counts.map { count in
        guard count > 0 else { return 0 }
        // The error of eta p is least at eta = E[p t] / E[p²].
        let p = (Self.contexts(tasks, count).gradientDescent(rates: Tensor([1])) * queries[count]).sum(1)
        return ((p * targets[count]).sum() / p.square().sum()).scalar
      }
      let candidates = Tensor(passCandidates).reshaped(passCandidates.count, 1, 1)
      passRates = counts.map { count in
        guard count > 0 else { return 0 }
        let w = Self.contexts(tasks, count).stochasticPass(rate: candidates)
        let errors = ((w * queries[count]).sum(2) - targets[count]).square().mean(1).scalars
        return passCandidates[errors.indices.min { errors[$0] < errors[$1] } ?? 0]
      }
    }

    /// The first examples of every task.
    static func contexts(_ tasks: InContextRegression<Double>, _ count: Int) -> RegressionContexts<Double> {
      RegressionContexts(inputs: tasks.inputs.slice(All(), 0..<count), targets: tasks.targets.slice(All(), 0..<count))
    }

    /// Ridge regression; without a penalty the shortest of the least squares solutions, its limit.
    static func ridge(_ contexts: RegressionContexts<Double>, _ lambda: Double) -> Tensor<Double> {
      lambda > 0 ? contexts.ridge(lambda) : contexts.minimumNorm()
    }

    /// The weights that the linear ones find in the first examples, by name, each [tasks, dimension].
    func weights(_ tasks: InContextRegression<Double>, _ count: Int) -> [String: Tensor<Double>] {
      guard count > 0 else {
        return Dictionary(uniqueKeysWithValues: Self.linear.map { ($0, .zeros(tasks.inputs.shape[0], tasks.inputs.shape[2])) })
      }
      let contexts = Self.contexts(tasks, count)
      return [
        "OLS": contexts.minimumNorm(), "ridge": Self.ridge(contexts, noise * noise),
        "GD step": contexts.gradientDescent(rates: Tensor([descentRates[count]])),
        "SGD pass": contexts.stochasticPass(rate: Tensor(passRates[count])),
      ]
    }

    /// What each of `all` says to every input from the examples in front of it, [references, examples, tasks].
    func predictions(_ tasks: InContextRegression<Double>) -> Tensor<Double> {
      let byCount = (0..<tasks.inputs.shape[1]).map { count in
        let (query, weights) = (tasks.inputs.slice(All(), count), weights(tasks, count))
        let linear = Self.linear.map { name in ((weights[name] ?? Tensor(.nan)) * query).sum(1) }
        return Tensor.stack(linear + [nearestNeighbours(tasks, count, 3)])
      }
      return .stack(byCount, axis: 1)
    }

    /// The mean y of the k nearest examples, weighted by the inverse distance; of all when there are fewer; 0 when there is none.
    private func nearestNeighbours(_ tasks: InContextRegression<Double>, _ count: Int, _ k: Int) -> Tensor<Double> {
      guard count > 0 else { return .zeros(tasks.inputs.shape[0]) }
      let known = Self.contexts(tasks, count)
      let closeness = 1 / (known.inputs - tasks.inputs.slice(All(), count..<count + 1)).norm(2)
      let (weights, places) = closeness.topK(min(k, count))
      return (weights * known.targets.takeAlongAxis(places, axis: 1)).sum(1) / weights.sum(1)
    }
  }
}
