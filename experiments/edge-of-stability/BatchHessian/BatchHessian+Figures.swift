import Diagnostics
import Foundation
import Notebook
import Plotting

extension BatchHessian {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let images = results.hasTensor("images/eigenvalue") ? ["images"] : []
    let networks = ["network"] + images
    return [
      Figure(
        "fig1", title: "A spike in a Gaussian orthogonal ensemble, P = \(settings.spike.dimension)",
        mirrors: "predicted and measured position of a spike", try spikePanel(results, settings.spike)),
      Figure(
        "fig2", title: "Largest eigenvalue of batch Hessians", mirrors: "eigenvalue against batch size",
        panels: try [eigenvaluePanel("regression", "least squares", settings.regression.samples, results)]
          + networks.map { try eigenvaluePanel($0, titles[$0] ?? $0, settings.network.samples, results) }),
      Figure(
        "fig3", title: "Spectral density of the network's Hessian", mirrors: "spectra of full and batch Hessian",
        panels: try networks.map { try densityPanel($0, results, settings.network) }),
      Figure(
        "fig4", title: "Largest stable step of SGD, least squares", mirrors: "learning rate against batch size, SGD",
        try sgdPanel(results, settings.regression)),
      Figure(
        "fig5", title: "Largest step of Adam, network", mirrors: "learning rate against batch size, Adam",
        try adamPanel(results, settings.adam)),
    ]
  }

  private static let titles = ["network": "network", "images": "network on CIFAR-10"]
  private static let batchAxis = Axis("batch size B", scale: .log(base: 2))

  private static func spikePanel(_ results: Results, _ settings: Spike) throws -> Panel {
    let eigenvalues = try results.tensor("spike/eigenvalue")
    let (low, high) = (settings.strengths.min() ?? 0, settings.strengths.max() ?? 1)
    let curve = stride(from: low, through: high, by: (high - low) / 200).map { $0 }
    let bars = try settings.strengths.map {
      quantiles(try eigenvalues.values(over: "draw", at: ["strength": .init($0)]), [0, 0.5, 1])
    }
    return Panel(
      x: Axis("strength of the spike, θ"), y: Axis("largest eigenvalue"), legend: .topLeft,
      series: [
        .line(x: Column(curve), y: Column(curve.map { spikePosition($0, noise: settings.noise) }), label: "prediction"),
        .errorBars(
          x: Column(settings.strengths), y: Column(bars.map { $0[1] }), lower: Column(bars.map { $0[0] }),
          upper: Column(bars.map { $0[2] }), label: "measured, median and range"),
      ], annotations: [.horizontalLine(y: 2 * settings.noise, label: "edge")])
  }

  /// Batch sizes, the means of the top eigenvalues and their standard errors; the last size is all examples.
  private static func means(
    _ group: String, _ samples: Int, _ results: Results
  ) throws -> (batches: [Int], means: [Double], errors: [Double]) {
    let array = try results.tensor("\(group)/eigenvalue")
    let batches = try array.coordinate("batch").values.map { Int($0) }
    let draws = try batches.map { try array.values(over: "draw", at: ["batch": .init($0)]) }
    let whole = try results.scalar("\(group)/eigenvalue of all")
    return (batches + [samples], draws.map(mean) + [whole], draws.map(standardError) + [0])
  }

  private static func affineFit(_ group: String, _ samples: Int, _ results: Results) throws -> LineFit {
    let (batches, means, _) = try means(group, samples, results)
    return LineFit(x: batches.map { inverseEffective($0, of: samples) }, y: means)
  }

  private static func eigenvaluePanel(
    _ group: String, _ title: String, _ samples: Int, _ results: Results
  ) throws -> Panel {
    let (batches, means, errors) = try means(group, samples, results)
    let x = Column(batches.map { inverseEffective($0, of: samples) })
    let fit = try affineFit(group, samples, results)
    return Panel(
      title: title, x: Axis("1/b = 1/B − 1/N"), y: Axis("largest eigenvalue $λ_1(B)$"), legend: .topLeft,
      series: [
        .errorBars(
          x: x, y: Column(means), lower: Column(zip(means, errors).map { $0 - $1 }),
          upper: Column(zip(means, errors).map { $0 + $1 }), label: "mean and standard error"),
        .guide("\(fit.intercept) + \(fit.slope)*x", label: "affine fit"),
      ])
  }

  private static func densityPanel(_ group: String, _ results: Results, _ settings: Network) throws -> Panel {
    let density = try results.tensor("\(group) density/density")
    let sizes = try density.coordinate("examples").values.map { Int($0) }
    return Panel(
      title: titles[group] ?? group, x: Axis("eigenvalue"), y: Axis("spectral density", scale: .log(), from: 1e-5),
      legend: .topRight,
      series: try sizes.map { size in
        .line(
          x: try density.coordinate("eigenvalue"), y: try density.column(["examples": .init(size)]),
          label: size == sizes[0] ? "all \(size) examples" : "a batch of \(size)")
      })
  }

  /// The geometric mean over draws of the largest stable steps of one batch size; NaN where a draw had none.
  private static func stableRate(_ path: String, _ batch: Int, _ results: Results) throws -> Double {
    exp(mean(try results.tensor(path).values(over: "draw", at: ["batch": .init(batch)]).map { log($0) }))
  }

  private static func sgdPanel(_ results: Results, _ settings: Regression) throws -> Panel {
    let rates = try results.tensor("SGD/rate")
    let fit = try affineFit("regression", settings.samples, results)
    let (first, last) = (settings.scannedBatches.min() ?? 1, settings.scannedBatches.max() ?? 1)
    let sizes = (0...100).map { Double(first) * pow(Double(last) / Double(first), Double($0) / 100) }
    let rule = sizes.map { 2 / (fit.intercept + fit.slope * (1 / $0 - 1 / Double(settings.samples))) }
    let start = try stableRate("SGD/rate", first, results)
    return Panel(
      x: batchAxis, y: Axis("largest stable step size", scale: .log()), legend: .outside,
      series: try rates.banded(over: "draw", label: "SGD, median and range") + [
        .line(x: Column(sizes), y: Column(rule), label: "$2/λ_1'(B)$"),
        .guide("\(start)*x", label: "proportional to B", from: Double(first), to: 16 * Double(first)),
      ])
  }

  private static func adamPanel(_ results: Results, _ settings: AdamScan) throws -> Panel {
    let start = try stableRate("Adam/rate", settings.batches.first ?? 1, results)
    let guide = start.isFinite ? [Series.guide("\(start)*sqrt(x)", label: "square root of B")] : []
    return Panel(
      x: batchAxis, y: Axis("largest step size", scale: .log()), legend: .topLeft,
      series: try results.tensor("Adam/rate").banded(over: "draw", label: "Adam, median and range") + guide)
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let regression = settings.regression
    let strengths = settings.spike.strengths
    let spikes = try results.tensor("spike/eigenvalue")
    let distance = { (theta: Double) in
      let place = spikePosition(theta, noise: settings.spike.noise)
      return abs(mean(try spikes.values(over: "draw", at: ["strength": .init(theta)])) - place)
    }
    let groups = [
      ("", "regression", regression.samples, "least squares"), ("-network", "network", settings.network.samples, "the network"),
    ]
    let fit = try affineFit("regression", regression.samples, results)
    let whole = try results.scalar("regression/eigenvalue of all")
    let scan = try regression.scannedBatches.map { batch in (batch: batch, rate: try stableRate("SGD/rate", batch, results)) }
    let slope = { (range: ClosedRange<Double>) in
      LineFit.powerLaw(x: scan.map { Double($0.batch) }, y: scan.map(\.rate), over: range).slope
    }
    let ratios = scan.map { batch, rate in
      rate * (fit.intercept + fit.slope * inverseEffective(batch, of: regression.samples)) / 2
    }
    return [
      Claim(
        "spike-law", "A strong spike appears at theta + sigma²/theta.", source: "spike law",
        quantity: "largest distance of the mean over \(settings.spike.draws) draws from theta + 1/theta, theta >= 2",
        measured: quantile(try strengths.filter { $0 >= 2 }.map(distance), 1), expected: .below(0.08)),
      Claim(
        "spike-law-hidden", "A weak spike is lost at the bulk's edge.", source: "spike law",
        quantity: "largest distance of the mean over \(settings.spike.draws) draws from 2, theta <= 0.9",
        measured: quantile(try strengths.filter { $0 <= 0.9 }.map(distance), 1), expected: .below(0.08)),
    ] + (try groups.flatMap { try batchClaims($0, $1, $2, $3, results) }) + [
      Claim(
        "affine-in-inverse-batch", "The shift of the top eigenvalue is affine in 1/b.", source: "least squares",
        quantity: "R² of a line through the mean of lambda_1(B) against 1/B - 1/N", measured: fit.rSquared, expected: .above(0.93)
      ),
      Claim(
        "affine-in-inverse-batch-intercept", "It starts from the eigenvalue of all examples.", source: "least squares",
        quantity: "intercept over lambda_1 of all examples", measured: fit.intercept / whole, expected: .near(1, tolerance: 0.05)),
      Claim(
        "linear-then-flat", "The largest stable step is proportional to small batches.", source: "SGD",
        quantity: "log-log slope of eta_max over B = 1 to 8", measured: slope(1...8), expected: .within(0.75...1.1)),
      Claim(
        "linear-then-flat-saturation", "For large batches it is constant.", source: "SGD",
        quantity: "size of the log-log slope of eta_max over B = 64 to 512", measured: abs(slope(64...512)), expected: .below(0.2)
      ),
      Claim(
        "rule-predicts", "The shifted eigenvalue gives the largest stable step.", source: "SGD",
        quantity: """
          eta_max lambda_1'(B) / 2 at the batch size where it is farthest from 1, of \
          \(brief(quantile(ratios, 0))) to \(brief(quantile(ratios, 1)))
          """,
        measured: ratios.contains { !$0.isFinite } ? .nan : ratios.max { abs(log($0)) < abs(log($1)) } ?? .nan,
        expected: .within(0.6...1.6)),
    ]
  }

  private static func brief(_ value: Double) -> String { String(format: "%.2f", value) }

  private static func batchClaims(
    _ suffix: String, _ group: String, _ samples: Int, _ title: String, _ results: Results
  ) throws -> [Claim] {
    let (batches, means, _) = try means(group, samples, results)
    let smallest = batches.firstIndex(of: 16).map { means[$0] } ?? .nan
    let rises = zip(means, means.dropFirst()).filter { !($1 < $0) }
    return [
      Claim(
        "batch-raises-top\(suffix)", "A batch pushes the top eigenvalue up.", source: title,
        quantity: "mean lambda_1 of batches of 16 over that of all examples, \(title)",
        measured: smallest / (means.last ?? .nan), expected: .above(1.3)),
      Claim(
        "batch-raises-top-decreasing\(suffix)", "The more so, the smaller the batch.", source: title,
        quantity:
          "of \(batches.count - 1) pairs of neighbouring batch sizes, those between which mean lambda_1 does not fall, \(title)",
        measured: Double(rises.count), expected: .exactly(0)),
    ]
  }
}
