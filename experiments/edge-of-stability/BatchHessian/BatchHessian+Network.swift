import Datasets
import Networks
import Notebook
import Solvers
import Tensors
import Transforms

extension BatchHessian {
  /// The top eigenvalues and a density of the Hessians of a network that has been trained a little.
  static func runNetwork(
    _ group: String, on points: LabelledPoints<Double>, _ settings: Network, _ notebook: Recorder
  ) throws -> NetworkObjective {
    let (n, key) = (points.count, notebook.key(group))
    let widths = [points.inputs.shape[1], settings.hidden, points.classes]
    let objective = NetworkObjective(
      inputs: points.inputs, labels: points.labels, network: MLP(widths, initializer: .he(), key: key.named("start")))
    let batches = Minibatches(count: n, size: settings.batchSize, key: key.named("batches"))
    let (step, rate) = (objective.step(), Tensor(settings.rate))
    var parameters = objective.network.raveled(as: Double.self)
    try notebook.steps(group, settings.steps, state: &parameters, cadence: .every(settings.steps)) { t, parameters in
      parameters = step(parameters, rate, indices(batches[t]))
    }
    let product = compile { (v: Tensor<Double>, at: Tensor<Double>, batch: Tensor<Int32>) in
      hvp { objective.loss($0, points.inputs.gather(batch), points.labels.gather(batch)) }(at, v)
    }
    let (dimension, trained) = (parameters.count, parameters)

    let top = { (examples: [Int], key: Key) in
      let chosen = indices(examples)
      let krylov = lanczos(
        { product($0, trained, chosen) }, start: .normal([dimension], key: key), steps: settings.lanczosSteps)
      return krylov.ritzValues.last ?? .nan
    }
    let count = settings.batches.count * settings.draws
    var eigenvalues: [Double] = []
    try notebook.steps("\(group) Hessians", count, state: &eigenvalues, cadence: .every(count)) { i, eigenvalues in
      let (size, draw) = i.quotientAndRemainder(dividingBy: settings.draws)
      let batches = Minibatches(count: n, size: settings.batches[size], key: key.named("Hessians"))
      eigenvalues.append(top(batches[draw], key.named("Lanczos")[i]))
    }
    try notebook.tensor(
      "\(group)/eigenvalue", Tensor(shape: [settings.batches.count, settings.draws], eigenvalues),
      "largest eigenvalue of batch Hessians",
      along: [Dimension("batch", settings.batches, "batch size B"), draws(settings.draws)])
    try notebook.scalar(
      "\(group)/eigenvalue of all", top(Array(0..<n), key.named("Lanczos of all")),
      "largest eigenvalue of the Hessian of all examples")

    let spectra = [n, settings.densityBatch].enumerated().map { i, size in
      let chosen = indices(key.named("density")[i].choice(size, from: n))
      return spectralDensity(
        { product($0, trained, chosen) }, dimension: dimension, probes: settings.probes, steps: settings.densitySteps,
        key: key.named("probes"))
    }
    let nodes = spectra.flatMap(\.nodes)
    let margin = 5 * settings.width
    let grid = Tensor<Double>.linspace((nodes.min() ?? 0) - margin, (nodes.max() ?? 0) + margin, count: 600).scalars
    try notebook.tensor(
      "\(group) density/density", .stack(spectra.map { Tensor($0.density(at: grid, width: settings.width)) }),
      "spectral density of the Hessian",
      along: [
        Dimension("examples", [n, settings.densityBatch], "examples of the Hessian"), Dimension("eigenvalue", grid, "eigenvalue"),
      ])
    return objective
  }

  static func runAdam(
    _ objective: NetworkObjective, _ settings: AdamScan, _ notebook: Recorder
  ) throws {
    let (n, key) = (objective.labels.count, notebook.key("Adam"))
    let start = objective.network.raveled(as: Double.self)
    let rates = Tensor<Double>.geomspace(settings.smallestRate, settings.largestRate, count: settings.rates)
    let loss = { objective.loss($0, objective.inputs, objective.labels) }
    let step = compile { (runs: AdamRuns, batch: Tensor<Int32>) in
      runs.stepped(objective.inputs.gather(batch), objective.labels.gather(batch), rates: rates) { parameters, x, y in
        grad { objective.loss($0, x, y) }(parameters)
      }
    }
    let losses = compile { (parameters: Tensor<Double>) in vmap(vmap(loss))(parameters) }
    let stable = try settings.batches.flatMap { size in
      var runs = AdamRuns(from: start, rates: settings.rates, draws: settings.draws)
      try notebook.steps("Adam, B = \(size)", settings.steps, state: &runs, cadence: .every(settings.steps)) { t, runs in
        let batches = (0..<settings.draws).flatMap { key[size][t][$0].choice(size, from: n).map { Int32($0) } }
        runs = step(runs, Tensor(shape: [settings.draws, size], batches))
      }
      let isStable = (losses(runs.parameters) .< loss(start)).converted(to: Double.self)
      return largestStable(isStable.transposed(), rates: rates.scalars)
    }
    try notebook.tensor(
      "Adam/rate", Tensor(shape: [settings.batches.count, settings.draws], stable),
      "largest step of Adam after which the loss is below its start",
      along: [Dimension("batch", settings.batches, "batch size B"), draws(settings.draws)])
  }
}
