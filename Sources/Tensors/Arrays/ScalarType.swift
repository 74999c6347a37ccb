/// The scalar type of a tensor whose type is known only at run time.
public enum ScalarType: String, Sendable, Hashable, CaseIterable {
  case float, double, int32, uint32, bool, complexFloat, complexDouble

  /// Bytes of one scalar.
  public var byteCount: Int {
    switch self {
    case .bool: 1
    case .float, .int32, .uint32: 4
    case .double, .complexFloat: 8
    case .complexDouble: 16
    }
  }

  /// Types with derivatives. Integers and booleans have none: gradients stop at them.
  public var isDifferentiable: Bool {
    switch self {
    case .float, .double, .complexFloat, .complexDouble: true
    case .int32, .uint32, .bool: false
    }
  }

  package var isComplex: Bool { self == .complexFloat || self == .complexDouble }

  /// The type of the real and the imaginary part; a real type is its own.
  package var realType: ScalarType {
    switch self {
    case .complexFloat: .float
    case .complexDouble: .double
    default: self
    }
  }

  /// The complex type whose parts are of this type.
  package var complexType: ScalarType {
    switch self {
    case .float: .complexFloat
    case .double: .complexDouble
    default: self
    }
  }
}

/// Shape and scalar type: what is known of a tensor before it has values.
public struct Signature: Sendable, Hashable, CustomStringConvertible {
  /// The type of the scalars.
  public let scalarType: ScalarType
  /// The extent of each axis.
  public let shape: [Int]

  package init(_ scalarType: ScalarType, _ shape: [Int]) {
    self.scalarType = scalarType
    self.shape = shape
  }

  package var rank: Int { shape.count }
  package var count: Int { elementCount(shape) }
  package var byteCount: Int { count * scalarType.byteCount }

  func with(shape: [Int]) -> Signature { Signature(scalarType, shape) }
  func with(_ scalarType: ScalarType) -> Signature { Signature(scalarType, shape) }

  /// "float[2, 3]".
  public var description: String { "\(scalarType)\(shape)" }
}
