import Tensors

/// Forward-mode differentiation: values and tangents side by side, from the arguments to the results.
extension TracedFunction {
  /// The results and their tangents; a nil tangent is zero.
  func jvp(_ arguments: [AnyTensor], _ tangents: [AnyTensor?]) -> (outputs: [AnyTensor], tangents: [AnyTensor?]) {
    var values = table(of: arguments)
    var directions = table(of: tangents)
    for node in nodes {
      let inputs = node.inputs.map { value($0, in: values) }
      let incoming = node.inputs.map { input in entry(input, in: directions) ?? nil }
      let results = node.primitive.apply(inputs)
      values.append(results)
      directions.append(
        incoming.allSatisfy { $0 == nil } ? results.map { _ in nil } : node.primitive.jvp(inputs, results, incoming))
    }
    return (outputs.map { value($0, in: values) }, outputs.map { entry($0, in: directions) ?? nil })
  }
}

/// The result of `function` at `argument` and its derivative in the direction `tangent`: the Jacobian times the tangent.
///
/// - Parameters:
///   - function: any code written with tensors.
///   - argument: where.
///   - tangent: a tree like `argument`; entries of integer or Boolean tensors are ignored.
public func jvp<Argument: TensorTree, Result: TensorTree>(
  _ function: (Argument) -> Result, at argument: Argument, along tangent: Argument
) -> (value: Result, tangent: Result) {
  let trace = Trace(function, argument)
  let (arguments, tangents) = (argument.tensors, tangent.tensors)
  requireSameSignatures(arguments, tangents, "jvp")
  let (outputs, results) = trace.function.jvp(arguments, tangents.map { $0.scalarType.isDifferentiable ? $0 : nil })
  let filled = zip(outputs, results).map { output, tangent in tangent ?? .zeros(output.signature) }
  return (trace.result.replacingTensors(outputs), trace.result.replacingTensors(filled))
}

/// A function of trees, traced: the graph, and the shape of the resulting tree.
struct Trace<Result: TensorTree> {
  let function: TracedFunction
  let result: Result

  init<Argument: TensorTree>(_ body: (Argument) -> Result, _ argument: Argument) {
    self.init(body, argument, signatures: argument.tensors.map(\.signature))
  }

  /// `signatures`: of the variables, where they are not those of the argument (elements of a batch).
  init<Argument: TensorTree>(_ body: (Argument) -> Result, _ argument: Argument, signatures: [Signature]) {
    var result: Result?
    function = TracedFunction(signatures) { variables in
      let value = body(argument.replacingTensors(variables))
      result = value
      return value.tensors
    }
    guard let result else { fatalError("a traced function returned nothing") }
    self.result = result
  }
}

func requireSameSignatures(_ a: [AnyTensor], _ b: [AnyTensor], _ operation: String) {
  guard a.map(\.signature) == b.map(\.signature) else {
    fatalError(
      "\(operation): a tree of \(a.map { "\($0.signature)" }.joined(separator: ", ")) with a direction of"
        + " \(b.map { "\($0.signature)" }.joined(separator: ", "))")
  }
}
