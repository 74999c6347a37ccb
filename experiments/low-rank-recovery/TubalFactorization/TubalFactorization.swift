import Notebook
import Tensors
import Transforms

/// Implicit Regularization for Tubal Tensor Factorizations via Gradient Descent (Karnik, Veselovska, Iwen and Krahmer, ICML 2025).
///
/// **Shows**: gradient descent on a tubal factor with spare slices, from a small random start and without a regularizer, recovers a
/// tensor of low tubal rank from few measurements: first it aligns, like a power method, then it converges. The test error falls with
/// the initial scale and hardly depends on how many lateral slices R the factor has.
///
/// **Here**: every R and initial scale is a run of one compiled step, smaller R with lateral slices of zeros, which stay zero. Singular
/// values and principal angles are those of the Fourier slices; of a conjugate pair one is kept.
package enum TubalFactorization: Experiment {
  package static let paper = Paper(
    slug: "tubal-tensor-factorization",
    title: "Implicit Regularization for Tubal Tensor Factorizations via Gradient Descent",
    authors: ["Santhosh Karnik", "Anna Veselovska", "Mark Iwen", "Felix Krahmer"], year: 2024, arxiv: "2410.16247",
    shows: """
      Gradient descent on an over-parameterized tubal factorization, from a small random start, recovers a tensor of low tubal rank from
      few measurements: it aligns first and fits then. The test error falls with the initial scale.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("side n of the tensor") package var side = 10
    @Setting("length k of its tubes") package var tubes = 4
    @Setting("tubal rank r of the truth") package var rank = 3
    @Setting("number of Gaussian measurements m") package var measurements = 350
    @Setting("lateral slices R of the factor") package var columns = [3, 10, 50]
    @Setting("initial scales alpha") package var scales = [0.5, 1e-1, 1e-2, 1e-3, 1e-5]
    @Setting("step size mu") package var rate = 0.15
    @Setting("gradient steps") package var steps = 1500
    @Setting("steps between records") package var interval = 1
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke: settings.steps = 60
    case .quick: break
    case .full:
      // The paper's step sizes of the order 1e-5 are for a truth that is not scaled to norm 1; the time mu t is that of quick.
      settings.measurements = 254
      settings.columns = [3, 10, 50, 100, 200, 400]
      settings.scales = [0.5, 1e-1, 1e-2, 1e-3, 1e-5, 1e-7]
      settings.rate = 1e-3
      settings.steps = 300_000
      settings.interval = 100
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try recordIdentities(settings, notebook)
    let (n, k) = (settings.side, settings.tubes)
    let truth = trueFactor(side: n, rank: settings.rank, tubes: k, key: notebook.key("X"))
    let sensing = GaussianSensing(
      shape: [k, n, n], count: settings.measurements, symmetrizedBy: Tubal.transpose, key: notebook.key("A"))
    let problem = TubalProblem(
      target: Tubal.product(truth, Tubal.transpose(truth)), sensing: sensing.measurementMatrix())
    let basis = qr(Tubal.realFourierSlices(truth)).q

    let width = settings.columns.max() ?? settings.rank
    let starts = settings.columns.map { columns in
      Tensor<Double>.normal(
        [k, n, columns], standardDeviation: 1 / Double(columns * k).squareRoot(), key: notebook.key("U")[columns]
      ).paddedColumns(to: width)
    }
    var u = Tensor.stack(starts).expandingDimensions(1) * Tensor(settings.scales).reshaped(-1, 1, 1, 1)

    let runs = [
      Dimension("columns", settings.columns, "lateral slices R of the factor"),
      Dimension("scale", settings.scales, "initial scale alpha"),
    ]
    let slice = Dimension("slice", Array(0..<Tubal.distinctSlices(k)), "Fourier slice")
    let test = try notebook.trace("descent/test_error", "|U * U^T - T|_F / |T|_F", along: runs)
    let train = try notebook.trace("descent/train_error", "|A(U * U^T) - y| / |y|", along: runs)
    let sine = try notebook.trace("descent/sine", "sine of the largest principal angle, leading r against X", along: runs)
    let values = try notebook.trace(
      "descent/singular_values", "singular values of U's Fourier slices",
      along: runs + [slice, Dimension("index", Array(1...settings.rank + 1), "place in descending order")])
    let step = compile { (u: Tensor<Double>) in problem.step(u, rate: settings.rate) }
    let measure = compile { (u: Tensor<Double>) in
      let (spectrum, left) = Tubal.decomposition(u)
      let kept = spectrum.split(axis: -1, sizes: [settings.rank + 1, spectrum.shape[spectrum.rank - 1] - settings.rank - 1])[0]
      return [problem.testError(u), problem.trainError(u), largestSine(of: left, from: basis).max(-1), kept]
    }
    try notebook.steps("descent", settings.steps, state: &u, cadence: .every(settings.interval)) { _, u in
      u = step(u)
    } measure: { u, record in
      for (trace, values) in zip([test, train, sine, values], measure(u)) { record(trace, values.scalars) }
    }
  }

  /// How well the algebra obeys its laws, on random tensors.
  private static func recordIdentities(_ settings: Settings, _ notebook: Recorder) throws {
    let (n, k) = (settings.side, settings.tubes)
    let a = Tensor<Double>.normal([k, n, n + 1], key: notebook.key("identities").named("A"))
    let b = Tensor<Double>.normal([k, n + 1, n], key: notebook.key("identities").named("B"))
    let reversed = Tubal.product(Tubal.transpose(b), Tubal.transpose(a))
    try notebook.scalar(
      "identities/transpose", (Tubal.transpose(Tubal.product(a, b)) - reversed).abs().max().scalar,
      "largest entry of (A * B)^T - B^T * A^T")
    try notebook.scalar(
      "identities/unit", (Tubal.product(a, Tubal.identity(n + 1, tubes: k)) - a).abs().max().scalar, "largest entry of A * I - A")
  }
}
