import Diagnostics
import Notebook
import Plotting

extension KroneckerSparseBayes {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let errors = try results.tensor("nmse")
    let supports = try results.tensor("support")
    let error = Axis("median NMSE", scale: .log())
    let noise = Axis("SNR", unit: "dB")
    let overNoise = sweeps(settings.cases, along: \.snr) { Case(measurements: $0.measurements, support: $0.support, snr: 0) }
    let overSupports = sweeps(settings.cases, along: { Double($0.support) }) {
      Case(measurements: $0.measurements, support: 0, snr: $0.snr)
    }
    // At one noise, the middle one.
    let middle = settings.cases.map(\.snr).sorted()[settings.cases.count / 2]
    let overMeasurements = sweeps(settings.cases.filter { $0.snr == middle }, along: { Double($0.count) }) {
      Case(measurements: [], support: $0.support, snr: $0.snr)
    }
    let panels = { (sweeps: [[Case]], table: RecordedArray, x: Axis, y: Axis, title: (Case) -> String) in
      try sweeps.map { sweep in try panel(sweep, table, settings, x, y, title: title(sweep[0])) }
    }
    let measured = { (problem: Case) in "M = \(sizes(problem)), K = \(problem.support)" }
    var figures = [
      Figure(
        "fig1", title: "Error against noise", mirrors: "NMSE over SNR",
        panels: try panels(overNoise, errors, noise, error, measured)),
      Figure(
        "fig3", title: "Support recovery against noise", mirrors: "SRR over SNR",
        panels: try panels(overNoise, supports, noise, Axis("mean support recovery rate", from: 0, to: 1), measured)),
      try costFigure(results, settings),
    ]
    let counts = Axis("measurements M₁M₂M₃")
    figures.insert(
      Figure(
        "fig2", title: "Error against measurements", mirrors: "NMSE over measurements",
        panels: try panels(overMeasurements, errors, counts, error) { "K = \($0.support), \(decibels($0.snr))" }), at: 1)
    if !overSupports.isEmpty {
      figures.append(
        Figure(
          "fig5", title: "Error against nonzeros", mirrors: "NMSE over sparsity",
          panels: try panels(overSupports, errors, Axis("nonzeros K of a factor", isCount: true), error) {
            "M = \(sizes($0)), \(decibels($0.snr))"
          }))
    }
    return figures.filter { !$0.panels.isEmpty }
  }

  /// Cases that differ in one quantity alone, ascending, for each combination of the others that has several.
  private static func sweeps(_ cases: [Case], along quantity: (Case) -> Double, others: (Case) -> Case) -> [[Case]] {
    var groups: [(others: Case, cases: [Case])] = []
    for problem in cases {
      if let place = groups.firstIndex(where: { $0.others == others(problem) }) {
        groups[place].cases.append(problem)
      } else {
        groups.append((others(problem), [problem]))
      }
    }
    return groups.map { $0.cases.sorted { quantity($0) < quantity($1) } }.filter { $0.count > 1 }
  }

  private static func panel(
    _ cases: [Case], _ table: RecordedArray, _ settings: Settings, _ x: Axis, _ y: Axis, title: String
  ) throws -> Panel {
    // What the cases of a sweep differ in.
    let abscissa = cases.map { problem in
      x.isCount ? Double(problem.support) : x.unit == "dB" ? problem.snr : Double(problem.count)
    }
    return Panel(
      title: title, x: x, y: y, legend: .outside,
      series: try methods.map { method in
        let values = try cases.map { problem in
          let trials = try scores(table, method, problem, settings)
          return y.scale != .linear ? median(trials) : mean(trials)
        }
        return .linesPoints(x: Column(abscissa), y: Column(values), label: method)
      })
  }

  /// The cost of the first trial of each case at the middle noise.
  private static func costFigure(_ results: Results, _ settings: Settings) throws -> Figure {
    let middle = settings.cases.map(\.snr).sorted()[settings.cases.count / 2]
    let places = settings.cases.indices.filter { settings.cases[$0].snr == middle }.prefix(2)
    let panels = try places.map { place in
      let cost = try results.trace("\(loop(place, 0))/cost")
      return Panel(
        title: "M = \(sizes(settings.cases[place])), \(decibels(middle)), one trial", x: Axis("EM step"),
        y: Axis("cost log det S + yᵀS⁻¹y"), legend: .outside,
        series: try Algorithm.allCases.map { algorithm in
          .line(
            x: try cost.coordinate("step"), y: try cost.column(["algorithm": .init(algorithm.rawValue), "trial": 0]),
            label: algorithm.rawValue)
        })
    }
    return Figure("fig4", title: "Cost along EM", mirrors: "cost of the M-steps", panels: panels)
  }

  private static func sizes(_ problem: Case) -> String { problem.measurements.map(String.init).joined(separator: "·") }

  private static func decibels(_ snr: Double) -> String { "\(Int(snr.rounded())) dB" }

  /// The values of all trials of a case.
  private static func scores(
    _ table: RecordedArray, _ method: String, _ problem: Case, _ settings: Settings
  ) throws -> [Double] {
    guard let place = settings.cases.firstIndex(of: problem) else { return [.nan] }
    return try table.values(over: "trial", at: ["method": .init(method), "case": .init(place)])
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let errors = try results.tensor("nmse")
    let supports = try results.tensor("support")
    let identity = try results.tensor("identity_error")
    var claims = try [Algorithm.alternating, .sbl].map { algorithm in
      Claim(
        "am-descends-\(algorithm == .sbl ? "sbl" : "am")", "The cost L never rises.", source: "AM convergence theorem",
        quantity: "largest relative rise of L in an EM step of \(algorithm.rawValue), all cases and trials",
        measured: try largestRise(results, settings, algorithm), expected: .atMost(1e-8))
    }
    claims += try [Algorithm.alternating, .singularVectors].map { algorithm in
      Claim(
        "svd-m-step-identity-\(algorithm == .alternating ? "am" : "svd")",
        "A lambda that is a Kronecker product is what the M-step returns.", source: "definition of the M-steps",
        quantity: "|gamma - lambda|/|lambda|, \(algorithm.rawValue)",
        measured: try identity.value(["algorithm": .init(algorithm.rawValue)]), expected: .atMost(1e-8))
    }
    let undersampled = Case(measurements: [4, 4, 4], support: 2, snr: 20)
    let clear = Case(measurements: [5, 5, 5], support: 2, snr: 30)
    let (singular, classic) = (Algorithm.singularVectors.rawValue, Algorithm.sbl.rawValue)
    if settings.cases.contains(undersampled) {
      let medians = try [singular, classic].map { median(try scores(errors, $0, undersampled, settings)) }
      let means = try [singular, classic].map { mean(try scores(supports, $0, undersampled, settings)) }
      claims += [
        Claim(
          "svd-beats-sbl-undersampled", "With the structure far fewer measurements do.", source: "NMSE figures",
          quantity: "median NMSE of SVD-KroSBL over that of SBL, M = (4, 4, 4), 20 dB", measured: medians[0] / medians[1],
          expected: .atMost(0.2)),
        Claim(
          "support", "With the structure the support is found.", source: "SRR figure",
          quantity: "mean support recovery of SVD-KroSBL less that of SBL, M = (4, 4, 4), 20 dB", measured: means[0] - means[1],
          expected: .atLeast(0.25)),
      ]
    }
    if settings.cases.contains(clear) {
      let medians = try [singular, "oracle"].map { median(try scores(errors, $0, clear, settings)) }
      claims.append(
        Claim(
          "near-oracle", "With little noise the error is near that of known support.", source: "high-SNR behaviour",
          quantity: "median NMSE of SVD-KroSBL over that of least squares on the support, M = (5, 5, 5), 30 dB",
          measured: medians[0] / medians[1], expected: .atMost(5)))
    }
    return claims
  }

  /// The largest (L_{t+1} - L_t)/|L_t|; NaN when a cost is.
  private static func largestRise(_ results: Results, _ settings: Settings, _ algorithm: Algorithm) throws -> Double {
    var rises: [Double] = []
    for place in settings.cases.indices {
      for start in stride(from: 0, to: settings.trials, by: settings.trialsTogether) {
        let cost = try results.trace("\(loop(place, start))/cost")
        for column in try cost.columns(over: "trial", at: ["algorithm": .init(algorithm.rawValue)]) {
          rises += zip(column, column.dropFirst()).map { ($1 - $0) / abs($0) }
        }
      }
    }
    return quantile(rises, 1)
  }
}

extension KroneckerSparseBayes.Case {
  /// How many measurements there are.
  var count: Int { measurements.reduce(1, *) }
}
