import ComplexModule

/// A tensor whose scalar type is known only at run time: what primitives take and give, and what trees of tensors consist of.
///
/// It is either known, with memory, or traced: an output of a node of the graph that a transform is recording.
public struct AnyTensor: Sendable {
  /// The type of the scalars.
  public let scalarType: ScalarType
  /// The extent of each axis.
  public let shape: [Int]
  package var storage: TensorStorage

  package init(_ signature: Signature, storage: TensorStorage) {
    self.scalarType = signature.scalarType
    self.shape = signature.shape
    self.storage = storage
  }

  /// Memory that nobody has written to.
  package init(uninitialized signature: Signature) {
    self.init(signature, storage: TensorStorage(byteCount: signature.byteCount))
  }

  /// The type-erased `tensor`, sharing its memory.
  public init<Scalar>(_ tensor: Tensor<Scalar>) {
    self.scalarType = Scalar.scalarType
    self.shape = tensor.shape
    self.storage = tensor.storage
  }

  package var signature: Signature { Signature(scalarType, shape) }
  package var rank: Int { shape.count }
  package var count: Int { elementCount(shape) }

  /// The node output that this tensor stands for; nil for a tensor with memory.
  package var traced: TracedValue? { storage.base == nil ? unsafeDowncast(storage, to: TracedValue.self) : nil }
  package var isTraced: Bool { storage.base == nil }
  package var memory: UnsafeMutableRawPointer { storage.memory }

  /// Every scalar equal to `value`, which is rounded to the scalar type.
  package static func full(_ signature: Signature, _ value: Double) -> AnyTensor {
    switch signature.scalarType {
    case .float: AnyTensor(Tensor<Float>.full(signature.shape, Float(value)))
    case .double: AnyTensor(Tensor<Double>.full(signature.shape, value))
    case .int32: AnyTensor(Tensor<Int32>.full(signature.shape, Int32(value)))
    case .uint32: AnyTensor(Tensor<UInt32>.full(signature.shape, UInt32(value)))
    case .bool: AnyTensor(Tensor<Bool>.full(signature.shape, value != 0))
    case .complexFloat: AnyTensor(Tensor<Complex<Float>>.full(signature.shape, Complex(Float(value))))
    case .complexDouble: AnyTensor(Tensor<Complex<Double>>.full(signature.shape, Complex(value)))
    }
  }

  /// Zeros of the same signature, as a rank-0 constant that is broadcast.
  package static func zeros(_ signature: Signature) -> AnyTensor {
    constant(0, signature.scalarType).broadcast(to: signature.shape)
  }

  /// A rank-0 constant.
  package static func constant(_ value: Double, _ scalarType: ScalarType) -> AnyTensor { full(Signature(scalarType, []), value) }
}

extension Tensor {
  /// The typed view of `tensor`; stops if its scalars are of another type.
  public init(_ tensor: AnyTensor) {
    guard tensor.scalarType == Scalar.scalarType else {
      fatalError("Tensor<\(Scalar.self)>: made of a tensor of \(tensor.scalarType)")
    }
    self.init(shape: tensor.shape, count: elementCount(tensor.shape), storage: tensor.storage)
  }

  /// Whether the numbers are still unknown, because a transform is recording.
  public var isTraced: Bool { storage.base == nil }
}
