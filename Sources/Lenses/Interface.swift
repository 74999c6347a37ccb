import Tensors
import Transforms

/// An object of the category of lenses: values that flow forwards, and changes of them that flow backwards.
///
/// No value of an interface is ever made; it names two types. `Wire<Tensor<Double>>` is the interface of a layer: activations one way,
/// gradients the other.
public protocol Interface {
  /// What flows forwards.
  associatedtype Value
  /// What flows backwards.
  associatedtype Change
}

/// The interface (Value, Change).
public enum Port<Value, Change>: Interface {}

/// An interface whose values and changes are of one type: a vector and its gradient, bits and their flips, an output and its target.
public typealias Wire<A> = Port<A, A>

/// The tensor product of two interfaces: both side by side.
public typealias Both<A: Interface, B: Interface> = Port<Pair<A.Value, B.Value>, Pair<A.Change, B.Change>>

/// The unit of the tensor product: nothing flows either way.
public typealias Closed = Wire<Unit>

/// Two values as one; a tree of tensors when both are.
public struct Pair<First, Second> {
  /// The left one.
  public var first: First
  /// The right one.
  public var second: Second

  /// A pair.
  public init(_ first: First, _ second: Second) { (self.first, self.second) = (first, second) }
}

extension Pair: TensorTree where First: TensorTree, Second: TensorTree {}
extension Pair: Encodable where First: Encodable, Second: Encodable {}
extension Pair: Decodable where First: Decodable, Second: Decodable {}
extension Pair: Equatable where First: Equatable, Second: Equatable {}
extension Pair: Hashable where First: Hashable, Second: Hashable {}
extension Pair: Sendable where First: Sendable, Second: Sendable {}

/// The one value of a type that says nothing: the parameters of what has none.
public struct Unit: TensorTree, Codable, Hashable, Sendable {
  /// It.
  public init() {}
}
