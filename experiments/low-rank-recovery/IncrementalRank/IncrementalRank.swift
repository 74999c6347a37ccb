import Notebook
import Tensors
import Transforms

/// Understanding Incremental Learning of Gradient Descent: A Fine-grained Analysis of Matrix Sensing (Jin, Li, Lyu, Du et al., ICML 2023).
///
/// **Shows**: from a small start gradient descent for matrix sensing visits, one after the other, the best rank-1, rank-2, ... solutions
/// of the sensing loss before it reaches the truth, the closer the smaller the start; also when the factor has fewer columns than the
/// true rank.
///
/// **Here**: the best rank-s solutions Z*_s are found by gradient descent from the spectral truncation of A*(y); they are not the
/// truncations of Z*, since A is not an isometry. All initial scales of one width are one compiled step, and E_s is recorded at every step.
package enum IncrementalRank: Experiment {
  package static let paper = Paper(
    slug: "incremental-rank-learning",
    title: "Understanding Incremental Learning of Gradient Descent: A Fine-grained Analysis of Matrix Sensing",
    authors: ["Jikai Jin", "Zhiyuan Li", "Kaifeng Lyu", "Simon S. Du", "Jason D. Lee"], year: 2023, arxiv: "2301.11500",
    shows: """
      From a small start gradient descent for matrix sensing visits the best rank-1, rank-2, ... solutions of the sensing loss one after
      the other, the closer the smaller the start, also when the factor has fewer columns than the true rank.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("side d of the target") package var side = 30
    @Setting("eigenvalues of the target") package var spectrum = [8.0, 4, 2, 1]
    @Setting("a Gaussian factor instead, with this largest eigenvalue and rank") package var isGaussian = false
    @Setting("number of Gaussian measurements m") package var measurements = 1000
    @Setting("step size mu") package var rate = 0.01
    @Setting("columns of the over-parameterized factor") package var wideColumns = 30
    @Setting("columns of the under-parameterized factor") package var narrowColumns = 2
    @Setting("initial scales alpha") package var scales = [1, 1e-1, 1e-2, 1e-3, 1e-4]
    @Setting("gradient steps") package var steps = 3000
    @Setting("gradient steps from the largest scale") package var longSteps = 5000
    @Setting("step size for the best approximations") package var referenceRate = 0.02
    @Setting("gradient steps for the best approximations") package var referenceSteps = 3000
    package init() {}

    /// How far the run from this scale goes.
    func steps(from scale: Double) -> Int { scale == scales.max() ? longSteps : steps }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.side = 12
      settings.wideColumns = 12
      settings.measurements = 400
      settings.steps = 500
      settings.longSteps = 600
      settings.referenceSteps = 500
    case .quick: break
    case .full:
      settings.side = 50
      settings.wideColumns = 50
      settings.spectrum = [8, 4, 2, 1, 0.5]
      settings.isGaussian = true
      settings.rate = 0.005
      settings.steps = 6000
      settings.longSteps = 10_000
      settings.referenceSteps = 10_000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let target = try target(
      side: settings.side, spectrum: settings.spectrum, isGaussian: settings.isGaussian, key: notebook.key("target"))
    let sensing = GaussianSensing(
      side: settings.side, count: settings.measurements, symmetrized: true, key: notebook.key("A"))
    let problem = SensingProblem(target: target, sensing: sensing.normalMatrix())
    let best = try bestApproximations(of: problem, settings, notebook)
    try descend("over", problem, best, columns: settings.wideColumns, settings, notebook)
    try descend("under", problem, best, columns: settings.narrowColumns, settings, notebook)
  }

  private static func ranks(_ settings: Settings) -> Dimension {
    Dimension("s", Array(1...settings.spectrum.count), "rank s of the best approximation")
  }

  /// Z*_1, ..., Z*_r, [r, n, n]: global minimizers of f over n x s factors, and Z* itself.
  private static func bestApproximations(
    of problem: SensingProblem, _ settings: Settings, _ notebook: Recorder
  ) throws -> Tensor<Double> {
    let rank = settings.spectrum.count
    let lower = Dimension("lower_rank", Array(1..<rank), "rank s < r")
    let gradient = try notebook.trace("best/gradient", "|gradient of f|_F", along: [lower])
    // Their columns beyond s are zero and stay zero.
    var u = try truncations(of: problem.sensing.normal(problem.target), below: rank)
    let step = compile { (u: Tensor<Double>) in Self.step(u, problem, rate: settings.referenceRate) }
    try notebook.steps("best", settings.referenceSteps, state: &u, cadence: .even(100, of: settings.referenceSteps)) { _, u in
      u = step(u)
    } measure: { u, record in
      record(gradient, problem.gradient(u).norm(-2, -1).scalars)
    }
    let best = matmul(u, u, transposeB: true)
    let truncated = try svdTruncations(settings, problem)
    try notebook.tensor(
      "best/svd_distance", (best - truncated).norm(-2, -1) / best.norm(-2, -1), "|Z*_s - SVD_s(Z*)|_F / |Z*_s|_F", along: [lower])
    return .concatenate([best, problem.target.expandingDimensions(0)])
  }

  /// SVD_s(Z*) for s = 1..<r.
  private static func svdTruncations(_ settings: Settings, _ problem: SensingProblem) throws -> Tensor<Double> {
    let factors = try truncations(of: problem.target, below: settings.spectrum.count)
    return matmul(factors, factors, transposeB: true)
  }

  private static func descend(
    _ name: String, _ problem: SensingProblem, _ best: Tensor<Double>, columns: Int, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let scale = Dimension("scale", settings.scales, "initial scale alpha")
    let error = try notebook.trace("\(name)/error", "E_s = |U U^T - Z*_s|_F² / |Z*_s|_F²", along: [scale, ranks(settings)])
    let spectrum = try notebook.trace(
      "\(name)_spectrum/eigenvalues", "leading eigenvalues of U U^T",
      along: [scale, Dimension("index", Array(1...min(columns, settings.spectrum.count)), "place in descending order")])
    let start = gaussianFactor([settings.side, columns], scale: 1, key: notebook.key("U")[columns])
    var u = start * Tensor(settings.scales).reshaped(-1, 1, 1)
    let step = compile { (u: Tensor<Double>) in Self.step(u, problem, rate: settings.rate) }
    let errors = compile { (u: Tensor<Double>) in
      let z = matmul(u, u, transposeB: true)
      return (z.expandingDimensions(1) - best).squaredNorm(-2, -1) / best.squaredNorm(-2, -1)
    }
    let eigenvalues = compile { (u: Tensor<Double>) in
      u.thinSVD().s.square().slice(All(), ..<min(columns, settings.spectrum.count))
    }
    try notebook.steps(name, settings.scales.map { settings.steps(from: $0) }.max() ?? 0, state: &u, cadence: .every(1)) { _, u in
      u = step(u)
    } measure: { u, record in
      record(error, errors(u).scalars)
      // Only drawn, and dearer than a step.
      if record.step.isMultiple(of: 10) { record(spectrum, eigenvalues(u).scalars) }
    }
    guard columns < settings.spectrum.count else { return }
    let truncated = try svdTruncations(settings, problem)
    let places = [best, truncated].map { $0.row(columns - 1) }
    try notebook.tensor(
      "\(name)/distance", (matmul(u, u, transposeB: true).expandingDimensions(1) - .stack(places)).norm(-2, -1),
      "|U U^T - Z|_F after the last step",
      along: [scale, Dimension("from", ["best", "svd"], "Z: best approximation or truncation")])
  }
}
