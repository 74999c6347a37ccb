import Diagnostics
import Notebook
import Tensors

extension ConvergentLearning {
  /// What is found about one layer of one pair of networks.
  struct Comparison {
    /// Sorted, from the best match down, by the names of ``kinds``.
    var matches: [String: [Double]]
    var predictions: UnitPair.Predictions
    /// By the names of ``subspaces``.
    var canonical: [String: [Double]]
    /// C, and C with the best-matched units first and their partners in the same order.
    var correlations, permuted: Tensor<Double>
    /// |C| of the units of both networks, cluster after cluster.
    var clustered: Tensor<Double>
    var sharedClusters, unitsInSharedClusters: Double
    /// Share of units whose partner by mutual information is the one by correlation, and the mean correlation with the former.
    var sameByInformation, correlationByInformation: Double
  }

  static let kinds = [
    "semi-matching", "bipartite", "semi-matching, shuffled", "semi-matching, untrained", "bipartite, untrained",
  ]
  static let subspaces = ["trained", "untrained", "shuffled"]
  static let predictors = ["best unit", "few units", "all units"]
}

extension ConvergentLearning.Comparison {
  init(_ units: UnitPair, untrained: UnitPair, _ settings: ConvergentLearning.Settings, key: Key) throws {
    let shuffled = units.shuffled(key.named("shuffle").permutation(units.a.shape[0]))
    let matching = try units.bipartiteMatching()
    let matched = units.correlations(of: matching)
    let lists = [
      units.semiMatches, matched, shuffled.semiMatches, untrained.semiMatches,
      untrained.correlations(of: try untrained.bipartiteMatching()),
    ]
    matches = Dictionary(uniqueKeysWithValues: zip(ConvergentLearning.kinds, lists.map { $0.sorted(by: >) }))
    predictions = try units.predictions(settings.penalties, few: settings.few)
    let canonical = try [units, untrained, shuffled].map { try $0.canonical() }
    self.canonical = Dictionary(uniqueKeysWithValues: zip(ConvergentLearning.subspaces, canonical))

    correlations = units.correlations
    let order = matched.indices.sorted { matched[$0] > matched[$1] }
    permuted = correlations.gather(indices(order)).gather(indices(order.map { matching[$0] }), axis: 1)

    let clusters = try units.clusters(settings.clusters, key: key.named("clusters"))
    let sizes = clusters.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    // The largest cluster first, the units of the first network first in each.
    let places = clusters.indices.sorted { a, b in
      (-sizes[clusters[a], default: 0], clusters[a], a) < (-sizes[clusters[b], default: 0], clusters[b], b)
    }
    clustered = units.jointCorrelations.gather(indices(places)).gather(indices(places), axis: 1)
    let shared = units.shared(clusters)
    (sharedClusters, unitsInSharedClusters) = (Double(shared.clusters), shared.units)

    let informed = try units.informationMatching(bins: settings.bins)
    sameByInformation = Double(zip(informed, matching).count { $0 == $1 }) / Double(matching.count)
    correlationByInformation = mean(units.correlations(of: informed))
  }
}

private func indices(_ places: [Int]) -> Tensor<Int32> { Tensor(places.map { Int32($0) }) }

extension ConvergentLearning {
  /// Records all pairs and layers, pairs being slowest. Where units have been dropped, the places left over are NaN.
  static func record(
    _ comparisons: [Comparison], _ group: String, _ pairs: [String], _ widths: [Int], _ settings: Settings, _ notebook: Recorder
  ) throws {
    let most = widths.max() ?? 0
    let pair = Dimension("pair", pairs, "networks compared")
    let layer = Dimension("layer", Array(1...widths.count), "hidden layer")
    let unit = Dimension("unit", Array(1...most), "rank of the unit")
    let filled = { (values: [Double], count: Int) in values + [Double](repeating: .nan, count: count - values.count) }
    let record = { (name: String, longName: String, further: [Dimension], value: (Comparison) -> [Double]) in
      let dimensions = [pair, layer] + further
      try notebook.tensor(
        "\(group)/\(name)", Tensor(shape: dimensions.map(\.count), comparisons.flatMap(value)), longName, along: dimensions)
    }
    try record("matches", "correlation with the partner", [Dimension("kind", kinds, "kind of matching"), unit]) { comparison in
      kinds.flatMap { filled(comparison.matches[$0] ?? [], most) }
    }
    try record(
      "canonical", "canonical correlation", [Dimension("networks", subspaces, "what is compared"), unit]
    ) { comparison in subspaces.flatMap { filled(comparison.canonical[$0] ?? [], most) } }
    let penalty = Dimension("penalty", settings.penalties, "penalty lambda of sparse prediction")
    try record("error", "error of sparse prediction, sorted", [penalty, unit]) {
      $0.predictions.errors.flatMap { filled($0.sorted(), most) }
    }
    try record("count", "mean number of units used", [penalty]) { $0.predictions.counts.map(mean) }
    try record(
      "explained", "mean share of variance explained", [Dimension("predictor", predictors, "what predicts a unit")]
    ) { [mean($0.predictions.single), mean($0.predictions.few), mean($0.predictions.all)] }
    try record("shared clusters", "clusters with units of both networks", []) { [$0.sharedClusters] }
    try record("units in shared clusters", "share of units in them", []) { [$0.unitsInSharedClusters] }
    try record("same by information", "share of units with the same partner by mutual information", []) { [$0.sameByInformation] }
    try record("correlation by information", "mean correlation with the partner by mutual information", []) {
      [$0.correlationByInformation]
    }

    let first = Array(comparisons.prefix(widths.count))
    let matrix = { (name: String, longName: String, size: Int, value: (Comparison) -> Tensor<Double>) in
      let sides = ["row", "column"].map { Dimension($0, Array(1...size), "unit") }
      let rows = first.flatMap { comparison -> [Double] in
        let values = value(comparison)
        let rows = (0..<values.shape[0]).map { filled(values.row($0).scalars, size) }
        return rows.flatMap { $0 } + [Double](repeating: .nan, count: (size - rows.count) * size)
      }
      try notebook.tensor(
        "\(group)/\(name)/matrix", Tensor(shape: [layer.count, size, size], rows), longName, along: [layer] + sides)
    }
    try matrix("correlations", "correlation of the units of the first pair", most) { $0.correlations }
    try matrix("permuted", "the same, best matches first along the diagonal", most) { $0.permuted }
    try matrix("clustered", "absolute correlation of all units of the first pair, by cluster", 2 * most) { $0.clustered }
  }
}
