import Tensors

/// A traced function as a list of instructions on numbered values: what `compile` optimizes.
///
/// Building it already removes what need not be computed: common subexpressions, changes of shape that change nothing, transposes
/// before matrix products. What no result depends on never enters.
struct Program {
  typealias ValueID = Int

  enum Source {
    case argument(Int)
    case constant(AnyTensor)
    /// Output `output` of an instruction.
    case result(instruction: Int, output: Int)
    /// The memory of another value under another shape.
    case alias(ValueID)
    /// Nobody reads it.
    case unused
  }

  struct Value {
    var signature: Signature
    var source: Source
  }

  struct Instruction {
    var primitive: any Primitive
    var inputs: [ValueID]
    var outputs: [ValueID]
  }

  private(set) var values: [Value] = []
  private(set) var instructions: [Instruction] = []
  private(set) var outputs: [ValueID] = []
  private var known: [Expression: [ValueID]] = [:]
  private var constants: [Constant: ValueID] = [:]

  /// An operation on values: equal ones are computed once.
  private struct Expression: Hashable {
    var primitive: AnyHashable
    var inputs: [ValueID]
  }

  private struct Constant: Hashable {
    var signature: Signature
    var bytes: [UInt8]
  }

  init(_ function: TracedFunction) {
    let function = function.withoutCustomCalls()
    var table: [[ValueID]] = []
    for (i, variable) in function.variables.enumerated() {
      table.append([add(Value(signature: variable.signature, source: .argument(i)))])
    }
    func id(_ tensor: AnyTensor) -> ValueID {
      function.place(of: tensor).map { table[$0][tensor.traced?.index ?? 0] } ?? constant(tensor)
    }
    for node in function.nodes { table.append(add(node.primitive, node.inputs.map(id), node.outputs)) }
    outputs = function.outputs.map(id)
    removeUnused()
  }

  private mutating func add(_ value: Value) -> ValueID {
    values.append(value)
    return values.count - 1
  }

  /// Gives batched values another shape, and the primitives that name the shape of their result with them.
  mutating func mapBatched(_ isBatched: [Bool], _ transform: ([Int]) -> [Int]) {
    for id in values.indices where isBatched[id] {
      let old = values[id].signature
      values[id].signature = Signature(old.scalarType, transform(old.shape))
    }
    for i in instructions.indices where isBatched[instructions[i].outputs[0]] {
      let shape = values[instructions[i].outputs[0]].signature.shape
      if instructions[i].primitive is BroadcastTo { instructions[i].primitive = BroadcastTo(shape: shape) }
      if let window = instructions[i].primitive as? any WindowPrimitive {
        instructions[i].primitive = window.withFirstExtent(shape[0])
      }
    }
  }

  /// Turns batched constants into arguments from number `first` on, and returns them.
  mutating func makeArguments(of isBatched: [Bool], from first: Int) -> [AnyTensor] {
    var tensors: [AnyTensor] = []
    for id in values.indices where isBatched[id] {
      guard case .constant(let tensor) = values[id].source else { continue }
      values[id].source = .argument(first + tensors.count)
      tensors.append(tensor)
    }
    return tensors
  }

  /// The value that holds the memory of `id`.
  func root(_ id: ValueID) -> ValueID {
    if case .alias(let other) = values[id].source { root(other) } else { id }
  }

  /// The instruction that computes `id`, through aliases.
  func producer(_ id: ValueID) -> Instruction? {
    if case .result(let instruction, _) = values[root(id)].source { instructions[instruction] } else { nil }
  }

  // MARK: building

  private mutating func add(_ primitive: any Primitive, _ inputs: [ValueID], _ outputs: [Signature]) -> [ValueID] {
    if let simpler = simplified(primitive, inputs, outputs) { return simpler }
    let expression = Expression(primitive: AnyHashable(primitive), inputs: inputs)
    if let ids = known[expression] { return ids }
    let ids = outputs.indices.map { i in
      add(Value(signature: outputs[i], source: .result(instruction: instructions.count, output: i)))
    }
    instructions.append(Instruction(primitive: primitive, inputs: inputs, outputs: ids))
    known[expression] = ids
    return ids
  }

  /// A constant; one whose scalars are all equal is kept as one scalar and repeated by its readers.
  private mutating func constant(_ tensor: AnyTensor) -> ValueID {
    if tensor.count > 1, let scalar = tensor.uniformScalar {
      return add(BroadcastTo(shape: tensor.shape), [constant(scalar)], [tensor.signature])[0]
    }
    guard tensor.count <= 1 else { return add(Value(signature: tensor.signature, source: .constant(tensor))) }
    let bytes = Array(UnsafeRawBufferPointer(start: tensor.memory, count: tensor.signature.byteCount))
    let key = Constant(signature: tensor.signature, bytes: bytes)
    if let id = constants[key] { return id }
    let id = add(Value(signature: tensor.signature, source: .constant(tensor)))
    constants[key] = id
    return id
  }

  private mutating func simplified(_ primitive: any Primitive, _ inputs: [ValueID], _ outputs: [Signature]) -> [ValueID]? {
    switch primitive {
    case is Reshape, is StopGradient, is Barrier:
      if values[inputs[0]].signature == outputs[0], !(primitive is Barrier) { return [inputs[0]] }
      if primitive is Reshape, let broadcast = producer(inputs[0]), broadcast.primitive is BroadcastTo,
        values[broadcast.inputs[0]].signature.count == 1
      {
        let scalar = add(Reshape(shape: []), [broadcast.inputs[0]], [Signature(outputs[0].scalarType, [])])
        return add(BroadcastTo(shape: outputs[0].shape), scalar, outputs)
      }
      return [add(Value(signature: outputs[0], source: .alias(inputs[0])))]
    case let product as MatrixMultiply:
      var product = product
      var operands = inputs
      if let source = transposedSource(inputs[0]) { (product.transposeA, operands[0]) = (!product.transposeA, source) }
      if let source = transposedSource(inputs[1]) { (product.transposeB, operands[1]) = (!product.transposeB, source) }
      return operands == inputs ? nil : add(product, operands, outputs)
    case let elementwise as any ElementwisePrimitive where elementwise.name == "multiply":
      for (one, other) in [(inputs[0], inputs[1]), (inputs[1], inputs[0])]
      where isUniform(one, 1) && values[other].signature == outputs[0] { return [other] }
      return nil
    default: return nil
    }
  }

  /// The operand of a permutation that exchanges the last two axes, if `id` is one.
  private func transposedSource(_ id: ValueID) -> ValueID? {
    guard case .result(let index, _) = values[id].source, let permute = instructions[index].primitive as? PermuteAxes else {
      return nil
    }
    let rank = permute.axes.count
    return permute.axes == Array(0..<rank - 2) + [rank - 1, rank - 2] ? instructions[index].inputs[0] : nil
  }

  private func isUniform(_ id: ValueID, _ value: Double) -> Bool {
    var id = root(id)
    if case .result(let index, _) = values[id].source, instructions[index].primitive is BroadcastTo {
      id = root(instructions[index].inputs[0])
    }
    guard case .constant(let tensor) = values[id].source, tensor.count == 1 else { return false }
    return tensor.hasSameBits(as: .full(tensor.signature, value))
  }

  private mutating func removeUnused() {
    var isUsed = Array(repeating: false, count: values.count)
    func use(_ id: ValueID) {
      isUsed[id] = true
      isUsed[root(id)] = true
    }
    outputs.forEach(use)
    var kept = Array(repeating: false, count: instructions.count)
    for (i, instruction) in instructions.enumerated().reversed() where instruction.outputs.contains(where: { isUsed[$0] }) {
      kept[i] = true
      instruction.inputs.forEach(use)
    }
    var renumbered: [Int: Int] = [:]
    for i in kept.indices where kept[i] { renumbered[i] = renumbered.count }
    instructions = instructions.enumerated().filter { kept[$0.offset] }.map(\.element)
    for id in values.indices {
      if case .result(let old, let output) = values[id].source {
        values[id].source = renumbered[old].map { .result(instruction: $0, output: output) } ?? .unused
      }
    }
  }
}

extension TracedFunction {
  /// The same function with every custom call replaced by the operations in it.
  fileprivate func withoutCustomCalls() -> TracedFunction {
    var function = self
    while function.nodes.contains(where: { $0.primitive is CustomCall }) {
      function = TracedFunction(function.variables.map(\.signature)) { [function] variables in
        var table = function.table(of: variables)
        for node in function.nodes {
          let inputs = node.inputs.map { function.value($0, in: table) }
          let call = node.primitive as? CustomCall
          table.append(call.map { $0.definition.function(inputs) } ?? node.primitive.record(inputs))
        }
        return function.outputs.map { function.value($0, in: table) }
      }
    }
    return function
  }
}

extension AnyTensor {
  /// The scalar that all scalars equal bit for bit, as a rank-0 tensor.
  fileprivate var uniformScalar: AnyTensor? {
    let (size, count) = (scalarType.byteCount, count)
    let bytes = UnsafeRawBufferPointer(start: memory, count: size * count)
    guard (1..<count).allSatisfy({ i in (0..<size).allSatisfy { bytes[i * size + $0] == bytes[$0] } }) else { return nil }
    return slice(Window(starts: shape.map { _ in 0 }, extents: shape.map { _ in 1 })).reshaped([])
  }

  fileprivate func hasSameBits(as other: AnyTensor) -> Bool {
    let count = signature.byteCount
    return signature == other.signature
      && UnsafeRawBufferPointer(start: memory, count: count)
        .elementsEqual(UnsafeRawBufferPointer(start: other.memory, count: count))
  }
}
