/// A sum of which one term or both are products, as one loop: what multiplications and the addition that reads them become where
/// nobody else does. Every operation is rounded by itself, so the bits are those of three loops; what is saved is that the products
/// are written and read.
package enum ProductSum: Sendable {
  /// a b + c d.
  case both
  /// a b + c.
  case first
  /// a + b c.
  case second

  /// The loop over operands of this type; nil for others than Float and Double.
  package func loop(_ type: ScalarType) -> ElementLoop? {
    switch type {
    case .float: loop(SIMD16<Float>.self)
    case .double: loop(SIMD8<Double>.self)
    default: nil
    }
  }

  @inline(always)
  private func loop<Lanes: SIMD & BitwiseCopyable & SendableMetatype>(_ lanes: Lanes.Type) -> ElementLoop
  where Lanes.Scalar: BinaryFloatingPoint {
    // A term that is no product is one with 1, which changes no number: one loop serves all.
    switch self {
    case .both: ElementLoop { run(Lanes.self, $0[0], $0[1], $0[2], $0[3], $1, $2) }
    case .first:
      ElementLoop { operands, y, count in
        withOne(Lanes.self) { run(Lanes.self, operands[0], operands[1], operands[2], $0, y, count) }
      }
    case .second:
      ElementLoop { operands, y, count in
        withOne(Lanes.self) { run(Lanes.self, operands[0], $0, operands[1], operands[2], y, count) }
      }
    }
  }
}

@inline(always)
private func withOne<Lanes: SIMD>(_ lanes: Lanes.Type, _ body: (Operand) -> Void) where Lanes.Scalar: BinaryFloatingPoint {
  withUnsafePointer(to: Lanes.Scalar(1)) { body(Operand(UnsafeRawPointer($0), step: 0)) }
}

/// y = a b + c d.
@inline(always)
private func run<Lanes: SIMD & BitwiseCopyable>(
  _ lanes: Lanes.Type, _ a: Operand, _ b: Operand, _ c: Operand, _ d: Operand, _ y: UnsafeMutableRawPointer, _ count: Int
) where Lanes.Scalar: BinaryFloatingPoint {
  if count == 0 { return }
  let (size, width) = (MemoryLayout<Lanes.Scalar>.stride, MemoryLayout<Lanes>.size)
  withUnsafeTemporaryAllocation(of: Lanes.self, capacity: 4) { repeated in
    // A repeated number is a vector of copies that is read again and again.
    func start(_ x: Operand, _ i: Int) -> (pointer: UnsafeRawPointer, stride: Int) {
      if x.step == 1 { return (x.pointer, width) }
      repeated[i] = Lanes(repeating: x.pointer.load(as: Lanes.Scalar.self))
      return (UnsafeRawPointer(repeated.baseAddress! + i), 0)
    }
    var (p, q, r, s) = (start(a, 0), start(b, 1), start(c, 2), start(d, 3))
    @inline(always) func load(_ x: (pointer: UnsafeRawPointer, stride: Int)) -> Lanes { x.pointer.loadUnaligned(as: Lanes.self) }
    var i = 0
    while i + Lanes.scalarCount <= count {
      let value = load(p) * load(q) + load(r) * load(s)
      (y + i * size).storeBytes(of: value, as: Lanes.self)
      p.pointer += p.stride
      q.pointer += q.stride
      r.pointer += r.stride
      s.pointer += s.stride
      i += Lanes.scalarCount
    }
  }
  @inline(always) func number(_ x: Operand, _ i: Int) -> Lanes.Scalar {
    (x.pointer + i * x.step * size).loadUnaligned(as: Lanes.Scalar.self)
  }
  for i in count / Lanes.scalarCount * Lanes.scalarCount..<count {
    (y + i * size).storeBytes(of: number(a, i) * number(b, i) + number(c, i) * number(d, i), as: Lanes.Scalar.self)
  }
}

extension Primitive {
  /// Whether this is the product of two operands, element by element.
  package var isProduct: Bool { (self as? Binary)?.function == .multiply }
  /// Whether this is the sum of two operands, element by element.
  package var isSum: Bool { (self as? Binary)?.function == .add }
}
