import Tensors

/// A program whose every result is a batch and whose every operation keeps the elements of the batch apart, cut into shorter batches.
///
/// `vmap` makes such programs: many networks trained at once, one gradient for each example. Operation by operation over the whole
/// batch, each intermediate result would travel through memory; a few elements at a time, all of them stay in the second-level cache,
/// and threads meet once a run instead of once an operation.
struct Batches: @unchecked Sendable {
  // Unchecked because nothing changes after `init`.

  /// The program for one part.
  let program: Program
  let parts: Int
  /// Constants that are batches too: further arguments of the program.
  let constants: [AnyTensor]
  /// Bytes from one part to the next, for each argument and result; 0 for arguments that all elements share.
  let argumentStrides: [Int]
  let resultStrides: [Int]

  /// Working memory that a part may have: about half of a second-level cache.
  private static let partBytes = 1 << 19

  /// Nil if the program is no batch, or so small that cutting it does not pay.
  init?(_ whole: Program, argumentSignatures: [Signature]) {
    guard let size = whole.outputs.first.flatMap({ whole.values[$0].signature.shape.first }), size > 1,
      let isBatched = whole.batchedValues(size)
    else { return nil }
    let bytes = zip(whole.values, isBatched).reduce(0) { sum, value in
      value.1 && value.0.hasMemory ? sum + value.0.signature.byteCount : sum
    }
    guard bytes > 2 * Self.partBytes else { return nil }
    // The longest part that fits and divides the batch.
    let longest = Swift.max(1, size * Self.partBytes / bytes)
    guard let length = (1...Swift.min(longest, size)).last(where: { size % $0 == 0 }), length * 4 > longest else { return nil }
    parts = size / length
    var program = whole
    constants = program.makeArguments(of: isBatched, from: argumentSignatures.count)
    program.mapBatched(isBatched) { [length] + $0.dropFirst() }
    self.program = program

    var argumentStrides = Array(repeating: 0, count: argumentSignatures.count)
    for (id, value) in whole.values.enumerated() {
      if case .argument(let i) = value.source, isBatched[id] { argumentStrides[i] = value.signature.byteCount / size * length }
    }
    self.argumentStrides = argumentStrides + constants.map { $0.signature.byteCount / size * length }
    resultStrides = whole.outputs.map { whole.values[$0].signature.byteCount / size * length }
  }
}

extension Program {
  /// Which values are batches of `size` along their first axis; nil if some operation mixes elements or a result is no batch.
  fileprivate func batchedValues(_ size: Int) -> [Bool]? {
    var isBatched = values.map { value in
      switch value.source {
      case .argument, .constant: value.signature.shape.first == size
      default: false
      }
    }
    // In the order in which they were made: operands come first.
    for id in values.indices {
      switch values[id].source {
      case .alias(let other):
        isBatched[id] = isBatched[other]
        if isBatched[id], values[id].signature.shape.first != size { return nil }
      case .result(let i, 0):
        let instruction = instructions[i]
        let flags = instruction.inputs.map { isBatched[$0] }
        if !flags.contains(true) {
          // What is repeated along the batch can be repeated along a part of it.
          let source = values[instruction.inputs[0]].signature
          isBatched[id] =
            instruction.primitive is BroadcastTo && values[id].signature.shape.first == size
            && (source.rank < values[id].signature.rank || source.shape[0] == 1)
          continue
        }
        guard instruction.primitive.keepsApart(instruction.inputs.map { values[$0].signature }, flags, values[id].signature)
        else {
          return nil
        }
        for output in instruction.outputs { isBatched[output] = true }
      default: break
      }
    }
    guard outputs.allSatisfy({ isBatched[$0] && values[$0].signature.shape.first == size }) else { return nil }
    return isBatched
  }
}

extension Program.Value {
  fileprivate var hasMemory: Bool {
    switch source {
    case .alias, .unused: false
    default: true
    }
  }
}

extension Primitive {
  /// Whether element i of the result depends on element i of the batched inputs alone, and their first axis is the batch.
  fileprivate func keepsApart(_ inputs: [Signature], _ isBatched: [Bool], _ output: Signature) -> Bool {
    switch self {
    case is any ElementwisePrimitive: !isBatched.contains(false)
    case is BroadcastTo: inputs[0].rank == output.rank && inputs[0].shape[0] == output.shape[0]
    case is Reshape: inputs[0].shape[0] == output.shape[0]
    case let permute as PermuteAxes: permute.axes[0] == 0
    case is MatrixMultiply:
      output.rank >= 3 && zip(inputs, isBatched).allSatisfy { $1 ? $0.rank == output.rank : $0.rank == 2 }
    case let axial as any AxialPrimitive: axial.firstAxis >= 1 && !isBatched.contains(false)
    case let window as any WindowPrimitive: !isBatched.contains(false) && window.keepsFirstAxis(of: inputs[0])
    default: false
    }
  }
}
