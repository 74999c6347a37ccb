import Tensors

/// Which samples go where, as lists of indices: for training and testing, and over the clients of federated learning.
public enum Splits {
  /// Two lists in random order that share nothing and cover 0..<count; the second one has `testShare` of them, rounded.
  public static func trainTest(_ count: Int, testShare: Double, key: Key) -> (train: [Int], test: [Int]) {
    guard (0...1).contains(testShare) else { fatalError("Splits.trainTest: share \(testShare) is not from 0 to 1") }
    let order = key.permutation(count)
    let tests = Int((Double(count) * testShare).rounded())
    return (Array(order.dropFirst(tests)), Array(order.prefix(tests)))
  }

  /// Equal shares for all clients (up to one sample), at random.
  public static func uniform(_ count: Int, clients: Int, key: Key) -> [[Int]] {
    let order = key.permutation(count)
    return (0..<clients).map { client in
      Array(order[count * client / clients..<count * (client + 1) / clients])
    }
  }

  /// Every class is split over the clients by proportions from a Dirichlet distribution (Hsu, Qi and Brown, "Measuring the effects of
  /// non-identical data distribution for federated visual classification", 2019): the smaller the concentration, the fewer clients
  /// share a class. A client may be left with nothing.
  public static func dirichlet(_ labels: Tensor<Int32>, clients: Int, concentration: Double, key: Key) -> [[Int]] {
    var result = [[Int]](repeating: [], count: clients)
    for (label, indices) in indicesByLabel(labels).enumerated() {
      let key = key[label]
      let proportions = Tensor<Double>.dirichlet([clients], concentration: concentration, key: key.named("proportions"))
      let order = key.named("order").permutation(indices.count).map { indices[$0] }
      var (sum, start) = (0.0, 0)
      for client in 0..<clients {
        sum += proportions[client]
        // The sum of all proportions is 1 but for rounding.
        let end = client == clients - 1 ? order.count : min(order.count, Int((sum * Double(order.count)).rounded()))
        result[client] += order[start..<end]
        start = end
      }
    }
    return result
  }

  /// Samples sorted by label are cut into clients * shardsPerClient equal shards, and every client gets that many at random (McMahan et
  /// al., "Communication-efficient learning of deep networks from decentralized data", 2017): few classes for each.
  public static func shards(_ labels: Tensor<Int32>, clients: Int, shardsPerClient: Int = 2, key: Key) -> [[Int]] {
    let sorted = indicesByLabel(labels).flatMap(\.self)
    let shards = clients * shardsPerClient
    let order = key.permutation(shards)
    return (0..<clients).map { client in
      order[client * shardsPerClient..<(client + 1) * shardsPerClient].flatMap { shard in
        sorted[sorted.count * shard / shards..<sorted.count * (shard + 1) / shards]
      }
    }
  }

  private static func indicesByLabel(_ labels: Tensor<Int32>) -> [[Int]] {
    let labels = labels.scalars
    var result = [[Int]](repeating: [], count: Int(labels.max() ?? -1) + 1)
    for (i, label) in labels.enumerated() { result[Int(label)].append(i) }
    return result
  }
}
