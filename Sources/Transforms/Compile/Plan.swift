import Synchronization
import Tensors

/// A compiled function for arguments of given shapes: steps on memory that is laid out once.
///
/// Running it allocates nothing but its results, and reuses the memory of earlier results that nobody holds any more, so a training
/// loop allocates nothing at all.
public final class Plan: @unchecked Sendable {
  // Unchecked because `lock` is held while anything changes.
  private let lock = Mutex<Void>(())
  private let steps: [Step]
  /// The same, for a loop that retains nothing.
  private let unownedSteps: [Unmanaged<Step>]
  private let labels: [(label: String, isFused: Bool)]
  private let constants: [AnyTensor]
  private let resultSignatures: [Signature]
  private let instructionCount: Int

  /// All working memory: intermediate results, then the scratch of the kernels.
  private let arena: TensorStorage
  private let scratch: UnsafeMutableRawPointer
  /// Operands and results of all steps, one after the other; those outside the arena are filled in for each run.
  private let pointers: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private var argumentPlaces: [(place: Int, argument: Int)] = []
  private var resultPlaces: [(place: Int, result: Int)] = []
  /// Results that no step computes, because they are arguments, constants or other results.
  private var copies: [(source: Origin, result: Int)] = []
  private var pool: ResultPool

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

  init(_ function: TracedFunction) {
    let program = Program(function)
    let lowering = Lowering(program)
    let roots = program.outputs.map(program.root)

    // Each distinct computed value that is returned is computed in the memory of its first result.
    var resultOf: [Program.ValueID: Int] = [:]
    for (i, root) in roots.enumerated() {
      if case .result = program.values[root].source, resultOf[root] == nil { resultOf[root] = i }
    }
    let layout = MemoryLayoutPlan(lowering.steps, isElsewhere: { resultOf[$0] != nil || !program.isComputed($0) }, program)
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
    for (i, root) in roots.enumerated() where resultOf[root] != i { copies.append((origin(root), i)) }
    self.steps = steps
    unownedSteps = steps.map(Unmanaged.passUnretained)
    self.constants = constants
    labels = lowering.steps.map { ($0.label, $0.isFused) }
    resultSignatures = program.outputs.map { program.values[$0].signature }
    instructionCount = program.instructions.count
    pool = ResultPool(resultSignatures.map(\.byteCount))
  }

  deinit { pointers.deallocate() }

  /// The results for these arguments, whose signatures are those the plan was made for.
  func run(_ arguments: [AnyTensor]) -> [AnyTensor] {
    lock.withLock { _ in
      pool.prepare()
      for (place, argument) in argumentPlaces { pointers[place] = arguments[argument].memory }
      for (place, result) in resultPlaces { pointers[place] = pool.current[result].memory }
      for step in unownedSteps {
        step._withUnsafeGuaranteedRef { $0.kernel.run($0.inputs, $0.outputs, scratch) }
      }
      for (source, result) in copies {
        let memory =
          switch source {
          case .argument(let i): arguments[i].memory
          case .constant(let i): constants[i].memory
          case .result(let i): pool.current[i].memory
          case .arena(let offset): arena.memory + offset
          }
        pool.current[result].memory.copyMemory(from: memory, byteCount: resultSignatures[result].byteCount)
      }
      return resultSignatures.indices.map { AnyTensor(resultSignatures[$0], storage: pool.current[$0]) }
    }
  }

  /// Bytes of working memory: intermediate results and scratch, without arguments and results.
  public var workingMemory: Int { arena.byteCount }
}

extension Plan: CustomStringConvertible {
  /// What was built: operations, steps and memory, then one line a step.
  public var description: String {
    let fused = labels.count { $0.isFused }
    let head =
      "\(instructionCount) operations in \(labels.count) steps, \(fused) of them fused; \(workingMemory) bytes of working memory"
    return ([head] + labels.map { "  " + $0.label }).joined(separator: "\n")
  }
}

/// Memory for the results: that of an earlier run, if its tensors are gone.
private struct ResultPool {
  private let byteCounts: [Int]
  /// For each result the memory of recent runs, the latest first.
  private var recent: [[TensorStorage]]
  private(set) var current: [TensorStorage] = []

  /// A loop holds its state and the one before: with a third, some memory is always free.
  private static let depth = 3

  init(_ byteCounts: [Int]) {
    self.byteCounts = byteCounts
    recent = byteCounts.map { _ in [] }
  }

  mutating func prepare() {
    current.removeAll(keepingCapacity: true)
    for i in byteCounts.indices {
      let free = recent[i].indices.first { isKnownUniquelyReferenced(&recent[i][$0]) }
      if let free {
        current.append(recent[i][free])
      } else {
        let storage = TensorStorage(byteCount: byteCounts[i])
        if recent[i].count == Self.depth { recent[i].removeLast() }
        recent[i].insert(storage, at: 0)
        current.append(storage)
      }
    }
  }
}

extension Program {
  fileprivate func isComputed(_ id: ValueID) -> Bool {
    if case .result = values[id].source { true } else { false }
  }
}

/// Offsets of intermediate results in one block: values that live at the same time do not overlap, others share memory.
private struct MemoryLayoutPlan {
  private(set) var offsets: [Program.ValueID: Int] = [:]
  private(set) var byteCount = 0

  private struct Interval {
    var value: Program.ValueID
    var bytes: Int
    var first: Int
    var last: Int
  }

  init(_ steps: [Lowering.Step], isElsewhere: (Program.ValueID) -> Bool, _ program: Program) {
    var intervals: [Program.ValueID: Interval] = [:]
    for (i, step) in steps.enumerated() {
      for value in step.outputs where !isElsewhere(value) {
        // Whole cache lines, so that threads do not share one.
        intervals[value] = Interval(value: value, bytes: (program.values[value].signature.byteCount + 63) & -64, first: i, last: i)
      }
      for value in step.inputs { intervals[value]?.last = i }
    }
    // The largest first, each at the lowest place that is free during its life.
    var placed: [Interval] = []
    for interval in intervals.values.sorted(by: { ($0.bytes, $1.value) > ($1.bytes, $0.value) }) {
      let neighbours = placed.filter { $0.first <= interval.last && interval.first <= $0.last }
        .sorted { (offsets[$0.value] ?? 0) < (offsets[$1.value] ?? 0) }
      var offset = 0
      for neighbour in neighbours {
        let start = offsets[neighbour.value] ?? 0
        if offset + interval.bytes <= start { break }
        offset = Swift.max(offset, start + neighbour.bytes)
      }
      offsets[interval.value] = offset
      byteCount = Swift.max(byteCount, offset + interval.bytes)
      placed.append(interval)
    }
  }
}
