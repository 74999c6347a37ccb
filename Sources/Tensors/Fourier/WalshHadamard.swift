/// The Walsh-Hadamard transform along an axis whose extent n is a power of 2: y[i] = sum over j of (-1)^(number of common binary ones
/// of i and j) x[j].
///
/// Without a factor: 1 / sqrt(n) times it is orthogonal, and its own inverse. n log2 n additions.
public func walshHadamard<Scalar: RealScalar>(_ x: Tensor<Scalar>, axis: Int = -1) -> Tensor<Scalar> {
  Tensor(WalshHadamard(axis: normalizedAxis(axis, x.shape, "walshHadamard"))(AnyTensor(x)))
}

/// H x along an axis. Linear and symmetric, so it is its own derivative and its own adjoint.
struct WalshHadamard: AxialPrimitive {
  let axis: Int
  var firstAxis: Int { axis }

  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireReal(inputs[0], "walshHadamard")
    let extent = inputs[0].shape[axis]
    guard extent > 0, extent & (extent - 1) == 0 else {
      fatalError("walshHadamard: axis \(axis) of shape \(inputs[0].shape) is no power of 2; pad it with zeros")
    }
    return inputs
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    let view = AxisView(inputs[0].shape, axis)
    return inputs[0].scalarType == .float
      ? .typed { HadamardTransform.run($0 as UnsafePointer<Float>, view, $1) }
      : .typed { HadamardTransform.run($0 as UnsafePointer<Double>, view, $1) }
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { self($0) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { self($0) }]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    WalshHadamard(axis: axis + 1).apply(inputs)
  }
}

/// The kernel: quarters are transformed one after the other and then joined, so that what fits into a cache is finished there.
///
/// Promise: every element is the same sums in the same order, whatever the number of threads.
private enum HadamardTransform {
  /// Scalars from which on a transform is shared among threads.
  private static let large = 1 << 15

  /// [outer, extent, inner] to the same shape, in place where both are the same memory.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func run<Scalar: RealScalar>(_ x: UnsafePointer<Scalar>, _ view: AxisView, _ y: UnsafeMutablePointer<Scalar>) {
    let size = view.extent * view.inner
    if view.outer * size == 0 { return }
    let (x, y) = (Shared(x), Shared(y))
    Threads.forEachBlock(of: view.outer, size: max(1, large / size)) { range in
      for o in range {
        let target = y.value + o * size
        if UnsafePointer(target) != x.value + o * size { target.update(from: x.value + o * size, count: size) }
        transform(target, extent: view.extent, inner: view.inner)
      }
    }
  }

  /// In place on [extent, inner].
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func transform<Scalar: RealScalar>(_ y: UnsafeMutablePointer<Scalar>, extent: Int, inner: Int) {
    if extent == 1 { return }
    if extent == 2 {
      for j in 0..<inner { (y[j], y[j + inner]) = (y[j] + y[j + inner], y[j] - y[j + inner]) }
      return
    }
    let quarter = extent / 4 * inner
    if quarter < large {
      for part in 0..<4 { transform(y + part * quarter, extent: extent / 4, inner: inner) }
      join(y, quarter, 0..<quarter)
    } else {
      let y = Shared(y)
      Threads.forEach(4) { transform(y.value + $0 * quarter, extent: extent / 4, inner: inner) }
      Threads.forEachBlock(of: quarter, size: large / 4) { join(y.value, quarter, $0) }
    }
  }

  /// Two levels at once on four quarters.
  @inline(__always)
  private static func join<Scalar: RealScalar>(_ y: UnsafeMutablePointer<Scalar>, _ quarter: Int, _ range: Range<Int>) {
    let (first, second, third, fourth) = (y, y + quarter, y + 2 * quarter, y + 3 * quarter)
    for j in range {
      let (a, b) = (first[j] + second[j], first[j] - second[j])
      let (c, d) = (third[j] + fourth[j], third[j] - fourth[j])
      (first[j], second[j], third[j], fourth[j]) = (a + c, b + d, a - c, b - d)
    }
  }
}
