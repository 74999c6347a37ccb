import Synchronization
import Tensors

/// A compiled function for arguments of given shapes.
///
/// Running it allocates nothing but its results, and reuses the memory of earlier results that nobody holds any more, so a training
/// loop allocates nothing at all.
public final class Plan: @unchecked Sendable {
  // Unchecked because `lock` is held while anything changes.
  private let lock = Mutex<Void>(())
  private let program: Program
  private let resultSignatures: [Signature]
  /// One sequence of steps; for a batch that is cut into parts, one for each thread.
  private let sequences: [StepSequence]
  private let batches: Batches?
  private var pool: ResultPool
  private let arguments: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private let results: UnsafeMutablePointer<UnsafeMutableRawPointer>

  init(_ function: TracedFunction) {
    program = Program(function)
    resultSignatures = program.outputs.map { [program] in program.values[$0].signature }
    batches = Batches(program, argumentSignatures: function.variables.map(\.signature))
    if let batches {
      let threads = Swift.min(Threads.count, batches.parts)
      sequences = (0..<threads).map { _ in StepSequence(batches.program) }
    } else {
      sequences = [StepSequence(program)]
    }
    pool = ResultPool(resultSignatures.map(\.byteCount))
    let constants = batches?.constants ?? []
    arguments = .allocate(capacity: Swift.max(1, function.variables.count + constants.count))
    for (i, constant) in constants.enumerated() { arguments[function.variables.count + i] = constant.memory }
    results = .allocate(capacity: Swift.max(1, resultSignatures.count))
  }

  deinit {
    arguments.deallocate()
    results.deallocate()
  }

  /// The results for these arguments, whose signatures are those the plan was made for.
  func run(_ tensors: [AnyTensor]) -> [AnyTensor] {
    lock.withLock { _ in
      pool.prepare()
      for i in tensors.indices { arguments[i] = tensors[i].memory }
      for i in resultSignatures.indices { results[i] = pool.current[i].memory }
      if let batches { run(batches) } else { sequences[0].run(arguments, results) }
      withExtendedLifetime(tensors) {}
      return resultSignatures.indices.map { AnyTensor(resultSignatures[$0], storage: pool.current[$0]) }
    }
  }

  private func run(_ batches: Batches) {
    let memory = (arguments: Unchecked(arguments), results: Unchecked(results))
    Threads.forEach(sequences.count) { [sequences] thread in
      for part in stride(from: thread, to: batches.parts, by: sequences.count) {
        sequences[thread].run(memory.arguments.value, memory.results.value, part: part, batches)
      }
    }
  }

  private struct Unchecked<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
  }

  /// Bytes of working memory: intermediate results and scratch, without arguments and results.
  public var workingMemory: Int { sequences.reduce(0) { $0 + $1.workingMemory } }
}

extension Plan: CustomStringConvertible {
  /// What was built: operations, steps and memory, then one line a step.
  public var description: String {
    let labels = sequences[0].labels
    let fused = labels.count { $0.isFused }
    var head = "\(program.instructions.count) operations in \(labels.count) steps, \(fused) of them fused; "
    head += "\(workingMemory) bytes of working memory"
    if let batches { head += "; the batch in \(batches.parts) parts" }
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
