import Tensors

/// One leaf, the 128 bits: keys that are arguments of transformed functions are not constants.
extension Key: TensorTree {
  /// Appends the words.
  public func flatten(into leaves: inout TreeLeaves) { leaves.append(words) }
  /// Takes the next tensor for the words.
  public mutating func replaceTensors(from leaves: inout TreeLeaves) { self = Key(words: leaves.takeNext()) }
}
