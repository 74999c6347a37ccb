import Tensors

/// The steps of a program on memory that is laid out once.
final class StepSequence: @unchecked Sendable {
  // Unchecked because one thread at a time runs it.
  private let steps: [Step]
  /// The same, for a loop that retains nothing.
  private let unownedSteps: [Unmanaged<Step>]
  /// For the description: what each step does, and whether it is more than one operation.
  let labels: [(label: String, isFused: Bool)]
  private let constants: [AnyTensor]

  /// All working memory: intermediate results, then the scratch of the kernels.
  private let arena: TensorStorage
  private let scratch: UnsafeMutableRawPointer
  /// Operands and results of all steps, one after the other; those outside the arena are filled in for each run.
  private let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private let argumentPlaces: [(place: Int, argument: Int)]
  private let resultPlaces: [(place: Int, result: Int)]
  /// Results that no step computes, because they are arguments, constants or other results.
  private let copies: [(source: Origin, result: Int, byteCount: Int)]

  /// A kernel and its places. A class whose fields never change, so that calling through it retains nothing.
  private final class Step {
    let kernel: Kernel
    let inputs: UnsafeMutablePointer<UnsafeMutableRawPointer>
    let outputs: UnsafeMutablePointer<UnsafeMutableRawPointer>

    init(_ kernel: Kernel, _ inputs: UnsafeMutablePointer<UnsafeMutableRawPointer>, outputs: Int) {
      self.kernel = kernel
      self.inputs = inputs
      self.outputs = inputs + outputs
    }
  }

  private enum Origin {
    case argument(Int)
    case constant(Int)
    case result(Int)
    case arena(Int)
  }

  var workingMemory: Int { arena.byteCount }

  init(_ program: Program) {
    let lowering = Lowering(program)
    let roots = program.outputs.map(program.root)

    // Each distinct computed value that is returned is computed in the memory of its first result.
    var resultOf: [Program.ValueID: Int] = [:]
    for (i, root) in roots.enumerated() {
      if case .result = program.values[root].source, resultOf[root] == nil { resultOf[root] = i }
    }
    let layout = ArenaLayout(lowering.steps, isElsewhere: { resultOf[$0] != nil || !program.isComputed($0) }, program)
    let scratchBytes = lowering.steps.map(\.kernel.scratch).max() ?? 0
    arena = TensorStorage(byteCount: layout.byteCount + scratchBytes)
    scratch = arena.memory + layout.byteCount

    var constants: [AnyTensor] = []
    var constantIndex: [Program.ValueID: Int] = [:]
    func origin(_ root: Program.ValueID) -> Origin {
      switch program.values[root].source {
      case .argument(let i): return .argument(i)
      case .constant(let tensor):
        if let i = constantIndex[root] { return .constant(i) }
        constantIndex[root] = constants.count
        constants.append(tensor)
        return .constant(constants.count - 1)
      default: return resultOf[root].map(Origin.result) ?? .arena(layout.offsets[root] ?? 0)
      }
    }

    let total = lowering.steps.reduce(0) { $0 + $1.inputs.count + $1.outputs.count }
    pointers = .allocate(capacity: Swift.max(1, total))
    pointers.initialize(repeating: arena.memory, count: Swift.max(1, total))
    var place = 0
    var steps: [Step] = []
    var argumentPlaces: [(place: Int, argument: Int)] = []
    var resultPlaces: [(place: Int, result: Int)] = []
    for step in lowering.steps {
      steps.append(Step(step.kernel, pointers + place, outputs: step.inputs.count))
      for root in step.inputs + step.outputs {
        switch origin(root) {
        case .argument(let i): argumentPlaces.append((place, i))
        case .constant(let i): pointers[place] = constants[i].memory
        case .result(let i): resultPlaces.append((place, i))
        case .arena(let offset): pointers[place] = arena.memory + offset
        }
        place += 1
      }
    }
    self.argumentPlaces = argumentPlaces
    self.resultPlaces = resultPlaces
    copies = roots.indices.filter { resultOf[roots[$0]] != $0 }.map { i in
      (origin(roots[i]), i, program.values[roots[i]].signature.byteCount)
    }
    self.steps = steps
    unownedSteps = steps.map(Unmanaged.passUnretained)
    labels = lowering.steps.map { ($0.label, $0.isFused) }
    self.constants = constants
  }

  deinit { pointers.deallocate() }

  func run(_ arguments: Kernel.Pointers, _ results: Kernel.Pointers) {
    for (place, argument) in argumentPlaces { pointers[place] = arguments[argument] }
    for (place, result) in resultPlaces { pointers[place] = results[result] }
    for step in unownedSteps { step._withUnsafeGuaranteedRef { $0.kernel.run($0.inputs, $0.outputs, scratch) } }
    for (source, result, byteCount) in copies {
      results[result].copyMemory(from: memory(source, arguments, results), byteCount: byteCount)
    }
  }

  /// Part `part` of a batch.
  func run(_ arguments: Kernel.Pointers, _ results: Kernel.Pointers, part: Int, _ batches: Batches) {
    withUnsafeTemporaryAllocation(
      of: UnsafeMutableRawPointer.self, capacity: batches.argumentStrides.count + batches.resultStrides.count
    ) { places in
      guard let base = places.baseAddress else { return }
      for (i, stride) in batches.argumentStrides.enumerated() { base[i] = arguments[i] + part * stride }
      let second = base + batches.argumentStrides.count
      for (i, stride) in batches.resultStrides.enumerated() { second[i] = results[i] + part * stride }
      run(base, second)
    }
  }

  private func memory(
    _ source: Origin, _ arguments: Kernel.Pointers, _ results: Kernel.Pointers
  ) -> UnsafeMutableRawPointer {
    switch source {
    case .argument(let i): arguments[i]
    case .constant(let i): constants[i].memory
    case .result(let i): results[i]
    case .arena(let offset): arena.memory + offset
    }
  }
}

extension Program {
  fileprivate func isComputed(_ id: ValueID) -> Bool {
    if case .result = values[id].source { true } else { false }
  }
}

/// Offsets of intermediate results in one block: values that live at the same time do not overlap, others share memory.
///
/// The steps are walked once, as an allocator would see them: a result takes the smallest gap that holds it, and gives it back after its
/// last reader. (Placing the largest first packs a little tighter, but in quadratic time: an unrolled loop has 100000 values.)
private struct ArenaLayout {
  private(set) var offsets: [Program.ValueID: Int] = [:]
  private(set) var byteCount = 0
  /// What is free below `byteCount`, in ascending order, never two ranges side by side.
  private var gaps: [Range<Int>] = []

  init(_ steps: [Lowering.Step], isElsewhere: (Program.ValueID) -> Bool, _ program: Program) {
    // Whole cache lines, so that threads do not share one.
    func bytes(_ value: Program.ValueID) -> Int { (program.values[value].signature.byteCount + 63) & -64 }
    var lastStep: [Program.ValueID: Int] = [:]
    for (i, step) in steps.enumerated() {
      for value in step.inputs + step.outputs { lastStep[value] = i }
    }
    for (i, step) in steps.enumerated() {
      for value in step.outputs where !isElsewhere(value) { offsets[value] = take(bytes(value)) }
      for value in Set(step.inputs + step.outputs) where lastStep[value] == i {
        if let offset = offsets[value] { giveBack(offset..<offset + bytes(value)) }
      }
    }
  }

  private mutating func take(_ bytes: Int) -> Int {
    let fitting = gaps.indices.filter { gaps[$0].count >= bytes }
    if let best = fitting.min(by: { gaps[$0].count < gaps[$1].count }) {
      let start = gaps[best].lowerBound
      gaps[best] = start + bytes..<gaps[best].upperBound
      if gaps[best].isEmpty { gaps.remove(at: best) }
      return start
    }
    // At the end, beginning with a gap that reaches it.
    let start = gaps.last?.upperBound == byteCount ? gaps.removeLast().lowerBound : byteCount
    byteCount = start + bytes
    return start
  }

  private mutating func giveBack(_ range: Range<Int>) {
    if range.isEmpty { return }
    var range = range
    // Binary search for the first gap behind it.
    var (low, high) = (0, gaps.count)
    while low < high {
      let middle = (low + high) / 2
      if gaps[middle].lowerBound < range.lowerBound { low = middle + 1 } else { high = middle }
    }
    if low < gaps.count, gaps[low].lowerBound == range.upperBound { range = range.lowerBound..<gaps.remove(at: low).upperBound }
    if low > 0, gaps[low - 1].upperBound == range.lowerBound {
      range = gaps.remove(at: low - 1).lowerBound..<range.upperBound
      low -= 1
    }
    gaps.insert(range, at: low)
  }
}
