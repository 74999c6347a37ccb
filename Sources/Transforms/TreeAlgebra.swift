import Tensors

/// Trees of floating-point tensors as vectors. Inner products are summed in Double.
extension TensorTree {
  package func inner(_ other: Self) -> Double {
    zip(tensors, other.tensors).map { a, b in
      guard a.scalarType == .float || a.scalarType == .double else {
        fatalError("TensorTree: a tree with a tensor of \(a.scalarType) is no vector; leave it out")
      }
      return Tensor<Double>(a.converted(to: .double)).dot(Tensor<Double>(b.converted(to: .double))).scalar
    }.reduce(0, +)
  }

  package var magnitude: Double { inner(self).squareRoot() }

  package func adding(_ other: Self) -> Self { combined(with: other) { $0 + $1 } }

  package func adding(_ factor: Double, _ other: Self) -> Self { combined(with: other) { $0 + $1 * factor } }

  package func scaled(by factor: Double) -> Self { mapTensors { $0 * factor } }

  package func scaled(by factor: Tensor<Double>) -> Self {
    mapTensors { $0 * AnyTensor(factor).converted(to: $0.scalarType) }
  }

  /// Leaf by leaf.
  package func combined(with other: Self, _ combine: (AnyTensor, AnyTensor) -> AnyTensor) -> Self {
    replacingTensors(zip(tensors, other.tensors).map(combine))
  }

  /// The largest absolute difference of two entries.
  package func largestDifference(from other: Self) -> Tensor<Double> {
    combined(with: other) { $0 - $1 }.tensors.reduce(Tensor(0)) {
      maximum($0, Tensor<Double>($1.converted(to: .double)).abs().max())
    }
  }

  /// The zero vector like this one.
  package var zeros: Self { scaled(by: 0) }

  /// Element `i` of a batch of trees along the first axis of every tensor.
  package func element(_ i: Int) -> Self {
    mapTensors { $0.slice(axis: 0, i..<i + 1).reshaped(Array($0.shape.dropFirst())) }
  }
}

extension Array where Element: TensorTree {
  /// One tree whose tensors have these trees' tensors along a new first axis: what `vmap` takes.
  package func stacked() -> Element {
    let leaves = map(\.tensors)
    return self[0].replacingTensors(leaves[0].indices.map { leaf in AnyTensor.stack(leaves.map { $0[leaf] }) })
  }
}
