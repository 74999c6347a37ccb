import Tensors
import Transforms

/// AEGD, gradient descent with energy (Liu and Tian 2020, arXiv 2010.05109, Algorithm 1), for a loss f > -c:
///
///     l = sqrt(f(theta) + c);  v = grad f / (2 l);  r = l at the first step
///     r <- r / (1 + 2 eta v^2)
///     theta <- theta - 2 eta r v, with the new r
///
/// The energy r can only fall, at any eta. One r for each coordinate, as in the paper's algorithm, or one for all, with ||v||^2 over all
/// tensors (the paper's Eq. 8, and Liu et al. 2023, arXiv 2310.06733, whose metric is the identity here).
public struct AEGD<Scalar: RealScalar>: Optimizer {
  /// eta.
  public var learningRate: Tensor<Scalar>
  /// c.
  public var offset: Double
  /// Whether every coordinate has an energy of its own.
  public var isElementWise: Bool

  /// The rule, with the paper's defaults.
  public init(learningRate: Double = 0.1, offset: Double = 1, isElementWise: Bool = true) {
    self.learningRate = Tensor(Scalar(learningRate))
    self.offset = offset
    self.isElementWise = isElementWise
  }

  /// The energy.
  public struct State: TensorTree, Codable {
    /// r: like the parameters, or one and the same rank-0 tensor for each of them.
    public var energy: TensorList<Scalar>
    /// The number of steps made.
    public var step: Tensor<Scalar>
  }

  /// No energy yet: it begins with the first loss.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    State(energy: isElementWise ? parameters.zeros : parameters.scalarZeros, step: Tensor(0))
  }

  /// Less energy, and a step with it.
  public func step(
    _ parameters: inout TensorList<Scalar>, _ state: inout State, on objective: Objective<Scalar>
  ) -> Tensor<Scalar> {
    let (loss, gradient) = objective.valueAndGradient(at: parameters)
    let l = (loss + Scalar(offset)).sqrt()
    let v = gradient / (2 * l)
    let squares = isElementWise ? v.square() : v.map { _ in v.squaredNorm }
    let energy = state.energy.map { .where(state.step .> 0, $0, l) }
    state.energy = energy / (2 * learningRate * squares + 1)
    state.step = state.step + 1
    parameters = parameters - 2 * learningRate * state.energy * v
    return loss
  }
}
