import Diagnostics
import Notebook
import Optimizers
import Solvers
import Tensors
import Transforms

/// A Deep Conjugate Direction Method for Iteratively Solving Linear Systems (Kaneda et al., ICML 2023).
///
/// **Shows**: a convolutional network that is trained without solutions, through the operator alone, proposes search directions for a
/// conjugate-direction iteration, which then needs few iterations, nearly as few on larger grids. Whether the result is right does not
/// depend on the network.
///
/// **Here**: the discrete Poisson equation in two dimensions instead of three, a small U-net without biases, and residuals made of the
/// operator's exact eigenvectors, sines, instead of 20000 Lanczos vectors. The network works in Float, the iteration in Double. The
/// diagonal of the operator is constant, so Jacobi's preconditioner changes nothing: the preconditioned baseline is IC(0).
package enum DeepConjugateDirections: Experiment {
  package static let paper = Paper(
    slug: "deep-conjugate-directions",
    title: "A Deep Conjugate Direction Method for Iteratively Solving Linear Systems",
    authors: ["Ayano Kaneda", "Osman Akar", "Jingyu Chen", "Victoria Kala", "David Hyde", "Joseph Teran"], year: 2022,
    arxiv: "2205.10763",
    shows: """
      A network trained without solutions, through the operator alone, proposes the search directions of a conjugate-direction iteration.
      It then needs a fraction of the iterations of conjugate gradients, on larger grids too, and is right whatever the network does.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("points along a side of the training grid, a multiple of 8") package var side = 32
    @Setting("points along a side of the larger test grid, a multiple of 8") package var largeSide = 64
    @Setting("channels of the network") package var channels = 8
    @Setting("training steps") package var steps = 400
    @Setting("residuals in a batch") package var batch = 16
    @Setting("first learning rate of Adam, on a cosine to 1e-5") package var rate = 3e-3
    @Setting("right-hand sides of each kind: random, smooth, point source") package var rightSides = 3
    @Setting("relative residual at which iterations stop") package var tolerance = 1e-4
    @Setting("most iterations") package var limit = 200
    @Setting("earlier directions m to which the next is made orthogonal") package var memory = 2
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.side = 16
      settings.largeSide = 24
      settings.channels = 4
      settings.steps = 4
      settings.batch = 2
      settings.rightSides = 1
      settings.limit = 30
    case .quick: break
    case .full:
      settings.side = 64
      settings.largeSide = 128
      settings.channels = 16
      settings.steps = 3000
      settings.limit = 400
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let untrained = DirectionNetwork(channels: settings.channels, key: notebook.key("network"))
    let trained = try train(untrained, settings, notebook)
    let systems = [
      PoissonSystem("trained size", side: settings.side), PoissonSystem("larger", side: settings.largeSide),
      PoissonSystem("obstacles", side: settings.side, hasObstacles: true),
    ]
    for system in systems { try solve(system, trained, untrained, settings, notebook) }
    try compareWithConjugateGradients(systems[0], settings, notebook)
  }

  /// The state of training.
  private struct Training: TensorTree, Codable {
    var network: DirectionNetwork
    var moments: Scheduled<Adam<Float>>.State
    var loss: Tensor<Float>
  }

  /// Minimizes the residual that the proposed direction leaves, over random residuals.
  private static func train(
    _ network: DirectionNetwork, _ settings: Settings, _ notebook: Recorder
  ) throws -> DirectionNetwork {
    let key = notebook.key("residuals")
    let optimizer = Adam<Float>(learningRate: settings.rate).scheduled(
      .cosine(steps: settings.steps, floor: 1e-5 / settings.rate))
    let advance = compile { (state: Training, key: Key) -> Training in
      let residuals = spectralResiduals(settings.batch, side: settings.side, key: key)
      let result = valueAndGrad { (network: DirectionNetwork) in remainder(of: residuals, network) }(state.network)
      var moments = state.moments
      return Training(
        network: optimizer.updated(state.network, gradient: result.gradient, &moments), moments: moments,
        loss: result.value)
    }
    var state = Training(network: network, moments: optimizer.initialState(for: network), loss: Tensor(1))
    let loss = try notebook.trace("training/loss", "mean |r - a A f(r)|² of the batch before the step")
    try notebook.steps("training", settings.steps, state: &state, cadence: .every(1)) { i, state in
      state = advance(state, key[i])
    } measure: { state, record in
      if record.step > 0 { record(loss, Double(state.loss.scalar)) }
    }
    return state.network
  }

  /// Every right-hand side by every method.
  private static func solve(
    _ system: PoissonSystem, _ trained: DirectionNetwork, _ untrained: DirectionNetwork, _ settings: Settings,
    _ notebook: Recorder
  ) throws {
    let methods = system.name == "trained size" ? DirectionMethod.allCases : [.conjugateGradients, .incompleteCholesky, .deep]
    let rights = system.rightSides(settings.rightSides, key: notebook.key("right sides").named(system.name))
    let grid = methods.flatMap { method in rights.map { (method: method, right: $0) } }
    var found: [SolveRecord] = []
    try notebook.steps(system.name, grid.count, state: &found, cadence: .every(grid.count)) { i, found in
      let network = grid[i].method == .untrained ? untrained : trained
      found.append(system.solve(grid[i].right, by: grid[i].method, network, settings))
    }
    let group = system.slug
    let dimensions = [
      Dimension("method", methods.map(\.rawValue), "method"),
      Dimension("right", count: rights.count, "right-hand side: random, smooth, point sources"),
    ]
    let outer = dimensions.map(\.count)
    try notebook.tensor(
      "\(group)/iterations", Tensor(shape: outer, found.map { $0.isConverged ? Double($0.residuals.count - 1) : .nan }),
      "iterations to the tolerance; none where the limit came first", along: dimensions)
    try notebook.tensor(
      "\(group)/residual",
      Tensor(shape: outer + [settings.limit + 1], found.flatMap { padded($0.residuals, settings.limit + 1) }),
      "|b - A x| / |b|", along: dimensions + [Dimension("iteration", count: settings.limit + 1, "iterations")])
    try notebook.tensor(
      "\(group)/product", Tensor(shape: outer + [settings.limit], found.flatMap { padded($0.products, settings.limit) }),
      "|d_(k+1)^T A d_k| over the lengths in the norm of A",
      along: dimensions + [Dimension("pair", Array(1...settings.limit), "k")])
    try notebook.tensor(
      "\(group)/rise", Tensor(shape: outer, found.map(\.largestRise)),
      "largest rise of the error in the norm of A in one iteration, over the first error", along: dimensions)
  }

  /// NaN behind the last number.
  private static func padded(_ numbers: [Double], _ count: Int) -> [Double] {
    numbers.prefix(count) + [Double](repeating: .nan, count: max(0, count - numbers.count))
  }

  /// f = identity and m = 1 against the textbook's recurrence, for 40 iterations.
  private static func compareWithConjugateGradients(
    _ system: PoissonSystem, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let b = system.rightSides(1, key: notebook.key("comparison"))[0]
    let reference = conjugateGradient(system.product, b, tolerance: 0, maximumIterations: 40).residuals
    let residuals = conjugateDirections(system.product, b, memory: 1, tolerance: 0, maximumIterations: 40) { $0 }.residuals
    try notebook.scalar(
      "comparison/difference", quantile(zip(residuals, reference).map { abs($0 / $1 - 1) }, 1),
      "largest relative difference of residual norms over \(min(residuals.count, reference.count) - 1) iterations")
  }
}
