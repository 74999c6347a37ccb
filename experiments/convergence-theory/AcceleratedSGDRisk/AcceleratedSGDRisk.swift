import Notebook
import Tensors
import Transforms

/// Risk Bounds of Accelerated SGD for Overparameterized Linear Regression (Li, Deng, Wu, Zhou and Gu, ICLR 2024).
///
/// **Shows**: whether accelerated SGD generalizes better than SGD depends on where in the spectrum the initial error lies. It forgets an
/// error in the directions of small eigenvalues faster, one in those of large eigenvalues more slowly, and its variance error is larger.
///
/// **Here**: one pass over fresh samples of a linear regression with eigenvalues i^-2. Bias runs without noise start with an error of
/// excess risk 1 in one coordinate (or evenly in one half of them), the variance run starts at the optimum with noise; both methods,
/// all starts and all repetitions are one compiled step and see the same samples. The w* of the problem is 0, which is no loss: iterates
/// are errors. Constants are those of the card; the paper leaves them open. Excess risks are means over the repetitions.
package enum AcceleratedSGDRisk: Experiment {
  package static let paper = Paper(
    slug: "asgd-excess-risk", title: "Risk Bounds of Accelerated SGD for Overparameterized Linear Regression",
    authors: ["Xuheng Li", "Yihe Deng", "Jingfeng Wu", "Dongruo Zhou", "Quanquan Gu"], year: 2023, arxiv: "2311.14222",
    shows: """
      Accelerated SGD forgets an initial error in directions of small eigenvalues faster than SGD and one in directions of large \
      eigenvalues more slowly, and its variance error is always larger. The eigenvalue of the crossover follows from a 2 x 2 matrix.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("dimension d") package var dimension = 200
    @Setting("eigenvalues are i to the power of minus this") package var decay = 2.0
    @Setting("step sizes and momentum") package var rates = AcceleratedRates()
    @Setting("variance sigma² of the label noise") package var noise = 0.01
    @Setting("smallest number of samples N; even") package var fewestSamples = 250
    @Setting("how often N is doubled") package var doublings = 4
    @Setting("N of the bias by coordinate and of its claims") package var comparedSamples = 2000
    @Setting("coordinates i that carry the initial error, one at a time") package var coordinates = [
      1, 2, 3, 4, 6, 8, 10, 15, 20, 30, 40, 60,
    ]
    @Setting("independent repetitions") package var repetitions = 40
    package init() {}

    package var sampleCounts: [Int] { (0...doublings).map { fewestSamples << $0 } }
    package var eigenvalues: Tensor<Double> { Tensor<Double>.arange(dimension, from: 1).power(-decay) }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.dimension = 64
      settings.repetitions = 4
      settings.doublings = 3
    case .quick: break
    case .full:
      settings.dimension = 2000
      settings.fewestSamples = 625
      settings.doublings = 5
      settings.comparedSamples = 2500
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let eigenvalues = settings.eigenvalues
    let starts = startingErrors(settings, eigenvalues)
    let repetitions = settings.repetitions
    // Bias runs see no noise, the variance run, which is the last, does.
    let deviations = Tensor(starts.map { $0.label == varianceRun ? settings.noise.squareRoot() : 0 }).expandingDimensions(1)
    let (roots, rates) = (eigenvalues.sqrt(), settings.rates)
    let step = compile { (runs: TailAveragedRuns, key: Key) in
      let x = roots * Tensor.normal([repetitions, roots.count], key: key.named("x"))
      let noise = deviations * Tensor.normal([1, repetitions], key: key.named("noise"))
      return runs.stepped(x: x, noise: noise, rates)
    }
    let counts = settings.sampleCounts
    let windows = counts.map { $0 / 2 } + counts.suffix(1)
    let key = notebook.key("samples")
    var state = State(
      runs: TailAveragedRuns(
        start: Tensor.stack(starts.map(\.error)).expandingDimensions(1)
          .broadcast(to: [starts.count, repetitions, settings.dimension])))
    try notebook.steps("runs", counts[counts.count - 1], state: &state, cadence: .every(counts[0])) { t, state in
      state.runs = step(state.runs, key[t])
      // The second half of N samples is the window from N/2 to N; the next N is twice as large, so windows follow each other.
      guard windows.contains(t + 1) else { return }
      if t + 1 > windows[0] {
        state.excess += state.runs.excessRisks(over: (t + 1) / 2, eigenvalues: eigenvalues).scalars
      }
      state.runs.beginWindow()
    }

    let dimensions = [
      Dimension("samples", counts, "number of samples N"), Dimension("method", methods, "algorithm"),
      Dimension("start", starts.map(\.label), "where the initial error lies"),
      Dimension("repetition", count: repetitions, "independent repetition"),
    ]
    try notebook.tensor(
      "excess", Tensor(shape: dimensions.map(\.count), state.excess), "excess risk of the tail average", along: dimensions)
    let factors = eigenvalues.scalars.flatMap { [abs(1 - rates.delta * $0), rates.spectralRadius(eigenvalue: $0)] }
    try notebook.tensor(
      "factors", Tensor(shape: [settings.dimension, 2], factors), "spectral radius of the mean dynamics",
      along: [Dimension("eigenvalue", eigenvalues.scalars, "eigenvalue"), Dimension("method", methods, "algorithm")])
  }

  private struct State: Codable {
    var runs: TailAveragedRuns
    /// Of the windows closed so far, row-major: [samples, method, start, repetition].
    var excess: [Double] = []
  }

  static let methods = ["SGD", "ASGD"]
  static let varianceRun = "noise"
  static let halves = ["first half", "last half"]

  /// Errors of excess risk e^T H e = 1 in one coordinate, then evenly over each half of the coordinates, then none.
  private static func startingErrors(
    _ settings: Settings, _ eigenvalues: Tensor<Double>
  ) -> [(label: String, error: Tensor<Double>)] {
    let error = { (places: Range<Int>) in
      let indicator = Tensor((0..<settings.dimension).map { places.contains($0) ? 1.0 : 0 })
      return indicator / indicator.dot(eigenvalues).sqrt()
    }
    let middle = settings.dimension / 2
    var starts = settings.coordinates.map { (label: label(ofCoordinate: $0), error: error($0 - 1..<$0)) }
    starts.append((halves[0], error(0..<middle)))
    starts.append((halves[1], error(middle..<settings.dimension)))
    starts.append((varianceRun, .zeros([settings.dimension])))
    return starts
  }

  static func label(ofCoordinate i: Int) -> String { "i = \(i)" }
}
