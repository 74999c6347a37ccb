import Diagnostics
import Foundation
import Notebook
import Solvers
import Tensors

/// Learning to Relax: Setting Solver Parameters Across a Sequence of Linear System Instances (Khodak, Chow, Balcan and Talwalkar,
/// ICLR 2024).
///
/// **Shows**: the relaxation parameter omega of SOR changes the number of iterations tenfold. A bandit that sees nothing but that number
/// learns a good omega while it solves; with the shift of the diagonal as context it comes near the best choice for each instance.
///
/// **Here**: the paper's sequences of shifted 5-point Laplacians under both distributions of the shift. Fixed and random parameters are
/// evaluated on 200 systems of their own. The official Tsallis-INF leaves its domain and commits to an arm (``TsallisINF`` says why); it
/// is what the claims are about, and beside it runs the exact one. The gain from the context scatters by 0.15 between sequences: the
/// three of the quick preset decide little. ChebCB's constants are those of the official code, its coefficients clipped as
/// ``ChebyshevBandit`` says. The heat equation with SSOR-preconditioned conjugate gradients is in the full preset.
package enum LearningToRelax: Experiment {
  package static let paper = Paper(
    slug: "learning-to-relax",
    title: "Learning to Relax: Setting Solver Parameters Across a Sequence of Linear System Instances",
    authors: ["Mikhail Khodak", "Edmond Chow", "Maria-Florina Balcan", "Ameet Talwalkar"], year: 2023, arxiv: "2310.02246",
    shows: """
      The relaxation parameter of SOR, which changes iteration counts tenfold, is learned while solving by a bandit that sees nothing but
      these counts. Told the diagonal shift of each system, a contextual bandit comes near the best parameter of each.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("interior points along a side of the grid") package var side = 10
    @Setting("systems in a sequence, T") package var rounds = 1500
    @Setting("independent sequences") package var trials = 3
    @Setting("relative residual at which SOR stops") package var tolerance = 1e-8
    @Setting("fixed relaxation parameters") package var fixed = [1, 1.2, 1.4, 1.6, 1.8]
    @Setting("relaxation parameters that learners choose from, between 1 and 1.95") package var arms = 20
    @Setting("bins of the context for Tsallis-INF-CB") package var bins = 5
    @Setting("highest Chebyshev polynomial of ChebCB") package var degree = 5
    @Setting("systems on which fixed parameters are evaluated") package var evaluated = 200
    @Setting("distance of parameters in the comparison with the asymptotic count") package var asymptoticStep = 0.05
    @Setting("the heat equation") package var heat = Heat()
    package init() {}
  }

  package struct Heat: Codable, Sendable {
    @Setting("intervals along a side of the grid; none to leave this part out") package var sides: [Int] = []
    @Setting("time steps on [0, 5]") package var steps = 5000
    @Setting("fixed relaxation parameters") package var fixed = [1, 1.3, 1.5, 1.75, 1.95]
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.side = 6
      settings.rounds = 60
      settings.trials = 2
      settings.evaluated = 5
      settings.asymptoticStep = 0.2
    case .quick: break
    case .full:
      settings.rounds = 5000
      settings.trials = 40
      settings.asymptoticStep = 0.01
      settings.heat.sides = [25, 50]
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try compareWithTheory(settings, notebook)
    for shifts in ShiftDistribution.allCases {
      try solveSequence(shifts, settings, notebook)
      try evaluateFixed(shifts, settings, notebook)
    }
    for side in settings.heat.sides { try solveHeat(side: side, settings, notebook) }
  }

  /// Iterations without a shift, against the asymptotic count and the near-asymptotic bound.
  private static func compareWithTheory(_ settings: Settings, _ notebook: Recorder) throws {
    let instance = ShiftedLaplacian(side: settings.side, shift: 0, key: notebook.key("asymptotics"))
    let omegas = Array(stride(from: 1, through: 1.99, by: settings.asymptoticStep))
    var found: [SORAnalysis] = []
    try notebook.steps("asymptotics", omegas.count, state: &found, cadence: .every(omegas.count)) { i, found in
      found.append(instance.analysis(omegas[i], tolerance: settings.tolerance))
    }
    // tau = max over omega of (|C^(k - 1)|^(1 / (k - 1)) - rho) / (1 - rho), and the bound 1 + log eps / log(rho + tau (1 - rho)).
    let tau = quantile(found.map { ($0.powerNorm - $0.radius) / (1 - $0.radius) }, 1)
    let omega = Dimension("omega", omegas, "relaxation parameter omega")
    let logarithm = log(settings.tolerance)
    for (name, values, words) in [
      ("iterations", found.map(\.iterations), "SOR iterations"),
      ("estimate", found.map { logarithm / log($0.radius) }, "asymptotic count log(eps) / log(rho)"),
      ("bound", found.map { 1 + logarithm / log($0.radius + tau * (1 - $0.radius)) }, "near-asymptotic bound on the iterations"),
    ] {
      try notebook.tensor("asymptotics/\(name)", Tensor(values), words, along: [omega])
    }
  }

  /// Sequences of systems, each solved by every learner.
  private static func solveSequence(_ shifts: ShiftDistribution, _ settings: Settings, _ notebook: Recorder) throws {
    let key = notebook.key("sequence").named(shifts.rawValue)
    let start = SequenceMethods(settings)
    let cost = try notebook.trace(
      "\(shifts.rawValue)/iterations", "SOR iterations so far, summed over the systems",
      along: [
        Dimension("method", SequenceMethods.names, "how the relaxation parameter is chosen"),
        Dimension("trial", count: settings.trials, "independent sequence"),
      ])
    var trials = [SequenceMethods](repeating: start, count: settings.trials)
    try notebook.steps(
      shifts.rawValue, settings.rounds, state: &trials, cadence: .every(max(1, settings.rounds / 300))
    ) { t, trials in
      let before = trials
      trials = Threads.map(before.count) { trial in
        var methods = before[trial]
        let key = key[trial][t]
        methods.solve(
          ShiftedLaplacian(side: settings.side, shift: shifts.draw(key.named("shift")), key: key.named("right")), settings,
          key: key)
        return methods
      }
    } measure: { trials, record in
      record(cost, SequenceMethods.names.indices.flatMap { method in trials.map { $0.totals[method] } })
    }
  }

  /// Mean iterations of fixed parameters, and of all that the learners choose from.
  private static func evaluateFixed(_ shifts: ShiftDistribution, _ settings: Settings, _ notebook: Recorder) throws {
    let key = notebook.key("evaluation").named(shifts.rawValue)
    for (name, omegas) in [("fixed", settings.fixed), ("grid", settings.omegas)] {
      let costs = Threads.map(settings.evaluated) { i in
        let instance = ShiftedLaplacian(
          side: settings.side, shift: shifts.draw(key[i].named("shift")), key: key[i].named("right"))
        return omegas.map { instance.cost($0, tolerance: settings.tolerance) }
      }
      try notebook.tensor(
        "\(name)/\(shifts.rawValue)", Tensor(shape: [costs.count, omegas.count], costs.flatMap { $0 }).mean(0),
        "mean SOR iterations", along: [Dimension("omega", omegas, "relaxation parameter omega")])
    }
  }

  /// Conjugate gradients preconditioned by SSOR, over the time steps of the heat equation.
  private static func solveHeat(side: Int, _ settings: Settings, _ notebook: Recorder) throws {
    let heat = settings.heat
    let start = HeatMethods(settings, side: side)
    let key = notebook.key("heat")[side]
    let cost = try notebook.trace(
      "heat\(side)/iterations", "conjugate gradient iterations so far, summed over the time steps",
      along: [Dimension("method", start.names, "how the relaxation parameter is chosen")])
    var methods = start
    try notebook.steps("heat\(side)", heat.steps, state: &methods, cadence: .even(300, of: heat.steps)) { t, methods in
      methods.advance(t, settings, key: key[t])
    } measure: { methods, record in
      record(cost, methods.totals)
    }
  }
}

extension LearningToRelax.Settings {
  /// What learners choose from.
  var omegas: [Double] { Tensor<Double>.linspace(1, 1.95, count: arms).scalars }
}
