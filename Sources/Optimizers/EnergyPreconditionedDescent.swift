import Tensors
import Transforms

/// A metric A(x) on the parameters, positive definite on the directions that a method may take.
public protocol Metric<Scalar>: TensorTree {
  /// The type of the numbers.
  associatedtype Scalar: RealScalar

  /// A^-1 g; under linear constraints B x = b, of these directions the A-orthogonal projection onto B v = 0.
  func direction(_ gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>) -> TensorList<Scalar>

  /// <v, A v> of a direction that keeps the constraints.
  func squaredNorm(_ direction: TensorList<Scalar>, at parameters: TensorList<Scalar>) -> Tensor<Scalar>
}

/// A = I.
public struct EuclideanMetric<Scalar: RealScalar>: Metric {
  /// Nothing to say.
  public init() {}
  /// g.
  public func direction(_ gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>) -> TensorList<Scalar> { gradient }
  /// ||v||^2.
  public func squaredNorm(_ direction: TensorList<Scalar>, at parameters: TensorList<Scalar>) -> Tensor<Scalar> {
    direction.squaredNorm
  }
}

/// A = diag(1/x) on the simplex sum x = 1, x > 0 of all parameters together: the Hessian of sum x log x.
public struct SimplexMetric<Scalar: RealScalar>: Metric {
  /// Nothing to say.
  public init() {}
  /// x (g - <x, g>), whose sum is 0.
  public func direction(_ gradient: TensorList<Scalar>, at x: TensorList<Scalar>) -> TensorList<Scalar> {
    x * (gradient + -x.dot(gradient))
  }
  /// The sum of v^2 / x; a coordinate that has come down to 0 stays there, and counts nothing.
  public func squaredNorm(_ direction: TensorList<Scalar>, at x: TensorList<Scalar>) -> Tensor<Scalar> {
    TensorList.zip(direction.square(), x) { .where($0 .> 0, $0 / $1, 0) }.total
  }
}

/// Preconditioned gradient descent: theta <- theta - eta A^-1 grad f. Natural gradient, Hessian-Riemannian and Gauss-Newton methods
/// differ in the metric A.
public struct PreconditionedDescent<M: Metric>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<M.Scalar>
  /// A.
  public var metric: M

  /// The rule.
  public init(_ metric: M, learningRate: Double = 0.1) {
    self.metric = metric
    self.learningRate = Tensor(M.Scalar(learningRate))
  }

  /// Nothing to remember.
  public func initialState(for parameters: TensorList<M.Scalar>, key: Key) -> NoState { NoState() }

  /// -eta A^-1 g.
  public func update(
    _ state: inout NoState, gradient g: TensorList<M.Scalar>, at parameters: TensorList<M.Scalar>
  ) -> TensorList<M.Scalar> {
    -learningRate * metric.direction(g, at: parameters)
  }
}

/// AEPG, preconditioned gradient descent with energy (Liu, Nurbekyan, Tian and Yang 2023, arXiv 2310.06733, Algorithm 1), for a loss
/// f > -c:
///
///     l = sqrt(f(theta) + c);  v = A^-1 grad f / (2 l);  r = l at the first step
///     r <- r / (1 + 2 eta <grad f / (2 l), v>)
///     theta <- theta - 2 eta r v, with the new r
///
/// The energy r can only fall, at any eta, and r^2 falls by (change of r)^2 + ||change of theta||_A^2 / eta, so that the whole path is
/// bounded. With ``EuclideanMetric`` this is ``AEGD`` with one energy for all coordinates.
public struct EnergyPreconditionedDescent<M: Metric>: Optimizer {
  /// eta.
  public var learningRate: Tensor<M.Scalar>
  /// c.
  public var offset: Double
  /// A.
  public var metric: M

  /// The rule, with the defaults of ``AEGD``.
  public init(_ metric: M, learningRate: Double = 0.1, offset: Double = 1) {
    self.metric = metric
    self.learningRate = Tensor(M.Scalar(learningRate))
    self.offset = offset
  }

  /// The energy.
  public struct State: TensorTree, Codable {
    /// r.
    public var energy: Tensor<M.Scalar>
    /// The number of steps made.
    public var step: Tensor<M.Scalar>
  }

  /// No energy yet: it begins with the first loss.
  public func initialState(for parameters: TensorList<M.Scalar>, key: Key) -> State {
    State(energy: Tensor(0), step: Tensor(0))
  }

  /// Less energy, and a step with it.
  public func step(
    _ parameters: inout TensorList<M.Scalar>, _ state: inout State, on objective: Objective<M.Scalar>
  ) -> Tensor<M.Scalar> {
    let (loss, gradient) = objective.valueAndGradient(at: parameters)
    let l = (loss + M.Scalar(offset)).sqrt()
    let slope = gradient / (2 * l)
    let v = metric.direction(slope, at: parameters)
    let energy = Tensor.where(state.step .> 0, state.energy, l)
    state.energy = energy / (1 + 2 * learningRate * slope.dot(v))
    state.step = state.step + 1
    parameters = parameters - 2 * learningRate * state.energy * v
    return loss
  }
}
