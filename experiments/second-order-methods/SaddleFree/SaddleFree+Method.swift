import Networks
import Notebook
import Optimizers
import Problems
import Solvers
import Tensors
import Transforms

extension SaddleFree {
  /// (1): a saddle whose minima are at y = +-sqrt(0.1), and a monkey saddle with a wall around it.
  static var planes: [(name: String, function: TestFunction<Double>)] {
    [
      (
        "classic",
        .plane("5x²/2 − 0.1y²/2 + y⁴/4", start: [1, 1e-3], minimum: [0, 0.1.squareRoot()]) { x, y in
          2.5 * x.square() - 0.05 * y.square() + 0.25 * y.square().square()
        }
      ),
      (
        "monkey",
        .plane("(x³ − 3xy²)/3 + (x² + y²)²/4", start: [0.2, 0.1], minimum: [-1, 0]) { x, y in
          x * x.square() / 3 - x * y.square() + 0.25 * (x.square() + y.square()).square()
        }
      ),
    ]
  }

  // MARK: Spins

  /// (2): E(x) = sum T_ijk x_i x_j x_k on the unit sphere.
  struct SphericalSpins {
    /// [N, N, N], symmetric.
    let couplings: Tensor<Double>

    init(_ count: Int, key: Key) {
      let t = Tensor<Double>.normal([count, count, count], key: key)
      let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
      couplings = orders.map { t.permuted($0[0], $0[1], $0[2]) }.dropFirst().reduce(t, +) / 6
    }

    /// What Newton's method needs at x: the energy, the gradient and the Hessian on the tangent space.
    func local(_ x: Tensor<Double>) -> (energy: Tensor<Double>, gradient: Tensor<Double>, hessian: Tensor<Double>) {
      let n = x.count
      let contracted = matmul(couplings.reshaped(n * n, n), x).reshaped(n, n)
      let gradient = 3 * matmul(contracted, x)
      let projection = .identity(n) - x.outer(x)
      // The sphere's own curvature: -(g . x) P.
      let hessian = 6 * matmul(matmul(projection, contracted), projection) - gradient.dot(x) * projection
      return (x.dot(gradient) / 3, matmul(projection, gradient), hessian)
    }

    /// A Newton step on the sphere, of bounded length; the radial direction is given curvature 1 and gets no step.
    func newton(_ x: Tensor<Double>, longest: Double) -> Tensor<Double> {
      let (_, gradient, hessian) = local(x)
      let step = -(hessian + x.outer(x)).solve(gradient)
      let moved = x + step * minimum(Tensor(1), longest / step.norm())
      return moved / moved.norm()
    }

    /// The N - 1 curvatures along the sphere, ascending: the radial one is moved beyond all others.
    func curvatures(_ x: Tensor<Double>) -> Tensor<Double> {
      let values = (local(x).hessian + 1e6 * x.outer(x)).eigh().values
      return values.slice(0..<x.count - 1)
    }
  }

  static func findSpinPoints(_ settings: Spins, _ notebook: Recorder) throws {
    let spins = SphericalSpins(settings.spins, key: notebook.key("couplings"))
    let step = compile(vmap { spins.newton($0, longest: settings.longestStep) })
    let norms = compile(vmap { spins.local($0).gradient.norm() })
    let start = Dimension("start", count: settings.starts, "start of Newton's method")
    let norm = try notebook.trace("spins/gradient", "norm of the gradient on the sphere", along: [start])
    var x = Tensor<Double>.unitVectors([settings.starts, settings.spins], key: notebook.key("spins"))
    try notebook.steps("spins", settings.iterations, state: &x, cadence: .every(1)) { _, x in
      x = step(x)
    } measure: { x, record in
      record(norm, norms(x).scalars)
    }
    let energy = vmap { spins.local($0).energy }(x) / Double(settings.spins).squareRoot()
    try notebook.tensor("spins/energy", energy, "E / sqrt N", along: [start])
    try notebook.tensor(
      "spins/curvatures", vmap { spins.curvatures($0) }(x), "curvatures along the sphere",
      along: [start, Dimension("place", count: settings.spins - 1, "place in ascending order")])
  }

  // MARK: Network

  /// Saddle-free Newton in the Krylov space of the gradient and the step before.
  static func trainInKrylovSpace(
    _ start: MLP<Float>, _ problem: Classification<Float>, _ network: Network, _ notebook: Recorder
  ) throws {
    let everything = Tensor<Int32>.arange(problem.training.count)
    let loss = { (x: Tensor<Float>) in problem.loss(start.unraveled(x), on: everything) }
    let gradient = compile(grad(loss))
    let product = compile { (x: Tensor<Float>, v: Tensor<Float>) in hvp(loss)(x, v) }
    let losses = compile(vmap(loss))
    let dampings = SaddleFreeNewton<Float>().dampings
    struct Run: Codable {
      var x: Tensor<Float>
      var previous: Tensor<Float>?
    }
    var run = Run(x: start.raveled())
    let trace = try notebook.trace("krylov/training loss", "training loss")
    try notebook.steps("krylov", network.steps, state: &run, cadence: .every(1)) { _, run in
      let (x, g) = (run.x, gradient(run.x))
      let curvature = KrylovCurvature({ product(x, $0) }, gradient: g, previous: run.previous, steps: network.krylov)
      let steps = Tensor.stack(dampings.map { curvature.saddleFreeStep(g, damping: Float($0)) })
      let best = steps.row(Int(losses(x + steps).argmin().scalar))
      run = Run(x: x + best, previous: best)
    } measure: { run, record in
      record(trace, Double(loss(run.x).scalar))
    }
  }

  /// Newton's method from points along training trajectories, each from a start of its own.
  static func findNetworkPoints(_ settings: CriticalPoints, _ notebook: Recorder) throws {
    let problem = Classification<Double>.digits(
      training: settings.images, test: settings.images, side: settings.side, hidden: [settings.hidden], activation: .tanh,
      batchSize: settings.images, key: notebook.key("small digits"))
    let template = problem.initialParameters(key: notebook.key("template"))
    let everything = Tensor<Int32>.arange(settings.images)
    let loss = { (x: Tensor<Double>) in
      problem.loss(template.unraveled(x), on: everything) + 0.5 * settings.ridge * x.squaredNorm()
    }
    let count = settings.starts
    let start = Dimension("start", count: count, "start of Newton's method")

    // Trajectory i trains until step i / (count - 1) of the longest, then waits.
    let ends = Tensor((0..<count).map { Double($0 * settings.training / max(1, count - 1)) })
    let descend = compile { (x: Tensor<Double>, step: Tensor<Double>) in
      x - settings.rate * (step .< ends).converted(to: Double.self).expandingDimensions(1) * vmap(grad(loss))(x)
    }
    var x = Tensor.stack(
      notebook.key("small networks").split(count).map { problem.initialParameters(key: $0).raveled(as: Double.self) })
    try notebook.steps("trajectories", settings.training, state: &x, cadence: .every(settings.training)) { i, x in
      x = descend(x, Tensor(Double(i)))
    }
    let newton = compile(vmap { criticalStep($0, loss) })
    let norms = compile(vmap { grad(loss)($0).norm() })
    let norm = try notebook.trace("critical/gradient", "norm of the gradient", along: [start])
    try notebook.steps("critical", settings.iterations, state: &x, cadence: .every(1)) { _, x in
      x = newton(x)
    } measure: { x, record in
      record(norm, norms(x).scalars)
    }
    let curvatures = vmap { hessian(loss)($0).eigh().values }(x)
    let error = vmap { 1 - (problem.measures(of: template.unraveled($0))["training accuracy"] ?? Tensor(.nan)) }(x)
    try notebook.tensor("critical/loss", vmap(loss)(x), "training loss with its ridge", along: [start])
    try notebook.tensor("critical/error", error, "share of training images misclassified", along: [start])
    try notebook.tensor(
      "critical/curvatures", curvatures, "eigenvalues of the Hessian",
      along: [start, Dimension("place", count: curvatures.shape[1], "place in ascending order")])
  }

  /// Newton's step, damped where |w| is small: of several dampings and lengths what has the least gradient.
  private static func criticalStep(
    _ x: Tensor<Double>, _ loss: @escaping (Tensor<Double>) -> Tensor<Double>
  ) -> Tensor<Double> {
    let (w, q) = hessian(loss)(x).eigh()
    let coefficients = matmul(q, grad(loss)(x), transposeA: true) * w
    let points = [1e-4, 1e-2, 0.1].map { flat in
      x - Tensor([1, 0.5, 0.2, 0.05, 0.01]).reshaped(-1, 1) * matmul(q, coefficients / (w.square() + flat * flat))
    }
    let candidates = Tensor.concatenate(points)
    return candidates.gather(vmap { grad(loss)($0).squaredNorm() }(candidates).argmin())
  }

  // MARK: Plateau

  /// (4): ||W1 W2 W3 - Y||^2 / 2 from small entries.
  struct LinearChain: Problem {
    /// Y.
    let target: Tensor<Double>
    /// Of the initial entries.
    let scale: Double

    /// [3, n, n]
    func initialParameters(key: Key) -> Tensor<Double> { scale * .normal([3] + target.shape, key: key) }
    func batches(key: Key) -> (Int) -> WholeBatch { { _ in WholeBatch() } }

    func loss(_ w: Tensor<Double>, on batch: WholeBatch) -> Tensor<Double> {
      0.5 * (matmul(matmul(w.slice(0), w.slice(1)), w.slice(2)) - target).squaredNorm()
    }

    func measures(of w: Tensor<Double>) -> [String: Tensor<Double>] { ["value": loss(w, on: WholeBatch())] }
  }
}
