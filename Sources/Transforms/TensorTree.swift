import Tensors

/// A value made of tensors: the parameters of a model, the state of an optimizer, a batch of data.
///
///     struct Perceptron: TensorTree { var weights: [Tensor<Float>]; var biases: [Tensor<Float>]; var activation: Activation }
///
/// Tensors, arrays, optionals and dictionaries of trees are trees, and a struct becomes one by its declaration alone: its stored
/// properties are visited in the order in which they are written. Properties that hold no tensors, such as a width or an activation,
/// are constants of a transformed function; they must be Hashable, so that `compile` can tell one value from another. Classes,
/// enumerations with payloads and private layouts must write the two requirements themselves.
public protocol TensorTree {
  /// Appends the tensors, and the constants between them, in a fixed order.
  func flatten(into leaves: inout TreeLeaves)
  /// Replaces the tensors, in the order of `flatten`, by the next ones of `leaves`.
  mutating func replaceTensors(from leaves: inout TreeLeaves)
}

/// The tensors of a tree in order, and its constants.
public struct TreeLeaves {
  /// The tensors.
  public private(set) var tensors: [AnyTensor]
  /// What else the tree holds: two calls of a compiled function with equal constants and equal shapes share a plan.
  public private(set) var constants: [AnyHashable] = []
  private var next = 0

  /// To be filled by `flatten`, or read by `replaceTensors`.
  public init(_ tensors: [AnyTensor] = []) { self.tensors = tensors }

  /// One more tensor.
  public mutating func append(_ tensor: AnyTensor) { tensors.append(tensor) }

  /// One more constant.
  public mutating func append(constant: AnyHashable) { constants.append(constant) }

  /// The next tensor for `replaceTensors`.
  public mutating func takeNext() -> AnyTensor {
    guard next < tensors.count else { fatalError("TensorTree: the tree has more tensors than were given") }
    next += 1
    return tensors[next - 1]
  }
}

extension TensorTree {
  /// The tensors in order.
  public var tensors: [AnyTensor] {
    var leaves = TreeLeaves()
    flatten(into: &leaves)
    return leaves.tensors
  }

  /// The same tree with other tensors.
  public func replacingTensors(_ tensors: [AnyTensor]) -> Self {
    var result = self
    var leaves = TreeLeaves(tensors)
    result.replaceTensors(from: &leaves)
    return result
  }

  /// The same tree with `transform` of each tensor.
  public func mapTensors(_ transform: (AnyTensor) -> AnyTensor) -> Self { replacingTensors(tensors.map(transform)) }
}

extension Tensor: TensorTree {
  /// One leaf.
  public func flatten(into leaves: inout TreeLeaves) { leaves.append(AnyTensor(self)) }
  /// Takes the next tensor.
  public mutating func replaceTensors(from leaves: inout TreeLeaves) { self = Tensor(leaves.takeNext()) }
}

extension Array: TensorTree where Element: TensorTree {
  /// The number of elements, a constant, and each element.
  public func flatten(into leaves: inout TreeLeaves) {
    leaves.append(constant: count)
    for element in self { element.flatten(into: &leaves) }
  }

  /// Replaces the tensors of each element; their number stays.
  public mutating func replaceTensors(from leaves: inout TreeLeaves) {
    for i in indices { self[i].replaceTensors(from: &leaves) }
  }
}

extension Optional: TensorTree where Wrapped: TensorTree {
  /// Whether there is a value, a constant, and the value.
  public func flatten(into leaves: inout TreeLeaves) {
    leaves.append(constant: self != nil)
    self?.flatten(into: &leaves)
  }

  /// Replaces the tensors of the value, if there is one.
  public mutating func replaceTensors(from leaves: inout TreeLeaves) { self?.replaceTensors(from: &leaves) }
}

/// In ascending order of the keys.
extension Dictionary: TensorTree where Key: Comparable, Value: TensorTree {
  /// Each key, a constant, and its value.
  public func flatten(into leaves: inout TreeLeaves) {
    for key in keys.sorted() {
      leaves.append(constant: key)
      self[key]?.flatten(into: &leaves)
    }
  }

  /// Replaces the tensors of each value; the keys stay.
  public mutating func replaceTensors(from leaves: inout TreeLeaves) {
    for key in keys.sorted() { self[key]?.replaceTensors(from: &leaves) }
  }
}
