/// Kernels along an axis.
extension Kernel {
  enum Reduction { case sum, product, maximum, minimum, any, all, logSumExp }
  enum AlongAxis { case softmax, logSoftmax, cumulativeSum, reverseCumulativeSum }

  /// [outer, extent, inner] to [outer, inner].
  static func reduction(_ scalarType: ScalarType, _ view: AxisView, _ reduction: Reduction) -> Kernel {
    switch (scalarType, reduction) {
    case (.float, .logSumExp): return typed { AxisReduction.logSumExp($0 as UnsafePointer<Float>, view, $1) }
    case (.double, .logSumExp): return typed { AxisReduction.logSumExp($0 as UnsafePointer<Double>, view, $1) }
    case (.float, _): return arithmetic(Float.self, view, reduction)
    case (.double, _): return arithmetic(Double.self, view, reduction)
    case (.int32, _): return arithmetic(Int32.self, view, reduction)
    case (.bool, .any): return typed { AxisReduction.any($0, outer: view.outer, extent: view.extent, inner: view.inner, $1) }
    case (.bool, .all): return typed { AxisReduction.all($0, outer: view.outer, extent: view.extent, inner: view.inner, $1) }
    // A sum of complex numbers is the sums of their parts, which lie side by side.
    case (.complexFloat, .sum): return arithmetic(Float.self, view.ofParts, reduction)
    case (.complexDouble, .sum): return arithmetic(Double.self, view.ofParts, reduction)
    default: fatalError("Tensor.\(reduction): not defined for tensors of \(scalarType)")
    }
  }

  private static func arithmetic<S: Reducible & SendableMetatype>(
    _ type: S.Type, _ view: AxisView, _ reduction: Reduction
  ) -> Kernel {
    typed { (x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) in
      switch reduction {
      case .sum: AxisReduction.sum(x, outer: view.outer, extent: view.extent, inner: view.inner, y)
      case .product: AxisReduction.product(x, outer: view.outer, extent: view.extent, inner: view.inner, y)
      case .maximum: AxisReduction.maximum(x, outer: view.outer, extent: view.extent, inner: view.inner, y)
      default: AxisReduction.minimum(x, outer: view.outer, extent: view.extent, inner: view.inner, y)
      }
    }
  }

  /// [outer, extent, inner] to the same shape.
  static func alongAxis(_ scalarType: ScalarType, _ view: AxisView, _ function: AlongAxis) -> Kernel {
    if case .softmax = function, scalarType == .float, view.inner == 1, view.extent >= longSoftmaxRow {
      return typed { twoPassSoftmax($0, rows: view.outer, length: view.extent, into: $1) }
    }
    return scalarType == .float ? alongAxis(Float.self, view, function) : alongAxis(Double.self, view, function)
  }

  private static func alongAxis<S: RealScalar & Reducible>(_ type: S.Type, _ view: AxisView, _ function: AlongAxis) -> Kernel
  where S.Lanes: SoftmaxLanes {
    typed { (x: UnsafePointer<S>, y: UnsafeMutablePointer<S>) in
      let (outer, extent, inner) = (view.outer, view.extent, view.inner)
      switch function {
      case .softmax: AxisReduction.softmax(x, outer: outer, extent: extent, inner: inner, y)
      case .logSoftmax: AxisReduction.logSoftmax(x, outer: outer, extent: extent, inner: inner, y)
      case .cumulativeSum: AxisReduction.cumulativeSum(x, outer: outer, extent: extent, inner: inner, y)
      case .reverseCumulativeSum: AxisReduction.cumulativeSum(x, outer: outer, extent: extent, inner: inner, reverse: true, y)
      }
    }
  }

  /// Indices of extrema.
  static func argument(_ scalarType: ScalarType, _ view: AxisView, isMaximum: Bool) -> Kernel {
    scalarType == .float ? argument(Float.self, view, isMaximum) : argument(Double.self, view, isMaximum)
  }

  private static func argument<S: Reducible & SendableMetatype>(_ type: S.Type, _ view: AxisView, _ isMaximum: Bool) -> Kernel {
    typed { (x: UnsafePointer<S>, y: UnsafeMutablePointer<Int32>) in
      if isMaximum {
        AxisReduction.argmax(x, outer: view.outer, extent: view.extent, inner: view.inner, y)
      } else {
        AxisReduction.argmin(x, outer: view.outer, extent: view.extent, inner: view.inner, y)
      }
    }
  }

  /// A kernel of one input and one output of known types.
  static func typed<X, Y>(_ body: @escaping @Sendable (UnsafePointer<X>, UnsafeMutablePointer<Y>) -> Void) -> Kernel {
    Kernel { inputs, outputs, _ in
      body(UnsafePointer(inputs[0].assumingMemoryBound(to: X.self)), outputs[0].assumingMemoryBound(to: Y.self))
    }
  }
}

extension AxisReduction {
  fileprivate static func logSumExp<S: Reducible>(_ x: UnsafePointer<S>, _ view: AxisView, _ y: UnsafeMutablePointer<S>)
  where S.Lanes: SoftmaxLanes {
    logSumExp(x, outer: view.outer, extent: view.extent, inner: view.inner, y)
  }
}

extension AxisView {
  /// The same view of complex numbers as pairs of real ones.
  fileprivate var ofParts: AxisView {
    var view = self
    view.inner *= 2
    return view
  }
}
