import Tensors
import Transforms

/// Trees of floating-point tensors as vectors. Inner products are summed in Double.
extension TensorTree {
  func inner(_ other: Self) -> Double {
    zip(tensors, other.tensors).map { a, b in
      switch a.scalarType {
      case .float: Double(Tensor<Float>(a).dot(Tensor<Float>(b)).scalar)
      case .double: Tensor<Double>(a).dot(Tensor<Double>(b)).scalar
      default: fatalError("Solvers: a tree with a tensor of \(a.scalarType) is no vector; leave it out")
      }
    }.reduce(0, +)
  }

  var magnitude: Double { inner(self).squareRoot() }

  func adding(_ factor: Double, _ other: Self) -> Self {
    replacingTensors(zip(tensors, other.tensors).map { $0 + $1 * factor })
  }

  func scaled(by factor: Double) -> Self { mapTensors { $0 * factor } }
}
