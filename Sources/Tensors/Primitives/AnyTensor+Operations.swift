import ComplexModule

/// The primitives as functions of tensors of any scalar type: what derivative and batching rules are written with.

extension AnyTensor {
  package static func + (a: AnyTensor, b: AnyTensor) -> AnyTensor { combine(.add, a, b) }
  package static func - (a: AnyTensor, b: AnyTensor) -> AnyTensor { combine(.subtract, a, b) }
  package static func * (a: AnyTensor, b: AnyTensor) -> AnyTensor { combine(.multiply, a, b) }
  package static func / (a: AnyTensor, b: AnyTensor) -> AnyTensor { combine(.divide, a, b) }
  package static func + (a: AnyTensor, b: Double) -> AnyTensor { a + constant(b, a.scalarType) }
  package static func - (a: AnyTensor, b: Double) -> AnyTensor { a - constant(b, a.scalarType) }
  package static func * (a: AnyTensor, b: Double) -> AnyTensor { a * constant(b, a.scalarType) }
  package static func / (a: AnyTensor, b: Double) -> AnyTensor { a / constant(b, a.scalarType) }
  package static func - (a: Double, b: AnyTensor) -> AnyTensor { constant(a, b.scalarType) - b }
  package static func / (a: Double, b: AnyTensor) -> AnyTensor { constant(a, b.scalarType) / b }
  package static prefix func - (a: AnyTensor) -> AnyTensor { a * -1 }

  /// An elementwise function of two operands with NumPy's broadcasting.
  static func combine(_ function: BinaryFunction, _ a: AnyTensor, _ b: AnyTensor) -> AnyTensor {
    guard a.scalarType == b.scalarType else {
      fatalError("Tensor.\(function.name): operands of \(a.scalarType) and \(b.scalarType); convert one of them")
    }
    let primitive = Binary(function)
    if a.shape == b.shape { return primitive(a, b) }
    if !a.isTraced, !b.isTraced { return broadcastLoop(primitive, a, b) }
    let shape = broadcastShape(a.shape, b.shape, operation: function.name)
    return primitive(a.recordingBroadcast(to: shape), b.recordingBroadcast(to: shape))
  }

  /// A broadcast beside a traced operand: recorded also for a constant, whose repetition need not be formed.
  private func recordingBroadcast(to shape: [Int]) -> AnyTensor {
    shape == self.shape ? self : BroadcastTo(shape: shape).record([self])[0]
  }

  /// Without forming the repeated operands.
  private static func broadcastLoop(_ primitive: Binary, _ a: AnyTensor, _ b: AnyTensor) -> AnyTensor {
    let broadcast = Broadcast(a.shape, b.shape, operation: primitive.name)
    let result = AnyTensor(uninitialized: primitive.outputs([a.signature.with(shape: broadcast.shape)])[0])
    broadcast.run(
      primitive.loop([a.scalarType, b.scalarType]), a.memory, b.memory, result.memory, operandSize: a.scalarType.byteCount,
      resultSize: result.scalarType.byteCount)
    withExtendedLifetime((a, b)) {}
    return result
  }

  /// The sum of what is there; nil stands for zeros.
  package static func sum(_ a: AnyTensor?, _ b: AnyTensor?) -> AnyTensor? {
    guard let a, let b else { return a ?? b }
    return a + b
  }

  package func exp() -> AnyTensor { Unary(.exp)(self) }
  package func log() -> AnyTensor { Unary(.log)(self) }
  package func sqrt() -> AnyTensor { Unary(.sqrt)(self) }
  package func sin() -> AnyTensor { Unary(.sin)(self) }
  package func cos() -> AnyTensor { Unary(.cos)(self) }
  package func tanh() -> AnyTensor { Unary(.tanh)(self) }
  package func sigmoid() -> AnyTensor { Unary(.sigmoid)(self) }
  package func sign() -> AnyTensor { Unary(.sign)(self) }
}

extension AnyTensor {
  package func reshaped(_ shape: [Int]) -> AnyTensor {
    if shape == self.shape { return self }
    if isTraced { return Reshape(shape: shape)(self) }
    _ = Reshape(shape: shape).outputs([signature])
    return AnyTensor(Signature(scalarType, shape), storage: storage)
  }

  package func broadcast(to shape: [Int]) -> AnyTensor { shape == self.shape ? self : BroadcastTo(shape: shape)(self) }

  package func permuted(_ axes: [Int]) -> AnyTensor { axes == Array(0..<rank) ? self : PermuteAxes(axes: axes)(self) }

  /// The last two axes exchanged.
  package var matrixTransposed: AnyTensor { permuted(Array(0..<rank - 2) + [rank - 1, rank - 2]) }

  /// With a new axis of extent 1 at `axis`.
  package func insertingAxis(_ axis: Int) -> AnyTensor {
    var shape = shape
    shape.insert(1, at: axis)
    return reshaped(shape)
  }

  package func slice(_ window: Window) -> AnyTensor {
    window == Window(whole: shape) ? self : Extract(window: window)(self)
  }

  /// Elements `range` of an axis.
  package func slice(axis: Int, _ range: Range<Int>) -> AnyTensor {
    var window = Window(whole: shape)
    window.starts[axis] = range.lowerBound
    window.extents[axis] = range.count
    return slice(window)
  }

  package func embedded(_ window: Window, in shape: [Int]) -> AnyTensor { Embed(window: window, shape: shape)(self) }

  /// Element `i` of the first axis, rank one less.
  package func element(_ i: Int) -> AnyTensor { slice(axis: 0, i..<i + 1).reshaped(Array(shape.dropFirst())) }

  package static func concatenate(_ parts: [AnyTensor], axis: Int) -> AnyTensor {
    parts.count == 1 ? parts[0] : Concatenate(axis: axis).apply(parts)[0]
  }

  package static func stack(_ parts: [AnyTensor]) -> AnyTensor { concatenate(parts.map { $0.insertingAxis(0) }, axis: 0) }

  /// Axis `source` moved to place `target`.
  package func movingAxis(_ source: Int, to target: Int) -> AnyTensor {
    var axes = Array(0..<rank)
    axes.insert(axes.remove(at: source), at: target)
    return permuted(axes)
  }
}

extension AnyTensor {
  package func sum(axes: [Int]) -> AnyTensor { reduced(.sum, axes) }

  /// Reduces the axes, neighbours together.
  func reduced(_ kind: Reduce.Kind, _ axes: [Int]) -> AnyTensor {
    var result = self
    var remaining = axes.sorted()[...]
    while let last = remaining.popLast() {
      var first = last
      while remaining.last == first - 1 { first = remaining.removeLast() }
      result = Reduce(kind: kind, axes: first..<last + 1)(result)
    }
    return result
  }

  package func softmax(axis: Int) -> AnyTensor { Softmax(axis: axis)(self) }

  package func equal(_ other: AnyTensor) -> AnyTensor { AnyTensor.combine(.equal, self, other) }

  /// Where this (Bool) is true `a`, else `b`; all three are broadcast.
  package func select(_ a: AnyTensor, _ b: AnyTensor) -> AnyTensor {
    let shape = broadcastShape(shape, broadcastShape(a.shape, b.shape, operation: "where"), operation: "where")
    return Select()(broadcast(to: shape), a.broadcast(to: shape), b.broadcast(to: shape))
  }

  package func converted(to scalarType: ScalarType) -> AnyTensor {
    scalarType == self.scalarType ? self : Convert(target: scalarType)(self)
  }

  /// The complex conjugate; a real tensor is its own.
  package func conjugate() -> AnyTensor { scalarType.isComplex ? Conjugate()(self) : self }
}
