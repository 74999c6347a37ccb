import Tensors
import Transforms

extension SoftmaxGaussianLandscape {
  /// What a query and a key are compared with.
  package enum Kernel: String, Hashable, Codable, Sendable, CaseIterable {
    /// S = softmax(q k^T / sqrt(d)) over the keys.
    case softmax
    /// S_kj = exp(-|q_k - k_j|² / 2d), not divided by its sum; the width is our choice.
    case gaussian

    /// In figures.
    var label: String { self == .softmax ? "softmax" : "Gaussian kernel" }

    /// Weights [..., queries, keys] of queries [..., queries, d] and keys [..., keys, d].
    package func callAsFunction<Scalar: RealScalar>(_ q: Tensor<Scalar>, _ k: Tensor<Scalar>) -> Tensor<Scalar> {
      let d = Scalar(q.shape[q.rank - 1])
      let products = matmul(q, k, transposeB: true)
      switch self {
      case .softmax: return (products / d.squareRoot()).softmax()
      case .gaussian:
        let lengths = q.squaredNorm(-1, keepingAxes: true) + k.squaredNorm(-1).expandingDimensions(-2)
        return ((products - lengths / 2) / d).exp()
      }
    }
  }

  /// W_Q, W_K and W_V of H heads, each D x d, with entries N(0, 1) / sqrt(D).
  package struct Heads<Scalar: RealScalar>: TensorTree, Codable {
    /// [D, H, d].
    package var query, key, value: Tensor<Scalar>
    /// What queries and keys are compared with.
    package var kernel: Kernel

    package init(_ width: Int, heads: Int, headWidth: Int, kernel: Kernel, key rng: Key) {
      let draw = { (name: String) in
        Tensor<Scalar>.normal(
          [width, heads, headWidth], standardDeviation: 1 / Scalar(width).squareRoot(), key: rng.named(name))
      }
      (query, key, value, self.kernel) = (draw("W_Q"), draw("W_K"), draw("W_V"), kernel)
    }

    /// S of every head, [N, H, n, n], for inputs [N, n, D].
    package func weights(_ x: Tensor<Scalar>) -> Tensor<Scalar> { kernel(Self.rows(x, query), Self.rows(x, key)) }

    /// X W^h of every head, [N, H, n, d], as one product.
    static func rows(_ x: Tensor<Scalar>, _ w: Tensor<Scalar>) -> Tensor<Scalar> {
      let (samples, n, h, d) = (x.shape[0], x.shape[1], w.shape[1], w.shape[2])
      return matmul(x.reshaped(samples * n, -1), w.reshaped(-1, h * d)).reshaped(samples, n, h, d).permuted(0, 2, 1, 3)
    }
  }

  /// One attention layer that is read as one number at every place, B = [S^1 V^1, ..., S^H V^H] W_O with W_O fixed, d = D.
  package struct Layer: TensorTree, Codable {
    package var heads: Heads<Double>
    /// W_O, N(0, 1) / sqrt(H D), as [H, D].
    package var output: Tensor<Double>

    package init(_ width: Int, heads count: Int, kernel: Kernel, key: Key) {
      heads = Heads(width, heads: count, headWidth: width, kernel: kernel, key: key)
      output = .normal(
        [count, width], standardDeviation: 1 / Double(count * width).squareRoot(), key: key.named("W_O"))
    }

    /// X W_V^h w_O^h, what a head makes of every place, [N, H, n]: with it B = sum_h S^h (X W_V^h w_O^h).
    func reads(_ x: Tensor<Double>) -> Tensor<Double> {
      let products = matmul(x.reshaped(-1, x.shape[2]), (heads.value * output).sum(2))
      return products.reshaped(x.shape[0], x.shape[1], -1).permuted(0, 2, 1)
    }

    /// B, [N, n].
    package func callAsFunction(_ x: Tensor<Double>) -> Tensor<Double> { Self.outputs(heads.weights(x), reads(x)) }

    static func outputs(_ weights: Tensor<Double>, _ reads: Tensor<Double>) -> Tensor<Double> {
      (weights * reads.expandingDimensions(2)).sum(-1).sum(1)
    }

    /// Phi = [S^1 X, ..., S^H X], [N n, H D]: outputs are linear in W_V, B = Phi u with u_h = W_V^h w_O^h.
    package func features(_ x: Tensor<Double>) -> Tensor<Double> {
      let s = heads.weights(x)
      let inputs = x.expandingDimensions(1).broadcast(to: [x.shape[0], s.shape[1], x.shape[1], x.shape[2]])
      return matmul(s, inputs).permuted(0, 2, 1, 3).reshaped(x.shape[0] * x.shape[1], -1)
    }
  }

  /// Inputs and one target at every place.
  package struct Regression: TensorTree, Codable {
    /// X, [N, n, D].
    package var inputs: Tensor<Double>
    /// y, [N, n].
    package var targets: Tensor<Double>

    package init(inputs: Tensor<Double>, targets: Tensor<Double>) { (self.inputs, self.targets) = (inputs, targets) }

    /// X ~ N(0, 1), y ~ 0.5 N(0, 1).
    static func independent(_ samples: Int, _ places: Int, _ width: Int, _ settings: Settings, key: Key) -> Regression {
      Regression(
        inputs: .normal([samples, places, width], key: key.named("X")),
        targets: .normal([samples, places], standardDeviation: settings.targetDeviation, key: key.named("y")))
    }

    /// X_i = 1 x_i^T + delta N: one token again and again, with one target for all its places.
    static func repeated(
      _ samples: Int, _ places: Int, _ width: Int, noise: Double, _ settings: Settings, key: Key
    ) -> Regression {
      let tokens = Tensor<Double>.normal([samples, 1, width], key: key.named("x"))
      let y = Tensor<Double>.normal([samples, 1], standardDeviation: settings.targetDeviation, key: key.named("y"))
      return Regression(
        inputs: tokens + noise * Tensor.normal([samples, places, width], key: key.named("N")),
        targets: y.broadcast(to: [samples, places]))
    }

    /// 1/2 mean (B - y)².
    package func loss(_ outputs: Tensor<Double>) -> Tensor<Double> { (outputs - targets).square().mean() / 2 }
  }

  /// A loss of one of the three weights, with all that the others make computed before.
  package protocol PartialTraining: TensorTree {
    /// 1/2 mean (B - y)² as a function of one weight of all heads, [D, H, d].
    func loss(_ weight: Tensor<Double>) -> Tensor<Double>
  }

  /// Of W_V.
  package struct ValueTraining: PartialTraining {
    /// Phi, [N n, H D].
    var features: Tensor<Double>
    var output: Tensor<Double>
    var targets: Tensor<Double>

    package init(_ layer: Layer, _ data: Regression) {
      (features, output, targets) = (layer.features(data.inputs), layer.output, data.targets.reshaped(-1))
    }

    package func loss(_ value: Tensor<Double>) -> Tensor<Double> {
      let u = (value * output).sum(2).transposed().reshaped(-1)
      return (matmul(features, u) - targets).square().mean() / 2
    }

    /// The least loss of any W_V: what regressing y on Phi leaves.
    package func floor() throws -> Double {
      let (u, s, _) = try thinSVD(features)
      let rank = s.scalars.count { $0 > 1e-12 * s[0] }
      let basis = u.slice(All(), 0..<rank)
      let fit = matmul(basis, matmul(basis, targets, transposeA: true))
      return ((targets - fit).square().mean() / 2).scalar
    }
  }

  /// Of W_Q.
  package struct QueryTraining: PartialTraining {
    /// K, [N, H, n, d], and what heads read, [N, H, n].
    var keys, reads: Tensor<Double>
    var data: Regression
    var kernel: Kernel

    package init(_ layer: Layer, _ data: Regression) {
      keys = Heads.rows(data.inputs, layer.heads.key)
      (reads, self.data, kernel) = (layer.reads(data.inputs), data, layer.heads.kernel)
    }

    package func loss(_ query: Tensor<Double>) -> Tensor<Double> {
      data.loss(Layer.outputs(kernel(Heads.rows(data.inputs, query), keys), reads))
    }
  }

  /// A random direction in the space of a weight [D, H, d] whose columns are as long as the weight's: filter-normalized (Li et al. 2018).
  package static func filterNormalizedDirection(_ weight: Tensor<Double>, key: Key) -> Tensor<Double> {
    let direction = Tensor<Double>.normal(weight.shape, key: key)
    return direction * (weight.norm(0, keepingAxes: true) / direction.norm(0, keepingAxes: true))
  }
}
