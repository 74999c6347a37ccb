import Tensors

/// Hidden units have no order: with the columns of a layer's weights and its biases, and the rows of the next layer's weights, in
/// another order a network computes the same function.
extension MLP {
  /// The number of units of each hidden layer.
  public var hiddenWidths: [Int] { layers.dropLast().map { $0.weight.shape[1] } }

  /// For each hidden layer the order that leaves its units where they are.
  public var hiddenUnitOrders: [[Int]] { hiddenWidths.map { Array(0..<$0) } }

  /// The same function with its hidden units in another order: P_l W_l P_{l-1}^T and P_l b_l in the notation that multiplies from the
  /// left.
  /// - Parameter orders: for each hidden layer the unit that comes to each place.
  public func reordered(_ orders: [[Int]]) -> MLP {
    guard orders.map({ $0.sorted() }) == hiddenUnitOrders else {
      fatalError("MLP.reordered: \(orders.map(\.count)) places for hidden layers of \(hiddenWidths) units, each to be used once")
    }
    let places = orders.map { Tensor<Int32>($0.map { Int32($0) }) }
    var result = self
    for l in orders.indices {
      result.layers[l].weight = result.layers[l].weight.gather(places[l], axis: 1)
      result.layers[l].bias = result.layers[l].bias?.gather(places[l])
      result.layers[l + 1].weight = result.layers[l + 1].weight.gather(places[l])
    }
    return result
  }
}
