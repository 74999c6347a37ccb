import Tensors

/// Steps of a plan from the groups of a program.
struct Lowering {
  /// One kernel, the values it reads and the values it writes.
  struct Step {
    var kernel: Kernel
    var inputs: [Program.ValueID]
    var outputs: [Program.ValueID]
    /// For the description of the plan.
    var label: String
    var isFused: Bool
  }

  private let program: Program
  private let fusion: Fusion
  private(set) var steps: [Step] = []

  init(_ program: Program) {
    self.program = program
    fusion = Fusion(program)
    let neededOutside = Self.neededOutside(program, fusion)
    steps = fusion.steps.map { group in
      let first = program.instructions[group[0]]
      return first.primitive is any ElementwisePrimitive ? fused(group, neededOutside) : single(first)
    }
  }

  private func single(_ instruction: Program.Instruction) -> Step {
    Step(
      kernel: instruction.primitive.kernel(
        instruction.inputs.map { program.values[$0].signature }, instruction.outputs.map { program.values[$0].signature }),
      inputs: instruction.inputs.map(program.root), outputs: instruction.outputs,
      label:
        "\(instruction.primitive.name) \(instruction.outputs.map { "\(program.values[$0].signature)" }.joined(separator: " "))",
      isFused: false)
  }

  private func fused(_ group: [Int], _ neededOutside: Set<Program.ValueID>) -> Step {
    let instructions = group.map { program.instructions[$0] }
    let shape = program.values[instructions[0].outputs[0]].signature.shape
    var memory: [Program.ValueID: Int] = [:]  // Inputs of the step by value and strides.
    var inputs: [(value: Program.ValueID, size: Int, strides: [Int])] = []
    var outputs: [Program.ValueID] = []
    var places: [Program.ValueID: FusedLoop.Place] = [:]
    let merged = merged(instructions, neededOutside)
    var buffers = BufferAllocation(lastReader: lastReaders(merged))

    func place(_ id: Program.ValueID) -> FusedLoop.Place {
      if let place = places[program.root(id)] { return place }
      if let input = memory[id] { return .input(input) }
      let (value, strides) = view(id, shape)
      memory[id] = inputs.count
      inputs.append((value, program.values[id].signature.scalarType.byteCount, strides))
      return .input(inputs.count - 1)
    }

    var operations: [FusedLoop.Operation] = []
    for (i, operation) in merged.enumerated() {
      let operands = operation.inputs.map { (place: place($0), size: program.values[$0].signature.scalarType.byteCount) }
      let id = operation.output
      let result: FusedLoop.Place
      if neededOutside.contains(id) {
        result = .output(outputs.count)
        outputs.append(id)
      } else {
        result = .buffer(buffers.take(id))
      }
      places[id] = result
      operations.append(
        .init(loop: operation.loop, operands: operands, result: (result, program.values[id].signature.scalarType.byteCount)))
      buffers.release(after: i)
    }
    let loop = FusedLoop(
      shape: shape, inputs: inputs.map { ($0.size, $0.strides) }, operations: operations, bufferCount: buffers.count)
    return Step(
      kernel: loop.kernel(), inputs: inputs.map(\.value), outputs: outputs,
      label: "\(instructions.map(\.primitive.name).joined(separator: ", ")) \(shape)", isFused: instructions.count > 1)
  }

  /// The memory behind an operand of a loop over `shape`, and its strides in elements.
  private func view(_ id: Program.ValueID, _ shape: [Int]) -> (Program.ValueID, strides: [Int]) {
    let root = program.root(id)
    if case .result(let i, _) = program.values[root].source, fusion.isView[i] {
      // The operand of a broadcast may be a broadcast again.
      let source = program.instructions[i].inputs[0]
      let (value, strides) = view(source, program.values[source].signature.shape)
      let own = Strided.broadcast(program.values[source].signature.shape, to: shape).strides
      let missing = shape.count - strides.count
      return (value, shape.indices.map { $0 < missing || own[$0] == 0 ? 0 : strides[$0 - missing] })
    }
    return (root, Strided.whole(shape).strides)
  }

  /// One pass over a tile.
  private struct Operation {
    var loop: ElementLoop
    var inputs: [Program.ValueID]
    var output: Program.ValueID
  }

  /// The operations of a group in order; products that a sum alone reads are computed in its pass.
  private func merged(_ instructions: [Program.Instruction], _ neededOutside: Set<Program.ValueID>) -> [Operation] {
    var readers: [Program.ValueID: Int] = [:]
    for input in instructions.flatMap(\.inputs) { readers[program.root(input), default: 0] += 1 }
    var products: [Program.ValueID: [Program.ValueID]] = [:]  // The factors of products that one operation reads.
    for instruction in instructions where instruction.primitive.isProduct {
      let product = instruction.outputs[0]
      if readers[product] == 1, !neededOutside.contains(product) { products[product] = instruction.inputs }
    }
    var used: Set<Program.ValueID> = []
    var operations: [Operation] = []
    for instruction in instructions {
      guard let primitive = instruction.primitive as? any ElementwisePrimitive else { continue }
      let types = instruction.inputs.map { program.values[$0].signature.scalarType }
      var operation = Operation(loop: primitive.loop(types), inputs: instruction.inputs, output: instruction.outputs[0])
      if primitive.isSum {
        let terms = instruction.inputs.map(program.root)
        let factors = terms.map { products[$0] }
        let sum: ProductSum? = factors[0] != nil ? (factors[1] != nil ? .both : .first) : factors[1] != nil ? .second : nil
        if let loop = sum?.loop(types[0]) {
          operation.loop = loop
          operation.inputs = zip(factors, instruction.inputs).flatMap { $0 ?? [$1] }
          used.formUnion(zip(factors, terms).compactMap { $0 == nil ? nil : $1 })
        }
      }
      operations.append(operation)
    }
    return operations.filter { !used.contains($0.output) }
  }

  private func lastReaders(_ operations: [Operation]) -> [Program.ValueID: Int] {
    var last: [Program.ValueID: Int] = [:]
    for (i, operation) in operations.enumerated() {
      for input in operation.inputs { last[program.root(input)] = i }
    }
    return last
  }

  /// Values that must be in memory: read by another step, or results.
  private static func neededOutside(_ program: Program, _ fusion: Fusion) -> Set<Program.ValueID> {
    var needed = Set(program.outputs.map(program.root))
    for group in fusion.steps {
      let own = Set(group.flatMap { program.instructions[$0].outputs })
      for i in group {
        for input in program.instructions[i].inputs {
          let source = program.sourceBehindViews(input, fusion.isView)
          // A value that its own group reads repeatedly cannot lie in a buffer of one tile; the group was not fused then.
          if !own.contains(source) || source != program.root(input) { needed.insert(source) }
        }
      }
    }
    return needed
  }
}

extension Program {
  /// The value in memory behind broadcasts that are views.
  func sourceBehindViews(_ id: ValueID, _ isView: [Bool]) -> ValueID {
    let root = root(id)
    guard case .result(let i, _) = values[root].source, isView[i] else { return root }
    return sourceBehindViews(instructions[i].inputs[0], isView)
  }
}

/// Buffers of one tile, given back after their last reader.
private struct BufferAllocation {
  private let lastReader: [Program.ValueID: Int]
  private var holders: [Program.ValueID?] = []

  init(lastReader: [Program.ValueID: Int]) { self.lastReader = lastReader }

  var count: Int { holders.count }

  mutating func take(_ id: Program.ValueID) -> Int {
    let free = holders.firstIndex { $0 == nil } ?? holders.count
    if free == holders.count { holders.append(id) } else { holders[free] = id }
    return free
  }

  mutating func release(after instruction: Int) {
    for (i, holder) in holders.enumerated() {
      if let holder, (lastReader[holder] ?? instruction) <= instruction { holders[i] = nil }
    }
  }
}
