import Notebook
import Tensors
import Transforms

/// A Nearly-Optimal Bound for Fast Regression with l-infinity Guarantee (Song, Ye, Yin and Zhang, ICML 2023).
///
/// **Shows**: the solution of a sketched least-squares problem is near the true one in the Euclidean norm for any subspace embedding,
/// but near in every coordinate only for a dense sketch, with about d / eps² rows. A sparse sketch lets one unlucky collision spoil
/// one coordinate.
///
/// **Here**: the theorem has no experiment; this one measures its statement. Two instances: A = [I; 0] with the residual on one row, and
/// a Gaussian one. rho_inf = |x' - x*|_inf sqrt(d) / (|A x* - b| |A^+|) is the eps that a draw achieves. A sketch with few nonzeros often
/// maps two of the unit vectors of the first instance to the same column up to its sign; the sketched problem then has many solutions,
/// of which we take the shortest (by QR, and the singular values of R). The Kronecker product is in the full preset alone.
package enum DenseSketchRegression: Experiment {
  package static let paper = Paper(
    slug: "dense-sketch-linf", title: "A Nearly-Optimal Bound for Fast Regression with l-infinity Guarantee",
    authors: ["Zhao Song", "Mingquan Ye", "Junze Yin", "Lichen Zhang"], year: 2023, arxiv: "2302.00248",
    shows: """
      Sketched least squares errs little in the Euclidean norm with any good sketch. To err little in every single coordinate it needs a
      dense one: a randomized Hadamard transform spreads the error evenly, where a CountSketch spoils a few coordinates altogether.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("rows n of the problem") package var count = 2048
    @Setting("unknowns d") package var dimension = 64
    @Setting("rows m of the sketches") package var rows = [256, 512, 1024]
    @Setting("the m at which sketches are compared: profiles, nonzeros, products of unit vectors") package var comparedRows = 512
    @Setting("nonzeros s in a column of the sparse embeddings; 1 is CountSketch") package var nonzeros = [1, 4, 16]
    @Setting("draws of a sketch") package var draws = 100
    @Setting("draws of the Gaussian sketch") package var gaussianDraws = 20
    @Setting("draws that are computed at once") package var together = 5
    @Setting("unknowns d of the sweep with m = 8 d") package var dimensions = [16, 32, 64, 128]
    @Setting("draws for the products of unit vectors") package var productDraws = 2000
    @Setting("extent at which the fast transform is compared with its matrix") package var checkedExtent = 1024
    @Setting("shape [n1, d1, n2, d2] of the Kronecker factors; empty to leave them out") package var kronecker: [Int] = []
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.count = 256
      settings.dimension = 8
      settings.rows = [32, 64, 128]
      settings.comparedRows = 64
      settings.draws = 10
      settings.gaussianDraws = 5
      settings.dimensions = [4, 8]
      settings.productDraws = 20
      settings.checkedExtent = 64
    case .quick: break
    case .full:
      settings.count = 16_384
      settings.dimension = 256
      settings.rows = [1024, 2048, 4096]
      settings.comparedRows = 2048
      settings.draws = 500
      settings.together = 2
      settings.dimensions = [16, 32, 64, 128, 256]
      settings.productDraws = 10_000
      settings.kronecker = [128, 16, 128, 16]
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try checkTransform(settings.checkedExtent, notebook)
    for kind in SketchKind.all(nonzeros: settings.nonzeros) {
      try solveProblems(kind, settings, notebook)
      try sweepDimensions(kind, settings, notebook)
    }
    for kind in comparedProducts { try multiplyUnitVectors(kind, settings, notebook) }
    if settings.kronecker.count == 4 { try solveKronecker(settings, notebook) }
  }

  /// Whose products of unit vectors are looked at.
  static let comparedProducts: [SketchKind] = [.hadamard, .sparse(1)]

  /// The fast transform against its matrix, and the matrix times itself; both with the factor 1 / sqrt(n).
  private static func checkTransform(_ n: Int, _ notebook: Recorder) throws {
    let h = hadamardMatrix(n)
    let x = Tensor<Double>.unitVectors([8, n], key: notebook.key("transform")).transposed()
    let fast = walshHadamard(x, axis: 0) / Double(n).squareRoot()
    try notebook.scalar(
      "transform/error", (fast - matmul(h, x)).abs().max().scalar, "largest entry of fast transform less matrix product")
    try notebook.scalar(
      "transform/orthogonality", (matmul(h, h, transposeA: true) - .identity(n)).abs().max().scalar,
      "largest entry of H^T H - I")
  }

  /// Both problems for every number of rows: what is left of the norms, and one profile of the error.
  private static func solveProblems(_ kind: SketchKind, _ settings: Settings, _ notebook: Recorder) throws {
    let (n, d) = (settings.count, settings.dimension)
    let problems = [
      RegressionProblem.adversarial(count: n, dimension: d, key: notebook.key("adversarial")),
      .benign(count: n, dimension: d, key: notebook.key("benign")),
    ]
    let cases = problems.flatMap { problem in
      settings.rows.map { m in { (key: Key) in problem.error(sketchedBy: kind, rows: m, key: key) } }
    }
    let draws = kind.draws(settings)
    let errors = try collect("\(kind.slug)/problems", draws, cases, settings, notebook)  // [problems rows, draws, d]
    let dimensions = [
      Dimension("problem", problems.map(\.name), "least-squares problem"),
      Dimension("rows", settings.rows, "rows m of the sketch"),
      drawDimension(draws),
    ]
    let shape = dimensions.map(\.count)
    let sizes = Tensor(problems.map(\.errorUnit)).reshaped(-1, 1, 1)
    let largest = errors.abs().max(-1).reshaped(shape) / sizes
    try notebook.tensor(
      "\(kind.slug)/linf", largest * Double(d).squareRoot(), "|x' - x*|_inf sqrt(d) / (|A x* - b| |A^+|)", along: dimensions)
    try notebook.tensor(
      "\(kind.slug)/l2", errors.square().sum(-1).reshaped(shape) / sizes.square(), "|x' - x*|² / (|A x* - b| |A^+|)²",
      along: dimensions)
    let compared = settings.rows.firstIndex(of: settings.comparedRows) ?? 0
    try notebook.tensor(
      "\(kind.slug)/profile", errors.slice(compared, 0).abs().sorted(descending: true),
      "|x' - x*| of the first draw on the adversarial problem, in descending order",
      along: [Dimension("place", Array(1...d), "place in descending order")])
  }

  /// The adversarial problem with m = 8 d.
  private static func sweepDimensions(_ kind: SketchKind, _ settings: Settings, _ notebook: Recorder) throws {
    let draws = kind.draws(settings)
    let cases = settings.dimensions.map { d in
      let problem = RegressionProblem.adversarial(count: settings.count, dimension: d, key: notebook.key("adversarial"))
      return { (key: Key) in
        let error = problem.error(sketchedBy: kind, rows: 8 * d, key: key).abs().max()
        return (error * (Double(d).squareRoot() / problem.errorUnit)).reshaped(1)
      }
    }
    let errors = try collect("\(kind.slug)/sweep", draws, cases, settings, notebook)
    try notebook.tensor(
      "\(kind.slug)/sweep", errors.reshaped(settings.dimensions.count, draws),
      "|x' - x*|_inf sqrt(d) / (|A x* - b| |A^+|), m = 8 d",
      along: [Dimension("dimension", settings.dimensions, "unknowns d"), drawDimension(draws)])
  }

  /// (g^T S^T S h - g^T h) sqrt(m) for fixed unit vectors g and h: two of random directions, and two coordinate vectors.
  private static func multiplyUnitVectors(_ kind: SketchKind, _ settings: Settings, _ notebook: Recorder) throws {
    let n = settings.count
    let pairs = [
      ("random directions", Tensor<Double>.unitVectors([2, n], key: notebook.key("pair"))),
      ("coordinates", Tensor<Double>.identity(n).slice(0..<2)),
    ]
    let cases = pairs.map { _, pair in
      { (key: Key) in
        let images = kind.sketch(pair.transposed(), rows: settings.comparedRows, key: key)
        let product = (images.slice(All(), 0) * images.slice(All(), 1)).sum() - pair.row(0).dot(pair.row(1))
        return (product * Double(settings.comparedRows).squareRoot()).reshaped(1)
      }
    }
    let products = try collect("\(kind.slug)/products", settings.productDraws, cases, settings, notebook)
    try notebook.tensor(
      "\(kind.slug)/products", products.reshaped(pairs.count, settings.productDraws), "(g^T S^T S h - g^T h) sqrt(m)",
      along: [
        Dimension("pair", pairs.map(\.0), "unit vectors g and h"),
        Dimension("product_draw", count: settings.productDraws, "draw of the sketch"),
      ])
  }

  /// A = A1 kron A2, sketched by a product of two transforms.
  private static func solveKronecker(_ settings: Settings, _ notebook: Recorder) throws {
    let shape = settings.kronecker
    let problem = KroneckerProblem(counts: (shape[0], shape[2]), dimensions: (shape[1], shape[3]), key: notebook.key("kronecker"))
    let cases = settings.rows.map { m in
      { (key: Key) in (problem.error(rows: m, key: key).abs().max() * Double(problem.solution.count).squareRoot()).reshaped(1) }
    }
    let errors = try collect("kronecker", settings.draws, cases, settings, notebook)
    try notebook.tensor(
      "kronecker/linf", errors.reshaped(cases.count, settings.draws), "|x' - x*|_inf sqrt(d) / (|A x* - b| |A^+|)",
      along: [Dimension("rows", settings.rows, "rows m of the sketch"), drawDimension(settings.draws)])
  }

  /// A vector of each case for each of `draws` keys, [cases, draws, k]. A step of the loop is some draws of all cases, a batch.
  private static func collect(
    _ name: String, _ draws: Int, _ cases: [(Key) -> Tensor<Double>], _ settings: Settings, _ notebook: Recorder
  ) throws -> Tensor<Double> {
    let (key, together) = (notebook.key(name), settings.together)
    let batches = (draws + together - 1) / together
    let compute = compile { (keys: Key) in cases.map { vmap($0)(keys) } }
    var collected: [Tensor<Double>] = []
    try notebook.steps(name, batches, state: &collected, cadence: .every(batches)) { i, collected in
      collected.append(.stack(compute(Key.batch((0..<together).map { key[i * together + $0] }))))
    }
    return .concatenate(collected, axis: 1).slice(All(), 0..<draws)
  }

  private static func drawDimension(_ draws: Int) -> Dimension { Dimension("draw", count: draws, "draw of the sketch") }
}

extension SketchKind {
  fileprivate func draws(_ settings: DenseSketchRegression.Settings) -> Int {
    self == .gaussian ? settings.gaussianDraws : settings.draws
  }
}
