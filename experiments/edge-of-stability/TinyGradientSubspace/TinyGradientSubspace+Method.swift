import Diagnostics
import Networks
import Tensors
import Transforms

extension TinyGradientSubspace {
  /// The gradient of the whole training set in the eigenvectors of the Hessian, at one point of a trajectory.
  package struct Spectrum {
    /// Of the Hessian, descending.
    package var eigenvalues: [Double]
    /// ||<v_i, g>||² / ||g||² in the same order: they sum to one.
    package var gradientShares: [Double]
    /// The eigenvectors of the largest eigenvalues in columns, [parameters, k].
    package var top: Tensor<Double>

    /// - Parameters:
    ///   - hessian: [parameters, parameters].
    ///   - gradient: [parameters].
    ///   - k: eigenvectors that are kept.
    /// - Throws: when the Hessian is not finite.
    package init(hessian: Tensor<Double>, gradient: Tensor<Double>, k: Int) throws {
      let (values, vectors) = try eigh(hessian)
      let count = values.count
      eigenvalues = values.scalars.reversed()
      let shares = matmul(vectors, gradient.expandingDimensions(1), transposeA: true).square() / gradient.square().sum()
      gradientShares = shares.scalars.reversed()
      top = vectors.slice(All(), count - k..<count)
    }

    /// f_top = ||P g||² / ||g||² for the projector P on the eigenvectors at some places; the bulk's for others than the first k.
    package func share(_ places: Range<Int>) -> Double { gradientShares[places].reduce(0, +) }
  }

  /// Points and the network, as functions of all parameters as one vector.
  package struct Objective {
    /// [points, dimension].
    package var inputs: Tensor<Double>
    /// [points].
    package var labels: Tensor<Int32>
    /// The shapes of the parameters.
    package var network: MLP<Double>

    package init(inputs: Tensor<Double>, labels: Tensor<Int32>, network: MLP<Double>) {
      (self.inputs, self.labels, self.network) = (inputs, labels, network)
    }

    /// The mean cross-entropy of some points.
    package func loss(_ parameters: Tensor<Double>, _ inputs: Tensor<Double>, _ labels: Tensor<Int32>) -> Tensor<Double> {
      crossEntropy(network.unraveled(parameters)(inputs), labels: labels)
    }

    /// Loss, gradient and Hessian of all points, compiled.
    package func derivatives() -> (Tensor<Double>) -> Derivatives {
      compile { (parameters: Tensor<Double>) in
        let whole = { loss($0, inputs, labels) }
        let first = valueAndGrad(whole)(parameters)
        return Derivatives(loss: first.value, gradient: first.gradient, hessian: Transforms.hessian(whole)(parameters))
      }
    }

    /// One step of SGD on a batch, compiled.
    package func step() -> (_ parameters: Tensor<Double>, _ rate: Tensor<Double>, _ batch: Tensor<Int32>) -> Tensor<Double> {
      compile { (parameters: Tensor<Double>, rate: Tensor<Double>, batch: Tensor<Int32>) in
        parameters - rate * grad { loss($0, inputs.gather(batch), labels.gather(batch)) }(parameters)
      }
    }
  }

  package struct Derivatives: TensorTree {
    package var loss, gradient, hessian: Tensor<Double>
  }
}
