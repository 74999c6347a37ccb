import Networks
import Tensors
import Transforms

/// SGD of a linear student W on y = Q x + xi, where x and xi are standard normal.
package struct LinearStudent {
  /// Q, orthogonal, [N, N].
  package var target: Tensor<Double>
  /// a
  package var rate: Double
  /// b
  package var batchSize: Int

  package init(target: Tensor<Double>, rate: Double, batchSize: Int) {
    (self.target, self.rate, self.batchSize) = (target, rate, batchSize)
  }

  /// T = a/b
  package var temperature: Double { rate / Double(batchSize) }

  /// Steps in which W relaxes by a factor e: 1/a.
  package var relaxation: Int { max(1, Int((1 / rate).rounded())) }

  /// W <- W - (a/b) e^T x with the errors e = x W^T - y.
  /// - Parameters:
  ///   - w: [chains, N, N].
  ///   - x: inputs, [chains, b, N].
  ///   - noise: xi, [chains, b, N].
  package func stepped(_ w: Tensor<Double>, x: Tensor<Double>, noise: Tensor<Double>) -> Tensor<Double> {
    let errors = matmul(x, w - target, transposeB: true) - noise
    return w - temperature * matmul(errors, x, transposeA: true)
  }

  /// The same on a fresh batch of each chain.
  package func stepped(_ w: Tensor<Double>, key: Key) -> Tensor<Double> {
    let shape = [w.shape[0], batchSize, target.shape[0]]
    return stepped(w, x: .normal(shape, key: key.named("x")), noise: .normal(shape, key: key.named("noise")))
  }

  /// The eigenvalues x_i of W^T W, ascending: [chains, N].
  package static func spectra(_ w: Tensor<Double>) -> Tensor<Double> { matmul(w, w, transposeA: true).eigh().values }
}

/// Dyson's Brownian motion of the eigenvalues around a degenerate target kappa², by Euler-Maruyama:
///
///     dx_i = [K_i + T sum_j g² / (x_i - x_j)] dt + sqrt(2 T) g dN_i,  K_i = -2 (x_i - kappa²),  g² = 4 kappa²
///
/// On a loss |e|²/2, as ``LinearStudent`` has it, both K and g² are half as large in time a t: the same law, at half the speed.
package struct SpectralLangevin {
  /// kappa²
  package var target: Double
  /// dt
  package var step: Double

  package init(target: Double, step: Double) { (self.target, self.step) = (target, step) }

  /// One step of x, [temperatures, chains, N], with normal numbers of the same shape.
  ///
  /// Eigenvalues closer than the noise of one step repel as if they were apart by it: the explicit step would throw them out.
  package func stepped(_ x: Tensor<Double>, temperatures: Tensor<Double>, normal: Tensor<Double>) -> Tensor<Double> {
    let t = temperatures.reshaped(-1, 1, 1)
    let strength = 4 * target
    let variance = 2 * strength * step * t
    let gaps = x.expandingDimensions(3) - x.expandingDimensions(2)
    let repulsion = (gaps / (gaps.square() + variance.expandingDimensions(3))).sum(-1)
    let drift = -2 * (x - target) + strength * t * repulsion
    return x + step * drift + variance.sqrt() * normal
  }
}

/// Networks without biases, several starts of several scales, on one regression problem; everything is [scales, starts].
package struct TanhRuns: TensorTree, Codable {
  package var networks: MLP<Float>
  /// 1, and 0 once the loss on a batch has passed the limit; then the run stands still.
  package var isBounded: Tensor<Float>

  /// Weights N(0, s_w² / fan in).
  /// - Parameters:
  ///   - scales: s_w, whose starts are the same but for it.
  ///   - keys: one for each start.
  package init(widths: [Int], scales: [Double], keys: [Key]) {
    let draw = { (key: Key) in
      MLP<Float>(widths, activation: .tanh, initializer: .leCun(.normal), hasBias: false, key: key)
    }
    let starts = vmap(draw)(.batch(keys))
    networks = vmap({ (scale: Tensor<Double>) in starts.scaled(by: scale) })(Tensor(scales))
    isBounded = .ones([scales.count, keys.count])
  }

  /// SGD on the mean squared error of a batch of each start, [starts, b].
  package func stepped(
    _ x: Tensor<Float>, _ y: Tensor<Float>, batches: Tensor<Int32>, rate: Float, limit: Float
  ) -> TanhRuns {
    let one = { (run: TanhRuns, batch: Tensor<Int32>) -> TanhRuns in
      let result = valueAndGrad { (network: MLP<Float>) in
        meanSquaredError(network(x.gather(batch)).flattened(), y.gather(batch))
      }(run.networks)
      var next = run
      next.isBounded = Tensor.where(result.value .<= limit, run.isBounded, 0)
      for i in next.networks.layers.indices {
        let (weight, gradient) = (run.networks.layers[i].weight, result.gradient.layers[i].weight)
        next.networks.layers[i].weight = Tensor.where(next.isBounded .> 0, weight - rate * gradient, weight)
      }
      return next
    }
    let ofStarts = vmap(one)
    return vmap({ (runs: TanhRuns) in ofStarts(runs, batches) })(self)
  }

  /// The mean squared error on all points.
  package func losses(_ x: Tensor<Float>, _ y: Tensor<Float>) -> Tensor<Float> {
    let ofStarts = vmap({ (network: MLP<Float>) in meanSquaredError(network(x).flattened(), y) })
    return vmap({ (networks: MLP<Float>) in ofStarts(networks) })(networks)
  }

  /// Singular values of the weights between the hidden layers, descending: [scales, starts, width].
  package func singularValues() -> Tensor<Double> { networks.layers[1].weight.converted(to: Double.self).thinSVD().s }
}
