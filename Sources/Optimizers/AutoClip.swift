import Tensors
import Transforms

/// AutoClip (Seetharaman et al. 2020, arXiv 2007.14469, Algorithm 1): clipping at a percentile of all norms of gradients so far,
/// the current one among them:
///
///     history <- history and ||g||;  c = percentile(history, p), interpolated between neighbours
///     g <- g min(1, c / (||g|| + 1e-6))
///
/// Norms are those before clipping, over all tensors. The paper's history has no end; here it keeps the last `capacity` norms, so that a
/// run no longer than that is the paper's. The norms and the percentile are Double, whatever the gradient is.
public struct AutoClip<Scalar: RealScalar>: GradientTransform {
  /// p, from 0 to 100.
  public var percentile: Double
  /// How many norms are remembered.
  public var capacity: Int

  /// Clipping at a percentile of the last norms; 10 is the paper's.
  public init(percentile: Double = 10, capacity: Int = 10_000) {
    guard (0...100).contains(percentile), capacity > 0 else {
      fatalError("AutoClip: percentile \(percentile) of \(capacity) norms; take 0...100 of at least 1")
    }
    self.percentile = percentile
    self.capacity = capacity
  }

  /// The norms so far.
  public struct State: TensorTree, Codable {
    /// The norms, each at its step's place, round and round; infinity where there is none yet.
    public var history: Tensor<Double>
    /// The number of steps made.
    public var step: Tensor<Double>
    /// The last norm.
    public var norm: Tensor<Double>
    /// c of the last step.
    public var threshold: Tensor<Double>
  }

  /// No norms.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    State(
      history: .full([capacity], .infinity), step: Tensor(0), norm: Tensor(.nan),
      threshold: Tensor(.nan))
  }

  /// The gradient, no longer than the percentile.
  public func apply(
    _ gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>, _ state: inout State
  ) -> TensorList<Scalar> {
    let length = Double(capacity)
    let place = state.step - (state.step / length).floor() * length
    state.norm = gradient.norm.converted(to: Double.self)
    state.history = .where(Tensor<Double>.arange(capacity) .== place, state.norm, state.history)
    state.step = state.step + 1

    // Infinities sort behind the norms, so the percentile counts among the first min(step, capacity).
    let sorted = state.history.sorted()
    let rank = (minimum(state.step, Tensor(length)) - 1) * (percentile / 100)
    let below = rank.floor()
    func norm(at rank: Tensor<Double>) -> Tensor<Double> { sorted.gather(rank.converted(to: Int32.self)) }
    state.threshold = norm(at: below) + (rank - below) * (norm(at: rank.ceil()) - norm(at: below))
    let factor = minimum(Tensor(1), state.threshold / (state.norm + 1e-6))
    return factor.converted(to: Scalar.self) * gradient
  }
}
