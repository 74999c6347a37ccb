import Tensors

/// Reverse-mode differentiation: values from the arguments to the results, then cotangents back.
extension TracedFunction {
  /// The cotangents of the arguments, given the values of all nodes and the cotangents of the outputs; nil is zero.
  func vjp(_ values: [[AnyTensor]], _ cotangents: [AnyTensor?]) -> [AnyTensor?] {
    var accumulated: [[AnyTensor?]] = values.map { $0.map { _ in nil } }
    func add(_ cotangent: AnyTensor?, to tensor: AnyTensor) {
      guard let cotangent, let traced = tensor.traced, let place = place(of: tensor), depends[place] else { return }
      accumulated[place][traced.index] = .sum(accumulated[place][traced.index], cotangent)
    }
    for (output, cotangent) in zip(outputs, cotangents) { add(cotangent, to: output) }
    for (i, node) in nodes.enumerated().reversed() {
      let place = variables.count + i
      let outgoing = accumulated[place]
      guard outgoing.contains(where: { $0 != nil }) else { continue }
      accumulated[place] = []
      let needed = node.inputs.map { input in
        input.scalarType.isDifferentiable && (self.place(of: input).map { depends[$0] } ?? false)
      }
      let inputs = node.inputs.map { value($0, in: values) }
      for (input, cotangent) in zip(node.inputs, node.primitive.vjp(inputs, values[place], outgoing, needed: needed)) {
        add(cotangent, to: input)
      }
    }
    return accumulated.prefix(variables.count).map { $0[0] }
  }
}

/// The result of `function` at `argument`, and the pullback: cotangents of the result to cotangents of the argument (the transposed
/// Jacobian times the cotangent). Integer and Boolean tensors have cotangents of zeros.
public func vjp<Argument: TensorTree, Result: TensorTree>(
  _ function: (Argument) -> Result, at argument: Argument
) -> (value: Result, pullback: (Result) -> Argument) {
  let trace = Trace(function, argument)
  let values = trace.function.values(argument.tensors)
  let outputs = trace.function.outputs.map { trace.function.value($0, in: values) }
  return (
    trace.result.replacingTensors(outputs),
    { cotangent in
      let cotangents = cotangent.tensors
      requireSameSignatures(outputs, cotangents, "vjp")
      let results = trace.function.vjp(values, cotangents.map { $0.scalarType.isDifferentiable ? $0 : nil })
      return argument.filled(results)
    }
  )
}

/// A function's value beside its gradient: a tree of both, so that `vmap` and `compile` take it.
public struct ValueAndGradient<Parameters: TensorTree, Scalar: RealScalar>: TensorTree {
  /// The value, of one scalar.
  public var value: Tensor<Scalar>
  /// The gradient: a tree like the parameters.
  public var gradient: Parameters
}

/// The value of a scalar function and its gradient with respect to the first argument, a tree like it.
///
///     let step = valueAndGrad(crossEntropy)(model, images, labels)
///     print(step.value); model = update(model, step.gradient)
///
/// - Parameter function: returns a tensor of one scalar; stops otherwise. It may have up to three more arguments of any type.
public func valueAndGrad<Parameters: TensorTree, Scalar: RealScalar>(
  _ function: @escaping (Parameters) -> Tensor<Scalar>
) -> (Parameters) -> ValueAndGradient<Parameters, Scalar> {
  { parameters in
    let (value, pullback) = vjp(function, at: parameters)
    return ValueAndGradient(value: value, gradient: pullback(unitCotangent(value)))
  }
}

/// As `valueAndGrad`, for a function that returns further results beside the loss, which are passed on without derivative.
public func valueAndGrad<Parameters: TensorTree, Scalar: RealScalar, Auxiliary: TensorTree>(
  withAuxiliary function: @escaping (Parameters) -> (Tensor<Scalar>, Auxiliary)
) -> (Parameters) -> (value: Tensor<Scalar>, auxiliary: Auxiliary, gradient: Parameters) {
  { parameters in
    let (value, pullback) = vjp({ Pair(function($0)) }, at: parameters)
    let cotangent = Pair((unitCotangent(value.first), value.second.mapTensors { .zeros($0.signature) }))
    return (value.first, value.second, pullback(cotangent))
  }
}

/// The gradient of a scalar function with respect to its first argument, a tree like it. The function may have up to three more
/// arguments of any type.
public func grad<Parameters: TensorTree, Scalar: RealScalar>(
  _ function: @escaping (Parameters) -> Tensor<Scalar>
) -> (Parameters) -> Parameters {
  { parameters in valueAndGrad(function)(parameters).gradient }
}

/// Two trees as one.
struct Pair<First: TensorTree, Second: TensorTree>: TensorTree {
  var first: First
  var second: Second

  init(_ pair: (First, Second)) { (first, second) = pair }

  var pair: (First, Second) { (first, second) }
}

/// The cotangent 1 of a scalar result; stops for other shapes.
private func unitCotangent<Scalar: RealScalar>(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
  guard value.count == 1 else {
    fatalError("grad: the function's result has shape \(value.shape); only a function with one scalar has a gradient")
  }
  return .full(value.shape, 1)
}

extension TensorTree {
  /// The same tree with other tensors, nil for zeros.
  func filled(_ tensors: [AnyTensor?]) -> Self {
    replacingTensors(zip(self.tensors, tensors).map { own, tensor in tensor ?? .zeros(own.signature) })
  }
}
