import Tensors

/// Weights with which layers of linear attention are steps of known algorithms, on tokens (x, y) of a regression y = w . x (von Oswald
/// et al. 2023, arXiv 2212.07677, Proposition 1 and section 3).
///
/// A token's last entry holds its residual: y - w . x for the w that the layers so far have found. A query (x, 0) ends with -w . x.
extension LinearSelfAttention {
  /// One step of gradient descent on (1 / 2N) sum_i (w . x_i - y_i)²:
  ///
  ///     W_K = W_Q = diag(I, 0),   W_V = [[0, 0], [w_0, -1]],   P = eta I.
  ///
  /// - Parameters:
  ///   - dimension: of x.
  ///   - rate: eta.
  ///   - start: w_0, [dimension], where the step begins; 0 by default. The last entries change by the step's -(w_1 - w_0) . x.
  public static func gradientStep(dimension: Int, rate: Double, start: Tensor<Scalar>? = nil) -> LinearSelfAttention {
    let residual = Tensor.concatenate([start ?? .zeros(dimension), Tensor([-1])])
    return step(
      dimension, value: Tensor.zeros(dimension + 1, dimension + 1).updating(dimension, with: residual),
      output: .identity(dimension + 1) * Scalar(rate))
  }

  /// GD++: the same step from w_0 = 0, and every input, the query's too, becomes (I - gamma X^T X / N) x, which brings the curvature of
  /// the next step nearer to the identity:
  ///
  ///     W_K = W_Q = diag(I, 0),   W_V = -I,   P = diag(gamma I, eta).
  ///
  /// - Parameters:
  ///   - dimension: of x.
  ///   - rate: eta.
  ///   - curvature: gamma.
  public static func preconditionedStep(dimension: Int, rate: Double, curvature: Double) -> LinearSelfAttention {
    let factors = [Scalar](repeating: Scalar(curvature), count: dimension) + [Scalar(rate)]
    return step(dimension, value: -Tensor.identity(dimension + 1), output: Tensor(factors).diagonalMatrix())
  }

  /// Tokens (sqrt(lambda) e_k, 0), [dimension, dimension + 1]. In a context of n examples they turn steps of least squares into steps of
  /// ridge regression, |X w - y|² + lambda |w|², whose sums are then divided by N = n + dimension.
  public static func ridgeTokens(dimension: Int, strength lambda: Double) -> Tensor<Scalar> {
    .identity(dimension, dimension + 1) * Scalar(lambda.squareRoot())
  }

  private static func step(_ dimension: Int, value: Tensor<Scalar>, output: Tensor<Scalar>) -> LinearSelfAttention {
    let inputs = Tensor<Scalar>.identity(dimension + 1).updating(dimension, dimension, with: 0)
    return LinearSelfAttention(query: inputs, key: inputs, value: value, output: output)
  }
}
