import Tensors
import Transforms

/// The tensors of a model as one vector: what update rules are written with.
///
///     state.m = beta1 * state.m + (1 - beta1) * gradient
///     return -learningRate * state.m / (state.v.sqrt() + epsilon)
///
/// Operators and functions work tensor by tensor and element by element. Between two lists the tensors of each pair are broadcast, so
/// a list of rank-0 tensors (the norm of each tensor, say) multiplies each tensor by a number of its own; a single tensor and a
/// number are broadcast to all. Numbers are Double and rounded to the scalar type where they are used.
public struct TensorList<Scalar: RealScalar>: TensorTree, Codable, Sendable, Equatable {
  /// The tensors, in the order of the tree they come from.
  public var elements: [Tensor<Scalar>]

  /// The tensors of a list.
  public init(_ elements: [Tensor<Scalar>]) { self.elements = elements }

  /// The tensors of a model, all of which must be of type `Scalar`.
  public init<Model: TensorTree>(of model: Model) {
    elements = model.tensors.map { tensor in
      guard tensor.scalarType == Scalar.scalarType else {
        fatalError(
          "TensorList: a tensor of \(tensor.scalarType) in a model of \(Scalar.scalarType); only parameters can be updated")
      }
      return Tensor(tensor)
    }
  }

  /// Number of tensors.
  public var count: Int { elements.count }

  /// Zeros of the same shapes.
  public var zeros: TensorList { TensorList(elements.map { .zeros($0.shape) }) }

  /// A rank-0 zero for each tensor.
  public var scalarZeros: TensorList { TensorList(elements.map { _ in Tensor(0) }) }

  /// `transform` of each tensor.
  public func map(_ transform: (Tensor<Scalar>) -> Tensor<Scalar>) -> TensorList { TensorList(elements.map(transform)) }

  /// `combine` of the tensors of two lists, pair by pair.
  public static func zip(
    _ a: TensorList, _ b: TensorList, _ combine: (Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>
  ) -> TensorList {
    guard a.count == b.count else { fatalError("TensorList: lists of \(a.count) and \(b.count) tensors") }
    return TensorList(Swift.zip(a.elements, b.elements).map(combine))
  }

  /// For each element of each tensor that of `a` where the condition, broadcast, holds, else that of `b`.
  public static func `where`(_ condition: Tensor<Bool>, _ a: TensorList, _ b: TensorList) -> TensorList {
    zip(a, b) { .where(condition, $0, $1) }
  }
}

extension TensorTree {
  /// The same tree with the tensors of a list.
  public func replacing<Scalar: RealScalar>(_ list: TensorList<Scalar>) -> Self {
    replacingTensors(list.elements.map { AnyTensor($0) })
  }
}

// MARK: Arithmetic

extension TensorList {
  /// Sum, pair by pair.
  public static func + (a: TensorList, b: TensorList) -> TensorList { zip(a, b) { $0 + $1 } }
  /// Difference, pair by pair.
  public static func - (a: TensorList, b: TensorList) -> TensorList { zip(a, b) { $0 - $1 } }
  /// Product, pair by pair.
  public static func * (a: TensorList, b: TensorList) -> TensorList { zip(a, b) { $0 * $1 } }
  /// Quotient, pair by pair.
  public static func / (a: TensorList, b: TensorList) -> TensorList { zip(a, b) { $0 / $1 } }
  /// Negation.
  public static prefix func - (a: TensorList) -> TensorList { a.map { -$0 } }

  /// Sum with one tensor, broadcast.
  public static func + (a: TensorList, b: Tensor<Scalar>) -> TensorList { a.map { $0 + b } }
  /// Difference from one tensor, broadcast.
  public static func - (a: Tensor<Scalar>, b: TensorList) -> TensorList { b.map { a - $0 } }
  /// Product with one tensor, broadcast.
  public static func * (a: Tensor<Scalar>, b: TensorList) -> TensorList { b.map { a * $0 } }
  /// Quotient by one tensor, broadcast.
  public static func / (a: TensorList, b: Tensor<Scalar>) -> TensorList { a.map { $0 / b } }

  /// Sum with a number.
  public static func + (a: TensorList, b: Double) -> TensorList { a.map { $0 + Scalar(b) } }
  /// Difference from a number.
  public static func - (a: Double, b: TensorList) -> TensorList { b.map { Scalar(a) - $0 } }
  /// Product with a number.
  public static func * (a: Double, b: TensorList) -> TensorList { b.map { Scalar(a) * $0 } }
  /// Quotient by a number.
  public static func / (a: TensorList, b: Double) -> TensorList { a.map { $0 / Scalar(b) } }
  /// Quotient of a number.
  public static func / (a: Double, b: TensorList) -> TensorList { b.map { Scalar(a) / $0 } }

  /// Element-wise square.
  public func square() -> TensorList { map { $0.square() } }
  /// Element-wise square root.
  public func sqrt() -> TensorList { map { $0.sqrt() } }
  /// Element-wise magnitude.
  public func abs() -> TensorList { map { $0.abs() } }
  /// Element-wise sign, 0 of 0.
  public func sign() -> TensorList { map { $0.sign() } }
  /// Element-wise power of what is not negative.
  public func power(_ exponent: Double) -> TensorList { map { $0.power(Scalar(exponent)) } }
  /// Element-wise larger one.
  public static func maximum(_ a: TensorList, _ b: TensorList) -> TensorList { zip(a, b) { Tensors.maximum($0, $1) } }
  /// Element-wise larger one of the element and a number.
  public func raised(to least: Double) -> TensorList { map { Tensors.maximum($0, Tensor(Scalar(least))) } }
}

// MARK: Norms

extension TensorList {
  /// The squared Euclidean norm of each tensor: rank-0 tensors.
  public var squaredNorms: TensorList { map { $0.squaredNorm() } }
  /// The Euclidean norm of each tensor: rank-0 tensors.
  public var norms: TensorList { map { $0.norm() } }
  /// The root mean square of each tensor: rank-0 tensors.
  public var rootMeanSquares: TensorList { map { $0.square().mean().sqrt() } }
  /// The inner product of each pair of tensors: rank-0 tensors.
  public func dots(_ other: TensorList) -> TensorList { .zip(self, other) { ($0 * $1).sum() } }

  /// The squared Euclidean norm of all together.
  public var squaredNorm: Tensor<Scalar> { squaredNorms.total }
  /// The Euclidean norm of all together.
  public var norm: Tensor<Scalar> { squaredNorm.sqrt() }
  /// The inner product of all together.
  public func dot(_ other: TensorList) -> Tensor<Scalar> { dots(other).total }
  /// The sum of all elements.
  public var total: Tensor<Scalar> { elements.reduce(Tensor(0)) { $0 + $1.sum() } }
  /// All elements as one vector, each tensor in row-major order.
  public var flattened: Tensor<Scalar> { .concatenate(elements.map { $0.reshaped([$0.count]) }) }
  /// Number of elements of all tensors.
  public var elementCount: Int { elements.reduce(0) { $0 + $1.count } }
}
