import Tensors
import Transforms

/// Matrix-free natural gradient on a sliding window (Frantar, Kurtic and Alistarh 2021, arXiv 2107.03356, Section 3.2):
///
///     window <- the last m gradients, g_t among them;  F = lambda I + (1/m) sum g g^T over the window
///     v <- mu v + (1 - mu) F^-1 g_t;  theta <- theta - eta v
///
/// The paper takes m = 1024 and lambda = 1e-5 or less. Here m = 64 and lambda = 1e-2 are the defaults: g^T F^-1 g is at most m, so the
/// step is about eta m / ||g||, and eta must grow as m shrinks.
public struct MFAC<Scalar: RealScalar>: GradientOptimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// mu, of the direction.
  public var momentum: Double
  /// lambda.
  public var damping: Double
  /// m.
  public var window: Int

  /// The rule.
  public init(learningRate: Double = 0.03, momentum: Double = 0.9, damping: Double = 1e-2, window: Int = 64) {
    self.learningRate = Tensor(Scalar(learningRate))
    (self.momentum, self.damping, self.window) = (momentum, damping, window)
  }

  /// The window and v.
  public struct State: TensorTree, Codable {
    /// The last gradients.
    public var window: GradientWindow<Scalar>
    /// The averaged direction, all parameters in one vector.
    public var velocity: Tensor<Scalar>
    /// The largest g^T F^-1 g so far: at most m, since F >= g g^T / m.
    public var largestEnergy: Tensor<Scalar>
  }

  /// An empty window, v = 0.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    State(
      window: GradientWindow(capacity: window, dimension: parameters.elementCount), velocity: .zeros(parameters.elementCount),
      largestEnergy: Tensor(0))
  }

  /// -eta v.
  public func update(
    _ state: inout State, gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar> {
    let g = gradient.flattened
    state.window.push(g)
    let direction = DynamicInverseFisher(state.window, damping: damping)(g)
    state.largestEnergy = maximum(state.largestEnergy, g.dot(direction))
    state.velocity = Scalar(momentum) * state.velocity + Scalar(1 - momentum) * direction
    return parameters.unraveled(-learningRate * state.velocity)
  }
}
