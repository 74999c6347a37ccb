import Networks
import Tensors
import Transforms

/// f(w, x) = (1/sqrt(h)) sum_j a_j relu(<w_j, x> / sqrt(d)).
package struct RampNetwork: TensorTree, Codable {
  /// [h, d]
  package var w: Tensor<Float>
  /// [h]
  package var a: Tensor<Float>

  package init(w: Tensor<Float>, a: Tensor<Float>) { (self.w, self.a) = (w, a) }

  package init(width: Int, dimension: Int, key: Key) {
    (w, a) = (.normal([width, dimension], key: key.named("w")), .normal([width], key: key.named("a")))
  }

  /// Of inputs [n, d]: [n].
  package func outputs(_ x: Tensor<Float>) -> Tensor<Float> {
    let (h, d) = (Float(w.shape[0]), Float(w.shape[1]))
    return matmul((matmul(x, w, transposeB: true) / d.squareRoot()).relu(), a) / h.squareRoot()
  }
}

/// Networks trained with the predictor F = alpha (f(w_t) - f(w_0)) by SGD on the loss (1/alpha) max(0, 1 - y F): large alpha is the lazy
/// regime, small alpha feature learning. Everything is [alphas, temperatures, starts].
package struct LazyRuns: TensorTree, Codable {
  package var networks: RampNetwork
  /// 1, and 0 once every training point is fitted; then the run stands still.
  package var isActive: Tensor<Float>
  /// Steps made.
  package var steps: Tensor<Float>

  /// From the same starts for every alpha and temperature.
  package init(starts: RampNetwork, alphas: Int, temperatures: Int) {
    let shape = [alphas, temperatures, starts.w.shape[0]]
    networks = RampNetwork(
      w: starts.w.broadcast(to: shape + starts.w.shape.dropFirst()),
      a: starts.a.broadcast(to: shape + starts.a.shape.dropFirst()))
    (isActive, steps) = (.ones(shape), .zeros(shape))
  }

  /// F on inputs [n, d]: [alphas, temperatures, starts, n].
  /// - Parameters:
  ///   - initial: f(w_0) there, [starts, n].
  ///   - alphas: [alphas].
  package func predictions(_ x: Tensor<Float>, initial: Tensor<Float>, alphas: Tensor<Float>) -> Tensor<Float> {
    let ofStarts = vmap({ (network: RampNetwork) in network.outputs(x) })
    let f = vmap({ (networks: RampNetwork) in vmap({ (networks: RampNetwork) in ofStarts(networks) })(networks) })(networks)
    return alphas.reshaped(alphas.count, 1, 1, 1) * (f - initial)
  }

  /// One step on a batch of each start, [starts, B]: w <- w - T B grad of the mean loss.
  package func stepped(
    _ x: Tensor<Float>, _ y: Tensor<Float>, initial: Tensor<Float>, batches: Tensor<Int32>, alphas: Tensor<Float>,
    temperatures: Tensor<Float>
  ) -> LazyRuns {
    let batchSize = Double(batches.shape[1])
    typealias Batch = Tensor<Float>
    let one = { (network: RampNetwork, rate: Batch, alpha: Batch, x: Batch, y: Batch, f0: Batch) -> RampNetwork in
      let loss = { (network: RampNetwork) in
        hingeLoss(alpha * (network.outputs(x) - f0), signs: y) / alpha
      }
      return network.adding(grad(loss)(network).scaled(by: (rate * Float(-batchSize)).converted(to: Double.self)))
    }
    let rates = temperatures.expandingDimensions(1) * isActive
    let (xs, ys) = (x.gather(batches), y.gather(batches))
    let f0 = initial.takeAlongAxis(batches, axis: 1)
    let step = { (networks: RampNetwork, rates: Batch, alpha: Batch) -> RampNetwork in
      vmap({ (network: RampNetwork, rate: Batch, rest: BatchOfStart) in one(network, rate, alpha, rest.x, rest.y, rest.f0) })(
        networks, rates, BatchOfStart(x: xs, y: ys, f0: f0))
    }
    let ofAlpha = vmap(step, axes: [0, 0, nil])
    var result = self
    result.networks = vmap(ofAlpha)(networks, rates, alphas)
    result.steps = steps + isActive
    return result
  }

  private struct BatchOfStart: TensorTree {
    var x, y, f0: Tensor<Float>
  }

  /// Runs whose training points are all fitted, y F >= 1, stop.
  package func stopped(_ x: Tensor<Float>, _ y: Tensor<Float>, initial: Tensor<Float>, alphas: Tensor<Float>) -> LazyRuns {
    var result = self
    let margins = (y * predictions(x, initial: initial, alphas: alphas)).min(-1)
    result.isActive = Tensor.where(margins .< 1, isActive, 0)
    return result
  }

  /// |w_t - w_0| / |w_0| over all parameters.
  package func relativeChange(from starts: RampNetwork) -> Tensor<Float> {
    let change = (networks.w - starts.w).squaredNorm(-1, -2) + (networks.a - starts.a).squaredNorm(-1)
    return (change / (starts.w.squaredNorm(-1, -2) + starts.a.squaredNorm(-1))).sqrt()
  }
}
