import Diagnostics
import Optimizers
import Solvers
import Tensors
import Transforms

extension BatchHessian {
  /// Where the law of large random matrices puts the top eigenvalue of theta u u^T + GOE(sigma): at theta + sigma²/theta outside of the
  /// bulk, which ends at 2 sigma, once theta exceeds sigma (Baik, Ben Arous and Péché).
  package static func spikePosition(_ theta: Double, noise sigma: Double) -> Double {
    theta > sigma ? theta + sigma * sigma / theta : 2 * sigma
  }

  /// A symmetric matrix with entries of variance sigma²/P, on the diagonal 2 sigma²/P.
  package static func orthogonalEnsemble(_ dimension: Int, noise sigma: Double, key: Key) -> Tensor<Double> {
    let entries = Tensor<Double>.normal([dimension, dimension], key: key)
    return (entries + entries.transposed()) * (sigma / (2 * Double(dimension)).squareRoot())
  }

  /// 1/b = 1/B - 1/N of the effective batch b = B / (1 - B/N) that is drawn without replacement.
  package static func inverseEffective(_ batch: Int, of samples: Int) -> Double { 1 / Double(batch) - 1 / Double(samples) }

  /// SGD on ||X w||² / 2N, whose minimum w = 0 has no noise of its own, at several rates side by side.
  package struct RegressionRuns: TensorTree, Codable {
    /// [draws, rates, P]. What has grown beyond the limit stands still.
    package var w: Tensor<Double>

    package init(w: Tensor<Double>) { self.w = w }

    /// w <- w - eta X_B^T X_B w / B.
    /// - Parameters:
    ///   - inputs: the batches X_B, [draws, B, P].
    ///   - rates: [rates].
    ///   - limit: the largest norm of a run that goes on, [draws, 1, 1].
    package func stepped(_ inputs: Tensor<Double>, rates: Tensor<Double>, limit: Tensor<Double>) -> RegressionRuns {
      let gradient = matmul(matmul(w, inputs, transposeB: true), inputs) / Double(inputs.shape[1])
      let next = w - rates.expandingDimensions(1) * gradient
      return RegressionRuns(w: Tensor.where(w.norm(-1, keepingAxes: true) .<= limit, next, w))
    }
  }

  /// Adam at several rates side by side, from one start.
  package struct AdamRuns: TensorTree, Codable {
    /// [rates, draws, P].
    package var parameters: Tensor<Double>
    package var moments: Moments<Double>

    package init(from start: Tensor<Double>, rates: Int, draws: Int) {
      let parameters = start.broadcast(to: [rates, draws, start.count])
      self.parameters = parameters
      // One count of steps for each run.
      moments = vmap(vmap { (p: Tensor<Double>) in Adam().initialState(for: p) })(parameters)
    }

    private init(_ parameters: Tensor<Double>, _ moments: Moments<Double>) {
      (self.parameters, self.moments) = (parameters, moments)
    }

    /// One step on batches of inputs and labels, [draws, B, ...], that all rates share.
    package func stepped(
      _ inputs: Tensor<Double>, _ labels: Tensor<Int32>, rates: Tensor<Double>,
      gradient: @escaping (Tensor<Double>, Tensor<Double>, Tensor<Int32>) -> Tensor<Double>
    ) -> AdamRuns {
      let single = { (run: AdamRuns, rate: Tensor<Double>, inputs: Tensor<Double>, labels: Tensor<Int32>) in
        var (adam, moments) = (Adam<Double>(), run.moments)
        adam.learningRate = rate
        let slope = gradient(run.parameters, inputs, labels)
        return AdamRuns(adam.updated(run.parameters, gradient: slope, &moments), moments)
      }
      return vmap(vmap(single, axes: [0, nil, 0, 0]), axes: [0, 0, nil, nil])(self, rates, inputs, labels)
    }
  }

  /// The largest rate of each draw that was stable; NaN where none was.
  /// - Parameter isStable: 1 or 0, [draws, rates].
  package static func largestStable(_ isStable: Tensor<Double>, rates: [Double]) -> [Double] {
    (0..<isStable.shape[0]).map { draw in
      rates.indices.filter { isStable[draw, $0] > 0 }.map { rates[$0] }.max() ?? .nan
    }
  }
}
