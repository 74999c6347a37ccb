import ComplexModule
import Foundation
import Networks
import Notebook
import Tensors

/// Robustifying State-space Models for Long Sequences via Approximate Diagonalization (Yu et al., ICLR 2024).
///
/// **Shows**: state-space layers are fast with a diagonal state matrix, but the HiPPO matrix is too far from normal to be diagonalized.
/// S4D drops a rank-one term: at every fixed frequency it agrees with HiPPO as n grows, but at frequencies of the order n² it has spikes that
/// do not shrink. Diagonalizing a slightly perturbed matrix instead stays near HiPPO at all frequencies.
///
/// **Here**: transfer functions of all three on a grid refined around the spikes, for C of standard normal numbers (those of a smaller n are
/// the first of a larger one's, whose exact transfer functions then agree at low frequencies), and complex Ginibre perturbations of
/// spectral norm eps, the same direction for every eps. Inputs are held between samples, which keeps the poles where they are; the
/// bilinear rule would move the spikes by more than their width. The paper's search for a better perturbation runs at one small size.
/// Left out: training on the long-range arena.
package enum PerturbThenDiagonalize: Experiment {
  package static let paper = Paper(
    slug: "perturb-then-diagonalize",
    title: "Robustifying State-space Models for Long Sequences via Approximate Diagonalization",
    authors: ["Annan Yu", "Arnur Nigmetov", "Dmitriy Morozov", "Michael W. Mahoney", "N. Benjamin Erichson"], year: 2023,
    arxiv: "2310.01698",
    shows: """
      The HiPPO matrix of state-space models cannot be diagonalized in practice. The usual diagonal surrogate (S4D) agrees with it at every \
      fixed frequency, but has spikes at high ones whatever the size. Diagonalizing a slightly perturbed HiPPO matrix stays close \
      everywhere.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("state sizes n") package var sizes = [32, 64, 128]
    @Setting("spectral norms eps of the perturbation") package var norms = [1e-3, 1e-2, 0.1, 1]
    @Setting("draws of C and of the perturbation") package var seeds = 5
    @Setting("frequency up to which the grid is even") package var bend = 50.0
    @Setting("frequencies up to there") package var lowPoints = 2000
    @Setting("frequencies beyond, up to 20 n²") package var highPoints = 6000
    @Setting("further frequencies within 1 of each spike") package var nearPoints = 21
    @Setting("frequency at which the pointwise gap is taken") package var fixedFrequency = 1.0
    @Setting("eps of the transfer functions and outputs that are drawn") package var shownNorm = 0.1
    @Setting("inputs and outputs over time") package var wave = Wave()
    @Setting("search for a perturbation") package var search = Search()
    package init() {}
  }

  package struct Wave: Codable, Sendable {
    @Setting("state size n") package var size = 64
    @Setting("the spike is the one nearest this share of n²") package var share = 0.1
    @Setting("duration of the input") package var duration = 10.0
    @Setting("largest distance of samples") package var step = 1.0 / 200
    @Setting("largest phase between two samples, in radians") package var phase = 0.1
    package init() {}
  }

  package struct Search: Codable, Sendable {
    @Setting("state size n") package var size = 32
    @Setting("spectral norm of the start") package var norm = 0.1
    @Setting("gamma, the weight of the norm of E beside the condition of V") package var weight = 1e5
    @Setting("length of the first step, as a share of the norm of the start; falls to 0 evenly") package var rate = 0.2
    @Setting("steps of gradient descent") package var steps = 60
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.sizes = [8, 16, 32]
      settings.seeds = 2
      settings.lowPoints = 100
      settings.highPoints = 300
      settings.wave.size = 16
      settings.wave.duration = 2
      settings.search.size = 8
      settings.search.steps = 5
    case .quick: break
    case .full:
      settings.sizes = [32, 64, 128, 256, 512]
      settings.search.size = 64
      settings.search.steps = 400
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let largest = max(settings.sizes.max() ?? 1, settings.wave.size)
    let outputs = Tensor<Double>.normal([settings.seeds, largest], key: notebook.key("outputs"))
    try compare(outputs, settings, notebook)
    try respond(outputs, settings, notebook)
    try search(settings, notebook)
  }

  static let systems = ["HiPPO", "S4D", "PTD"]

  /// What one size gives, one row for each seed.
  private struct Comparison: Codable {
    /// [seeds]: the gap of S4D at the fixed frequency, at all, and beyond 0.02 n²; the largest exact value.
    var low, sup, high, exact: Tensor<Double>
    /// [norms, seeds]: the largest gap of PTD, and the condition of V.
    var perturbed, condition: Tensor<Double>
    /// ||NN^T - N^T N|| / ||N||², |Re l(N) + 1/2|, pi Im l(N) / n², the error of the lemma, ||A||.
    var checks: Tensor<Double>
    /// For drawing: frequencies, and |G| of the three systems.
    var frequencies, magnitudes: Tensor<Double>
  }

  private static func compare(_ outputs: Tensor<Double>, _ settings: Settings, _ notebook: Recorder) throws {
    var found: [Comparison] = []
    let key = notebook.key("perturbation")
    try notebook.steps("sizes", settings.sizes.count, state: &found, cadence: .every(1)) { i, found in
      let n = settings.sizes[i]
      found.append(try compare(n, outputs.slice(All(), 0..<n), settings, key: key[n]))
    }
    let size = Dimension("n", settings.sizes, "size of the state")
    let norm = Dimension("eps", settings.norms, "spectral norm of the perturbation")
    let seed = Dimension("seed", count: settings.seeds, "draw of C and E")
    func record(_ name: String, _ part: (Comparison) -> Tensor<Double>, _ long: String, _ along: [Notebook.Dimension]) throws {
      try notebook.tensor(name, .stack(found.map(part)), long, along: [size] + along)
    }
    try record("gap_low", \.low, "|G_diag - G_dplr| at the fixed frequency", [seed])
    try record("gap_sup", \.sup, "largest |G_diag - G_dplr|", [seed])
    try record("gap_high", \.high, "largest |G_diag - G_dplr| beyond omega = 0.02 n²", [seed])
    try record("exact_sup", \.exact, "largest |G_dplr|", [seed])
    try record("ptd_gap", \.perturbed, "largest |G_ptd - G_dplr|", [norm, seed])
    try record("condition", \.condition, "condition of the eigenvectors of A + E", [norm, seed])
    let checks = ["normality", "real part", "top frequency", "lemma", "norm of A"]
    try record(
      "checks", \.checks, "errors of exact statements, top Im l(N) over n²/pi, ||A||", [Dimension("check", checks, "what")])
    for (n, found) in zip(settings.sizes, found) {
      try notebook.tensor(
        "n\(n)/magnitude", found.magnitudes, "|G| of the first seed, PTD at eps = \(settings.shownNorm)",
        along: [
          Dimension("system", systems, "system"), Dimension("omega", found.frequencies.scalars, "angular frequency"),
        ])
    }
  }

  private static func compare(_ n: Int, _ outputs: Tensor<Double>, _ settings: Settings, key: Key) throws -> Comparison {
    let system = try LegendreSystem(size: n)
    let omega = system.frequencies(
      bend: settings.bend, low: settings.lowPoints, high: settings.highPoints, near: settings.nearPoints)
    let (exact, diagonal) = try system.transfers(outputs: outputs, at: omega)
    let gap = (diagonal - exact).magnitude()
    let fixed = try system.transfers(outputs: outputs, at: Tensor([settings.fixedFrequency]))
    let isHigh = omega .> 0.02 * Double(n * n)

    let direction = unitGinibre([settings.seeds, n, n], key: key)
    var (perturbed, condition): ([Tensor<Double>], [Tensor<Double>]) = ([], [])
    for norm in settings.norms {
      let (values, vectors) = try eigen(complex(system.matrix) + direction * Complex(norm))
      let s = complexSingular(vectors).s
      condition.append(s.max(-1) / s.min(-1))
      perturbed.append(
        Tensor(
          try (0..<settings.seeds).map { seed in
            let ptd = try DiagonalStateSpace(
              eigenvalues: values.row(seed), vectors: vectors.row(seed), input: system.input, output: outputs.row(seed))
            return (ptd.transfer(at: omega) - exact.row(seed)).magnitude().max().scalar
          }))
    }
    let shown = try perturbedSystem(system, direction.row(0), outputs.row(0), settings).transfer(at: omega)
    return Comparison(
      low: (fixed.diagonal - fixed.exact).magnitude().squeezed(-1), sup: gap.max(-1),
      high: Tensor.where(isHigh, gap, 0).max(-1), exact: exact.magnitude().max(-1), perturbed: .stack(perturbed),
      condition: .stack(condition), checks: try checks(system, outputs), frequencies: omega,
      magnitudes: .stack([exact.row(0), diagonal.row(0), shown].map { $0.magnitude() }))
  }

  /// The eigenvectors of A + E for one draw E, at the norm that is drawn.
  private static func perturbedSystem(
    _ system: LegendreSystem, _ direction: Tensor<Complex<Double>>, _ output: Tensor<Double>, _ settings: Settings
  ) throws -> DiagonalStateSpace<Double> {
    let (values, vectors) = try eigen(complex(system.matrix) + direction * Complex(settings.shownNorm))
    return try DiagonalStateSpace(eigenvalues: values, vectors: vectors, input: system.input, output: output)
  }

  /// Statements that hold exactly, up to rounding.
  private static func checks(_ system: LegendreSystem, _ outputs: Tensor<Double>) throws -> Tensor<Double> {
    let normal = HiPPO.normalPart(system.size)
    let commutator = matmul(normal, normal, transposeB: true) - matmul(normal, normal, transposeA: true)
    let values = system.normal.values
    let lemma = try [0.1, 1, 10, 100, 1000].map { omega in
      let solved = try system.solvedTransfer(outputs: outputs, at: omega)
      let formula = try system.transfers(outputs: outputs, at: Tensor([omega])).exact.squeezed(-1)
      return ((formula - solved).magnitude() / solved.magnitude()).max().scalar
    }
    return Tensor([
      commutator.norm().scalar / normal.squaredNorm().scalar, (values.real + 0.5).abs().max().scalar,
      values.imaginary.max().scalar * .pi / Double(system.size * system.size),
      lemma.contains { $0.isNaN } ? .nan : lemma.max() ?? .nan,
      system.matrix.thinSVD().s.max().scalar,
    ])
  }

  /// What the three systems make of cosines, one slow and one at a spike of S4D, from the state 0.
  private static func respond(_ outputs: Tensor<Double>, _ settings: Settings, _ notebook: Recorder) throws {
    let wave = settings.wave
    let system = try LegendreSystem(size: wave.size)
    let output = outputs.row(0).slice(0..<wave.size)
    let target = wave.share * Double(wave.size * wave.size)
    let spike = system.normal.values.imaginary.scalars.min { abs($0 - target) < abs($1 - target) } ?? target
    let direction = unitGinibre([wave.size, wave.size], key: notebook.key("wave"))
    let perturbed = try perturbedSystem(system, direction, output, settings)
    let diagonal = try system.diagonal(output: output)
    for (name, omega) in [("slow", 1), ("spike", spike)] {
      let step = min(wave.step, wave.phase / omega)
      let times = (1...max(1, Int(wave.duration / step))).map { Double($0) * step }
      let u = times.map { cos(omega * $0) }
      let responses = [
        system.recurrence(output: output, u, step: step), diagonal.recurrence(u, step: step), perturbed.recurrence(u, step: step),
      ]
      try notebook.tensor(
        "\(name)/output", .stack(responses.map { Tensor($0) }), "output for cos(omega t), omega = \(omega)",
        along: [Dimension("system", systems, "system"), Dimension("time", times, "time")])
      try notebook.scalar("\(name)/omega", omega, "angular frequency of the input")
    }
  }

  /// Gradient descent on kappa(V) + gamma ||E|| from a random E, steps of given length along the gradient.
  private static func search(_ settings: Settings, _ notebook: Recorder) throws {
    let search = settings.search
    let a = complex(HiPPO.matrix(search.size))
    var e = unitGinibre([settings.seeds, search.size, search.size], key: notebook.key("search")) * Complex(search.norm)
    let seed = [Dimension("seed", count: settings.seeds, "start E")]
    let condition = try notebook.trace("search/condition", "condition of the eigenvectors of A + E", along: seed)
    let norm = try notebook.trace("search/norm", "spectral norm of E", along: seed)
    try notebook.steps("search", search.steps, state: &e, cadence: .every(1)) { t, e in
      let (u, _, vH) = complexSingular(e)
      let growth = matmul(u.split(axis: -1, into: search.size)[0], vH.split(axis: -2, into: search.size)[0])
      let gradient = try EigenvectorCondition(a + e).gradient + growth * Complex(search.weight)
      let length = gradient.magnitude().squaredNorm(-2, -1, keepingAxes: true).sqrt()
      let rate = search.rate * search.norm * (1 - Double(t) / Double(search.steps))
      e = e - gradient * complex(rate / length)
    } measure: { e, record in
      record(condition, try EigenvectorCondition(a + e).value.scalars)
      record(norm, spectralNorms(e).scalars)
    }
  }
}
