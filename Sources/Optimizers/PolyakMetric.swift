import Tensors
import Transforms

/// The diagonal B, positive, of the metric in which a Polyak step is measured.
public protocol PolyakMetric<Scalar>: TensorTree {
  /// The type of the numbers.
  associatedtype Scalar: RealScalar
  /// What is remembered between steps.
  associatedtype State: TensorTree & Codable

  /// The state before the first step.
  func initialState(for parameters: TensorList<Scalar>, key: Key) -> State

  /// B for this step: it has seen the step's batch.
  /// - Parameter gradient: of the objective at `parameters`.
  func diagonal(
    _ state: inout State, gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>, on objective: Objective<Scalar>
  ) -> TensorList<Scalar>
}

/// A metric that stays: B = 1 unless given.
public struct FixedMetric<Scalar: RealScalar>: PolyakMetric {
  /// B; nil for ones.
  public var diagonal: TensorList<Scalar>?

  /// The metric of `diagonal`.
  public init(_ diagonal: TensorList<Scalar>? = nil) { self.diagonal = diagonal }

  /// Nothing to remember.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> NoState { NoState() }

  /// B.
  public func diagonal(
    _ state: inout NoState, gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>, on objective: Objective<Scalar>
  ) -> TensorList<Scalar> {
    diagonal ?? parameters.zeros + 1
  }
}

/// Hutchinson's estimate of the Hessian's diagonal, averaged: D <- beta D + (1 - beta) v * H v with v random signs, B = max(alpha, |D|).
public struct HutchinsonMetric<Scalar: RealScalar>: PolyakMetric {
  /// D before the first step; see ``diagonal(of:at:probes:key:)``.
  public var start: TensorList<Scalar>
  /// beta.
  public var decay: Double
  /// alpha, the least entry of B.
  public var floor: Double

  /// The metric with the paper's defaults.
  public init(from start: TensorList<Scalar>, decay: Double = 0.999, floor: Double = 1e-4) {
    self.start = start
    self.decay = decay
    self.floor = floor
  }

  /// D and where its signs come from.
  public struct State: TensorTree, Codable {
    /// D.
    public var diagonal: TensorList<Scalar>
    /// Of the next probe.
    public var key: Key
  }

  /// D as it starts.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State { State(diagonal: start, key: key) }

  /// max(alpha, |D|): no root, since D measures curvature as B does.
  public func diagonal(
    _ state: inout State, gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>, on objective: Objective<Scalar>
  ) -> TensorList<Scalar> {
    state.diagonal = decay * state.diagonal + (1 - decay) * Self.probe(objective, at: parameters, key: state.key[0])
    state.key = state.key[1]
    return state.diagonal.abs().raised(to: floor)
  }

  /// The mean of v * H v over `probes` random v.
  public static func diagonal(
    of objective: Objective<Scalar>, at parameters: TensorList<Scalar>, probes: Int, key: Key
  ) -> TensorList<Scalar> {
    key.split(probes).map { probe(objective, at: parameters, key: $0) }.reduce(parameters.zeros, +) / Double(probes)
  }

  private static func probe(_ objective: Objective<Scalar>, at parameters: TensorList<Scalar>, key: Key) -> TensorList<Scalar> {
    let v = TensorList(parameters.elements.enumerated().map { Tensor<Scalar>.rademacher($1.shape, key: key[$0]) })
    return v * objective.hessianProduct(v, at: parameters)
  }
}

/// AdaGrad's scale: B = sqrt(sum of g^2) + epsilon.
public struct AdaGradMetric<Scalar: RealScalar>: PolyakMetric {
  /// Keeps B positive.
  public var epsilon: Double

  /// The metric; epsilon is ours.
  public init(epsilon: Double = 1e-10) { self.epsilon = epsilon }

  /// The sums of squares.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> TensorList<Scalar> { parameters.zeros }

  /// The root of the sums.
  public func diagonal(
    _ sums: inout TensorList<Scalar>, gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>,
    on objective: Objective<Scalar>
  ) -> TensorList<Scalar> {
    sums = sums + gradient.square()
    return sums.sqrt() + epsilon
  }
}

/// Adam's scale: B = sqrt(v / (1 - beta^t)) + epsilon with v <- beta v + (1 - beta) g^2. The direction stays g, without momentum.
public struct AdamMetric<Scalar: RealScalar>: PolyakMetric {
  /// beta.
  public var decay: Double
  /// Keeps B positive.
  public var epsilon: Double

  /// The metric with the paper's decay; epsilon is ours.
  public init(decay: Double = 0.999, epsilon: Double = 1e-10) {
    self.decay = decay
    self.epsilon = epsilon
  }

  /// v and t.
  public struct State: TensorTree, Codable {
    /// The mean of the squares.
    public var squares: TensorList<Scalar>
    /// t.
    public var step: Tensor<Scalar>
  }

  /// Zeros.
  public func initialState(for parameters: TensorList<Scalar>, key: Key) -> State {
    State(squares: parameters.zeros, step: Tensor(0))
  }

  /// The root of the corrected mean.
  public func diagonal(
    _ state: inout State, gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>, on objective: Objective<Scalar>
  ) -> TensorList<Scalar> {
    state.step = state.step + 1
    state.squares = decay * state.squares + (1 - decay) * gradient.square()
    return (state.squares / gathered(decay, after: state.step)).sqrt() + epsilon
  }
}
