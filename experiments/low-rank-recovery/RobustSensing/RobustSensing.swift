import Notebook
import Tensors
import Transforms

/// Global Convergence of Sub-gradient Method for Robust Matrix Recovery: Small Initialization, Noisy Measurements, and
/// Over-parameterization (Ma and Fattahi, JMLR 2023).
///
/// **Shows**: sub-gradient descent on the l1 loss of a factor, from a small spectral start, recovers a low-rank matrix although some
/// measurements are grossly wrong and the factor has far more columns than the rank. The squared loss fails. The reason is Sign-RIP:
/// the sub-gradient is nearly parallel to X* - U U^T.
///
/// **Here**: every share of outliers, width of the factor and initial scale is a run of one compiled step, the narrow factors with
/// columns of zeros, which stay zero. Besides outliers there is one model of dense noise, p = 1 with a small deviation of our choice.
package enum RobustSensing: Experiment {
  package static let paper = Paper(
    slug: "sign-rip-subgradient",
    title: """
      Global Convergence of Sub-gradient Method for Robust Matrix Recovery: Small Initialization, Noisy Measurements, and \
      Over-parameterization
      """,
    authors: ["Jianhao Ma", "Salar Fattahi"], year: 2022, arxiv: "2202.08788",
    shows: """
      Sub-gradient descent on the l1 loss of an over-parameterized factor, from a small spectral start, recovers a low-rank matrix from
      measurements of which a part is grossly wrong, where the squared loss fails: the sub-gradient points to the truth (Sign-RIP).
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("side d of the target") package var side = 20
    @Setting("rank r of the target") package var rank = 3
    @Setting("number of Gaussian measurements m") package var measurements = 1000
    @Setting("shares p of outliers") package var shares = [0.1, 0.3, 0.5]
    @Setting("standard deviation of outliers") package var sigma = 10.0
    @Setting("standard deviation of the dense noise, p = 1") package var denseSigma = 0.1
    @Setting("columns r' of the factor") package var columns = [3, 20]
    @Setting("initial scales alpha") package var scales = [1e-1, 1e-2, 1e-3, 1e-4]
    @Setting("first step size eta_0") package var rate = 0.25
    @Setting("decay rho of the step size") package var decay = 0.995
    @Setting("steps") package var steps = 2000
    @Setting("step size of gradient descent on the squared loss") package var squaredRate = 0.1
    @Setting("initial scale of gradient descent on the squared loss") package var squaredScale = 1e-3
    package init() {}

    /// p of every noise model; 1 is the dense noise.
    var noiseShares: [Double] { shares + [1] }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.side = 10
      settings.columns = [3, 10]
      settings.measurements = 300
      settings.steps = 200
    case .quick: break
    case .full:
      settings.side = 50
      settings.columns = [3, 50]
      settings.measurements = 6000
      settings.decay = 0.998
      settings.steps = 5000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let v = qr(Tensor<Double>.normal([settings.side, settings.rank], key: notebook.key("target"))).q
    let target = matmul(v, v, transposeB: true)
    let sensing = GaussianSensing(
      side: settings.side, count: settings.measurements, standardDeviation: 1, symmetrized: true, key: notebook.key("A")
    ).measurementMatrix()
    let noise = settings.noiseShares.enumerated().map { index, share in
      outliers(
        settings.measurements, share: share, sigma: share == 1 ? settings.denseSigma : settings.sigma,
        key: notebook.key("noise")[index])
    }
    let measured = Tensor.stack(noise) + sensing.measure(target)  // [noise, m]
    let width = settings.columns.max() ?? settings.rank
    let run = Run(
      problem: RobustProblem(sensing: sensing, measured: measured.expandingDimensions(1).expandingDimensions(1)), target: target,
      basis: v, settings: settings)

    let spectral = RobustProblem(sensing: sensing, measured: measured)
    let starts = try settings.columns.map { try spectral.spectralStart(columns: $0).paddedColumns(to: width) }
    let scales = Tensor(settings.scales).reshaped(-1, 1, 1)
    try run.descend(
      "l1", from: Tensor.stack(starts, axis: 1).expandingDimensions(2) * scales, scales: settings.scales, notebook
    ) { u, rate in run.problem.subgradientStep(u, rate: rate) }

    let random = Tensor.stack(
      settings.columns.map { columns in
        gaussianFactor([settings.side, columns], scale: settings.squaredScale, key: notebook.key("U")[columns])
          .paddedColumns(to: width)
      }
    ).expandingDimensions(1)
    try run.descend(
      "l2", from: random.broadcast(to: [settings.noiseShares.count] + random.shape), scales: [settings.squaredScale], notebook
    ) { u, _ in run.problem.squaredLossStep(u, rate: settings.squaredRate) }
  }

  /// What the two methods share: runs along noise model, columns and scale, and what is recorded of them.
  private struct Run {
    let problem: RobustProblem
    let target: Tensor<Double>
    let basis: Tensor<Double>
    let settings: Settings

    func descend(
      _ name: String, from start: Tensor<Double>, scales: [Double], _ notebook: Recorder,
      _ update: @escaping (Tensor<Double>, Tensor<Double>) -> Tensor<Double>
    ) throws {
      let dimensions = [
        Dimension("p", settings.noiseShares, "share of noisy measurements"),
        Dimension("columns", settings.columns, "columns r' of the factor"),
        Dimension("scale", scales, "initial scale alpha"),
      ]
      let traces = try [
        ("error", "|U U^T - X*|_F / |X*|_F"), ("cosine", "cosine of Q and X* - U U^T"), ("signal", "|V^T U|_F"),
        ("residual", "|V_perp^T U|_F"),
      ].map { try notebook.trace("\(name)/\($0)", $1, along: dimensions) }
      let step = compile(update)
      let measure = compile { (u: Tensor<Double>) in
        let towards = target - matmul(u, u, transposeB: true)
        let q = problem.ascentDirection(u)
        let signal = matmul(basis, u, transposeA: true)
        return [
          towards.norm(-2, -1) / target.norm(), (q * towards).sum(-2, -1) / (q.norm(-2, -1) * towards.norm(-2, -1)),
          signal.norm(-2, -1), (u - matmul(basis, signal)).norm(-2, -1),
        ]
      }
      var u = start
      try notebook.steps(name, settings.steps, state: &u, cadence: .every(1)) { t, u in
        u = step(u, Tensor(settings.rate * Double.pow(settings.decay, t)))
      } measure: { u, record in
        for (trace, values) in zip(traces, measure(u)) { record(trace, values.scalars) }
      }
    }
  }
}
