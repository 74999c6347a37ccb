import Foundation
import Notebook
import Tensors
import Transforms

/// Bayesian Algorithms for Kronecker-structured Sparse Vector Recovery With Application to IRS-MIMO Channel Estimation
/// (He and Joseph, IEEE TSP).
///
/// **Shows**: when the dictionary and the support of a sparse vector are both Kronecker products, sparse Bayesian learning with variances
/// that are a Kronecker product too recovers the vector from far fewer measurements. Of its two M-steps, alternating minimization is
/// sure to descend, and the cheaper one by singular vectors is more accurate in practice.
///
/// **Here**: the paper's synthetic problem, smaller at quick, with classic sparse Bayesian learning, orthogonal matching pursuit told the
/// number of nonzeros, and least squares told the support. Pruning is off at quick, where alternating minimization is then slow: it
/// is compared by its cost. `full` varies one of measurements, nonzeros and noise at a time. Left out: the channel model.
package enum KroneckerSparseBayes: Experiment {
  package static let paper = Paper(
    slug: "kronecker-sparse-bayes",
    title: """
      Bayesian Algorithms for Kronecker-structured Sparse Vector Recovery With Application to IRS-MIMO Channel Estimation
      """,
    authors: ["Yanbin He", "Geethu Joseph"], year: 2023, arxiv: "2307.14719",
    shows: """
      Sparse Bayesian learning whose prior variances form a Kronecker product recovers a vector with Kronecker-structured support from \
      far fewer measurements than without that structure. An M-step by alternating minimization descends; one by singular vectors is \
      cheaper and more accurate.
      """,
    fidelity: .exact)

  /// What is to be recovered from what.
  package struct Case: Codable, Sendable, Hashable {
    /// M_1, M_2, M_3.
    package var measurements: [Int]
    /// Nonzeros K of each factor of the support.
    package var support: Int
    /// Power of A x over that of the noise, in dB.
    package var snr: Double
  }

  package struct Settings: Codable, Sendable {
    @Setting("columns N of each factor of the dictionary") package var columns = 8
    @Setting("measurements, nonzeros and noise of each case") package var cases = [[4, 4, 4], [5, 5, 5]].flatMap { measurements in
      [10, 20, 30].map { Case(measurements: measurements, support: 2, snr: $0) }
    }
    @Setting("trials of each case, each with a dictionary of its own") package var trials = 10
    @Setting("trials computed together") package var trialsTogether = 10
    @Setting("EM steps") package var steps = 100
    @Setting("EM stops when gamma changes relatively by less") package var tolerance = 1e-4
    @Setting("alternating minimization stops when gamma changes relatively by less") package var alternatingTolerance = 1e-5
    @Setting("rounds of alternating minimization in an M-step at most (ours)") package var alternatingRounds = 1000
    @Setting("share of a factor's largest entry below which alternating minimization prunes") package var alternatingPruning = 0.0
    @Setting("share of a factor's largest entry below which the singular vectors' method prunes") package var singularPruning =
      0.0
    @Setting("share of the largest entry above which an estimate counts as nonzero") package var threshold = 0.05
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.columns = 5
      settings.cases = [10, 20].map { Case(measurements: [3, 3, 3], support: 2, snr: $0) }
      (settings.trials, settings.trialsTogether, settings.steps) = (3, 2, 20)
    case .quick: break
    case .full:
      settings.columns = 15
      let all =
        [6, 8, 10, 12, 14].map { Case(measurements: [$0, 12, 15], support: 4, snr: 20) }
        + [5, 10, 15, 20, 25, 30].map { Case(measurements: [10, 12, 15], support: 4, snr: $0) }
        + [2, 3, 4, 5, 6].map { Case(measurements: [10, 12, 15], support: $0, snr: 20) }
      settings.cases = all.indices.filter { !all[..<$0].contains(all[$0]) }.map { all[$0] }
      // Half the paper's trials: with 1800 x 1800 systems in classic sparse Bayesian learning, 20 would take over an hour.
      (settings.trials, settings.trialsTogether, settings.steps) = (10, 2, 150)
      (settings.alternatingPruning, settings.singularPruning) = (1e-2, 1e-3)
    }
    return settings
  }

  /// Everything that estimates x, in the order of the results.
  static let methods = Algorithm.allCases.map(\.rawValue) + ["OMP", "oracle"]

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let programs = Programs(settings)
    var scores: [Score] = []
    for (place, problem) in settings.cases.enumerated() {
      let keys = notebook.key("case")[place].split(settings.trials)
      for start in stride(from: 0, to: settings.trials, by: settings.trialsTogether) {
        let block = keys[start..<min(settings.trials, start + settings.trialsTogether)]
        let trials = block.map { Trial(problem, columns: settings.columns, key: $0) }
        scores += try estimate(trials, problem, loop: loop(place, start), programs, settings, notebook)
      }
    }
    // Trial after trial, method after method in each: to [method, case, trial].
    let shape = [settings.cases.count, settings.trials, methods.count]
    let dimensions = [
      Dimension("method", methods, "how x is estimated"),
      Dimension("case", count: settings.cases.count, "number of the case"),
      Dimension("trial", count: settings.trials, "dictionary, vector and noise"),
    ]
    let table = { (part: KeyPath<Score, Double>) in
      Tensor(shape: shape, scores.map { $0[keyPath: part] }).permuted(2, 0, 1)
    }
    try notebook.tensor("nmse", table(\.error), "|mu - x|²/|x|²", along: dimensions)
    try notebook.tensor("support", table(\.support), "shared over joint support of estimate and truth", along: dimensions)
    try recordIdentity(programs, settings, notebook)
  }

  /// The name of the loop over a block of trials.
  static func loop(_ place: Int, _ start: Int) -> String { "case-\(place)-trial-\(start)" }

  private struct Score {
    var error, support: Double

    init(_ estimate: Tensor<Double>, _ truth: Tensor<Double>, threshold: Double) {
      error = (estimate - truth).squaredNorm().scalar / truth.squaredNorm().scalar
      let size = estimate.abs().max().scalar
      let pairs = zip(estimate.scalars, truth.scalars).map { (abs($0) > threshold * size, $1 != 0) }
      support = Double(pairs.count { $0 && $1 }) / Double(pairs.count { $0 || $1 })
    }
  }

  /// The estimates of the three algorithms, trials along the first axes.
  struct Estimates: Codable {
    var all: [Estimate]
  }

  /// The compiled steps of EM.
  private struct Programs {
    let alternating: AlternatingMaximization
    let singularVectors = compile { (second: Tensor<Double>) in vmap { singularVectorMaximization($0) }(second) }
    let start = compile { (measurement: Measurement) in vmap { Estimate($0) }(measurement) }
    /// For each algorithm, its E-step.
    let advance: [(Estimate, [Tensor<Double>], Measurement) -> Estimate]

    init(_ settings: Settings) {
      alternating = AlternatingMaximization(
        tolerance: settings.alternatingTolerance, maximumRounds: settings.alternatingRounds)
      advance = [0, settings.alternatingPruning, settings.singularPruning].map { pruning in
        compile { (estimates: Estimate, factors: [Tensor<Double>], measurements: Measurement) in
          vmap { (estimate: Estimate, factors: [Tensor<Double>], measurement: Measurement) in
            estimate.advanced(to: factors, on: measurement, pruning: pruning, tolerance: settings.tolerance)
          }(estimates, factors, measurements)
        }
      }
    }

    func maximize(_ algorithm: Algorithm, _ estimate: Estimate) -> [Tensor<Double>] {
      let second = estimate.posterior.second
      return switch algorithm {
      case .sbl: [second]
      case .alternating: alternating(second, from: estimate.factors, isActive: estimate.isActive)
      case .singularVectors: singularVectors(second)
      }
    }
  }

  /// EM with the three M-steps on a block of trials, then the baselines.
  private static func estimate(
    _ trials: [Trial], _ problem: Case, loop: String, _ programs: Programs, _ settings: Settings, _ notebook: Recorder
  ) throws -> [Score] {
    let structured = Measurement.stack(trials.map(\.measurement))
    let dense = vmap { (measurement: Measurement) in measurement.dense }(structured)
    let algorithms = Algorithm.allCases
    let measurements = algorithms.map { $0 == .sbl ? dense : structured }
    let cost = try notebook.trace(
      "\(loop)/cost", "log det S + y^T S^-1 y",
      along: [
        Dimension("algorithm", algorithms.map(\.rawValue), "M-step"),
        Dimension("trial", count: trials.count, "trial of the block"),
      ])
    var estimates = Estimates(all: measurements.map { programs.start($0) })
    try notebook.steps(
      loop, settings.steps, state: &estimates, cadence: .every(1),
      until: { $0.all.allSatisfy { $0.isActive.max().scalar == 0 } }
    ) { _, estimates in
      for (i, algorithm) in algorithms.enumerated() {
        let factors = programs.maximize(algorithm, estimates.all[i])
        estimates.all[i] = programs.advance[i](estimates.all[i], factors, measurements[i])
      }
    } measure: { estimates, record in
      record(cost, estimates.all.flatMap(\.posterior.cost.scalars))
    }
    return try trials.enumerated().flatMap { i, trial in
      let (a, y) = (dense.factors[0].row(i), trial.measurement.y)
      let means = estimates.all.map { $0.posterior.mean.row(i).flattened() }
      let count = problem.measurements.reduce(1) { product, _ in product * problem.support }
      let baselines = [try matchingPursuit(a, y, count: count), try leastSquares(a, y, on: trial.support)]
      return (means + baselines).map { Score($0, trial.x, threshold: settings.threshold) }
    }
  }

  /// How far the M-steps move a lambda that is a Kronecker product.
  private static func recordIdentity(_ programs: Programs, _ settings: Settings, _ notebook: Recorder) throws {
    let n = settings.columns
    let factors = (0..<3).map { Tensor<Double>.uniform([1, n], in: 0.1..<1, key: notebook.key("identity")[$0]) }
    let second = vmap { (factors: [Tensor<Double>]) in product(factors) }(factors)
    let start = (0..<3).map { _ in Tensor<Double>.ones([1, n]) }
    let found = [programs.alternating(second, from: start, isActive: .ones([1])), programs.singularVectors(second)]
    let errors = found.map { factors in
      ((vmap { (factors: [Tensor<Double>]) in product(factors) }(factors) - second).norm() / second.norm()).scalar
    }
    try notebook.tensor(
      "identity_error", Tensor(errors), "|gamma - lambda|/|lambda| for a lambda that is a Kronecker product",
      along: [Dimension("algorithm", Algorithm.allCases.dropFirst().map(\.rawValue), "M-step")])
  }

  /// One dictionary, vector and noise.
  private struct Trial {
    var measurement: Measurement
    var x: Tensor<Double>
    var support: [Int]

    /// Factors with normal columns of length 1, a support of K random indices a factor, normal nonzeros, noise for the given SNR.
    init(_ problem: Case, columns n: Int, key: Key) {
      let factors = problem.measurements.enumerated().map { i, m in
        let a = Tensor<Double>.normal([m, n], key: key.named("factors")[i])
        return a / a.norm(0, keepingAxes: true)
      }
      support = problem.measurements.indices.reduce([0]) { places, i in
        let chosen = key.named("support")[i].choice(problem.support, from: n)
        return places.flatMap { place in chosen.map { place * n + $0 } }
      }
      let values = Tensor<Double>.normal([support.count], key: key.named("values"))
      x = .zeros([factors.reduce(1) { $0 * $1.shape[1] }])
      for (i, place) in support.enumerated() { x[place] = values[i] }
      let clean = multiply(factors, x.reshaped(factors.map { $0.shape[1] })).flattened()
      let noise = clean.square().mean().scalar / pow(10, problem.snr / 10)
      let y = clean + noise.squareRoot() * Tensor.normal(clean.shape, key: key.named("noise"))
      measurement = Measurement(factors: factors, y: y, noise: Tensor(noise))
    }
  }
}
