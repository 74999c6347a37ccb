import Diagnostics
import Optimizers
import Solvers
import Tensors

/// The live units of one layer of two networks that saw the same inputs in the same order.
package struct UnitPair {
  /// Activations with mean 0 and variance 1 over the inputs, [inputs, units].
  package var a, b: Tensor<Double>
  /// C_ij = E[(a_i - mu_i)(b_j - mu_j)] / (sd_i sd_j). Columns of zeros follow when b has fewer units than a: partners that are none.
  package var correlations: Tensor<Double>

  /// - Parameters:
  ///   - a: activations, [inputs, units].
  ///   - b: of the other network.
  ///   - threshold: units with a smaller standard deviation are dropped.
  package init(_ a: Tensor<Double>, _ b: Tensor<Double>, deadBelow threshold: Double) {
    self.a = Self.standardized(a, deadBelow: threshold)
    self.b = Self.standardized(b, deadBelow: threshold)
    correlations = Self.padded(correlationMatrix(self.a, self.b))
  }

  private static func standardized(_ x: Tensor<Double>, deadBelow threshold: Double) -> Tensor<Double> {
    let deviations = x.variance(0).sqrt()
    let live = deviations.scalars.indices.filter { deviations[$0] >= threshold }
    return ((x - x.mean(0)) / deviations).gather(Tensor<Int32>(live.map { Int32($0) }), axis: 1)
  }

  private static func padded(_ scores: Tensor<Double>) -> Tensor<Double> {
    scores.padded(axis: 1, low: 0, high: max(0, scores.shape[0] - scores.shape[1]))
  }

  /// b with its rows in another order, which breaks the pairing of inputs and leaves all else.
  package func shuffled(_ order: [Int]) -> UnitPair {
    var pair = self
    pair.b = b.gather(Tensor<Int32>(order.map { Int32($0) }))
    pair.correlations = Self.padded(correlationMatrix(a, pair.b))
    return pair
  }

  // MARK: One to one

  /// max_j C_ij of each unit of a: partners may be shared.
  package var semiMatches: [Double] { correlations.max(-1).scalars }

  /// The partner of each unit of a in the one-to-one matching with the greatest sum of correlations.
  package func bipartiteMatching() throws -> [Int] { try linearAssignment(cost: correlations, maximizing: true).columns }

  /// The same for the mutual information of units, in bins of equal width.
  package func informationMatching(bins: Int) throws -> [Int] {
    try linearAssignment(cost: Self.padded(mutualInformation(a, b, bins: bins)), maximizing: true).columns
  }

  /// C_ij of each unit with its partner.
  package func correlations(of matching: [Int]) -> [Double] { matching.enumerated().map { correlations[$0, $1] } }

  // MARK: One to few

  /// What units of a can be predicted from units of b, linearly.
  package struct Predictions {
    /// Mean squared error of each unit, whose variance is 1, for each penalty.
    package var errors: [[Double]]
    /// How many units of b are used, for each penalty.
    package var counts: [[Double]]
    /// Share of each unit's variance explained by the best unit of b, by the few that the penalty chooses, and by all.
    package var single, few, all: [Double]
  }

  /// Solves min (1/2n) ||a_i - B w||² + lambda ||w||_1 for all units, each penalty from the solution of the one before.
  ///
  /// The few units of b are those with the largest |w_j| at the first penalty that leaves enough of them (else the last), fitted again
  /// by least squares: the penalty chooses, and does not shrink. This choice is ours.
  /// - Parameter penalties: lambda, from the largest down.
  package func predictions(_ penalties: [Double], few: Int) throws -> Predictions {
    let problem = try L1LeastSquares(design: b, targets: a)
    var path: [Tensor<Double>] = []
    for penalty in penalties { path.append(problem.solution(l1: penalty, from: path.last, tolerance: 1e-6).weights) }
    let counts = path.map { ($0 .!= 0).converted(to: Double.self).sum(0).scalars }
    let targets = Array(0..<a.shape[1])
    return Predictions(
      errors: path.map { problem.meanSquaredErrors($0).scalars }, counts: counts,
      single: correlations.square().max(-1).scalars,
      few: try targets.map { unit in
        let enough = counts.firstIndex { $0[unit] >= Double(few) } ?? counts.count - 1
        let weights = path[enough].slice(All(), unit).abs()
        let (largest, chosen) = weights.topK(min(few, weights.count))
        let count = largest.scalars.count { $0 > 0 }
        guard count > 0 else { return 0 }
        let used = chosen.slice(0..<count)
        let products = problem.products.slice(All(), unit).gather(used)
        return try solve(problem.gram.gather(used).gather(used, axis: 1), products).dot(products).scalar
      }, all: problem.meanSquaredErrors(try leastSquares(b, a)).scalars.map { 1 - $0 })
  }

  // MARK: Many to many

  /// |C| of the units of both networks, those of a first: [units, units].
  package var jointCorrelations: Tensor<Double> {
    let units = Tensor.concatenate([a, b], axis: 1)
    return correlationMatrix(units, units).abs()
  }

  /// The cluster of each unit of both networks in the graph of ``jointCorrelations``.
  package func clusters(_ count: Int, key: Key) throws -> [Int] {
    try spectralClustering(affinity: jointCorrelations, clusters: min(count, a.shape[1] + b.shape[1]), key: key)
  }

  /// How many clusters have units of both networks, and the share of all units that are in such a cluster.
  package func shared(_ clusters: [Int]) -> (clusters: Int, units: Double) {
    let (ofA, ofB) = (Set(clusters.prefix(a.shape[1])), Set(clusters.dropFirst(a.shape[1])))
    let both = ofA.intersection(ofB)
    return (both.count, Double(clusters.count { both.contains($0) }) / Double(clusters.count))
  }

  /// Canonical correlations of the two layers, from the largest down.
  package func canonical() throws -> [Double] { try canonicalCorrelations(a, b) }
}
