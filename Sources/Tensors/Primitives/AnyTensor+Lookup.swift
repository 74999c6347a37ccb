extension AnyTensor {
  /// The rows of this tensor, [rows, ...], at `indices` (Int32) of any shape: [indices..., ...].
  package func rows(at indices: AnyTensor) -> AnyTensor { GatherRows()(self, indices) }

  /// The index of the largest scalar along an axis, which disappears; the first of equals.
  package func indexOfMaximum(axis: Int) -> AnyTensor { ArgumentOfExtremum(axis: axis, isMaximum: true)(self) }
}
