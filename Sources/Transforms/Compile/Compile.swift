import Synchronization
import Tensors

/// `function`, compiled: traced once for each combination of shapes and constants, optimized, and run from a plan that allocates
/// nothing but results.
///
///     let step = compile { (state: State, x: Tensor<Float>, y: Tensor<Float>) in
///       let result = valueAndGrad(loss)(state.model, x, y)
///       return (state.updated(by: result.gradient), result.value)
///     }
///     for (x, y) in batches { (state, loss) = step(state, x, y) }
///
/// The function runs only while it is traced: what it reads besides its arguments is constant from then on, and its prints and other
/// effects happen once. Inside another transform it is called as it is, and compiled with what is around it.
///
/// - Parameters:
///   - onPlan: called with every plan that is made, to see what was built.
///   - function: of up to five trees, with one or two trees as results. Constants of trees (numbers, strings, enumerations) are part of what a plan is made for.
public func compile<Argument: TensorTree, Result: TensorTree>(
  onPlan: ((Plan) -> Void)? = nil, _ function: @escaping (Argument) -> Result
) -> (Argument) -> Result {
  let compiled = CompiledFunction(onPlan, function)
  return { a in compiled(a) }
}

/// A function of trees with its plans.
struct CompiledFunction<each Argument: TensorTree, Result: TensorTree> {
  private let function: (repeat each Argument) -> Result
  private let cache: PlanCache<Result>

  init(_ onPlan: ((Plan) -> Void)?, _ function: @escaping (repeat each Argument) -> Result) {
    self.function = function
    cache = PlanCache(onPlan)
  }

  func callAsFunction(_ argument: repeat each Argument) -> Result {
    var leaves = TreeLeaves()
    repeat (each argument).flatten(into: &leaves)
    if leaves.tensors.contains(where: \.isTraced) { return function(repeat each argument) }
    let planned = cache.run(leaves) { variables in
      var leaves = TreeLeaves(variables)
      return function(repeat (each argument).replaced(from: &leaves))
    }
    return planned ?? function(repeat each argument)
  }
}

/// The plans of one compiled function.
private final class PlanCache<Result: TensorTree>: Sendable {
  struct Entry {
    let signatures: [Signature]
    let constants: [AnyHashable]
    let plan: Plan
    /// The tree of results as it was traced, to be filled.
    let result: Result
  }

  // The trees of results are read only.
  private struct Entries: @unchecked Sendable {
    var recentFirst: [Entry] = []
  }

  private let entries = Mutex(Entries())
  private let onPlan: Callback

  private struct Callback: @unchecked Sendable {
    let call: ((Plan) -> Void)?
  }

  init(_ onPlan: ((Plan) -> Void)?) { self.onPlan = Callback(call: onPlan) }

  /// Nil if the function captures a tensor that an outer transform is tracing: then there is nothing to plan yet.
  func run(_ leaves: TreeLeaves, _ body: ([AnyTensor]) -> Result) -> Result? {
    guard let entry = find(leaves) ?? make(leaves, body) else { return nil }
    return entry.result.replacingTensors(entry.plan.run(leaves.tensors))
  }

  private func find(_ leaves: TreeLeaves) -> Entry? {
    nonisolated(unsafe) var found: Entry?
    entries.withLock { entries in
      let place = entries.recentFirst.firstIndex { entry in
        entry.signatures.count == leaves.tensors.count
          && zip(entry.signatures, leaves.tensors).allSatisfy { $0.shape == $1.shape && $0.scalarType == $1.scalarType }
          && entry.constants == leaves.constants
      }
      guard let place else { return }
      if place > 0 { entries.recentFirst.swapAt(0, place) }
      found = entries.recentFirst[0]
    }
    return found
  }

  private func make(_ leaves: TreeLeaves, _ body: ([AnyTensor]) -> Result) -> Entry? {
    let signatures = leaves.tensors.map(\.signature)
    var result: Result?
    let function = TracedFunction(signatures) { variables in
      let value = body(variables)
      result = value
      return value.tensors
    }
    guard let result else { fatalError("compile: the function returned nothing") }
    if function.capturesTraced { return nil }
    let entry = Entry(signatures: signatures, constants: leaves.constants, plan: Plan(function), result: result)
    onPlan.call?(entry.plan)
    nonisolated(unsafe) let kept = entry
    entries.withLock { $0.recentFirst.insert(kept, at: 0) }
    return entry
  }
}
