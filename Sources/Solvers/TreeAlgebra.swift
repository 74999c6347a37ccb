import Tensors
import Transforms

/// Trees of floating-point tensors as vectors. Inner products are summed in Double.
extension TensorTree {
  func inner(_ other: Self) -> Double {
    zip(tensors, other.tensors).map { a, b in
      guard a.scalarType == .float || a.scalarType == .double else {
        fatalError("Solvers: a tree with a tensor of \(a.scalarType) is no vector; leave it out")
      }
      return Tensor<Double>(a.converted(to: .double)).dot(Tensor<Double>(b.converted(to: .double))).scalar
    }.reduce(0, +)
  }

  var magnitude: Double { inner(self).squareRoot() }

  func adding(_ factor: Double, _ other: Self) -> Self {
    replacingTensors(zip(tensors, other.tensors).map { $0 + $1 * factor })
  }

  func scaled(by factor: Double) -> Self { mapTensors { $0 * factor } }
}
