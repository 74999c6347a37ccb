import Tensors
import Transforms

/// Annealed gradient noise (Neelakantan et al. 2015, arXiv 1511.06807, Eq. 1): g <- g + N(0, eta / (1 + t)^gamma) for every coordinate,
/// t from 0. The variance decays, not the standard deviation; optax.noisy_sgd has the same schedule. Behind clipping, before the rule.
public struct GradientNoise<Scalar: RealScalar>: GradientTransform {
  /// eta, the variance at the first step.
  public var variance: Tensor<Scalar>
  /// gamma.
  public var decay: Double

  /// Noise with the paper's decay; its variances are 0.01, 0.3 and 1.
  public init(variance: Double = 0.01, decay: Double = 0.55) {
    self.variance = Tensor(Scalar(variance))
    self.decay = decay
  }

  /// Where the noise comes from.
  public struct State: TensorTree, Codable {
    /// Step t draws tensor i from key[t][i].
    public var key: Key
    /// t.
    public var step: Tensor<Int32>
  }

  /// The key, at step 0.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State { State(key: key, step: Tensor(0)) }

  /// The gradient with noise.
  public func apply(
    _ gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>, _ state: inout State
  ) -> TensorList<Scalar> {
    let key = state.key[state.step]
    let deviation = standardDeviation(at: state.step)
    state.step = state.step + 1
    return TensorList(
      gradient.elements.enumerated().map { i, g in g + deviation * Tensor.normal(g.shape, key: key[i]) })
  }

  /// The standard deviation of the noise of a step, counted from 0.
  public func standardDeviation(at step: Tensor<Int32>) -> Tensor<Scalar> {
    (variance * (step.converted(to: Scalar.self) + 1).power(Scalar(-decay))).sqrt()
  }
}
