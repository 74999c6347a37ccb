import Tensors

/// `function` with a derivative of your own, backwards: for straight-through estimators, implicit differentiation, adjoint equations.
///
///     let quantize = customVJP({ $0.rounded() }, vjp: { _, _, cotangent in cotangent })
///
/// - Parameter vjp: the cotangent of the argument, given argument, result and the cotangent of the result. It must be linear in the
///   last; then forward mode works too, by transposing it.
public func customVJP<Argument: TensorTree, Result: TensorTree>(
  _ function: @escaping (Argument) -> Result, vjp: @escaping (Argument, Result, Result) -> Argument
) -> (Argument) -> Result {
  { argument in
    CustomCall.call(function, argument) { result in
      .backward { inputs, outputs, cotangents in
        vjp(argument.replacingTensors(inputs), result.replacingTensors(outputs), result.replacingTensors(cotangents)).tensors
      }
    }
  }
}

/// `function` with a derivative of your own, forwards.
///
/// - Parameter jvp: the tangent of the result, given argument, result and the tangent of the argument. It must be linear in the last;
///   then reverse mode works too, by transposing it.
public func customJVP<Argument: TensorTree, Result: TensorTree>(
  _ function: @escaping (Argument) -> Result, jvp: @escaping (Argument, Result, Argument) -> Result
) -> (Argument) -> Result {
  { argument in
    CustomCall.call(function, argument) { result in
      .forward { inputs, outputs, tangents in
        jvp(argument.replacingTensors(inputs), result.replacingTensors(outputs), argument.replacingTensors(tangents)).tensors
      }
    }
  }
}

/// `function`, whose inner values are not kept for the way back but computed again (rematerialization): memory for time.
public func checkpoint<Argument: TensorTree, Result: TensorTree>(
  _ function: @escaping (Argument) -> Result
) -> (Argument) -> Result {
  { argument in CustomCall.call(function, argument) { _ in .recomputed } }
}

/// The value alone, with a derivative of zero.
public func stopGradient<Tree: TensorTree>(_ tree: Tree) -> Tree { tree.mapTensors { StopGradient()($0) } }

/// A call that transforms treat as one operation because its derivative is given. `compile` takes it apart.
struct CustomCall: Primitive {
  typealias Function = ([AnyTensor]) -> [AnyTensor]
  typealias Rule = (_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ direction: [AnyTensor]) -> [AnyTensor]

  enum Derivative {
    case forward(Rule)
    case backward(Rule)
    case recomputed
  }

  /// The functions, which have no equality but identity.
  final class Definition: @unchecked Sendable {
    // Unchecked: functions that are traced are called by the transform that traces them, and by nobody else.
    let function: Function
    let derivative: Derivative
    let outputs: [Signature]

    init(_ function: @escaping Function, _ derivative: Derivative, _ outputs: [Signature]) {
      self.function = function
      self.derivative = derivative
      self.outputs = outputs
    }
  }

  let definition: Definition

  static func == (a: CustomCall, b: CustomCall) -> Bool { a.definition === b.definition }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(definition)) }

  static func call<Argument: TensorTree, Result: TensorTree>(
    _ body: @escaping (Argument) -> Result, _ argument: Argument, derivative: (Result) -> Derivative
  ) -> Result {
    let tensors = argument.tensors
    guard tensors.contains(where: \.isTraced) else { return body(argument) }
    let trace = Trace(body, argument)
    let call = CustomCall(
      definition: Definition(
        { body(argument.replacingTensors($0)).tensors }, derivative(trace.result), trace.function.outputs.map(\.signature)))
    return trace.result.replacingTensors(call.apply(tensors))
  }

  var name: String { "customCall" }

  func outputs(_ inputs: [Signature]) -> [Signature] { definition.outputs }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    fatalError("a custom call is taken apart before it runs")
  }

  func apply(_ inputs: [AnyTensor]) -> [AnyTensor] {
    inputs.contains(where: \.isTraced) ? record(inputs) : definition.function(inputs)
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    let tangents = zip(inputs, tangents).map { $1 ?? .zeros($0.signature) }
    switch definition.derivative {
    case .forward(let rule): return rule(inputs, outputs, tangents)
    case .backward(let rule):
      return transposed({ rule(inputs, outputs, $0) }, of: outputs.map(\.signature), tangents)
    case .recomputed:
      return TracedFunction(inputs.map(\.signature), definition.function).jvp(inputs, tangents).tangents
    }
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    let cotangents = zip(outputs, cotangents).map { $1 ?? .zeros($0.signature) }
    switch definition.derivative {
    case .backward(let rule): return rule(inputs, outputs, cotangents)
    case .forward(let rule):
      return transposed({ rule(inputs, outputs, $0) }, of: inputs.map(\.signature), cotangents)
    case .recomputed:
      // Behind a barrier, or the values of the way there would be found equal and kept after all.
      let again = inputs.map { Barrier()($0) }
      let function = TracedFunction(again.map(\.signature), definition.function)
      return function.vjp(function.values(again), cotangents)
    }
  }

  /// The transpose of a linear function of `arguments`, applied to `cotangents`.
  private func transposed(_ linear: @escaping Function, of arguments: [Signature], _ cotangents: [AnyTensor]) -> [AnyTensor?] {
    let function = TracedFunction(arguments, linear)
    return function.vjp(function.values(arguments.map { .zeros($0) }), cotangents)
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    let elements = zip(inputs, isBatched).map { input, isBatched in
      isBatched ? Signature(input.scalarType, Array(input.shape.dropFirst())) : input.signature
    }
    let everywhere = definition.outputs.map { _ in true }
    func batched(_ function: @escaping Function, _ signatures: [Signature], _ flags: [Bool]) -> Function {
      { TracedFunction(signatures, function).batched($0, flags, size: size) }
    }
    func batched(_ rule: @escaping Rule, direction: [Signature], _ directionFlags: [Bool], result: [Bool]) -> Rule {
      let (inputCount, outputCount) = (elements.count, definition.outputs.count)
      let function = batched(
        { all in
          rule(
            Array(all[..<inputCount]), Array(all[inputCount..<inputCount + outputCount]),
            Array(all[(inputCount + outputCount)...]))
        }, elements + definition.outputs + direction, isBatched + everywhere + directionFlags)
      return { inputs, outputs, direction in
        // Where all elements share an argument, its cotangent is the sum of theirs.
        zip(function(inputs + outputs + direction), result).map { $1 ? $0 : $0.sum(axes: [0]) }
      }
    }
    let derivative: Derivative =
      switch definition.derivative {
      case .forward(let rule): .forward(batched(rule, direction: elements, isBatched, result: everywhere))
      case .backward(let rule): .backward(batched(rule, direction: definition.outputs, everywhere, result: isBatched))
      case .recomputed: .recomputed
      }
    let outputs = definition.outputs.map { Signature($0.scalarType, [size] + $0.shape) }
    return CustomCall(definition: Definition(batched(definition.function, elements, isBatched), derivative, outputs)).apply(
      inputs)
  }
}

/// The value itself, which `compile` does not recognise as computed before.
struct Barrier: Primitive {
  func outputs(_ inputs: [Signature]) -> [Signature] { inputs }
  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel { .identity(inputs[0]) }
  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] { tangents }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    cotangents
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] { apply(inputs) }
}
