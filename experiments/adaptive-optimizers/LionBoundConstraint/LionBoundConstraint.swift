import Notebook
import Optimizers
import Problems
import Solvers
import Tensors
import Training
import Transforms

/// Lion Secretly Solves Constrained Optimization: As Lyapunov Predicts (Chen, Liu, Liang and Liu, ICLR 2024).
///
/// **Shows**: Lion with decoupled weight decay lambda solves min f(x) subject to |x|_inf <= 1/lambda; with the gradient of another convex
/// K in the place of the sign, min f(x) + K*(lambda x)/lambda. Iterates enter the feasible set exponentially fast, then decrease f in it.
///
/// **Here**: Lion on least squares for several decays, rates and problems, against projected gradient; Lion-K in the plane with four K
/// and their dual balls; the flow in continuous time with its Lyapunov function; the weights of a small network. Several least-squares
/// problems are drawn, since the solution of one may lie on either side of the widest box: the claim on the inactive constraint is
/// about those whose solution lies well inside.
package enum LionBoundConstraint: Experiment {
  package static let paper = Paper(
    slug: "lion-bound-constraint", title: "Lion Secretly Solves Constrained Optimization: As Lyapunov Predicts",
    authors: ["Lizhang Chen", "Bo Liu", "Kaizhao Liang", "Qiang Liu"], year: 2023, arxiv: "2310.05898",
    shows: """
      Lion with decoupled weight decay lambda minimizes f subject to |x|_inf <= 1/lambda. Iterates enter the box exponentially fast and
      then decrease f inside it; other convex functions in place of the 1-norm give other constraints or penalties.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("least squares in a box") package var leastSquares = LeastSquares()
    @Setting("Lion-K in the plane") package var plane = Plane()
    @Setting("the flow in continuous time") package var flow = Flow()
    @Setting("a small network") package var network = Network()
    package init() {}
  }

  package struct LeastSquares: Codable, Sendable {
    @Setting("rows of A") package var rows = 30
    @Setting("columns of A") package var columns = 10
    @Setting("standard deviation of the solution z") package var spread = 3.0
    @Setting("magnitude of the coordinates of the start") package var start = 5.0
    @Setting("weight decays lambda") package var decays = [0.2, 0.5, 1, 2]
    @Setting("learning rates") package var rates = [1e-2, 1e-3]
    @Setting("b1 of Lion") package var beta1 = 0.95
    @Setting("b2 of Lion") package var beta2 = 0.98
    @Setting("steps times the learning rate") package var time = 40.0
    @Setting("last steps whose f is averaged") package var tail = 200
    @Setting("independent problems") package var problems = 16
    @Setting("projected gradient steps of the reference") package var referenceSteps = 5000
    package init() {}
  }

  package struct Plane: Codable, Sendable {
    @Setting("weight decays lambda of Lion") package var decays = [0.25, 0.5, 1, 2]
    @Setting("weight decay of Lion-K") package var decay = 1.0
    @Setting("learning rate") package var rate = 1e-2
    @Setting("steps") package var steps = 2000
    package init() {}
  }

  package struct Flow: Codable, Sendable {
    @Setting("width e of the smooth K") package var width = 0.1
    @Setting("alpha, gamma, eps of the flow") package var constants = [1, 1, 0.5]
    @Setting("weight decays lambda") package var decays = [0.5, 1, 2]
    @Setting("length in time") package var time = 20.0
    @Setting("size of a step") package var step = 0.01
    package init() {}
  }

  package struct Network: Codable, Sendable {
    @Setting("hidden layers") package var hidden = [32]
    @Setting("weight decay lambda") package var decay = 10.0
    @Setting("learning rate") package var rate = 1e-3
    @Setting("steps") package var steps = 2000
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.leastSquares.rates = [0.05]
      settings.plane.steps = 200
      settings.flow.time = 1
      settings.network.steps = 20
    case .quick: break
    case .full:
      settings.leastSquares.rows = 300
      settings.leastSquares.columns = 100
      settings.network.hidden = [128, 128]
      settings.network.steps = 20_000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let problems = (0..<settings.leastSquares.problems).map {
      BoxProblem(settings.leastSquares, key: notebook.key("least squares")[$0])
    }
    for i in settings.leastSquares.rates.indices { try descend(problems, i, settings.leastSquares, notebook) }
    try solveInBox(problems, settings.leastSquares, notebook)
    try drawPaths(settings.plane, notebook)
    try flow(problems[0], settings.flow, notebook)
    try train(settings.network, notebook)
  }

  static func dimensions(_ settings: LeastSquares) -> [Dimension] {
    [
      Dimension("decay", settings.decays, "weight decay lambda"),
      Dimension("problem", count: settings.problems, "least-squares problem"),
    ]
  }

  /// Lion at rate number `index`: recorded under "lion<index>".
  private static func descend(
    _ problems: [BoxProblem], _ index: Int, _ settings: LeastSquares, _ notebook: Recorder
  ) throws {
    let name = "lion\(index)"
    let rate = settings.rates[index]
    let steps = Int((settings.time / rate).rounded())
    let runs = LionRuns(problems, rate: rate, settings)
    let dimensions = dimensions(settings)
    let distance = try notebook.trace("\(name)/distance", "largest |x_i| - 1/lambda above 0", along: dimensions)
    let value = try notebook.trace("\(name)/value", "f", along: dimensions)
    var state = runs.start
    try notebook.steps(name, steps, state: &state, cadence: .even(800, of: steps)) { i, state in
      state = runs.step(state, Tensor(i >= steps - settings.tail ? 1 : 0))
    } measure: { state, record in
      let measures = runs.measure(state.x)
      record(distance, measures.row(0).scalars)
      record(value, measures.row(1).scalars)
    }
    let final = { (quantity: String, values: Tensor<Double>, longName: String) in
      try notebook.tensor("\(name)/\(quantity)", values.reshaped(dimensions.map(\.count)), longName, along: dimensions)
    }
    try final("tail_value", state.tail / Double(settings.tail), "mean f over the last steps")
    try final("final_value", runs.measure(state.x).row(1), "f after the last step")
    try final("largest", state.x.abs().max(-1), "|x|_inf after the last step")
    try final("worst_ratio", state.worstRatio, "largest d_(t+1)/d_t - (1 - rate lambda), -1 if never outside")
  }

  /// Projected gradient: the best f in each box, and the largest coordinate of each unconstrained solution.
  private static func solveInBox(_ problems: [BoxProblem], _ settings: LeastSquares, _ notebook: Recorder) throws {
    let reference = ProjectedGradient(problems, decays: settings.decays)
    var x = reference.start
    try notebook.steps(
      "reference", settings.referenceSteps, state: &x, cadence: .every(settings.referenceSteps)
    ) { _, x in x = reference.step(x) }
    let dimensions = dimensions(settings)
    try notebook.tensor(
      "optimum", reference.values(at: x).reshaped(dimensions.map(\.count)), "least f in the box", along: dimensions)
    try notebook.tensor(
      "solution_largest", Tensor(problems.map { $0.solution.abs().max().scalar }), "|z|_inf", along: [dimensions[1]])
  }

  /// Lion with several decays, and Lion-K with several K, on one quadratic in the plane.
  private static func drawPaths(_ plane: Plane, _ notebook: Recorder) throws {
    let coordinate = Dimension("coordinate", count: 2, "coordinate")
    let lion = try notebook.trace(
      "plane/lion", "x of Lion", along: [Dimension("decay", plane.decays, "weight decay lambda"), coordinate])
    let potentials = PlanePaths.potentials
    let lionK = try notebook.trace(
      "plane/lion_k", "x of Lion-K", along: [Dimension("potential", potentials.map(\.name), "convex function K"), coordinate])
    let paths = PlanePaths(plane)
    var state = paths.start
    try notebook.steps("plane", plane.steps, state: &state, cadence: .every(2)) { _, state in
      state = paths.step(state)
    } measure: { state, record in
      record(lion, state.lion.scalars)
      record(lionK, state.lionK.flatMap(\.x.scalars))
    }
  }

  /// The flow of the smooth K from half the box's corner.
  private static func flow(_ problem: BoxProblem, _ settings: Flow, _ notebook: Recorder) throws {
    let flow = LionFlow(problem, settings)
    let decay = [Dimension("decay", settings.decays, "weight decay lambda")]
    let value = try notebook.trace("flow/value", "f", along: decay)
    let lyapunov = try notebook.trace("flow/lyapunov", "Lyapunov function H", along: decay)
    var state = flow.start
    let steps = Int((settings.time / settings.step).rounded())
    try notebook.steps("flow", steps, state: &state, cadence: .every(1)) { _, state in
      state = flow.step(state)
    } measure: { state, record in
      let (f, h) = flow.values(of: state)
      record(value, f.scalars)
      record(lyapunov, h.scalars)
    }
  }

  /// The weights of a network that learned the classes of a teacher.
  private static func train(_ network: Network, _ notebook: Recorder) throws {
    let problem = Classification<Float>.teacher(hidden: network.hidden, key: notebook.key("teacher"))
    let rule = Lion<Float>().decoupledDecay(network.decay)
    let grid = TrainingGrid(problem, rule, rates: [network.rate], keys: [notebook.key("network")])
    let runs = try notebook.train("network", grid, steps: network.steps, cadence: .even(20, of: network.steps))
    let weights = runs.parameters.tensors.flatMap { Tensor<Float>($0).scalars }
    try notebook.tensor(
      "weights", Tensor(weights), "weights and biases of the network",
      along: [Dimension("weight", count: weights.count, "weight")])
  }
}
