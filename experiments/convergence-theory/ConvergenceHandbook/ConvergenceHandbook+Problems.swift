import Datasets
import Notebook
import Problems
import Solvers
import Tensors

/// What a theorem on a convex problem speaks of.
package struct HandbookProblem {
  package let model: LinearModel<Double>
  /// x*, f(x*).
  package let minimum: KnownMinimum<Double>
  /// sigma*² = sum_i ||grad f_i(x*) - grad f(x*)||² / n.
  package let noise: Double

  package init(_ model: LinearModel<Double>, minimum: KnownMinimum<Double>) {
    (self.model, self.minimum) = (model, minimum)
    noise = model.gradientVariance(at: minimum.point).scalar
  }

  /// D² = ||x_0 - x*||² from x_0 = 0.
  var squaredDistance: Double { minimum.point.squaredNorm().scalar }
  /// f(x_0) - f*.
  var firstGap: Double { model.value(at: .zeros(model.dimension)).scalar - minimum.value }

  /// L_b, by which a mini-batch gradient of b samples without replacement is expected to be smooth.
  package func smoothness(batch b: Int) -> Double {
    let (n, b) = (Double(model.count), Double(b))
    return n * (b - 1) / (b * (n - 1)) * model.smoothness + (n - b) / (b * (n - 1)) * model.largestSmoothness
  }

  /// sigma_b² = (n - b) / (b (n - 1)) sigma*².
  package func noise(batch b: Int) -> Double {
    let (n, b) = (Double(model.count), Double(b))
    return (n - b) / (b * (n - 1)) * noise
  }
}

/// The problems of the handbook, their constants known.
struct HandbookProblems {
  /// Noisy least squares: strongly convex, sigma* > 0.
  let leastSquares: HandbookProblem
  /// More unknowns than samples: convex, Polyak-Lojasiewicz, every sample fitted.
  let rankDeficient: HandbookProblem
  /// Logistic loss with a ridge.
  let logistic: HandbookProblem
  /// Least squares plus l1 ||x||_1; the minimum is that of the sum.
  let lasso: HandbookProblem
  let l1: Double
  /// Hinge loss on separable classes, whose least value is 0.
  let hinge: HingeProblem

  init(_ settings: ConvergenceHandbook.Settings, key: Key) {
    let (n, d) = (settings.samples, settings.dimension)
    let scales = Tensor<Double>.geomspace(1, settings.leastEigenvalue, count: d).sqrt()
    let design = scales * Tensor.normal([n, d], key: key.named("design"))
    let weights = Tensor<Double>.normal([d], key: key.named("weights"))
    let errors = settings.noise * Tensor<Double>.normal([n], key: key.named("noise"))
    let regression = LinearModel(.squared, design: design, targets: matmul(design, weights) + errors)
    leastSquares = Self.solved(regression)
    let wide = Tensor<Double>.normal([d, 2 * d], key: key.named("wide"))
    rankDeficient = Self.solved(LinearModel(.squared, design: wide, targets: .normal([d], key: key.named("wide targets"))))
    let labels = Tensor<Double>.bernoulli(probabilities: matmul(design, weights).sigmoid(), key: key.named("labels"))
    logistic = Self.solved(LinearModel(.logistic, design: design, targets: 2 * labels - 1, ridge: settings.ridge))

    l1 = settings.l1 * regression.gradient(at: .zeros(d)).abs().max().scalar
    let root = Double(n).squareRoot()
    let quadratic = BlockQuadratic.leastSquares(design: design / root, targets: regression.targets / root)
    let descent = L1BlockDescent(quadratic, l1: l1, size: d, tolerance: 1e-15)
    var iterate = BlockIterate(quadratic)
    for _ in 0..<2 { descent.step(&iterate) }
    let point = Tensor(iterate.x)
    let least = regression.value(at: point).scalar + l1 * point.abs().sum().scalar
    lasso = HandbookProblem(regression, minimum: KnownMinimum(point: point, value: least))
    hinge = HingeProblem(settings, key: key.named("hinge"))
  }

  /// Every problem here has a minimum: squares, or a ridge.
  private static func solved(_ model: LinearModel<Double>) -> HandbookProblem {
    guard let minimum = model.minimum() else { fatalError("ConvergenceHandbook: the minimum was not found") }
    return HandbookProblem(model, minimum: minimum)
  }
}

/// f(x) = sum_i max(0, 1 - y_i <a_i, x>) / n on classes of a margin: 0 at x* = w / margin for the separating unit vector w.
struct HingeProblem: Sendable {
  /// y_i a_i, [n, d].
  let rows: Tensor<Double>
  /// ||x*||: the distance from x_0 = 0 and the radius of the ball on which steps are projected.
  let distance: Double

  init(_ settings: ConvergenceHandbook.Settings, key: Key) {
    let points: LabelledPoints<Double> = LinearDesign(dimension: settings.dimension, key: key.named("design"))
      .separable(settings.samples, margin: settings.margin, key: key.named("points"))
    rows = (2 * points.labels.converted(to: Double.self) - 1).expandingDimensions(1) * points.inputs
    distance = 1 / settings.margin
  }

  /// Bounds of the norm of a subgradient, and of the root of the mean square of a sampled one.
  var largestSlope: Double { rows.norm(1).mean().scalar }
  var meanSquareSlope: Double { (rows.squaredNorm(1).mean().scalar).squareRoot() }

  /// f at each of [runs, d].
  func value(at x: Tensor<Double>) -> Tensor<Double> { maximum(1 - matmul(x, rows, transposeB: true), Tensor(0)).mean(1) }

  /// A subgradient of f at each of [runs, d].
  func subgradient(at x: Tensor<Double>) -> Tensor<Double> {
    let isViolated = (matmul(x, rows, transposeB: true) .< 1).converted(to: Double.self)
    return -matmul(isViolated, rows) / Double(rows.shape[0])
  }

  /// A subgradient of one f_i for each of [runs, d].
  func subgradient(at x: Tensor<Double>, of indices: Tensor<Int32>) -> Tensor<Double> {
    let chosen = rows.gather(indices)
    let isViolated = ((chosen * x).sum(1, keepingAxes: true) .< 1).converted(to: Double.self)
    return -isViolated * chosen
  }
}
