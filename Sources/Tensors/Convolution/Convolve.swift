/// The three faces of the trilinear form <g, conv(x, f)>: each primitive is its derivative with respect to one operand, so that each is
/// bilinear and their derivatives are one another. Every operand may carry a batch axis in front, if all do.
struct Convolve: Primitive {
  enum Face { case output, image, filter }

  let geometry: ConvolutionGeometry
  let face: Face

  var name: String {
    switch face {
    case .output: "conv2d"
    case .image: "conv2dImageGradient"
    case .filter: "conv2dFilterGradient"
    }
  }

  /// The operands in order: (x, f), (g, f), (x, g).
  func outputs(_ inputs: [Signature]) -> [Signature] {
    let (a, b) = (inputs[0], inputs[1])
    requireReal(a, name)
    guard a.scalarType == b.scalarType, a.rank == b.rank, a.rank == 4 || (a.rank == 5 && a.shape[0] == b.shape[0]) else {
      fatalError("\(name): operands \(a) and \(b)")
    }
    let batch = Array(a.shape.dropLast(4))
    let n = a.shape[a.rank - 4]
    let shapes = shapes(n)
    guard Array(a.shape.suffix(4)) == shapes.0, Array(b.shape.suffix(4)) == shapes.1 else {
      fatalError("\(name): operands of shapes \(a.shape) and \(b.shape), expected \(shapes.0) and \(shapes.1)")
    }
    return [a.with(shape: batch + shapes.2)]
  }

  private func shapes(_ n: Int) -> ([Int], [Int], [Int]) {
    switch face {
    case .output: (geometry.imageShape(n), geometry.filterShape, geometry.outputShape(n))
    case .image: (geometry.outputShape(n), geometry.filterShape, geometry.imageShape(n))
    case .filter: (geometry.imageShape(n), geometry.outputShape(n), geometry.filterShape)
    }
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    inputs[0].scalarType == .float ? kernel(Float.self, inputs[0]) : kernel(Double.self, inputs[0])
  }

  private func kernel<S: RealScalar>(_ type: S.Type, _ first: Signature) -> Kernel {
    let (batch, n) = (first.rank == 5 ? first.shape[0] : 1, first.shape[first.rank - 4])
    if face == .filter {
      let loop = FilterGradientLoop<S>(geometry, batch: batch, images: n)
      return Kernel(scratch: loop.scratch) { inputs, outputs, scratch in
        loop.run(
          UnsafePointer(inputs[0].assumingMemoryBound(to: S.self)), UnsafePointer(inputs[1].assumingMemoryBound(to: S.self)),
          outputs[0].assumingMemoryBound(to: S.self), scratch.assumingMemoryBound(to: S.self))
      }
    }
    let loop = ConvolutionLoop<S>(geometry, batch: batch, images: n, isAdjoint: face == .image)
    return Kernel(scratch: loop.scratch) { inputs, outputs, scratch in
      loop.run(
        UnsafePointer(inputs[0].assumingMemoryBound(to: S.self)), UnsafePointer(inputs[1].assumingMemoryBound(to: S.self)),
        outputs[0].assumingMemoryBound(to: S.self), scratch.assumingMemoryBound(to: S.self))
    }
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [.sum(tangents[0].map { self($0, inputs[1]) }, tangents[1].map { self(inputs[0], $0) })]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    guard let c = cotangents[0] else { return [nil, nil] }
    func other(_ face: Face) -> Convolve { Convolve(geometry: geometry, face: face) }
    let (a, b) = (inputs[0], inputs[1])
    switch face {
    case .output: return [needed[0] ? other(.image)(c, b) : nil, needed[1] ? other(.filter)(a, c) : nil]
    case .image: return [needed[0] ? other(.output)(c, b) : nil, needed[1] ? other(.filter)(c, a) : nil]
    case .filter: return [needed[0] ? other(.image)(b, c) : nil, needed[1] ? other(.output)(a, c) : nil]
    }
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    let (a, b) = (inputs[0], inputs[1])
    if face != .filter, isBatched == [true, false], b.rank == 4 {
      // All images under one filter: a larger batch of images.
      let result = self(a.reshaped([a.shape[0] * a.shape[1]] + a.shape.dropFirst(2)), b)
      return [result.reshaped([size, a.shape[1]] + result.shape.dropFirst())]
    }
    let operands = zip(inputs, isBatched).map { $0.batched($1, size) }
    if operands[0].rank == 5 { return [self(operands[0], operands[1])] }
    let merged = operands.map { $0.reshaped([$0.shape[0] * $0.shape[1]] + $0.shape.dropFirst(2)) }
    let result = self(merged[0], merged[1])
    return [result.reshaped([size, operands[0].shape[1]] + result.shape.dropFirst())]
  }
}

/// The cross-correlation of images [n, height, width, channels] with filters [height, width, channels / groups, outputs], as neural
/// networks call convolution: [n, height', width', outputs]. Group i of the inputs makes group i of the outputs.
public func conv2d<Scalar: RealScalar>(
  _ x: Tensor<Scalar>, _ filter: Tensor<Scalar>, stride: ImageExtents = ImageExtents(1, 1), padding: ImagePadding = .valid,
  groups: Int = 1
) -> Tensor<Scalar> {
  guard x.rank == 4, filter.rank == 4, groups > 0, filter.shape[2] * groups == x.shape[3], filter.shape[3] % groups == 0 else {
    fatalError(
      "conv2d: images [n, height, width, channels] of shape \(x.shape) and filters [height, width, channels / \(groups), outputs]"
        + " of shape \(filter.shape)")
  }
  let window = WindowGeometry(
    image: ImageExtents(x.shape[1], x.shape[2]), kernel: ImageExtents(filter.shape[0], filter.shape[1]), stride: stride,
    padding: padding, "conv2d")
  let geometry = ConvolutionGeometry(
    window: window, groups: groups, inputs: filter.shape[2], outputs: filter.shape[3] / groups)
  return Tensor(Convolve(geometry: geometry, face: .output)(AnyTensor(x), AnyTensor(filter)))
}

/// The cross-correlation of sequences [n, length, channels] with filters [length, channels / groups, outputs].
public func conv1d<Scalar: RealScalar>(
  _ x: Tensor<Scalar>, _ filter: Tensor<Scalar>, stride: Int = 1, padding: SequencePadding = .valid, groups: Int = 1
) -> Tensor<Scalar> {
  guard x.rank == 3, filter.rank == 3 else {
    fatalError(
      "conv1d: sequences [n, length, channels] of shape \(x.shape), filters [length, channels, outputs] of \(filter.shape)")
  }
  let result = conv2d(
    x.expandingDimensions(1), filter.expandingDimensions(0), stride: ImageExtents(1, stride), padding: padding.ofImages,
    groups: groups)
  return result.squeezed(1)
}

/// Zeros at the ends of sequences.
public enum SequencePadding: Sendable, Hashable {
  /// None.
  case valid
  /// So many that the result has ceil(length / stride) elements.
  case same
  /// As given; (k - 1, 0) is a causal convolution.
  case explicit(low: Int, high: Int)

  fileprivate var ofImages: ImagePadding {
    switch self {
    case .valid: .valid
    case .same: .same
    case .explicit(let low, let high): .explicit(top: 0, bottom: 0, left: low, right: high)
    }
  }
}
