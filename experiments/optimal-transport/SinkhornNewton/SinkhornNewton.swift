import Datasets
import Notebook
import Tensors
import Transport

/// Accelerating Sinkhorn Algorithm with Sparse Newton Iterations (Tang, Shavlovsky, Rahmanian, Tardini, Thekumparampil, Xiao and Ying,
/// ICLR 2024).
///
/// **Shows**: after a few of Sinkhorn's sweeps the Hessian of the dual is nearly sparse. A Newton stage that keeps its largest entries, and
/// solves by conjugate gradients, ends in about ten steps what the sweeps need thousands for.
///
/// **Here**: random assignment, planar point clouds, and two drawn digits with squared and l1 costs (two MNIST images when their files are
/// there and the side is 28), all at the card's sizes; Sinkhorn alone, Newton from the start, and L-BFGS as baselines. Images get 0.01 of a
/// pixel's full ink everywhere, since weights must be positive. Times are measured in this process and lie under /run.
package enum SinkhornNewton: Experiment {
  package static let paper = Paper(
    slug: "sinkhorn-newton-sparse", title: "Accelerating Sinkhorn Algorithm with Sparse Newton Iterations",
    authors: [
      "Xun Tang", "Michael Shavlovsky", "Holakou Rahmanian", "Elisa Tardini", "Kiran Koshy Thekumparampil", "Tesi Xiao",
      "Lexing Ying",
    ],
    year: 2024, arxiv: "2401.12253",
    shows: """
      At a strong regularization parameter Sinkhorn's iteration is slow. After a few sweeps the Hessian of the dual potential is nearly
      sparse, and Newton steps with its largest entries converge in about ten steps, each as cheap as a few sweeps.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("random assignment") package var assignment = Case(size: 200, eta: 500, kept: 4, warmups: [0, 20, 100])
    @Setting("planar point clouds") package var points = Case(size: 300, eta: 1200, kept: 15, warmups: [100])
    @Setting("two images; the size is their side") package var images = Case(size: 20, eta: 1200, kept: 15, warmups: [100])
    @Setting("sweeps of Sinkhorn alone") package var sweeps = 2000
    @Setting("largest number of Newton steps") package var newtonSteps = 100
    @Setting("marginal error e at which Newton steps end") package var tolerance = 1e-12
    @Setting("L-BFGS steps, on random assignment") package var quasiNewtonSteps = 500
    @Setting("sweeps before L-BFGS") package var quasiNewtonWarmup = 20
    @Setting("repetitions of a run, of which the least times are kept") package var repetitions = 5
    @Setting("entries kept for each row, at which the mass outside is recorded") package var sparsities = Array(1...10)
    package init() {}
  }

  package struct Case: Codable, Sendable {
    @Setting("points of each measure, or the side of the images") package var size = 0
    @Setting("the regularization parameter: epsilon is 1 / eta") package var eta = 0.0
    @Setting("entries kept for each row of the thresholded Hessian's off-diagonal block: rho n") package var kept = 0
    @Setting("numbers N1 of sweeps before the Newton stage") package var warmups: [Int] = []

    init(size: Int, eta: Double, kept: Int, warmups: [Int]) {
      (self.size, self.eta, self.kept, self.warmups) = (size, eta, kept, warmups)
    }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.assignment.size = 60
      settings.points.size = 60
      settings.images.size = 10
      settings.sweeps = 1000
      settings.quasiNewtonSteps = 30
      settings.repetitions = 2
    case .quick: break
    case .full:
      settings.assignment = Case(size: 500, eta: 1200, kept: 2, warmups: [0, 20, 100])
      settings.images.size = 28
      settings.sweeps = 20_000
      settings.repetitions = 2
    }
    return settings
  }

  /// A case's problem with what it is called.
  struct Instance {
    var name: String
    var settings: Case
    var problem: TransportProblem
    var hasQuasiNewton = false
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let instances =
      [assignment(settings.assignment, key: notebook.key("costs")), points(settings.points, key: notebook.key("points"))]
      + (try images(settings.images, notebook))
    var outcomes: [Outcome] = []
    try notebook.steps("cases", instances.count, state: &outcomes, cadence: .every(1)) { i, outcomes in
      outcomes.append(Outcome(instances[i], settings))
    }
    for (instance, outcome) in zip(instances, outcomes) { try record(outcome, of: instance, settings, notebook) }
  }

  private static func assignment(_ settings: Case, key: Key) -> Instance {
    instance("assignment", settings, cost: .uniform([settings.size, settings.size], key: key), hasQuasiNewton: true)
  }

  private static func points(_ settings: Case, key: Key) -> Instance {
    let shape = [settings.size, 2]
    let squares = squaredDistances(.normal(shape, key: key.named("x")), .normal(shape, key: key.named("y")) + 1)
    return instance("points", settings, cost: squares / squares.max())
  }

  private static func images(_ settings: Case, _ notebook: Recorder) throws -> [Instance] {
    let side = settings.size
    var images = DrawnDigits.sample(2, classes: [3, 5], side: side, noise: 0, key: notebook.key("images"))
    if side == 28, let mnist = try MNIST.testImages(2, classes: [3, 5]) {
      images = mnist.images
      notebook.uses(DataSource(name: MNIST.name, count: 2, sha256: mnist.sha256))
    }
    let ink = images.pixels + 0.01
    let place = Tensor<Double>.arange(side * side).map { ($0 / Double(side)).rounded(.down) }
    let xy = Tensor.stack([place, .arange(side * side) - Double(side) * place], axis: 1)
    let squares = squaredDistances(xy, xy)
    let lengths = (xy.expandingDimensions(1) - xy.expandingDimensions(0)).abs().sum(-1)
    return [("squared", squares), ("l1", lengths)].map { name, cost in
      instance(
        name, settings, cost: cost / cost.max(), a: ink.row(0) / ink.row(0).sum(), b: ink.row(1) / ink.row(1).sum())
    }
  }

  private static func instance(
    _ name: String, _ settings: Case, cost: Tensor<Double>, a: Tensor<Double>? = nil, b: Tensor<Double>? = nil,
    hasQuasiNewton: Bool = false
  ) -> Instance {
    let uniform = Tensor<Double>.full([cost.shape[0]], 1 / Double(cost.shape[0]))
    return Instance(
      name: name, settings: settings,
      problem: TransportProblem(cost: cost, a: a ?? uniform, b: b ?? uniform, regularization: 1 / settings.eta),
      hasQuasiNewton: hasQuasiNewton)
  }

  private static func record(_ outcome: Outcome, of instance: Instance, _ settings: Settings, _ notebook: Recorder) throws {
    let name = instance.name
    for run in outcome.runs {
      let iterations = Dimension("iteration", run.errors.indices.map { $0 + run.first }, "sweeps and steps made")
      try notebook.tensor(
        "\(name)/\(run.name)/error", Tensor(run.errors), "|P 1 - a|_1 + |P^T 1 - b|_1", along: [iterations])
      try notebook.timing("\(name)/\(run.name)/seconds", Tensor(run.seconds), "time until then", along: [iterations], units: "s")
      try notebook.scalar("\(name)/\(run.name)/cost", run.cost, "<C, P> at the end")
      guard !run.newton.isEmpty else { continue }
      let steps = Dimension("newton_step", Array(1...run.newton.count), "Newton step")
      try notebook.tensor(
        "\(name)/\(run.name)/damping", Tensor(run.newton.map(\.alpha)), "step size alpha of the line search", along: [steps])
      try notebook.tensor(
        "\(name)/\(run.name)/products", Tensor(run.newton.map { Double($0.products) }), "conjugate gradient steps", along: [steps]
      )
    }
    try notebook.tensor(
      "\(name)/outside", Tensor(shape: [outcome.outside.count, settings.sparsities.count], outcome.outside.flatMap { $0 }),
      "share of P's mass outside its k n largest entries",
      along: [
        Dimension("stage", Outcome.stages, "when P was taken: after how many sweeps, or at the solution"),
        Dimension("kept", settings.sparsities, "k"),
      ])
  }
}
