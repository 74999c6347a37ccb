import Datasets
import Networks
import Notebook
import Optimizers
import Solvers
import Tensors
import Transforms

/// Thermodynamic Natural Gradient Descent (Donatella, Duffield, Aifer, Melanson, Crooks and Coles, npj Unconventional Computing 2025).
///
/// **Shows**: the linear system of natural gradient descent can be left to a physical process: an Ornstein-Uhlenbeck process relaxes to a
/// Gaussian law whose mean is the natural gradient. Stopped at time t it gives something between the gradient (t small) and the natural
/// gradient (t large); started where it stopped before, it carries curvature from step to step.
///
/// **Here**: the device is simulated by Euler and Maruyama's steps. (1) random systems, without noise and with it, against the closed form
/// of every eigenmode, and the covariance of 64 chains; (2) a quadratic with condition number 1000 (its matrix undamped); (3) a small
/// network on drawn digits. There the time steps are 0.2 / |A| in the quick preset, 0.1 / |A| everywhere else, and the device's last
/// state is read. The full preset has images of 28 x 28 pixels, MNIST's when it is there, and delays.
package enum ThermodynamicDescent: Experiment {
  package static let paper = Paper(
    slug: "thermodynamic-ngd", title: "Thermodynamic Natural Gradient Descent",
    authors: ["Kaelan Donatella", "Samuel Duffield", "Maxwell Aifer", "Denis Melanson", "Gavin Crooks", "Patrick J. Coles"],
    year: 2024, arxiv: "2405.13817",
    shows: """
      Natural gradient descent leaves its linear system to an Ornstein-Uhlenbeck process, which relaxes to the natural gradient. Stopped
      after a finite time it interpolates between gradient descent and natural gradient descent; started warm it remembers curvature.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("linear systems, experiment (1)") package var linear = Linear()
    @Setting("a quadratic, experiment (2)") package var quadratic = Quadratic()
    @Setting("a network on digits, experiment (3)") package var digits = Digits()
    package init() {}
  }

  package struct Linear: Codable, Sendable {
    @Setting("unknowns d") package var dimension = 20
    @Setting("rows of the Gaussian factor J of A = J^T J / rows + damping I") package var rows = 30
    @Setting("damping") package var damping = 0.1
    @Setting("independent systems") package var systems = 1
    @Setting("inverse temperatures beta; 0 stands for no noise") package var betas = [1e2, 1e4, 0]
    @Setting("time of the relaxation") package var time = 100.0
    @Setting("chains for the covariance") package var chains = 64
    @Setting("inverse temperatures beta for the covariance") package var chainBetas = [1e2, 1e3, 1e4, 1e5]
    @Setting("time before the covariance is measured") package var burnIn = 50.0
    @Setting("time over which the covariance is measured") package var measured = 400.0
    @Setting("time step times |A|") package var step = 0.1
    package init() {}
  }

  package struct Quadratic: Codable, Sendable {
    @Setting("parameters d") package var dimension = 50
    @Setting("condition number; eigenvalues are equally far apart on a logarithmic scale, the largest 1") package var condition =
      1e3
    @Setting("relaxation times, over the inverse mean eigenvalue") package var times = [0.1, 1, 10, 100]
    @Setting("iterations of each") package var iterations = 60
    @Setting("gradient descent's step sizes, of 2 / |A|") package var rates = [0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999]
    @Setting("most iterations of gradient descent") package var descentIterations = 5000
    @Setting("time step times |A|") package var step = 0.1
    package init() {}
  }

  package struct Digits: Codable, Sendable {
    @Setting("images") package var count = 1000
    @Setting("width and height of an image in pixels") package var side = 8
    @Setting("hidden units") package var hidden = 20
    @Setting("images in a batch") package var batch = 64
    @Setting("damping lambda") package var damping = 1.0
    @Setting("steps") package var steps = 300
    @Setting("step size eta of the curvature methods, and of gradient descent") package var rate = 0.1
    @Setting("step size of Adam") package var adamRate = 3e-3
    @Setting("relaxation times t") package var times = [0.5, 5, 50]
    @Setting("inverse temperature beta") package var beta = 1e6
    @Setting("iterations of conjugate gradients") package var solverIterations = 10
    @Setting("delays t_d in steps, for the shortest time and a warm start") package var delays: [Int] = []
    @Setting("time step times |A|") package var step = 0.2
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.linear.systems = 2
      settings.linear.time = 10
      settings.linear.chains = 4
      settings.linear.burnIn = 1
      settings.linear.measured = 4
      settings.quadratic.dimension = 5
      settings.quadratic.condition = 10
      settings.quadratic.iterations = 3
      settings.quadratic.descentIterations = 50
      settings.digits.count = 60
      settings.digits.batch = 20
      settings.digits.steps = 3
      settings.digits.times = [0.5, 2]
    case .quick: break
    case .full:
      settings.digits.count = 5000
      settings.digits.side = 28
      settings.digits.hidden = 64
      settings.digits.delays = [1, 5]
      settings.digits.step = 0.1
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let systems = LinearSystems(settings.linear, key: notebook.key("systems"))
    try relax(systems, settings.linear, notebook)
    try measureCovariance(systems, settings.linear, notebook)
    try descendQuadratic(settings.quadratic, notebook)
    try train(settings.digits, notebook)
  }

  /// (1): the error on the way to equilibrium, for every temperature.
  private static func relax(_ systems: LinearSystems, _ settings: Linear, _ notebook: Recorder) throws {
    let system = Dimension("system", count: settings.systems, "independent system")
    let mode = Dimension("mode", count: settings.dimension, "eigenvector, eigenvalues ascending")
    try notebook.tensor("linear/eigenvalues", systems.eigenvalues, "eigenvalues of A", along: [system, mode])
    try notebook.tensor("linear/modes", systems.modes, "solution in the eigenvectors", along: [system, mode])
    try notebook.tensor("linear/step", systems.step.flattened(), "time step dt", along: [system])
    let error = try notebook.trace(
      "linear/error", "|x(t) - A^-1 b| / |A^-1 b|", along: [system, Dimension("beta", settings.betas, "beta, 0 for no noise")])
    let temperatures = Tensor(settings.betas.map { $0 > 0 ? 1 / $0 : 0 }).expandingDimensions(1)
    let key = notebook.key("relaxation noise")
    let advance = compile { (x: Tensor<Double>, key: Key) in
      ornsteinUhlenbeckStep(
        x, { matmul($0, systems.matrix) }, systems.right, step: systems.step, temperature: temperatures, key: key)
    }
    var x = Tensor<Double>.zeros([settings.systems, settings.betas.count, settings.dimension])
    let count = Int((settings.time / systems.step.min().scalar).rounded(.up))
    try notebook.steps("linear", count, state: &x, cadence: .geometric(perDecade: 60)) { i, x in
      x = advance(x, key[i])
    } measure: { x, record in
      record(error, ((x - systems.solution).norm(-1) / systems.solution.norm(-1)).scalars)
    }
  }

  /// (1): many chains of the first system, moments of every step after the burn-in.
  private static func measureCovariance(_ systems: LinearSystems, _ settings: Linear, _ notebook: Recorder) throws {
    struct Chains: TensorTree, Codable {
      var x, sum, products: Tensor<Double>
    }
    let (betas, d) = (settings.chainBetas, settings.dimension)
    let (matrix, dt) = (systems.matrix.row(0), systems.step.row(0))
    let temperatures = Tensor(betas.map { 1 / $0 }).reshaped(-1, 1, 1)
    let advance = compile { (chains: Chains, weight: Tensor<Double>, key: Key) -> Chains in
      let x = ornsteinUhlenbeckStep(
        chains.x, { matmul($0, matrix) }, systems.right.row(0), step: dt, temperature: temperatures, key: key)
      // About the exact solution, so that nothing cancels.
      let centred = x - systems.solution.row(0)
      return Chains(
        x: x, sum: chains.sum + weight * centred.mean(1),
        products: chains.products + weight / Double(settings.chains) * matmul(centred, centred, transposeA: true))
    }
    let burnIn = Int(settings.burnIn / dt.max().scalar)
    let count = Int(settings.measured / dt.max().scalar)
    let key = notebook.key("chain noise")
    var chains = Chains(
      x: .zeros([betas.count, settings.chains, d]), sum: .zeros([betas.count, d]), products: .zeros([betas.count, d, d]))
    try notebook.steps("covariance", burnIn + count, state: &chains, cadence: .every(burnIn + count)) { i, chains in
      chains = advance(chains, Tensor(i < burnIn ? 0 : 1 / Double(count)), key[i])
    }
    let covariance = chains.products - chains.sum.outer(chains.sum)
    let inverse = try inverse(matrix)
    let scaled = covariance * Tensor(betas).reshaped(-1, 1, 1)
    let beta = Dimension("beta", betas, "inverse temperature beta")
    try notebook.tensor(
      "covariance/error", (scaled - inverse).square().sum(-2, -1).sqrt() / inverse.norm(),
      "|beta covariance - A^-1|_F / |A^-1|_F", along: [beta])
    try notebook.tensor("covariance/variance", covariance.trace(), "total variance of the samples", along: [beta])
    try notebook.scalar("covariance/exact", inverse.trace().scalar, "trace of A^-1")
  }

  /// (2): loss against iterations, and the directions at both ends.
  private static func descendQuadratic(_ settings: Quadratic, _ notebook: Recorder) throws {
    let problem = QuadraticProblem(settings, key: notebook.key("quadratic"))
    let times = settings.times.map { $0 / problem.meanEigenvalue } + [10 / problem.smallestEigenvalue]
    let loss = try notebook.trace(
      "quadratic/loss", "loss over the first loss", along: [Dimension("time", times, "relaxation time t")])
    var thetas = [Tensor<Double>](repeating: problem.start, count: times.count)
    try notebook.steps("quadratic", settings.iterations, state: &thetas, cadence: .every(1)) { _, thetas in
      // What is solved to rounding stays.
      for (i, time) in times.enumerated() where problem.relativeLoss(thetas[i]).scalar > 1e-25 {
        thetas[i] -= problem.relaxed(problem.gradient(thetas[i]), time: time, step: settings.step)
      }
    } measure: { thetas, record in
      record(loss, thetas.map { problem.relativeLoss($0).scalar })
    }

    let rates = Tensor(settings.rates.map { 2 * $0 / problem.largestEigenvalue })
    let descent = try notebook.trace(
      "descent/loss", "loss over the first loss", along: [Dimension("rate", rates.scalars, "step size")])
    let advance = compile { (theta: Tensor<Double>) in theta - rates.expandingDimensions(1) * problem.gradient(theta) }
    var theta = problem.start.broadcast(to: [rates.count, settings.dimension])
    try notebook.steps(
      "descent", settings.descentIterations, state: &theta, cadence: .every(1),
      until: { problem.relativeLoss($0).min().scalar <= 1e-5 }
    ) { _, theta in
      theta = advance(theta)
    } measure: { theta, record in
      record(descent, problem.relativeLoss(theta).scalars)
    }

    let gradient = problem.gradient(problem.start)
    let short = problem.relaxed(gradient, time: 0.01 / problem.largestEigenvalue, step: settings.step)
    let long = problem.relaxed(gradient, time: 100 / problem.smallestEigenvalue, step: settings.step)
    try notebook.scalar("quadratic/short", cosine(short, gradient), "cosine of x(0.01 / |A|) and the gradient")
    try notebook.scalar(
      "quadratic/long", cosine(long, try solve(problem.matrix, gradient)), "cosine of x(100 / smallest eigenvalue) and A^-1 g")
  }

  private static func cosine(_ x: Tensor<Double>, _ y: Tensor<Double>) -> Double {
    x.dot(y).scalar / (x.norm().scalar * y.norm().scalar)
  }

  /// (3): every method on the same batches.
  private static func train(_ settings: Digits, _ notebook: Recorder) throws {
    var images = DrawnDigits.sample(settings.count, side: settings.side, key: notebook.key("digits"))
    if settings.side == 28, let real = try MNIST.testImages(settings.count, classes: Array(0...9)) {
      notebook.uses(DataSource(name: MNIST.name, count: real.images.labels.count, sha256: real.sha256))
      images = real.images
    }
    let problem = DigitsProblem(images, settings)
    let methods = DeviceMethod.all(settings)
    let method = Dimension("method", methods.map(\.name), "method")
    let loss = try notebook.trace("digits/loss", "mean loss of all images", along: [method])
    let accuracy = try notebook.trace("digits/accuracy", "share of images classified rightly", along: [method])
    var runs = [DigitsProblem.Run](repeating: problem.start(key: notebook.key("network")), count: methods.count)
    let key = notebook.key("training")
    try notebook.steps("digits", settings.steps, state: &runs, cadence: .even(60, of: settings.steps)) { step, runs in
      for (i, method) in methods.enumerated() { problem.advance(&runs[i], by: method, step, key: key) }
    } measure: { runs, record in
      let measures = runs.map { problem.measure($0.parameters) }
      record(loss, measures.map(\.loss))
      record(accuracy, measures.map(\.accuracy))
    }
  }
}
