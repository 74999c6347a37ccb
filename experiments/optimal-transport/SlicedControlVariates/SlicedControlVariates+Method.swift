import Tensors
import Transforms
import Transport

extension SlicedControlVariates {
  /// Two empirical measures of equally many points, [n, d].
  struct PointPair: TensorTree, Sendable {
    var name: String
    var x: Tensor<Double>
    var y: Tensor<Double>
  }

  /// Transport of the projections on each direction theta, [..., L], and the control variates of Gaussian fits by moments:
  ///
  ///     w = W_2²(theta X, theta Y)
  ///     c_low = (theta (m1 - m2))²
  ///     g = c_low + (sqrt(theta S1 theta) - sqrt(theta S2 theta))²
  ///     c_up = c_low + theta S1 theta + theta S2 theta
  ///
  /// The covariances S are the biased ones, 1/n: c_low <= g <= c_up, and g <= w. The moments of a projection are the projected moments.
  struct Slices {
    static let estimators = ["SW", "LCV-SW", "UCV-SW"]

    var transport: Tensor<Double>
    var gaussian: Tensor<Double>
    var lower: Tensor<Double>
    var upper: Tensor<Double>
    /// Of c_low and c_up over the sphere: |m1 - m2|²/d, and that plus (tr S1 + tr S2)/d.
    var sphereMeans: (lower: Tensor<Double>, upper: Tensor<Double>)

    init(_ x: Tensor<Double>, _ y: Tensor<Double>, directions: Tensor<Double>) {
      let (p, q) = (matmul(directions, x, transposeB: true), matmul(directions, y, transposeB: true))
      let (pVariance, qVariance) = (p.variance(-1), q.variance(-1))
      transport = squaredWasserstein2(p, q)
      lower = (p.mean(-1) - q.mean(-1)).square()
      gaussian = lower + (pVariance.sqrt() - qVariance.sqrt()).square()
      upper = lower + pVariance + qVariance
      let d = Double(x.shape[1])
      let shift = (x.mean(0) - y.mean(0)).squaredNorm() / d
      sphereMeans = (shift, shift + (x.variance(0).sum() + y.variance(0).sum()) / d)
    }

    /// The same directions in groups of `count`, one group an estimate.
    func batched(_ count: Int) -> Slices {
      var result = self
      result.transport = transport.reshaped(-1, count)
      result.gaussian = gaussian.reshaped(-1, count)
      result.lower = lower.reshaped(-1, count)
      result.upper = upper.reshaped(-1, count)
      return result
    }

    /// The estimates of SW_2², in the order of ``estimators``, [3, ...]: the mean of w, and with each control variate
    /// Z = mean w - gamma (mean c - E c), gamma = cov(w, c) / var c on the same directions.
    var estimates: Tensor<Double> {
      Tensor.stack([
        transport.mean(-1), controlled(lower, mean: sphereMeans.lower), controlled(upper, mean: sphereMeans.upper),
      ])
    }

    private func controlled(_ c: Tensor<Double>, mean: Tensor<Double>) -> Tensor<Double> {
      let centred = c - c.mean(-1, keepingAxes: true)
      let variance = centred.square().mean(-1)
      let covariance = (centred * transport).mean(-1)
      // A constant c has nothing to say: equal means leave c_low = 0.
      let gamma = covariance / Tensor.where(variance .> 0, variance, 1)
      return transport.mean(-1) - gamma * (c.mean(-1) - mean)
    }
  }
}
