/// Kernels that move scalars: between shapes, windows and places given by indices.
extension Kernel {
  /// Copies the scalars.
  package static func identity(_ signature: Signature) -> Kernel {
    let bytes = signature.byteCount
    return Kernel { inputs, outputs, _ in outputs[0].copyMemory(from: inputs[0], byteCount: bytes) }
  }

  /// Copies `extents` scalars from one strided place to another.
  init(copying scalarType: ScalarType, extents: [Int], source: Strided, target: Strided) {
    let copy = StridedCopy(
      extents: extents, sourceStrides: source.strides, targetStrides: target.strides, sourceOffset: source.offset,
      targetOffset: target.offset)
    switch scalarType.byteCount {
    case 1: self = .typed { (x: UnsafePointer<UInt8>, y) in copy.run(x, y) }
    case 4: self = .typed { (x: UnsafePointer<Float>, y) in copy.run(x, y) }
    case 8: self = .typed { (x: UnsafePointer<Double>, y) in copy.run(x, y) }
    default: self = .typed { (x: UnsafePointer<SIMD2<UInt64>>, y) in copy.run(x, y) }
    }
  }

  /// Row-major to row-major with other axes: axis i of the result is axis `axes[i]` of the input.
  init(permuting input: Signature, axes: [Int]) {
    let extents = axes.map { input.shape[$0] }
    let strides = Strided.whole(input.shape).strides
    self.init(
      copying: input.scalarType, extents: extents, source: Strided(strides: axes.map { strides[$0] }), target: .whole(extents))
  }

  /// Rows of `x` at `count` indices.
  static func gatherRows(_ x: Signature, _ count: Int) -> Kernel {
    let rows = x.shape[0]
    let width = elementCount(Array(x.shape.dropFirst()))
    func kernel<Word: BitwiseCopyable & SendableMetatype>(_ type: Word.Type) -> Kernel {
      Kernel { inputs, outputs, _ in
        Gather.rows(
          UnsafePointer(inputs[0].assumingMemoryBound(to: Word.self)), rows: rows,
          UnsafePointer(inputs[1].assumingMemoryBound(to: Int32.self)), count: count, width: width,
          outputs[0].assumingMemoryBound(to: Word.self))
      }
    }
    return switch x.scalarType.byteCount {
    case 1: kernel(UInt8.self)
    case 4: kernel(Float.self)
    case 8: kernel(Double.self)
    default: kernel(SIMD2<UInt64>.self)
    }
  }

  /// Adds `count` rows to a result of zeros at their indices.
  static func scatterAddRows(_ y: Signature, _ count: Int) -> Kernel {
    let (rows, bytes) = (y.shape[0], y.byteCount)
    let width = elementCount(Array(y.shape.dropFirst()))
    func kernel<S: Numeric & BitwiseCopyable & SendableMetatype>(_ type: S.Type) -> Kernel {
      Kernel { inputs, outputs, _ in
        outputs[0].initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        ScatterAdd.rows(
          UnsafePointer(inputs[0].assumingMemoryBound(to: S.self)), UnsafePointer(inputs[1].assumingMemoryBound(to: Int32.self)),
          count: count, rows: rows, width: width, outputs[0].assumingMemoryBound(to: S.self))
      }
    }
    return switch y.scalarType {
    case .float: kernel(Float.self)
    case .double: kernel(Double.self)
    case .int32: kernel(Int32.self)
    default: fatalError("Tensor.scatterAdd: not defined for tensors of \(y.scalarType)")
    }
  }

  /// source[o, indices[o, i, j], j] for a view of the source along an axis.
  static func takeAlongAxis(_ scalarType: ScalarType, _ view: AxisView, count: Int) -> Kernel {
    func kernel<Word: BitwiseCopyable & SendableMetatype>(_ type: Word.Type) -> Kernel {
      Kernel { inputs, outputs, _ in
        Gather.takeAlongAxis(
          UnsafePointer(inputs[0].assumingMemoryBound(to: Word.self)), outer: view.outer, extent: view.extent, inner: view.inner,
          UnsafePointer(inputs[1].assumingMemoryBound(to: Int32.self)), count: count,
          outputs[0].assumingMemoryBound(to: Word.self))
      }
    }
    return switch scalarType.byteCount {
    case 1: kernel(UInt8.self)
    case 4: kernel(Float.self)
    case 8: kernel(Double.self)
    default: kernel(SIMD2<UInt64>.self)
    }
  }

  /// Adds to a result of zeros at indices along an axis.
  static func scatterAddAlongAxis(_ scalarType: ScalarType, _ view: AxisView, count: Int) -> Kernel {
    let bytes = view.outer * view.extent * view.inner * scalarType.byteCount
    func kernel<S: Numeric & BitwiseCopyable & SendableMetatype>(_ type: S.Type) -> Kernel {
      Kernel { inputs, outputs, _ in
        outputs[0].initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        ScatterAdd.alongAxis(
          UnsafePointer(inputs[0].assumingMemoryBound(to: S.self)), outer: view.outer, extent: view.extent, inner: view.inner,
          UnsafePointer(inputs[1].assumingMemoryBound(to: Int32.self)), count: count, outputs[0].assumingMemoryBound(to: S.self))
      }
    }
    return switch scalarType {
    case .float: kernel(Float.self)
    case .double: kernel(Double.self)
    case .int32: kernel(Int32.self)
    default: fatalError("Tensor.scatterAddAlongAxis: not defined for tensors of \(scalarType)")
    }
  }
}
