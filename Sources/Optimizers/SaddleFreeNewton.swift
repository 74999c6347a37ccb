import Tensors
import Transforms

/// Newton's method with the explicit Hessian H = Q diag(w) Q^T, its curvatures replaced so that it leaves saddle points (Pascanu, Dauphin,
/// Ganguli and Bengio 2014, arXiv 1405.4604; Dauphin et al. 2014, arXiv 1406.2572):
///
///     theta <- theta - eta Q diag(1 / (|w| + delta)) Q^T g,  delta of those given the one with the lowest loss
///
/// A step costs O(d^3): for a few thousand parameters. `krylovSaddleFreeStep` in Solvers does without the Hessian.
public struct SaddleFreeNewton<Scalar: RealScalar>: Optimizer {
  /// What becomes of the curvatures w before delta is added.
  public enum Curvature: String, Hashable, Sendable {
    /// |w|: saddle-free Newton, repelled from saddles along their negative directions.
    case absolute
    /// w - min(w), where that is negative: damped Newton, H + alpha I with alpha > |min w|.
    case shifted
    /// w: Newton's method, attracted to any critical point. Take delta = 0.
    case signed

    func callAsFunction(_ w: Tensor<Scalar>) -> Tensor<Scalar> {
      switch self {
      case .absolute: w.abs()
      case .shifted: w - minimum(w.min(), Tensor(0))
      case .signed: w
      }
    }
  }

  /// eta.
  public var learningRate: Tensor<Scalar>
  /// What becomes of negative curvature.
  public var curvature: Curvature
  /// The values of delta that are tried at each step.
  public var dampings: [Double]

  /// The rule; the dampings are the paper's.
  public init(
    learningRate: Double = 1, curvature: Curvature = .absolute, dampings: [Double] = [1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6]
  ) {
    self.learningRate = Tensor(Scalar(learningRate))
    (self.curvature, self.dampings) = (curvature, dampings)
  }

  /// Nothing to remember.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> NoState { NoState() }

  /// The best of one step for each damping.
  public func step(
    _ parameters: inout TensorList<Scalar>, _ state: inout NoState, on objective: Objective<Scalar>
  ) -> Tensor<Scalar> {
    let template = parameters
    let loss = { (x: Tensor<Scalar>) in objective.loss(template.unraveled(x)) }
    let x = parameters.flattened
    let slope = valueAndGrad(loss)(x)
    let (w, q) = hessian(loss)(x).eigh()
    let coefficients = matmul(q, slope.gradient, transposeA: true)
    let metric = curvature(w)
    let points = vmap { (delta: Tensor<Scalar>) in x - learningRate * matmul(q, coefficients / (metric + delta)) }(
      Tensor(dampings.map { Scalar($0) }))
    parameters = template.unraveled(points.gather(vmap(loss)(points).argmin()))
    return slope.value
  }
}
