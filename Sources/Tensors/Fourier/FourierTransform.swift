import ComplexModule

/// The unnormalised discrete Fourier transform of complex numbers along some axes; `isInverse` has e^+2 pi i j k / n.
///
/// Linear and symmetric, so its adjoint is the transform of the other sign.
struct FourierTransform: Primitive {
  let axes: [Int]
  let isInverse: Bool

  var name: String { isInverse ? "inverseFFT" : "fft" }

  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard inputs[0].scalarType.isComplex else { fatalError("\(name): tensors of \(inputs[0].scalarType) are not complex") }
    return inputs
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    .fourier(isInverse ? .backward : .forward, axes, inputs[0], outputs[0])
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { self($0) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [cotangents[0].map { FourierTransform(axes: axes, isInverse: !isInverse)($0) }]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    FourierTransform(axes: axes.map { $0 + 1 }, isInverse: isInverse).apply(inputs)
  }
}

/// The first n / 2 + 1 coefficients of the transform of n real numbers along an axis: the others are their conjugates.
struct RealFourierTransform: Primitive {
  let axis: Int

  var name: String { "realFFT" }

  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireReal(inputs[0], name)
    var shape = inputs[0].shape
    guard shape[axis] > 0 else { fatalError("realFFT: shape \(shape) holds no scalars along axis \(axis)") }
    shape[axis] = shape[axis] / 2 + 1
    return [Signature(inputs[0].scalarType.complexType, shape)]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel { .fourier(.realForward, [axis], inputs[0], outputs[0]) }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { self($0) }]
  }

  // The inverse counts twice every coefficient that stands for two.
  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    let count = inputs[0].shape[axis]
    return [
      cotangents[0].map { g in
        InverseRealFourierTransform(axis: axis, count: count)(g / g.multiplicities(of: count, axis))
      }
    ]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    RealFourierTransform(axis: axis + 1).apply(inputs)
  }
}

/// `count` real numbers from the first half of their transform, times `count`.
///
/// The imaginary parts of the first coefficient, and for even counts of the last one, are not read.
struct InverseRealFourierTransform: Primitive {
  let axis: Int
  let count: Int

  var name: String { "inverseRealFFT" }

  func outputs(_ inputs: [Signature]) -> [Signature] {
    var shape = inputs[0].shape
    guard inputs[0].scalarType.isComplex, count > 0, shape[axis] == count / 2 + 1 else {
      fatalError("inverseRealFFT: \(inputs[0]) is no transform of \(count) real numbers along axis \(axis)")
    }
    shape[axis] = count
    return [Signature(inputs[0].scalarType.realType, shape)]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel { .fourier(.realBackward, [axis], inputs[0], outputs[0]) }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [tangents[0].map { self($0) }]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [
      cotangents[0].map { g in
        let transform = RealFourierTransform(axis: axis)(g)
        return transform * transform.multiplicities(of: count, axis)
      }
    ]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    InverseRealFourierTransform(axis: axis + 1, count: count).apply(inputs)
  }
}

extension AnyTensor {
  /// How many of the `count` coefficients each of the first half stands for, along `axis`: itself and its conjugate, or itself.
  fileprivate func multiplicities(of count: Int, _ axis: Int) -> AnyTensor {
    let numbers = (0...count / 2).map { $0 == 0 || 2 * $0 == count ? 1.0 : 2.0 }
    let shape = [numbers.count] + Array(repeating: 1, count: rank - 1 - axis)
    return scalarType == .complexFloat
      ? AnyTensor(Tensor<Complex<Float>>(shape: shape, numbers.map { Complex(Float($0)) }))
      : AnyTensor(Tensor<Complex<Double>>(shape: shape, numbers.map { Complex($0) }))
  }
}

extension Kernel {
  /// Transforms along `axes`, repeated along the others: in blocks of the axes before, which the sizes alone determine.
  static func fourier(_ kind: FourierTransformKind, _ axes: [Int], _ source: Signature, _ target: Signature) -> Kernel {
    source.scalarType.realType == .float
      ? fourier(Float.self, kind, axes, source, target) : fourier(Double.self, kind, axes, source, target)
  }

  private static func fourier<R: FourierScalar>(
    _ type: R.Type, _ kind: FourierTransformKind, _ axes: [Int], _ source: Signature, _ target: Signature
  ) -> Kernel {
    if target.count == 0 { return Kernel { _, _, _ in } }
    let (sourceStrides, targetStrides) = (Strided.whole(source.shape).strides, Strided.whole(target.shape).strides)
    func axis(_ i: Int) -> FourierAxis {
      // The extent of a transform is that of the real numbers, which are the more.
      FourierAxis(
        extent: max(source.shape[i], target.shape[i]), sourceStride: sourceStrides[i], targetStride: targetStrides[i])
    }
    let first = axes.min() ?? 0
    let outer = elementCount(Array(source.shape[..<first]))
    let (sourceSlice, targetSlice) = (source.count / outer, target.count / outer)
    let inner = (first..<source.rank).filter { !axes.contains($0) && source.shape[$0] > 1 }.map(axis)
    let transformed = axes.map(axis)
    func plan(_ repeats: Int) -> FourierPlan {
      let outer = FourierAxis(extent: repeats, sourceStride: sourceSlice, targetStride: targetSlice)
      return FourierPlan(FourierLayout(kind: kind, axes: transformed, batch: repeats > 1 ? [outer] + inner : inner), R.self)
    }
    // Some 100 microseconds of work in a block; its bytes keep the next one aligned if one slice's do.
    let block = min(outer, max(1, (1 << 15) / max(sourceSlice, targetSlice)))
    let whole = plan(block)
    let rest = outer % block == 0 ? whole : plan(outer % block)
    let (sourceBytes, targetBytes) = (
      sourceSlice * source.scalarType.byteCount, targetSlice * target.scalarType.byteCount
    )
    return Kernel { inputs, outputs, _ in
      let (x, y) = (Shared(inputs[0]), Shared(outputs[0]))
      Threads.forEachBlock(of: outer, size: block) { range in
        (range.count == block ? whole : rest).execute(
          kind, x.value + range.lowerBound * sourceBytes, y.value + range.lowerBound * targetBytes, R.self)
      }
    }
  }
}
