import Tensors

/// Newton's method with a regularization found by search, with exact or crude Hessians: positive semidefinite approximations, even zero.
///
///     lambda = M ||g||^exponent;  x+ = x - (H + lambda B)^-1 g
///     the test holds: M <- M / factor, and x+ is next;  else M <- factor M, again with the same H
///
/// The norm of a gradient is the dual one, ||g||^2 = g^T B^-1 g.
public struct RegularizedNewton: Sendable {
  /// What a step must have achieved; g+ is the gradient at x+.
  public enum Test: String, Sendable {
    /// f(x) - f(x+) >= ||g+||^2 / (8 lambda).
    case newGradient
    /// <g+, x - x+> >= ||g+||^2 / (4 lambda).
    case alignment
    /// f(x) - f(x+) >= ||g||^2 / (2 lambda): what a descent step of length 1 / lambda promises.
    case oldGradient
  }

  /// Of the gradient's norm in lambda.
  public var exponent: Double
  /// When a step is taken.
  public var test: Test
  /// What M is divided and multiplied by.
  public var factor: Double
  /// B; nil for the identity.
  public var metric: Tensor<Double>?
  /// How often M is raised before the search is given up.
  public var attempts = 40

  /// Gradient-normalized smoothness (Semenov, Jaggi and Doikov 2025, arXiv 2506.13710): lambda = ||g|| / gamma with a radius gamma = 1 / M
  /// that doubles after a step and is halved before the next attempt.
  public static func gradientNormalized(metric: Tensor<Double>? = nil) -> RegularizedNewton {
    RegularizedNewton(exponent: 1, test: .newGradient, factor: 2, metric: metric)
  }

  /// Super-universal Newton (Doikov, Mishchenko and Nesterov 2022, arXiv 2208.05888), of whose exponents 2/3 is the one they recommend.
  public static func superUniversal(exponent: Double = 2.0 / 3, metric: Tensor<Double>? = nil) -> RegularizedNewton {
    RegularizedNewton(exponent: exponent, test: .alignment, factor: 4, metric: metric)
  }

  /// With a zero Hessian, gradient descent with backtracking: lambda is the estimate of the Lipschitz constant.
  public static func backtracking(metric: Tensor<Double>? = nil) -> RegularizedNewton {
    RegularizedNewton(exponent: 0, test: .oldGradient, factor: 2, metric: metric)
  }

  private init(exponent: Double, test: Test, factor: Double, metric: Tensor<Double>?) {
    (self.exponent, self.test, self.factor, self.metric) = (exponent, test, factor, metric)
  }

  /// What is minimized: compile the functions.
  public struct Objective {
    /// f(x) and its gradient.
    public var slope: (Tensor<Double>) -> (value: Tensor<Double>, gradient: Tensor<Double>)
    /// H at x, [d, d].
    public var hessian: (Tensor<Double>) -> Tensor<Double>

    /// The objective of these functions.
    public init(
      slope: @escaping (Tensor<Double>) -> (value: Tensor<Double>, gradient: Tensor<Double>),
      hessian: @escaping (Tensor<Double>) -> Tensor<Double>
    ) {
      (self.slope, self.hessian) = (slope, hessian)
    }
  }

  /// Where the method is.
  public struct State: Codable, Sendable {
    /// x.
    public var point: Tensor<Double>
    /// f(x).
    public var value: Double
    /// g.
    public var gradient: Tensor<Double>
    /// ||g||, in the dual norm.
    public var gradientNorm: Double
    /// M.
    public var coefficient = 1.0
    /// lambda of the last step; NaN before the first.
    public var regularization = Double.nan
    /// Steps taken.
    public var iterations = 0
    /// Linear systems solved.
    public var solves = 0
    /// Whether the last search was given up.
    public var isStuck = false
  }

  /// At a point, M = 1.
  public func start(at x: Tensor<Double>, on objective: Objective) -> State {
    let (value, gradient) = objective.slope(x)
    return State(point: x, value: value.scalar, gradient: gradient, gradientNorm: dualNorm(gradient))
  }

  /// One step, or, after as many attempts as are allowed, none.
  public func step(_ state: inout State, on objective: Objective) {
    let hessian = objective.hessian(state.point)
    for _ in 0...attempts {
      let lambda = state.coefficient * power(state.gradientNorm)
      state.solves += 1
      // A matrix that rounding leaves indefinite is a failed attempt.
      if let factor = try? cholesky(hessian + lambda * (metric ?? .identity(hessian.shape[0]))) {
        let move = -choleskySolve(factor, state.gradient)
        let next = state.point + move
        let (value, gradient) = objective.slope(next)
        let norm = dualNorm(gradient)
        if isAccepted(state, value.scalar, norm, alignment: -gradient.dot(move).scalar, lambda) {
          state = State(
            point: next, value: value.scalar, gradient: gradient, gradientNorm: norm,
            coefficient: state.coefficient / self.factor,
            regularization: lambda, iterations: state.iterations + 1, solves: state.solves)
          return
        }
      }
      state.coefficient *= factor
    }
    state.isStuck = true
  }

  private func isAccepted(_ state: State, _ value: Double, _ norm: Double, alignment: Double, _ lambda: Double) -> Bool {
    switch test {
    case .newGradient: state.value - value >= norm * norm / (8 * lambda)
    case .alignment: alignment >= norm * norm / (4 * lambda)
    case .oldGradient: state.value - value >= state.gradientNorm * state.gradientNorm / (2 * lambda)
    }
  }

  private func dualNorm(_ g: Tensor<Double>) -> Double {
    metric.map { g.dot($0.solve(g)).scalar.squareRoot() } ?? g.norm().scalar
  }

  private func power(_ norm: Double) -> Double { exponent == 0 ? 1 : exponent == 1 ? norm : Double.pow(norm, exponent) }
}
