/// Reduces neighbouring axes of a tensor to one number for each place along the others.
struct Reduce: AxialPrimitive {
  enum Kind: String { case sum, product, max, min, any, all }

  let kind: Kind
  let axes: Range<Int>
  var firstAxis: Int { axes.lowerBound }

  var name: String { kind.rawValue }

  func outputs(_ inputs: [Signature]) -> [Signature] {
    var shape = inputs[0].shape
    let isLogical = kind == .any || kind == .all
    guard isLogical == (inputs[0].scalarType == .bool) else {
      fatalError("Tensor.\(name): not defined for tensors of \(inputs[0].scalarType)")
    }
    guard elementCount(Array(shape[axes])) > 0 || [.sum, .product, .any, .all].contains(kind) else {
      fatalError("Tensor.\(name): shape \(shape) holds no scalars along axes \(Array(axes))")
    }
    shape.removeSubrange(axes)
    return [inputs[0].with(shape: shape)]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    let view = AxisView(inputs[0].shape, axes)
    return switch kind {
    case .sum: .reduction(inputs[0].scalarType, view, .sum)
    case .product: .reduction(inputs[0].scalarType, view, .product)
    case .max: .reduction(inputs[0].scalarType, view, .maximum)
    case .min: .reduction(inputs[0].scalarType, view, .minimum)
    case .any: .reduction(inputs[0].scalarType, view, .any)
    case .all: .reduction(inputs[0].scalarType, view, .all)
    }
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    guard let tangent = tangents[0] else { return [nil] }
    if kind == .sum { return [tangent.sum(axes: Array(axes))] }
    return [(partial(inputs[0], outputs[0]) * tangent).sum(axes: Array(axes))]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    guard let g = cotangents[0].map({ spread($0, inputs[0]) }) else { return [nil] }
    return [kind == .sum ? g : partial(inputs[0], outputs[0]) * g]
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    Reduce(kind: kind, axes: axes.lowerBound + 1..<axes.upperBound + 1).apply(inputs)
  }

  /// A result, repeated along the reduced axes.
  private func spread(_ y: AnyTensor, _ x: AnyTensor) -> AnyTensor {
    var kept = x.shape
    for axis in axes { kept[axis] = 1 }
    return y.reshaped(kept).broadcast(to: x.shape)
  }

  /// The derivative of the result with respect to each scalar.
  private func partial(_ x: AnyTensor, _ y: AnyTensor) -> AnyTensor {
    switch kind {
    case .max, .min:
      // Scalars that share the extremum share the derivative.
      let isExtremum = x.equal(spread(y, x)).converted(to: x.scalarType)
      return isExtremum / spread(isExtremum.sum(axes: Array(axes)), x)
    case .product:
      // The product of the others: y / x unless x is a zero, and the product without x if it is the only zero.
      let isZero = x.equal(.constant(0, x.scalarType))
      let zeros = spread(isZero.converted(to: x.scalarType).sum(axes: Array(axes)), x)
      let others = isZero.select(.constant(1, x.scalarType), x)
      let productOfOthers = spread(Reduce(kind: .product, axes: axes)(others), x) / others
      let isOnlyZero = zeros.equal(isZero.converted(to: x.scalarType))
      return isOnlyZero.select(productOfOthers, .constant(0, x.scalarType))
    case .sum, .any, .all: fatalError("Tensor.\(name): has no such derivative")
    }
  }
}

/// A tensor as [outer, extent, inner], with neighbouring axes joined to the middle one.
struct AxisView: Sendable, Hashable {
  var outer: Int
  var extent: Int
  var inner: Int

  init(_ shape: [Int], _ axes: Range<Int>) {
    outer = elementCount(Array(shape[..<axes.lowerBound]))
    extent = elementCount(Array(shape[axes]))
    inner = elementCount(Array(shape[axes.upperBound...]))
  }

  init(_ shape: [Int], _ axis: Int) { self.init(shape, axis..<axis + 1) }
}
