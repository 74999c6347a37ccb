import Solvers
import Tensors
import Transforms

/// A model with one output, for least squares.
package protocol ScalarModel: TensorTree, Codable {
  /// Of inputs [n, d]: [n].
  func predictions(_ x: Tensor<Double>) -> Tensor<Double>
  /// The norm of the parameters that the trace of the Hessian stands for.
  func normProxy() -> Tensor<Double>
}

/// f(x) = <a b, x>: the proxy is ||a||² + ||b||² >= 2 ||a b||_1.
package struct DiagonalNet: ScalarModel {
  package var a: Tensor<Double>
  package var b: Tensor<Double>

  package init(a: Tensor<Double>, b: Tensor<Double>) {
    self.a = a
    self.b = b
  }

  package func predictions(_ x: Tensor<Double>) -> Tensor<Double> { einsum("nd,d->n", x, a * b) }
  package func normProxy() -> Tensor<Double> { a.squaredNorm() + b.squaredNorm() }
}

/// f(x) = sum_j a_j relu(<w_j, x>): for Gaussian inputs the trace is about sum_j (||w_j||² + a_j² d) / 2, the proxy.
package struct ReLUNet: ScalarModel {
  /// [width, d]
  package var w: Tensor<Double>
  /// [width]
  package var a: Tensor<Double>

  package init(w: Tensor<Double>, a: Tensor<Double>) {
    self.w = w
    self.a = a
  }

  package func predictions(_ x: Tensor<Double>) -> Tensor<Double> { einsum("nj,j->n", einsum("nd,jd->nj", x, w).relu(), a) }
  package func normProxy() -> Tensor<Double> { (w.squaredNorm() + a.squaredNorm() * Double(w.shape[w.rank - 1])) / 2 }
}

/// Least squares on several data sets, x of [seeds, n, d] and y of [seeds, n], with the loss (1/2n) sum (f(x_i) - y_i)²: its factor 1/2 is
/// part of the bound 2/eta.
package struct LeastSquaresRuns<Model: ScalarModel> {
  package var x: Tensor<Double>
  package var y: Tensor<Double>

  package init(x: Tensor<Double>, y: Tensor<Double>) {
    self.x = x
    self.y = y
  }

  private static func loss(_ model: Model, _ x: Tensor<Double>, _ y: Tensor<Double>) -> Tensor<Double> {
    (model.predictions(x) - y).square().mean() / 2
  }

  /// theta <- theta - eta grad, for models of [seeds, rates] with rates [seeds, rates].
  private func stepped(_ models: Model, _ x: Tensor<Double>, _ y: Tensor<Double>, rates: Tensor<Double>) -> Model {
    let one = { (model: Model, rate: Tensor<Double>, x: Tensor<Double>, y: Tensor<Double>) -> Model in
      model.adding(grad { (model: Model) in Self.loss(model, x, y) }(model).scaled(by: -1 * rate))
    }
    let ofSeed = { (models: Model, rates: Tensor<Double>, x: Tensor<Double>, y: Tensor<Double>) -> Model in
      vmap(one, axes: [0, 0, nil, nil])(models, rates, x, y)
    }
    return vmap(ofSeed)(models, rates, x, y)
  }

  /// Gradient descent on the whole data.
  package func descended(_ models: Model, rates: Tensor<Double>) -> Model { stepped(models, x, y, rates: rates) }

  /// SGD on one example for each seed, drawn with replacement: theta <- theta - eta (f(x_i) - y_i) grad f(x_i).
  /// - Parameter examples: [seeds].
  package func sampled(_ models: Model, examples: Tensor<Int32>, rates: Tensor<Double>) -> Model {
    let (seeds, n, d) = (x.shape[0], x.shape[1], x.shape[2])
    let places = examples + Tensor<Int32>((0..<seeds).map { Int32($0 * n) })
    return stepped(
      models, x.reshaped(seeds * n, d).gather(places).expandingDimensions(1), y.flattened().gather(places).expandingDimensions(1),
      rates: rates)
  }

  /// [seeds, rates]
  package func losses(_ models: Model) -> Tensor<Double> {
    let ofSeed = { (models: Model, x: Tensor<Double>, y: Tensor<Double>) -> Tensor<Double> in
      vmap({ (model: Model) in Self.loss(model, x, y) })(models)
    }
    return vmap(ofSeed)(models, x, y)
  }

  /// ``ScalarModel/normProxy()`` of each model.
  package func normProxies(_ models: Model) -> Tensor<Double> {
    vmap({ (models: Model) in vmap({ (model: Model) in model.normProxy() })(models) })(models)
  }

  /// Eigenvalues, ascending, and vectors of the Gram matrix of the gradients g_i = grad f(x_i): [seeds, rates, n] and [seeds, rates, n, n].
  package func gramEigen(_ models: Model) -> (values: Tensor<Double>, vectors: Tensor<Double>) {
    let gradients = { (model: Model, x: Tensor<Double>) -> Tensor<Double> in
      vmap({ (row: Tensor<Double>) in
        grad { (model: Model) in model.predictions(row.expandingDimensions(0)).sum() }(model).raveled()
      })(x)
    }
    let ofSeed = { (models: Model, x: Tensor<Double>) -> Tensor<Double> in vmap(gradients, axes: [0, nil])(models, x) }
    let g = vmap(ofSeed)(models, x)
    return matmul(g, g, transposeB: true).eigh()
  }

  /// Trace and top eigenvalue of H = (1/n) sum_i g_i g_i^T, and the growth of the second moment of batch-1 SGD, iterated from W = H; each
  /// [seeds, rates], for `rates` of [rates].
  ///
  /// All happens in the space of the g_i: in the basis of H's eigenvectors there g_i is row i of V Lambda^(1/2), for G G^T = V Lambda V^T.
  package func curvature(
    _ models: Model, rates: Tensor<Double>, iterations: Int
  ) -> (trace: Tensor<Double>, sharpness: Tensor<Double>, growth: Tensor<Double>) {
    let n = Double(x.shape[1])
    let (values, vectors) = gramEigen(models)
    let spectrum = maximum(values, Tensor(0.0))
    let map = SecondMomentMap(
      factors: (vectors * spectrum.sqrt().expandingDimensions(2)).expandingDimensions(4),
      rate: rates.expandingDimensions(1).expandingDimensions(2), batchSize: Tensor(1.0), sampling: .withReplacement)
    let growth = map.growthFactor(from: spectrum.diagonalMatrix(), iterations: iterations)
    return (values.sum(-1) / n, values.max(-1) / n, growth)
  }
}
