import Tensors
import Transforms

/// Small linear regressions side by side, and the learners that transformers are compared with: each gives the weights w with which a
/// context answers a query x by w . x. All are traced functions, of the rates too.
public struct RegressionContexts<Scalar: RealScalar>: TensorTree {
  /// X, [..., n, dimension].
  public var inputs: Tensor<Scalar>
  /// y, [..., n].
  public var targets: Tensor<Scalar>

  /// Contexts of n examples each.
  public init(inputs: Tensor<Scalar>, targets: Tensor<Scalar>) {
    guard inputs.rank >= 2, Array(inputs.shape.dropLast()) == targets.shape else {
      fatalError("RegressionContexts: inputs of shape \(inputs.shape) with targets of shape \(targets.shape)")
    }
    (self.inputs, self.targets) = (inputs, targets)
  }

  /// Steps of gradient descent on (1 / 2n) |X w - y|², [..., dimension].
  /// - Parameters:
  ///   - rates: one for each step, [steps].
  ///   - start: w before the first step, [..., dimension]; 0 by default.
  public func gradientDescent(rates: Tensor<Scalar>, from start: Tensor<Scalar>? = nil) -> Tensor<Scalar> {
    var w = start
    for k in 0..<rates.count {
      let residuals = w.map { targets - product(inputs, $0) } ?? targets
      let step = product(inputs, residuals, transpose: true) * (rates.slice(k) / Scalar(count))
      w = w.map { $0 + step } ?? step
    }
    return w ?? .zeros(inputs.shape.dropLast(2) + inputs.shape.suffix(1))
  }

  /// GD++ (von Oswald et al. 2023, arXiv 2212.07677, section 3): a step of gradient descent with rate eta_k on the residuals, then
  /// x <- (I - gamma_k X^T X / n) x for all inputs and for the query. [..., dimension], for queries that have not been transformed.
  /// - Parameters:
  ///   - rates: eta, [steps].
  ///   - curvatures: gamma, [steps]; the last has no effect.
  public func preconditionedDescent(rates: Tensor<Scalar>, curvatures: Tensor<Scalar>) -> Tensor<Scalar> {
    let identity = Tensor<Scalar>.identity(inputs.shape[inputs.rank - 1])
    // The inputs after k transformations, which together are `map`, and the residuals after k steps.
    var (x, map, residuals) = (inputs, identity, targets)
    var w = Tensor<Scalar>(0)
    for k in 0..<rates.count {
      let step = product(x, residuals, transpose: true) * (rates.slice(k) / Scalar(count))
      w = w + (k == 0 ? step : product(map, step, transpose: true))
      guard k < rates.count - 1 else { break }
      residuals = residuals - product(x, step)
      let shrink = identity - matmul(x, x, transposeA: true) * (curvatures.slice(k) / Scalar(count))
      x = matmul(x, shrink)
      map = k == 0 ? shrink : matmul(shrink, map)
    }
    return w
  }

  /// Ridge regression, the minimum of |X w - y|² + lambda |w|², [..., dimension]: the posterior mean for standard normal w and noise of
  /// variance lambda.
  public func ridge(_ lambda: Double) -> Tensor<Scalar> {
    let normal = matmul(inputs, inputs, transposeA: true) + .identity(inputs.shape[inputs.rank - 1]) * Scalar(lambda)
    return normal.solve(product(inputs, targets, transpose: true).expandingDimensions(-1)).squeezed(-1)
  }

  /// Least squares, [..., dimension]: of all minima of |X w - y|² the shortest.
  public func minimumNorm() -> Tensor<Scalar> { product(inputs.pseudoInverse(), targets) }

  /// Stochastic gradient descent through the examples in their order, each once, from w = 0: w <- w - 2 alpha x_i (w . x_i - y_i),
  /// [..., dimension].
  /// - Parameter rate: alpha, of a shape that broadcasts with [..., 1].
  public func stochasticPass(rate: Tensor<Scalar>) -> Tensor<Scalar> {
    var w = Tensor<Scalar>.zeros(inputs.shape.dropLast(2) + inputs.shape.suffix(1))
    for i in 0..<count {
      let x = Tensor<Scalar>(AnyTensor(inputs).slice(axis: inputs.rank - 2, i..<i + 1)).squeezed(-2)
      let y = Tensor<Scalar>(AnyTensor(targets).slice(axis: targets.rank - 1, i..<i + 1))
      w = w - 2 * rate * ((w * x).sum(-1, keepingAxes: true) - y) * x
    }
    return w
  }

  /// n.
  private var count: Int { inputs.shape[inputs.rank - 2] }

  private func product(_ a: Tensor<Scalar>, _ v: Tensor<Scalar>, transpose: Bool = false) -> Tensor<Scalar> {
    matmul(a, v.expandingDimensions(-1), transposeA: transpose).squeezed(-1)
  }
}
