extension Tensor where Scalar: RealScalar {
  @inline(__always)
  static func combine(
    _ a: Tensor, _ b: Tensor, _ name: String, _ operation: @escaping @Sendable (Scalar, Scalar) -> Scalar
  ) -> Tensor {
    defer { withExtendedLifetime((a, b)) {} }
    if a.shape == b.shape {
      var result = Tensor(uninitialized: a.shape)
      Elementwise.combine(a.pointer, 1, b.pointer, 1, result.mutablePointer, a.count, operation)
      return result
    }
    let broadcast = Broadcast(a.shape, b.shape, operation: name)
    var result = Tensor(uninitialized: broadcast.shape)
    let target = result.mutablePointer
    broadcast.forEachRun { offsetA, stepA, offsetB, stepB, offset, count in
      Elementwise.combine(a.pointer + offsetA, stepA, b.pointer + offsetB, stepB, target + offset, count, operation)
    }
    return result
  }

  /// `a = operation(a, b)` without an allocation when `a` is the only owner of its memory.
  @inline(__always)
  static func update(
    _ a: inout Tensor, _ b: Tensor, _ name: String, _ operation: @escaping @Sendable (Scalar, Scalar) -> Scalar
  ) {
    defer { withExtendedLifetime(b) {} }
    let target = a.mutablePointer
    if a.shape == b.shape { return Elementwise.combine(target, 1, b.pointer, 1, target, a.count, operation) }
    let broadcast = Broadcast(a.shape, b.shape, operation: name)
    guard broadcast.shape == a.shape else {
      fatalError("Tensor.\(name): shape \(b.shape) does not fit into \(a.shape), which cannot grow in place")
    }
    broadcast.forEachRun { offsetA, _, offsetB, stepB, offset, count in
      Elementwise.combine(target + offsetA, 1, b.pointer + offsetB, stepB, target + offset, count, operation)
    }
  }

  @inline(__always)
  static func combine(
    _ a: Tensor, scalar b: Scalar, _ operation: @escaping @Sendable (Scalar, Scalar) -> Scalar
  ) -> Tensor {
    defer { withExtendedLifetime(a) {} }
    var result = Tensor(uninitialized: a.shape)
    withUnsafePointer(to: b) { Elementwise.combine(a.pointer, 1, $0, 0, result.mutablePointer, a.count, operation) }
    return result
  }

  @inline(__always)
  static func update(_ a: inout Tensor, scalar b: Scalar, _ operation: @escaping @Sendable (Scalar, Scalar) -> Scalar) {
    let target = a.mutablePointer
    withUnsafePointer(to: b) { Elementwise.combine(target, 1, $0, 0, target, a.count, operation) }
  }
}
