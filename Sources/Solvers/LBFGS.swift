import Tensors
import Transforms

/// What a minimizer returns, converged or not.
public struct Minimum<Vector: TensorTree> {
  /// The best point found.
  public var point: Vector
  /// Values from the start on, one an iteration.
  public var values: [Double]
  /// Largest absolute entry of the gradient, one an iteration.
  public var gradientSizes: [Double]
  /// Evaluations of value and gradient.
  public var evaluations: Int
  /// Whether the last gradient size is at most the tolerance.
  public var isConverged: Bool

  /// Steps taken.
  public var iterations: Int { values.count - 1 }
}

/// Minimizes a function by limited-memory BFGS with a line search for the strong Wolfe conditions (Nocedal and Wright 2006, algorithms
/// 7.5, 3.5 and 3.6).
///
///     let fit = minimizeLBFGS({ loss($0, x, y) }, from: model)
///
/// It ends, unconverged, when the line search finds no lower point (rounding error, or no lower bound) or the start is not finite.
/// - Parameters:
///   - objective: of a tree of `Float` or `Double` tensors; it is compiled. Double is advised.
///   - start: where to begin.
///   - memory: pairs of differences that stand for the Hessian.
///   - tolerance: on the largest absolute entry of the gradient.
///   - maximumIterations: steps.
///   - observe: called with the start and with the point after each step.
public func minimizeLBFGS<Vector: TensorTree, Scalar: RealScalar>(
  _ objective: @escaping (Vector) -> Tensor<Scalar>, from start: Vector, memory: Int = 10, tolerance: Double = 1e-6,
  maximumIterations: Int = 1000, observe: (Vector) -> Void = { _ in }
) -> Minimum<Vector> {
  let evaluate = compile { (x: Tensor<Scalar>) in valueAndGrad { objective(start.unraveled($0)) }(x) }
  var search = WolfeSearch<Scalar> { x in
    let result = evaluate(x)
    return (Double(result.value.reshaped([]).scalar), result.gradient)
  }
  var current = search.evaluate(start.raveled())
  var pairs: [(s: Tensor<Scalar>, y: Tensor<Scalar>, curvature: Double)] = []
  var (values, sizes) = ([current.value], [current.size])
  observe(start)
  while sizes[sizes.count - 1] > tolerance, values.count <= maximumIterations, current.value.isFinite {
    var direction = -quasiNewton(current.gradient, pairs)
    var slope = Double(direction.dot(current.gradient).scalar)
    if !(slope < 0) {
      pairs = []
      direction = -current.gradient
      slope = Double(direction.dot(current.gradient).scalar)
    }
    let first = pairs.isEmpty ? min(1, 1 / max(Double(current.gradient.abs().sum().scalar), .leastNormalMagnitude)) : 1
    guard let next = search.step(current, direction, slope, first) else { break }
    let (s, y) = (next.point - current.point, next.gradient - current.gradient)
    let curvature = Double(s.dot(y).scalar)
    if curvature > 0 {
      pairs.append((s, y, curvature))
      if pairs.count > memory { pairs.removeFirst() }
    }
    current = next
    values.append(next.value)
    sizes.append(next.size)
    observe(start.unraveled(current.point))
  }
  return Minimum(
    point: start.unraveled(current.point), values: values, gradientSizes: sizes, evaluations: search.evaluations,
    isConverged: sizes[sizes.count - 1] <= tolerance)
}

/// The two-loop recursion: the inverse of the quasi-Newton matrix times the gradient.
private func quasiNewton<Scalar: RealScalar>(
  _ gradient: Tensor<Scalar>, _ pairs: [(s: Tensor<Scalar>, y: Tensor<Scalar>, curvature: Double)]
) -> Tensor<Scalar> {
  guard let last = pairs.last else { return gradient }
  var q = gradient
  var factors: [Double] = []
  for pair in pairs.reversed() {
    let factor = Double(pair.s.dot(q).scalar) / pair.curvature
    q -= pair.y * Scalar(factor)
    factors.append(factor)
  }
  q *= Scalar(last.curvature / Double(last.y.squaredNorm().scalar))
  for (pair, factor) in zip(pairs, factors.reversed()) {
    q += pair.s * Scalar(factor - Double(pair.y.dot(q).scalar) / pair.curvature)
  }
  return q
}
