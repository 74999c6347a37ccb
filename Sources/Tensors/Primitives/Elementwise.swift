/// Primitives that compute element i of the result from element i of their operands: the ones that `compile` fuses into chains.
package protocol ElementwisePrimitive: Primitive {
  /// The computation over a run of elements for these operand types.
  func loop(_ inputs: [ScalarType]) -> ElementLoop
}

/// y[i] = f(a[i], b[i], ...) over `count` elements. (A struct, because a closure kept in generic containers is wrapped in another.)
package struct ElementLoop: Sendable {
  package typealias Body = @Sendable (_ operands: UnsafePointer<Operand>, _ y: UnsafeMutableRawPointer, _ count: Int) -> Void
  package let run: Body

  init(_ run: @escaping Body) { self.run = run }
}

/// A run of elements: at `pointer`, one after the other (step 1) or the same one again and again (step 0).
package struct Operand {
  package var pointer: UnsafeRawPointer
  package var step: Int

  package init(_ pointer: UnsafeRawPointer, step: Int) {
    self.pointer = pointer
    self.step = step
  }
}

enum ElementwiseThreads {
  /// Runs of at least this many elements are shared among threads, in blocks of `block`: sizes alone decide.
  static let threshold = 1 << 16
  static let block = 1 << 13
}

extension ElementwisePrimitive {
  package func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    Kernel(loop: loop(inputs.map(\.scalarType)), inputs.map { ($0.scalarType.byteCount, 1) }, outputs[0])
  }

  /// Operands with a batch axis meet operands without, which are repeated.
  package func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    apply(
      zip(inputs, isBatched).map { input, isBatched in isBatched ? input : input.broadcast(to: [size] + input.shape) })
  }
}

extension Kernel {
  /// `loop` over all elements of `output`; each operand is (bytes of an element, step).
  init(loop: ElementLoop, _ operands: [(size: Int, step: Int)], _ output: Signature) {
    let (count, outputSize) = (output.count, output.scalarType.byteCount)
    let advances = operands.map { $0.size * $0.step }
    let steps = operands.map(\.step)
    self.init { inputs, outputs, _ in
      let (inputs, y) = (Shared(inputs), Shared(outputs[0]))
      let block: @Sendable (Range<Int>) -> Void = { range in
        withUnsafeTemporaryAllocation(of: Operand.self, capacity: steps.count) { run in
          for i in 0..<steps.count {
            run.initializeElement(
              at: i, to: Operand(inputs.value[i] + range.lowerBound * advances[i], step: steps[i]))
          }
          guard let run = run.baseAddress else { return }
          loop.run(run, y.value + range.lowerBound * outputSize, range.count)
        }
      }
      if count < ElementwiseThreads.threshold {
        block(0..<count)
      } else {
        Threads.forEachBlock(of: count, size: ElementwiseThreads.block, block)
      }
    }
  }
}

/// A pointer that blocks running at once may share because they touch disjoint parts of it.
struct Shared<Pointer>: @unchecked Sendable {
  let value: Pointer
  init(_ value: Pointer) { self.value = value }
}
