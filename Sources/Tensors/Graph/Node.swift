import Synchronization

/// One operation of a traced function: a primitive and its inputs, which are constants or outputs of earlier nodes.
///
/// Nodes are immutable and form a directed acyclic graph by their references alone: there is no tape and no context. What a
/// transform needs of the graph it finds by walking back from the outputs.
package final class Node: @unchecked Sendable {
  // Unchecked because nothing changes between init and deinit.
  package let primitive: any Primitive
  package private(set) var inputs: [AnyTensor]
  package let outputs: [Signature]
  /// Later nodes have greater numbers: sorting by them is a topological order.
  package let order: Int

  private static let counter = Atomic<Int>(0)

  init(_ primitive: any Primitive, _ inputs: [AnyTensor], _ outputs: [Signature]) {
    self.primitive = primitive
    self.inputs = inputs
    self.outputs = outputs
    self.order = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// A chain of nodes would release one another recursively and run out of stack: a long unrolled loop has 100000 of them.
  deinit {
    guard inputs.contains(where: \.isTraced) else { return }
    var pending = inputs.compactMap(\.traced)
    inputs = []
    while var value = pending.popLast() {
      guard isKnownUniquelyReferenced(&value), value.isOnlyOwnerOfNode else { continue }
      pending += value.node.inputs.compactMap(\.traced)
      value.node.inputs = []
    }
  }

  /// The outputs as tensors that further operations may take.
  package var values: [AnyTensor] { outputs.indices.map { AnyTensor(outputs[$0], storage: TracedValue(self, $0)) } }

  /// A value that stands for an argument of the function that is being traced.
  package static func variable(_ signature: Signature) -> AnyTensor { Node(Variable(), [], [signature]).values[0] }
}

/// The primitive of an argument: it has no inputs and no kernel; whoever evaluates the graph supplies it.
struct Variable: Primitive {
  func outputs(_ inputs: [Signature]) -> [Signature] { fatalError("a variable's signature is given") }
  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel { fatalError("a variable outside its function") }
}
