import Foundation
import Notebook
import Solvers
import Tensors

/// Sharper Bounds for l_p Sensitivity Sampling (Woodruff and Yasuda, ICML 2023).
///
/// **Shows**: rows kept with probabilities proportional to their l_p sensitivities preserve |A x|_p for all x at once, with about
/// S^(2/p) rows for p < 2 and S^(2 - 2/p) for p > 2, where S is the sum of the sensitivities. Uniform sampling fails on a matrix with
/// an outlying row.
///
/// **Here**: the quantities of the theorems, measured. Sensitivities are exact (a convex problem a row), beside a net of directions. The
/// distortion sup_x | |S A x|_p^p / |A x|_p^p - 1 | is the largest over another net, followed by ascent from the best directions. Both
/// nets are spread evenly in R x with A = Q R: a net that is even in x misses the narrow cone in which the outlying row counts. The full
/// preset adds the least number of rows for a distortion of 1/4 against the number of columns, with 10000 rows: exact sensitivities cost n².
package enum SensitivitySampling: Experiment {
  package static let paper = Paper(
    slug: "lp-sensitivity-sampling", title: "Sharper Bounds for l_p Sensitivity Sampling",
    authors: ["David P. Woodruff", "Taisuke Yasuda"], year: 2023, arxiv: "2306.00732",
    shows: """
      Keeping rows with probabilities proportional to their l_p sensitivities preserves |A x|_p for all x at once. The rows needed follow
      the total sensitivity, often far below its worst case; uniform sampling fails as soon as one row stands out.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("rows n of the matrices") package var count = 2000
    @Setting("columns d of the matrices") package var dimension = 3
    @Setting("exponents p") package var powers = [1.0, 2, 3]
    @Setting("rows m that are kept on average") package var kept = [50, 100, 200, 400, 800]
    @Setting("draws of a sample") package var draws = 20
    @Setting("directions of the net for sensitivities") package var sensitivityNet = 20_000
    @Setting("directions of the net for the distortion") package var distortionNet = 4000
    @Setting("steps of the ascent from the net's best direction") package var ascent = 25
    @Setting("exponents p at which the total sensitivity is drawn") package var totalPowers = [1, 1.5, 2, 2.5, 3, 4]
    @Setting("rows that are split into four copies") package var splitRows = 400
    @Setting("least number of rows for a distortion of 1/4") package var scaling = Scaling()
    package init() {}
  }

  package struct Scaling: Codable, Sendable {
    @Setting("columns d; none to leave this part out") package var dimensions: [Int] = []
    @Setting("rows n of the matrices") package var count = 10_000
    @Setting("exponents p") package var powers = [1, 1.5, 3]
    @Setting("directions from which the ascent starts") package var starts = 200
    @Setting("steps of the ascent") package var ascent = 20
    @Setting("draws of a sample") package var draws = 5
    @Setting("rows m that are tried") package var kept = [40, 60, 90, 130, 190, 280, 400, 600, 900, 1300, 1900]
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.count = 300
      settings.kept = [50, 100]
      settings.draws = 4
      settings.sensitivityNet = 500
      settings.distortionNet = 200
      settings.ascent = 5
      settings.totalPowers = [1, 2, 3]
      settings.splitRows = 40
    case .quick: break
    case .full:
      settings.count = 10_000
      settings.scaling.dimensions = [3, 4, 6, 8, 10]
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let matrices = matrices(settings, notebook)
    try compareSchemes(matrices, settings, notebook)
    try sumSensitivities(matrices, settings, notebook)
    try splitRows(settings, notebook)
    if !settings.scaling.dimensions.isEmpty { try findLeastRows(settings.scaling, notebook) }
  }

  private static func matrices(_ settings: Settings, _ notebook: Recorder) -> [Tensor<Double>] {
    MatrixKind.allCases.map {
      $0.matrix(count: settings.count, dimension: settings.dimension, key: notebook.key("matrix").named($0.rawValue))
    }
  }

  /// What a step of the loop adds for a matrix and an exponent.
  private struct Comparison: Codable {
    var exact, net: Tensor<Double>
    /// Distortions, [schemes, kept, draws].
    var distortions: Tensor<Double>
  }

  /// Sensitivities, and the distortion of every sampling scheme, for each matrix and exponent.
  private static func compareSchemes(_ matrices: [Tensor<Double>], _ settings: Settings, _ notebook: Recorder) throws {
    let grid = matrices.indices.flatMap { matrix in settings.powers.map { (matrix: matrix, p: $0) } }
    let (schemes, d) = (SamplingScheme.allCases, settings.dimension)
    let nets = (
      sensitivity: Tensor<Double>.unitVectors([settings.sensitivityNet, d], key: notebook.key("sensitivity net")),
      distortion: Tensor<Double>.unitVectors([settings.distortionNet, d], key: notebook.key("distortion net"))
    )
    var found: [Comparison] = []
    try notebook.steps("schemes", grid.count, state: &found, cadence: .every(grid.count)) { i, found in
      let (a, p) = (matrices[grid[i].matrix], grid[i].p)
      let sensitivities = lpSensitivities(a, p: p)
      let measure = DistortionMeasure(a, p: p, directions: nets.distortion)
      let key = notebook.key("samples")[i]
      let samples = schemes.flatMap { scheme in
        let weights = scheme.weights(sensitivities: sensitivities, leverageScores: leverageScores(a), p: p)
        return settings.kept.map { m in
          RowSampling(weights: weights.scalars, count: Double(m)).draw(settings.draws, key: key.named(scheme.rawValue)[m])
        }
      }
      let distortions = measure.distortions(of: .concatenate(samples), starts: 1, ascent: settings.ascent)
      found.append(
        Comparison(
          exact: sensitivities, net: lpSensitivities(a, p: p, over: nets.sensitivity),
          distortions: distortions.reshaped(schemes.count, settings.kept.count, settings.draws)))
    }
    let dimensions = [
      Dimension("matrix", MatrixKind.allCases.map(\.rawValue), "matrix"), Dimension("p", settings.powers, "exponent p"),
    ]
    let outer = dimensions.map(\.count)
    try notebook.tensor(
      "schemes/distortion", Tensor.stack(found.map(\.distortions)).reshaped(outer + found[0].distortions.shape),
      "sup_x | |S A x|_p^p / |A x|_p^p - 1 |",
      along: dimensions + [
        Dimension("scheme", schemes.map(\.rawValue), "what the probabilities are proportional to"),
        Dimension("kept", settings.kept, "rows m that are kept on average"),
        Dimension("draw", count: settings.draws, "draw of the sample"),
      ])
    let row = Dimension("row", count: settings.count, "row of the matrix")
    for (name, values, words) in [("exact", found.map(\.exact), "by a convex problem"), ("net", found.map(\.net), "over a net")] {
      try notebook.tensor(
        "schemes/\(name)", Tensor.stack(values).reshaped(outer + [settings.count]), "l_p sensitivity of each row, \(words)",
        along: dimensions + [row])
    }
    try notebook.tensor(
      "leverage", .stack(matrices.map { leverageScores($0) }), "leverage score of each row", along: [dimensions[0], row])
  }

  /// S against p.
  private static func sumSensitivities(_ matrices: [Tensor<Double>], _ settings: Settings, _ notebook: Recorder) throws {
    let grid = matrices.flatMap { a in settings.totalPowers.map { (a: a, p: $0) } }
    var totals: [Double] = []
    try notebook.steps("totals", grid.count, state: &totals, cadence: .every(grid.count)) { i, totals in
      totals.append(lpSensitivities(grid[i].a, p: grid[i].p).sum().scalar)
    }
    try notebook.tensor(
      "totals/sensitivity", Tensor(shape: [matrices.count, settings.totalPowers.count], totals), "total sensitivity S",
      along: [
        Dimension("matrix", MatrixKind.allCases.map(\.rawValue), "matrix"), Dimension("p", settings.totalPowers, "exponent p"),
      ])
  }

  /// Every row four times, scaled by 4^(-1/p): the norm stays, the sensitivities are divided by four.
  private static func splitRows(_ settings: Settings, _ notebook: Recorder) throws {
    let a = MatrixKind.outlier.matrix(
      count: settings.splitRows, dimension: settings.dimension, key: notebook.key("matrix").named("split"))
    let x = Tensor<Double>.normal([settings.dimension, 50], key: notebook.key("split directions"))
    let changes = settings.powers.map { p -> [Double] in
      let split = a.repeated(4) * pow(4, -1 / p)
      let norms = [a, split].map { matmul($0, x).abs().power(p).sum(0).power(1 / p) }
      let sensitivities = [lpSensitivities(a, p: p), lpSensitivities(split, p: p)]
      let fourfold = sensitivities[1] * 4 / sensitivities[0].repeated(4) - 1
      return [
        (norms[1] / norms[0] - 1).abs().max().scalar, fourfold.abs().max().scalar,
        abs(sensitivities[1].sum().scalar / sensitivities[0].sum().scalar - 1),
      ]
    }
    try notebook.tensor(
      "split/change", Tensor(shape: [changes.count, 3], changes.flatMap { $0 }),
      "largest relative difference after splitting rows",
      along: [
        Dimension("p", settings.powers, "exponent p"),
        Dimension("quantity", ["norm", "sensitivity", "total"], "norms, sensitivities times four, total sensitivity"),
      ])
  }
}
