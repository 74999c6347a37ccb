/// Loops between the scalar types.
enum Conversions {
  static func loop(_ source: ScalarType, _ target: ScalarType) -> ElementLoop {
    switch (source, target) {
    case (.float, .double):
      ElementLoops.unary { Kernels.convert($0 as UnsafePointer<Float>, $1 as UnsafeMutablePointer<Double>, $2) }
    case (.double, .float):
      ElementLoops.unary { Kernels.convert($0 as UnsafePointer<Double>, $1 as UnsafeMutablePointer<Float>, $2) }
    case (.int32, .float):
      ElementLoops.unary { Kernels.convert($0 as UnsafePointer<Int32>, $1 as UnsafeMutablePointer<Float>, $2) }
    case (.int32, .double):
      ElementLoops.unary { Kernels.convert($0 as UnsafePointer<Int32>, $1 as UnsafeMutablePointer<Double>, $2) }
    case (.float, .int32):
      ElementLoops.unary { Kernels.convert($0 as UnsafePointer<Float>, $1 as UnsafeMutablePointer<Int32>, $2) }
    case (.double, .int32):
      ElementLoops.unary { Kernels.convert($0 as UnsafePointer<Double>, $1 as UnsafeMutablePointer<Int32>, $2) }
    case (.bool, .float): ElementLoops.unary { Kernels.convert($0 as UnsafePointer<Bool>, $1 as UnsafeMutablePointer<Float>, $2) }
    case (.bool, .double):
      ElementLoops.unary { Kernels.convert($0 as UnsafePointer<Bool>, $1 as UnsafeMutablePointer<Double>, $2) }
    case (.bool, .int32): ElementLoops.unary { Kernels.convert($0 as UnsafePointer<Bool>, $1 as UnsafeMutablePointer<Int32>, $2) }
    case (.float, .bool): ElementLoops.unary { Kernels.convert($0 as UnsafePointer<Float>, $1 as UnsafeMutablePointer<Bool>, $2) }
    case (.double, .bool):
      ElementLoops.unary { Kernels.convert($0 as UnsafePointer<Double>, $1 as UnsafeMutablePointer<Bool>, $2) }
    case (.int32, .bool): ElementLoops.unary { Kernels.convert($0 as UnsafePointer<Int32>, $1 as UnsafeMutablePointer<Bool>, $2) }
    default: fatalError("Tensor.converted: from \(source) to \(target) is not defined")
    }
  }
}

/// Typed kernels as loops over operands with steps.
enum ElementLoops {
  static func unary<X, Y>(
    _ kernel: @escaping @Sendable (UnsafePointer<X>, UnsafeMutablePointer<Y>, Int) -> Void
  ) -> ElementLoop {
    ElementLoop { operands, y, count in
      let (x, y) = (operands[0].pointer.assumingMemoryBound(to: X.self), y.assumingMemoryBound(to: Y.self))
      if operands[0].step == 1 || count == 0 { return kernel(x, y, count) }
      kernel(x, y, 1)
      (y + 1).update(repeating: y[0], count: count - 1)
    }
  }

  static func binary<A, B, Y>(
    _ kernel: @escaping @Sendable (UnsafePointer<A>, Int, UnsafePointer<B>, Int, UnsafeMutablePointer<Y>, Int) -> Void
  ) -> ElementLoop {
    ElementLoop { operands, y, count in
      kernel(
        operands[0].pointer.assumingMemoryBound(to: A.self), operands[0].step,
        operands[1].pointer.assumingMemoryBound(to: B.self), operands[1].step, y.assumingMemoryBound(to: Y.self), count)
    }
  }
}
