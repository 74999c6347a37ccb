import Datasets
import Networks
import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

extension WeightMatchingSVD {
  /// Two networks of different seeds; the second is reordered.
  typealias Pair = (a: MLP<Float>, b: MLP<Float>)

  // MARK: Singular values and vectors

  /// One layer of a, b and the matched b: what the permutation could not change, and what it did.
  private struct LayerComparison {
    /// Singular values of all three.
    let values: [Double]
    /// By how much the permutation changed a singular value of b: in Double, and in Float.
    let changes: [Double]
    /// Of b, and of the matched b, with a: for each i the largest |u_i u'_j| |v_i v'_j| over j.
    let alignments: [[Double]]
    /// Of b, and of the matched b, with a: the mean alignment of the leading pairs of singular vectors, among themselves, and of the trailing.
    let groupAlignments: [[Double]]
    /// Of b, and of the matched b: R = sum_ij s_i s'_j (u_i u'_j)(v_i v'_j) / sum_i s_i s'_i, whose numerator is <W, W'>.
    let overlaps: [Double]

    init(_ a: Tensor<Float>, _ b: Tensor<Float>, matched: Tensor<Float>, leading: Int) throws {
      let weights = [a, b, matched].map { $0.converted(to: Double.self) }
      let spectra = try weights.map { try thinSVD($0) }
      let own = spectra[0]
      values = spectra.flatMap(\.s.scalars)
      changes = [
        (spectra[1].s - spectra[2].s).abs().max().scalar, Double((try thinSVD(b).s - thinSVD(matched).s).abs().max().scalar),
      ]
      let products = spectra.dropFirst().map { other in
        matmul(own.u, other.u, transposeA: true).abs() * matmul(own.vT, other.vT, transposeB: true).abs()
      }
      alignments = products.map { $0.max(-1).scalars }
      let (rank, count) = (own.s.count, min(leading, own.s.count))
      groupAlignments = products.map { product in
        [0..<count, rank - count..<rank].map { product.slice($0, $0).max(-1).mean().scalar }
      }
      overlaps = (1...2).map { (weights[0] * weights[$0]).sum().scalar / (own.s * spectra[$0].s).sum().scalar }
    }
  }

  /// Compares every layer of every pair before and after matching; and the functions of b and the matched b.
  static func recordSpectra(
    _ pairs: [Pair], _ orders: [[[Int]]], _ problem: Classification<Float>, _ width: Int, _ settings: Settings,
    _ notebook: Recorder
  ) throws {
    let matched = zip(pairs, orders).map { $0.b.reordered($1) }
    let pair = Dimension("pair", count: pairs.count, "pair of networks")
    let matching = Dimension("matching", [matchings[0], matchings[2]], "how the second network is reordered")
    for l in pairs[0].a.layers.indices {
      let layers = try zip(pairs, matched).map { pair, matched in
        try LayerComparison(
          pair.a.layers[l].weight, pair.b.layers[l].weight, matched: matched.layers[l].weight, leading: settings.leading)
      }
      let record = { (path: String, longName: String, dimensions: [Dimension], values: (LayerComparison) -> [Double]) in
        let all = [pair] + dimensions
        try notebook.tensor(
          "\(group(width))/layer\(l + 1)/\(path)", Tensor(shape: all.map(\.count), layers.flatMap(values)), longName, along: all)
      }
      let rank = layers[0].alignments[0].count
      let index = Dimension("index", Array(1...rank), "singular vectors, the largest value first")
      let network = Dimension("network", ["a", "b", "matched b"], "which network of the pair")
      let end = Dimension("group", ["leading", "trailing"], "singular vectors of the largest or least values")
      let precision = Dimension("precision", ["Double", "Float"], "numbers of the decomposition")
      try record("singular_values", "singular values", [network, index]) { $0.values }
      try record("change", "largest change of a singular value by the permutation", [precision]) { $0.changes }
      try record("alignment", "largest |u_i u'_j| |v_i v'_j| over j", [matching, index]) { $0.alignments.flatMap { $0 } }
      try record("group_alignment", "mean alignment within the group", [matching, end]) { $0.groupAlignments.flatMap { $0 } }
      try record("overlap", "R, the overlap weighted by singular values", [matching]) { $0.overlaps }
    }
    let changes = zip(pairs, matched).map { pair, matched in
      Double((pair.b(problem.test.inputs) - matched(problem.test.inputs)).abs().max().scalar)
    }
    try notebook.tensor(
      "\(group(width))/function_change", Tensor(changes), "largest change of a logit by the permutation", along: [pair])
  }

  // MARK: Straight-through estimator

  private struct Search: Codable {
    /// The dense copies, one for each pair along the first axis.
    var copies: MLP<Float>
    var memory: Adam<Float>.State
    /// Of the present copies.
    var orders: [[[Int]]]
    /// Training losses of the midpoints that belong to `orders`, as of the last look.
    var losses: [Double]
    /// What was best at a look.
    var best: [[[Int]]]
    var leastLosses: [Double]
  }

  /// The straight-through estimator (Ainsworth, Hayase and Srinivasa 2023, Algorithm 3): P is the weight matching of b to a dense copy of a;
  /// the gradient of the loss at the midpoint (a + P b) / 2 with respect to P b is a step of the copy instead.
  ///
  /// The copy begins at a, and so P with plain weight matching. What is returned had the least training loss at its midpoint.
  static func estimateStraightThrough(
    _ pairs: [Pair], _ start: [[[Int]]], _ problem: Classification<Float>, _ name: String, _ settings: Settings,
    _ notebook: Recorder
  ) throws -> [[[Int]]] {
    let (straightThrough, key) = (settings.straightThrough, notebook.key(name).named("straight-through"))
    let adam = Adam<Float>(learningRate: straightThrough.rate)
    let a = pairs.map(\.a).stacked()
    let targets = { (orders: [[[Int]]]) in zip(pairs, orders).map { $0.b.reordered($1) }.stacked() }
    let step = compile { (copies: MLP<Float>, memory: Adam<Float>.State, b: MLP<Float>, batch: Tensor<Int32>) in
      let gradient = vmap(
        { (a: MLP<Float>, b: MLP<Float>) in
          grad { (b: MLP<Float>) in problem.loss(a.interpolated(to: b, at: 0.5), on: batch) }(b)
        })(a, b)
      var memory = memory
      let moved = adam.updated(copies, gradient: gradient, &memory)
      return (moved, memory)
    }
    let midpoints = compile { (b: MLP<Float>) in
      vmap({ (a: MLP<Float>, b: MLP<Float>) in
        crossEntropy(a.interpolated(to: b, at: 0.5)(problem.training.inputs), labels: problem.training.labels)
      })(a, b)
    }
    let losses = { (orders: [[[Int]]]) in midpoints(targets(orders)).scalars.map { Double($0) } }
    let batches = Minibatches(count: problem.training.count, size: problem.batchSize, key: key.named("batches"))
    let first = losses(start)
    var search = Search(
      copies: a, memory: adam.initialState(for: a), orders: start, losses: first, best: start, leastLosses: first)
    let loop = "\(name)/\(straightThroughName)"
    let loss = try notebook.trace(
      "\(loop)/loss", "training loss of the midpoint", along: [Dimension("pair", count: pairs.count, "pair of networks")])
    try notebook.steps(loop, straightThrough.steps, state: &search, cadence: .every(straightThrough.interval)) { i, search in
      (search.copies, search.memory) = step(
        search.copies, search.memory, targets(search.orders), Tensor(batches[i].map { Int32($0) }))
      search.orders = try pairs.indices.map { pair in
        try weightMatching(
          pairs[pair].b, to: search.copies.element(pair), from: search.orders[pair], maximumSweeps: settings.sweeps,
          key: key[i][pair]
        ).orders
      }
      guard (i + 1).isMultiple(of: straightThrough.interval) else { return }
      search.losses = losses(search.orders)
      for pair in pairs.indices where search.losses[pair] < search.leastLosses[pair] {
        (search.best[pair], search.leastLosses[pair]) = (search.orders[pair], search.losses[pair])
      }
    } measure: { search, record in
      record(loss, search.losses)
    }
    return search.best
  }
}
