import Tensors

/// A function of tensors as a graph: what every transform starts from.
///
/// The function is called once, with variables in place of its arguments; the operations it applies to them become nodes. Tensors
/// that it captures are constants, also those that an outer transform is tracing at this moment: that is all there is to nesting.
struct TracedFunction {
  let variables: [AnyTensor]
  let outputs: [AnyTensor]
  /// The nodes that an output depends on and that are not another trace's, inputs before users.
  let nodes: [Node]
  /// Whether a variable or node depends on a variable, by place.
  let depends: [Bool]
  private let places: [ObjectIdentifier: Int]

  init(_ arguments: [Signature], _ body: ([AnyTensor]) -> [AnyTensor]) {
    let variables = arguments.map(Node.variable)
    self.init(variables: variables, outputs: body(variables))
  }

  private init(variables: [AnyTensor], outputs: [AnyTensor]) {
    self.variables = variables
    self.outputs = outputs
    // Nodes older than the variables cannot depend on them: they belong to an outer trace.
    let variableNodes = variables.compactMap { $0.traced?.node }
    let oldest = variableNodes.map(\.order).min() ?? 0
    var seen = Set(variableNodes.map(ObjectIdentifier.init))
    var reachable: [Node] = []
    var stack = outputs.compactMap { $0.traced?.node }
    while let node = stack.popLast() {
      guard node.order > oldest, seen.insert(ObjectIdentifier(node)).inserted else { continue }
      reachable.append(node)
      stack += node.inputs.compactMap { $0.traced?.node }
    }
    reachable.sort { $0.order < $1.order }

    var places: [ObjectIdentifier: Int] = [:]
    for (i, node) in (variableNodes + reachable).enumerated() { places[ObjectIdentifier(node)] = i }
    var depends = variables.map { _ in true }
    for node in reachable {
      depends.append(
        node.inputs.contains { $0.traced.flatMap { places[ObjectIdentifier($0.node)] }.map { depends[$0] } ?? false })
    }
    self.nodes = reachable
    self.depends = depends
    self.places = places
  }

  /// Whether the function uses a tensor that an outer transform is tracing.
  var capturesTraced: Bool {
    (outputs + nodes.flatMap(\.inputs)).contains { $0.isTraced && place(of: $0) == nil }
  }

  /// Where the values of a tensor's node are kept: variables first, then nodes; nil for a constant.
  func place(of tensor: AnyTensor) -> Int? { tensor.traced.flatMap { places[ObjectIdentifier($0.node)] } }

  /// A table with one entry for each output of each variable and node.
  func table<Value>(of arguments: [Value]) -> [[Value]] { arguments.map { [$0] } }

  /// `tensor`, looked up in a table of node outputs; itself if it is a constant.
  func value(_ tensor: AnyTensor, in table: [[AnyTensor]]) -> AnyTensor {
    guard let traced = tensor.traced, let place = places[ObjectIdentifier(traced.node)] else { return tensor }
    return table[place][traced.index]
  }

  /// The entry of `tensor` in a table whose constants are nil.
  func entry<Value>(_ tensor: AnyTensor, in table: [[Value?]]) -> Value? {
    guard let traced = tensor.traced, let place = places[ObjectIdentifier(traced.node)] else { return nil }
    return table[place][traced.index]
  }
}

extension TracedFunction {
  /// The values of all variables and nodes for these arguments, which may be traced themselves.
  func values(_ arguments: [AnyTensor]) -> [[AnyTensor]] {
    var table = table(of: arguments)
    table.reserveCapacity(arguments.count + nodes.count)
    for node in nodes { table.append(node.primitive.apply(node.inputs.map { value($0, in: table) })) }
    return table
  }

  /// The function itself.
  func evaluate(_ arguments: [AnyTensor]) -> [AnyTensor] {
    // Each value is dropped after its last reader.
    var lastReader: [Int: Int] = [:]
    for (i, node) in nodes.enumerated() {
      for input in node.inputs { if let place = place(of: input) { lastReader[place] = i } }
    }
    for output in outputs { if let place = place(of: output) { lastReader[place] = nodes.count } }
    var expiring: [Int: [Int]] = [:]
    for (place, reader) in lastReader { expiring[reader, default: []].append(place) }

    var table = table(of: arguments)
    for (i, node) in nodes.enumerated() {
      table.append(node.primitive.apply(node.inputs.map { value($0, in: table) }))
      for place in expiring[i] ?? [] { table[place] = [] }
    }
    return outputs.map { value($0, in: table) }
  }
}
