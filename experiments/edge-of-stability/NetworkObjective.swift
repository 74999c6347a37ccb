import Networks
import Tensors
import Transforms

/// The loss of a classifying network on some points as a function of all its parameters as one vector, for what looks at its Hessian.
package struct NetworkObjective {
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

  /// At one point: a number, [parameters] and [parameters, parameters].
  package struct Derivatives: TensorTree {
    package var loss, gradient, hessian: Tensor<Double>
  }
}
