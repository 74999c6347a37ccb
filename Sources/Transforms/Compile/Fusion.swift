import Tensors

/// Which instructions run together: chains and bundles of elementwise operations of one shape become one pass over memory.
///
/// Broadcasts are not computed but read repeatedly by their users, unless somebody needs them in memory. An instruction joins the
/// latest group of its shape that shares an operand with it or computes one, if all its operands are computed there or before: so
/// the groups in the order of their first members are a valid order of the whole.
struct Fusion {
  /// Instructions of the program that run as one step, in order.
  private(set) var steps: [[Int]] = []
  /// Broadcasts that are read in place and never computed.
  let isView: [Bool]

  /// A group's operations share the first-level cache with their intermediate results.
  private static let longestGroup = 48
  /// How many groups back an instruction may join: unbounded, the search would be quadratic in long programs.
  private static let horizon = 64

  init(_ program: Program) {
    isView = Self.views(program)
    var stepOf = Array(repeating: -1, count: program.instructions.count)
    for (i, instruction) in program.instructions.enumerated() where !isView[i] {
      let latest = instruction.inputs.compactMap { program.instruction(behind: $0, isView) }.map { stepOf[$0] }.max() ?? 0
      let shape = program.fusibleShape(i)
      let candidates = Swift.max(latest, steps.count - Self.horizon)..<Swift.max(latest, steps.count)
      let joined =
        shape == nil
        ? nil
        : candidates.last { step in
          steps[step].count < Self.longestGroup && program.fusibleShape(steps[step][0]) == shape
            && program.shareData(i, steps[step])
        }
      stepOf[i] = joined ?? steps.count
      if let joined { steps[joined].append(i) } else { steps.append([i]) }
    }
    sink(program, &stepOf)
  }

  /// Moves whole groups down to the first step that reads them, if that is a group of the same shape: an operation that had its
  /// operands early waits for the chain it belongs to, and its result need not go through memory.
  private mutating func sink(_ program: Program, _ stepOf: inout [Int]) {
    var firstReader = Array(repeating: Int.max, count: steps.count)
    func read(by step: Int) {
      for i in steps[step] {
        for input in program.instructions[i].inputs {
          guard let source = program.instruction(behind: input, isView), stepOf[source] != step else { continue }
          firstReader[stepOf[source]] = Swift.min(firstReader[stepOf[source]], step)
        }
      }
    }
    for step in steps.indices.reversed() {
      let reader = firstReader[step]
      if reader < steps.count, let shape = program.fusibleShape(steps[step][0]), program.fusibleShape(steps[reader][0]) == shape,
        steps[step].count + steps[reader].count <= Self.longestGroup
      {
        for i in steps[step] { stepOf[i] = reader }
        steps[reader] = (steps[step] + steps[reader]).sorted()
        steps[step] = []
        read(by: reader)
      } else {
        read(by: step)
      }
    }
    steps.removeAll(where: \.isEmpty)
  }

  private static func views(_ program: Program) -> [Bool] {
    var isView = program.instructions.map { $0.primitive is BroadcastTo }
    func materialize(_ id: Program.ValueID) {
      if case .result(let instruction, _) = program.values[program.root(id)].source { isView[instruction] = false }
    }
    for output in program.outputs { materialize(output) }
    for value in program.values { if case .alias(let other) = value.source { materialize(other) } }
    for (i, instruction) in program.instructions.enumerated() where program.fusibleShape(i) == nil {
      instruction.inputs.forEach(materialize)
    }
    return isView
  }
}

extension Program {
  /// The shape over which an elementwise instruction runs; nil for all others.
  fileprivate func fusibleShape(_ i: Int) -> [Int]? {
    instructions[i].primitive is any ElementwisePrimitive ? values[instructions[i].outputs[0]].signature.shape : nil
  }

  /// The instruction that computes a value; behind a view, the one that computes what is repeated.
  fileprivate func instruction(behind id: ValueID, _ isView: [Bool]) -> Int? {
    guard case .result(let instruction, _) = values[root(id)].source else { return nil }
    return isView[instruction] ? self.instruction(behind: instructions[instruction].inputs[0], isView) : instruction
  }

  /// Whether an instruction reads what the group reads or computes.
  fileprivate func shareData(_ i: Int, _ group: [Int]) -> Bool {
    let own = Set(instructions[i].inputs.map(root))
    return group.contains { member in
      !own.isDisjoint(with: instructions[member].inputs.map(root)) || !own.isDisjoint(with: instructions[member].outputs)
    }
  }
}
