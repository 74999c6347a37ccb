import Diagnostics
import Foundation
import Notebook
import Plotting

extension PerturbThenDiagonalize {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [
      Figure(
        "fig1", title: "Transfer functions", mirrors: "transfer functions with spikes",
        panels: try settings.sizes.map { n in
          let magnitude = try results.tensor("n\(n)/magnitude")
          return Panel(
            title: "n = \(n)", x: Axis("angular frequency ω", scale: .log(), from: 0.1), y: Axis("|G(iω)|", scale: .log()),
            legend: .outside,
            // The spikes lie behind, so that what agrees is seen.
            series: try ["S4D", "HiPPO", "PTD"].map { system in
              .line(
                x: try magnitude.coordinate("omega"), y: try magnitude.column(["system": .init(system)]),
                label: system == "PTD" ? "PTD, ε = \(settings.shownNorm)" : system)
            })
        }, columns: 3),
      Figure(
        "fig2", title: "Gap of S4D", mirrors: "weak and uniform convergence",
        Panel(
          x: Axis("size n of the state", scale: .log(base: 2)), y: Axis("$|G_{diag} - G_{dplr}|$", scale: .log()),
          legend: .outside,
          series: try results.tensor("gap_low").banded(label: "at ω = \(settings.fixedFrequency.formatted())")
            + results.tensor("gap_sup").banded(label: "largest over ω"))),
      Figure(
        "fig3", title: "Perturb, then diagonalize", mirrors: "ablation over the size of the perturbation",
        try overNorms("ptd_gap", "largest $|G_{ptd} - G_{dplr}|$", [.guide("x", label: "slope 1")], results, settings),
        try overNorms("condition", "condition κ(V)", [.guide("2e5/x", label: "slope −1")], results, settings)),
      Figure(
        "fig4", title: "Outputs for cosines, n = \(settings.wave.size)", mirrors: "robustness to a perturbed input",
        try outputPanel("slow", results), try outputPanel("spike", results)),
      Figure(
        "fig5", title: "Search for a perturbation, n = \(settings.search.size)", mirrors: "ours: the paper's optimization of E",
        try searchPanel("condition", "condition κ(V)", results), try searchPanel("norm", "spectral norm ‖E‖", results)),
    ]
  }

  private static func overNorms(
    _ name: String, _ label: String, _ guides: [Series], _ results: Results, _ settings: Settings
  ) throws -> Panel {
    let array = try results.tensor(name)
    return Panel(
      x: Axis("spectral norm ε of the perturbation", scale: .log()), y: Axis(label, scale: .log()), legend: .outside,
      series: try settings.sizes.flatMap { try array.banded(at: ["n": .init($0)], label: "n = \($0)") } + guides)
  }

  private static func outputPanel(_ name: String, _ results: Results) throws -> Panel {
    let output = try results.tensor("\(name)/output")
    return Panel(
      title: String(format: "ω = %.4g", try results.scalar("\(name)/omega")), x: Axis("time t"), y: Axis("output y(t)"),
      legend: .outside,
      series: try ["S4D", "HiPPO", "PTD"].map { system in
        .line(x: try output.coordinate("time"), y: try output.column(["system": .init(system)]), label: system)
      })
  }

  private static func searchPanel(_ name: String, _ label: String, _ results: Results) throws -> Panel {
    Panel(
      x: Axis("step of gradient descent"), y: Axis(label, scale: .log()), legend: .none,
      series: try results.trace("search/\(name)").banded())
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let checks = try results.tensor("checks")
    let overSizes = { (check: String) in try checks.values(over: "n", at: ["check": .init(check)]) }
    let sizes = settings.sizes.map(Double.init)
    // Of one size n, eps by eps; nothing where the run left it out.
    let perturbed = { (name: String, n: Int) -> [[Double]] in
      guard settings.sizes.contains(n) else { return [] }
      return try results.tensor(name).columns(over: "eps", at: ["n": .init(n)])
    }
    let slope = { (name: String) in
      LineFit.powerLaw(x: settings.norms, y: try perturbed(name, 64).map(geometricMean)).slope
    }
    let low = try results.tensor("gap_low").columns(over: "n").map(geometricMean)
    let (high, exact) = (try results.tensor("gap_high"), try results.tensor("exact_sup"))
    let spikes =
      settings.sizes.contains(128) ? try zip(high.column(["n": 128]).values, exact.column(["n": 128]).values).map { $0 / $1 } : []
    let tenth = settings.norms.firstIndex(of: 0.1)
    let gaps = try perturbed("ptd_gap", 64)
    let spikeGaps = settings.sizes.contains(64) ? try results.tensor("gap_sup").column(["n": 64]).values : []
    let shares = tenth.map { place in gaps.isEmpty ? [] : zip(gaps[place], spikeGaps).map { $0 / $1 } } ?? []
    let condition = try results.tensor("condition")
    let norms = try overSizes("norm of A")
    let bounded = try settings.sizes.enumerated().flatMap { i, n in
      try settings.norms.flatMap { eps in
        let bound = 4 * pow(Double(n), 1.5) * (1 + norms[i] / eps)
        return try condition.values(at: ["n": .init(n), "eps": .init(eps)]).map { $0 / bound }
      }
    }
    return [
      Claim(
        "normal-part", "A plus half of B Bᵀ is normal.", source: "section on diagonalization",
        quantity: "largest ||N Nᵀ - Nᵀ N|| / ||N||² over n", measured: quantile(try overSizes("normality"), 1),
        expected: .atMost(1e-12)),
      Claim(
        "normal-part-eigenvalues", "Every eigenvalue of N has the real part -1/2.", source: "section on diagonalization",
        quantity: "largest |Re l + 1/2| over n", measured: quantile(try overSizes("real part"), 1), expected: .atMost(1e-9)),
      Claim(
        "lemma-identity", "The exact transfer function follows from that of N.", source: "Lemma 1",
        quantity: "largest relative error against a direct solve, 5 frequencies", measured: quantile(try overSizes("lemma"), 1),
        expected: .atMost(1e-8)),
      Claim(
        "weak-only", "At a fixed frequency S4D comes near HiPPO like 1/n.", source: "theorem on weak convergence",
        quantity:
          "log-log slope of the gap at omega = \(settings.fixedFrequency.formatted()) against n, geometric mean over seeds",
        measured: LineFit.powerLaw(x: sizes, y: low).slope, expected: .within(-1.25 ... -0.85)),
      Claim(
        "weak-only-sup", "Uniformly it does not.", source: "theorem on divergence",
        quantity: "smallest over seeds of sup gap beyond omega = 0.02 n² over max |G_dplr|, n = 128",
        measured: quantile(spikes, 0), expected: .atLeast(3)),
      Claim(
        "weak-only-top", "The spikes reach up to n²/pi.", source: "theorem on divergence",
        quantity: "largest |pi Im l(N) / n² - 1| over n",
        measured: quantile(try overSizes("top frequency").map { abs($0 - 1) }, 1),
        expected: .atMost(0.02)),
      Claim(
        "ptd-uniform", "PTD is uniformly as near as its perturbation is small.", source: "theorem on PTD",
        quantity: "log-log slope of the geometric mean of sup |G_ptd - G_dplr| against eps, n = 64",
        measured: try slope("ptd_gap"),
        expected: .within(0.85...1.2)),
      Claim(
        "ptd-uniform-ratio", "It removes the spikes.", source: "theorem on PTD",
        quantity: "largest over seeds of PTD's sup gap over S4D's, eps = 0.1, n = 64", measured: quantile(shares, 1),
        expected: .atMost(0.01)),
      Claim(
        "conditioning", "The condition of the eigenvectors grows like 1/eps.", source: "theorem on the condition",
        quantity: "log-log slope of the geometric mean of kappa(V) against eps, n = 64", measured: try slope("condition"),
        expected: .within(-1.3 ... -0.6)),
      Claim(
        "conditioning-bound", "It is bounded.", source: "theorem on the condition",
        quantity: "largest kappa(V) / (4 n^1.5 (1 + ||A|| / eps)) over n, eps and seeds", measured: quantile(bounded, 1),
        expected: .atMost(1)),
    ]
  }

  private static func geometricMean(_ values: [Double]) -> Double { exp(mean(values.map { log($0) })) }
}
