/// Comparisons, choices and conversions, element by element.

/// condition ? a : b.
struct Select: ElementwisePrimitive {
  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard inputs[0].scalarType == .bool, inputs[1].scalarType == inputs[2].scalarType else {
      fatalError("Tensor.where: \(inputs[0]) chooses between \(inputs[1]) and \(inputs[2])")
    }
    return [inputs[1]]
  }

  func loop(_ inputs: [ScalarType]) -> ElementLoop {
    func loop<S: BitwiseCopyable>(_ type: S.Type) -> ElementLoop {
      ElementLoop { operands, y, count in
        Kernels.select(
          condition: operands[0].pointer.assumingMemoryBound(to: Bool.self), operands[0].step,
          operands[1].pointer.assumingMemoryBound(to: S.self), operands[1].step,
          operands[2].pointer.assumingMemoryBound(to: S.self), operands[2].step, y.assumingMemoryBound(to: S.self), count)
      }
    }
    return switch inputs[1] {
    case .float: loop(Float.self)
    case .double: loop(Double.self)
    case .int32, .uint32: loop(Int32.self)
    case .bool: loop(Bool.self)
    case .complexFloat: loop(Double.self)  // Eight bytes are eight bytes.
    case .complexDouble: loop(SIMD2<UInt64>.self)
    }
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    if tangents[1] == nil, tangents[2] == nil { return [nil] }
    let zero = AnyTensor.constant(0, outputs[0].scalarType)
    return [inputs[0].select(tangents[1] ?? zero, tangents[2] ?? zero)]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    guard let g = cotangents[0] else { return [nil, nil, nil] }
    let zero = AnyTensor.constant(0, g.scalarType)
    return [nil, needed[1] ? inputs[0].select(g, zero) : nil, needed[2] ? inputs[0].select(zero, g) : nil]
  }
}

/// The same number in another scalar type: toward zero to integers, saturating; 0 for NaN.
struct Convert: ElementwisePrimitive {
  let target: ScalarType

  func outputs(_ inputs: [Signature]) -> [Signature] { [inputs[0].with(target)] }

  func loop(_ inputs: [ScalarType]) -> ElementLoop { Conversions.loop(inputs[0], target) }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    [target.isDifferentiable ? tangents[0]?.converted(to: target) : nil]
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    [inputs[0].scalarType.isDifferentiable ? cotangents[0]?.converted(to: inputs[0].scalarType) : nil]
  }
}

/// The value alone: its derivative is zero.
package struct StopGradient: Primitive {
  package init() {}
  package func outputs(_ inputs: [Signature]) -> [Signature] { inputs }
  package func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel { .identity(inputs[0]) }
  package func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] { apply(inputs) }
}
