import Tensors

/// Vectorization: a function of one element becomes a function of a batch, operation by operation.
extension TracedFunction {
  /// The results for a batch of `size` arguments along their first axis, where `isBatched`; every result has the batch axis first.
  func batched(_ arguments: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    var values = table(of: arguments)
    var flags = isBatched
    for node in nodes {
      let inputs = node.inputs.map { value($0, in: values) }
      let batched = node.inputs.map { input in place(of: input).map { flags[$0] } ?? false }
      flags.append(batched.contains(true))
      values.append(
        batched.contains(true) ? node.primitive.batch(inputs, batched, size: size) : node.primitive.apply(inputs))
    }
    return outputs.map { output in
      let result = value(output, in: values)
      let isBatched = place(of: output).map { flags[$0] } ?? false
      return isBatched ? result : result.broadcast(to: [size] + result.shape)
    }
  }
}

/// `function` for every element of a batch at once.
///
///     vmap(grad(loss), axes: [nil, 0, 0])(model, images, labels)      // one gradient for each example
///
/// - Parameters:
///   - function: of one element: trees of tensors without the batch axis. It may have up to four arguments.
///   - axes: for each argument the batch axis of all its tensors, or nil if all elements share it; by default 0 for every argument.
///   - resultAxis: where the batch axis goes in the results.
/// - Returns: a function of batched trees. It stops when the extents of the batch axes differ.
public func vmap<Argument: TensorTree, Result: TensorTree>(
  _ function: @escaping (Argument) -> Result, axes: [Int?]? = nil, resultAxis: Int = 0
) -> (Argument) -> Result {
  { argument in applyBatched(function, axes, resultAxis, argument) }
}

func applyBatched<each Argument: TensorTree, Result: TensorTree>(
  _ function: (repeat each Argument) -> Result, _ axes: [Int?]?, _ resultAxis: Int, _ argument: repeat each Argument
) -> Result {
  var batch = Batch(axes: axes)
  repeat batch.add((each argument).tensors)
  let size = batch.finishedSize()
  var result: Result?
  let traced = TracedFunction(batch.elementSignatures) { variables in
    var leaves = TreeLeaves(variables)
    let value = function(repeat (each argument).replaced(from: &leaves))
    result = value
    return value.tensors
  }
  guard let result else { fatalError("vmap: the function returned nothing") }
  let outputs = traced.batched(batch.tensors, batch.isBatched, size: size)
  return result.replacingTensors(
    outputs.map { output in
      output.movingAxis(0, to: normalizedAxis(resultAxis, rank: output.shape.count, "vmap"))
    })
}

/// The flattened arguments of a batched call, with the batch axes in front.
private struct Batch {
  let axes: [Int?]?
  private var arguments = 0
  private(set) var tensors: [AnyTensor] = []
  private(set) var isBatched: [Bool] = []
  private var size: Int?

  init(axes: [Int?]?) { self.axes = axes }

  var elementSignatures: [Signature] {
    zip(tensors, isBatched).map { tensor, isBatched in
      isBatched ? Signature(tensor.scalarType, Array(tensor.shape.dropFirst())) : tensor.signature
    }
  }

  mutating func add(_ leaves: [AnyTensor]) {
    if let axes, arguments >= axes.count {
      fatalError("vmap: axes for \(axes.count) arguments, but the function has more")
    }
    let axis = axes.map { $0[arguments] } ?? 0
    arguments += 1
    for tensor in leaves {
      guard let axis else {
        tensors.append(tensor)
        isBatched.append(false)
        continue
      }
      let normalized = normalizedAxis(axis, rank: tensor.shape.count, "vmap")
      let extent = tensor.shape[normalized]
      guard size == nil || size == extent else {
        fatalError("vmap: batch axes of extents \(size ?? 0) and \(extent)")
      }
      size = extent
      tensors.append(tensor.movingAxis(normalized, to: 0))
      isBatched.append(true)
    }
  }

  func finishedSize() -> Int {
    if let axes, arguments != axes.count {
      fatalError("vmap: axes for \(axes.count) arguments, but the function has \(arguments)")
    }
    guard let size else { fatalError("vmap: no argument has a batch axis") }
    return size
  }
}

func normalizedAxis(_ axis: Int, rank: Int, _ operation: String) -> Int {
  let normalized = axis < 0 ? axis + rank : axis
  guard (0..<rank).contains(normalized) else { fatalError("\(operation): a tensor of rank \(rank) has no axis \(axis)") }
  return normalized
}

extension TensorTree {
  /// The same tree with the next tensors of `leaves`.
  func replaced(from leaves: inout TreeLeaves) -> Self {
    var result = self
    result.replaceTensors(from: &leaves)
    return result
  }
}
