import Solvers
import Tensors
import Transforms

extension OutlierAlignment {
  /// Independent streams of samples, one for each run: x = mu_j + N(0, I) / sqrt(lambda) with a cluster j drawn evenly.
  package struct Mixture {
    /// Of norm 1, [runs, clusters, d].
    package var means: Tensor<Double>
    /// The class of each cluster.
    package var classes: [Int32]
    /// lambda.
    package var precision: Double

    package init(means: Tensor<Double>, classes: [Int32], precision: Double) {
      (self.means, self.classes, self.precision) = (means, classes, precision)
    }

    /// A class for each of k random directions.
    package static func gaussians(runs: Int, classes: Int, dimension: Int, precision: Double, key: Key) -> Mixture {
      Mixture(
        means: .unitVectors([runs, classes, dimension], key: key), classes: (0..<Int32(classes)).map { $0 }, precision: precision)
    }

    /// Clusters at mu and -mu of class 1, at nu and -nu of class 0, with mu and nu orthogonal.
    package static func exclusiveOr(runs: Int, dimension: Int, precision: Double, key: Key) -> Mixture {
      let pairs = Tensor.stack(key.split(runs).map { Tensor<Double>.orthogonal([2, dimension], key: $0) })
      let signs = Tensor<Double>(shape: [4, 2], [1, 0, -1, 0, 0, 1, 0, -1])
      return Mixture(means: matmul(signs, pairs), classes: [1, 1, 0, 0], precision: precision)
    }

    package func sample(_ count: Int, key: Key) -> Sample {
      let (runs, d) = (means.shape[0], means.shape[2])
      let clusters = Tensor<Int32>.integers([runs, count], in: 0..<Int32(classes.count), key: key.named("clusters"))
      let noise = Tensor<Double>.normal([runs, count, d], key: key.named("noise")) / precision.squareRoot()
      return Sample(
        inputs: matmul(.oneHot(clusters, classes: classes.count), means) + noise, labels: Tensor(classes).gather(clusters))
    }
  }

  /// Points of every run.
  package struct Sample: TensorTree {
    /// [runs, count, d].
    package var inputs: Tensor<Double>
    /// [runs, count].
    package var labels: Tensor<Int32>

    package init(inputs: Tensor<Double>, labels: Tensor<Int32>) { (self.inputs, self.labels) = (inputs, labels) }
  }

  /// One layer: class probabilities softmax(W x).
  package struct SoftmaxLayer: TensorTree, Codable {
    /// W, [runs, k, d].
    package var weights: Tensor<Double>

    package init(weights: Tensor<Double>) { self.weights = weights }

    package func probabilities(_ inputs: Tensor<Double>) -> Tensor<Double> {
      matmul(inputs, weights, transposeB: true).softmax()
    }

    /// W <- W - delta (p - e_y) x^T.
    package func stepped(on sample: Sample, rate: Double) -> SoftmaxLayer {
      SoftmaxLayer(weights: weights - rate * matmul(residuals(sample), sample.inputs, transposeA: true))
    }

    /// sqrt(p_c (1 - p_c)) x: their second moment is the block H_c of the Hessian, [runs, points, d].
    package func hessianRows(_ c: Int, _ sample: Sample) -> Tensor<Double> {
      let p = probabilities(sample.inputs).slice(All(), All(), c..<c + 1)
      return (p * (1 - p)).sqrt() * sample.inputs
    }

    /// (p_c - 1[y = c]) x: their second moment is the block G_c of the gradients.
    package func gradientRows(_ c: Int, _ sample: Sample) -> Tensor<Double> {
      residuals(sample).slice(All(), All(), c..<c + 1) * sample.inputs
    }

    /// The share of points whose class is the most probable one, [runs].
    package func accuracy(_ sample: Sample) -> Tensor<Double> {
      (probabilities(sample.inputs).argmax() .== sample.labels).converted(to: Double.self).mean(-1)
    }

    private func residuals(_ sample: Sample) -> Tensor<Double> {
      probabilities(sample.inputs) - .oneHot(sample.labels, classes: weights.shape[1])
    }
  }

  /// Two layers: log-odds v . relu(W x).
  package struct ReLUNetwork: TensorTree, Codable {
    /// W, [runs, K, d].
    package var first: Tensor<Double>
    /// v, [runs, K].
    package var second: Tensor<Double>

    package init(first: Tensor<Double>, second: Tensor<Double>) { (self.first, self.second) = (first, second) }

    /// [runs, points].
    package func outputs(_ inputs: Tensor<Double>) -> Tensor<Double> { outputs(of: preactivations(inputs)) }

    /// One step on the logistic loss plus beta / 2 (||W||² + ||v||²).
    package func stepped(on sample: Sample, rate: Double, decay: Double) -> ReLUNetwork {
      let h = preactivations(sample.inputs)
      let residual = (outputs(of: h).sigmoid() - sample.labels.converted(to: Double.self)).expandingDimensions(2)
      let back = residual * second.expandingDimensions(1) * isActive(h)
      return ReLUNetwork(
        first: first - rate * (matmul(back, sample.inputs, transposeA: true) + decay * first),
        second: second - rate * ((residual * h.relu()).sum(1) + decay * second))
    }

    /// sqrt(s (1 - s)) v_i 1[w_i x > 0] x with s = sigmoid(output): the block of w_i in the Hessian is their second moment.
    package func firstLayerRows(_ unit: Int, _ inputs: Tensor<Double>) -> Tensor<Double> {
      let h = preactivations(inputs)
      let slopes = second.expandingDimensions(1) * isActive(h) * curvature(of: h)
      return slopes.slice(All(), All(), unit..<unit + 1) * inputs
    }

    /// sqrt(s (1 - s)) relu(W x), likewise for v: [runs, points, K].
    package func secondLayerRows(_ inputs: Tensor<Double>) -> Tensor<Double> {
      let h = preactivations(inputs)
      return curvature(of: h) * h.relu()
    }

    /// The share of points on their side, [runs].
    package func accuracy(_ sample: Sample) -> Tensor<Double> {
      ((outputs(sample.inputs) .> 0) .== (sample.labels .> 0)).converted(to: Double.self).mean(-1)
    }

    private func preactivations(_ inputs: Tensor<Double>) -> Tensor<Double> { matmul(inputs, first, transposeB: true) }
    private func outputs(of h: Tensor<Double>) -> Tensor<Double> { (h.relu() * second.expandingDimensions(1)).sum(-1) }
    private func isActive(_ h: Tensor<Double>) -> Tensor<Double> { (h .> 0).converted(to: Double.self) }

    private func curvature(of h: Tensor<Double>) -> Tensor<Double> {
      let s = outputs(of: h).sigmoid()
      return (s * (1 - s)).sqrt().expandingDimensions(2)
    }
  }

  /// |<w, v_j>| / ||w|| for orthonormal v_j: rows of `vectors` [runs, count, d], w [runs, d]. Their squares add up to the squared alignment
  /// of w with the span.
  package static func components(of w: Tensor<Double>, along vectors: Tensor<Double>) -> Tensor<Double> {
    matmul(vectors, w.expandingDimensions(2)).squeezed(2).abs() / w.norm(-1, keepingAxes: true)
  }
}
