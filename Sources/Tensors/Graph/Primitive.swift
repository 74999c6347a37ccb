/// An operation that transforms know by itself: everything written with tensors is made of primitives.
///
/// A primitive states in one place its shape rule, its kernel, its derivative forwards (`jvp`) and backwards (`vjp`), and what it
/// does to a batch. The rules are written with tensors again, so they are traced like any other code and transforms nest in any order.
/// Equal primitives with equal inputs are computed once: parameters belong into the value, and closures do not.
package protocol Primitive: Sendable, Hashable {
  /// The name in messages and in the description of a compiled function.
  var name: String { get }

  /// Shapes and types of the results; stops with a message that names the operation and the shapes if they do not fit.
  func outputs(_ inputs: [Signature]) -> [Signature]

  /// Prepares the computation for these shapes, once; running it does not allocate.
  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel

  /// The tangents of the outputs, given those of the inputs; nil is a tangent of zeros.
  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?]

  /// The cotangents of the inputs, given those of the outputs; nil is a cotangent of zeros. `needed` says which inputs anybody asks for.
  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?]

  /// Computes the outputs at once if all inputs are known, and records a node otherwise.
  func apply(_ inputs: [AnyTensor]) -> [AnyTensor]

  /// The operation on a batch: inputs with `isBatched` have a new first axis of extent `size`, and so have all outputs.
  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor]
}

/// A primitive that works along some axes and treats every place along the axes before them alike.
package protocol AxialPrimitive: Primitive {
  /// The first axis along which elements meet.
  var firstAxis: Int { get }
}

/// A primitive that names places along every axis of a tensor, that of a batch among them.
package protocol WindowPrimitive: Primitive {
  /// Whether it takes the whole first axis of a tensor, so that every place along it is treated alike.
  func keepsFirstAxis(of input: Signature) -> Bool
  /// The same on a tensor whose first axis, which it takes whole, has another extent.
  func withFirstExtent(_ extent: Int) -> Self
}

/// A prepared computation: where the inputs, outputs and `scratch` bytes of working memory lie is said anew each time it runs.
package struct Kernel: Sendable {
  package typealias Pointers = UnsafePointer<UnsafeMutableRawPointer>
  package var scratch = 0
  package let run: @Sendable (_ inputs: Pointers, _ outputs: Pointers, _ scratch: UnsafeMutableRawPointer) -> Void

  package init(scratch: Int = 0, _ run: @escaping @Sendable (Pointers, Pointers, UnsafeMutableRawPointer) -> Void) {
    self.scratch = scratch
    self.run = run
  }
}

extension Primitive {
  package var name: String {
    let type = String(describing: Self.self)
    return type.prefix(1).lowercased() + type.dropFirst()
  }

  /// No derivative: tangents are zero.
  package func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    Array(repeating: nil, count: outputs.count)
  }

  /// No derivative: cotangents are zero.
  package func vjp(
    _ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]
  ) -> [AnyTensor?] {
    Array(repeating: nil, count: inputs.count)
  }

  /// One element of the batch after the other.
  package func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    let slices = (0..<size).map { i in
      apply(zip(inputs, isBatched).map { input, isBatched in isBatched ? input.element(i) : input })
    }
    guard let first = slices.first else { fatalError("\(name): vmap over an axis of extent 0") }
    return first.indices.map { output in AnyTensor.stack(slices.map { $0[output] }) }
  }

  package func apply(_ inputs: [AnyTensor]) -> [AnyTensor] {
    if inputs.contains(where: \.isTraced) { return record(inputs) }
    let signatures = inputs.map(\.signature)
    let outputs = self.outputs(signatures)
    let results = outputs.map(AnyTensor.init(uninitialized:))
    let kernel = self.kernel(signatures, outputs)
    run(kernel, inputs.map(\.memory), results.map(\.memory))
    withExtendedLifetime(inputs) {}
    return results
  }

  /// The outputs of a new node.
  package func record(_ inputs: [AnyTensor]) -> [AnyTensor] { Node(self, inputs, outputs(inputs.map(\.signature))).values }

  package func callAsFunction(_ inputs: AnyTensor...) -> AnyTensor { apply(inputs)[0] }

  private func run(_ kernel: Kernel, _ inputs: [UnsafeMutableRawPointer], _ outputs: [UnsafeMutableRawPointer]) {
    // A function without inputs still needs a place to point at.
    (inputs + outputs).withUnsafeBufferPointer { pointers in
      guard let base = pointers.baseAddress else { return }
      withUnsafeTemporaryAllocation(byteCount: kernel.scratch, alignment: 64) { scratch in
        kernel.run(base, base + inputs.count, scratch.baseAddress ?? base[0])
      }
    }
  }
}
