import Diagnostics
import Notebook
import Plotting

extension OnlineOrthogonalFW {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let samples = Axis("step t", scale: .log())
    // Step 0 has no place on a logarithmic axis.
    let curve = { (path: String, theta: Double, label: String) in
      try results.trace(path).banded(at: ["theta": .init(theta)], from: 1, label: label)
    }
    let gap = Panel(
      x: samples, y: Axis("Frank-Wolfe gap", scale: .log()), legend: .bottomLeft,
      series: try curve("averaged/gap", settings.theta, "averaged")
        + curve("unaveraged/gap", settings.theta, "last gradient only")
        + [.guide("\(2 * (try firstGap(results, settings))) * (x/100)**(-0.25)", label: "∝ $t^{-1/4}$", from: 30)])
    let recovery = Panel(
      x: samples, y: Axis("recovery error e(D)", scale: .log()), legend: .bottomLeft,
      series: try settings.thetas.flatMap { try curve("averaged/error", $0, "θ = \($0)") })
    let polar = Panel(
      x: samples, y: Axis("recovery error of D's polar factor", scale: .log()), legend: .bottomLeft,
      series: try settings.thetas.flatMap { try curve("averaged/polar_error", $0, "θ = \($0)") })
    let orthogonality = Panel(
      x: samples, y: Axis("least singular value of D", from: 0), legend: .outside,
      series: try curve("averaged/least_singular_value", settings.theta, "averaged")
        + curve("unaveraged/least_singular_value", settings.theta, "last gradient only"))
    let sides = try settings.otherSides.flatMap { try curve("side-\($0)/polar_error", settings.theta, "n = \($0)") }
    return [
      Figure("fig1", title: "The gap with and without averaging", mirrors: "the rate of the theorem", gap),
      Figure(
        "fig2", title: "Recovery on the way, and at the nearest orthogonal matrix", mirrors: "recovery error", recovery, polar),
      Figure("fig3", title: "The iterates become orthogonal by themselves", mirrors: "relaxation argument", orthogonality),
      Figure(
        "fig4", title: "Samples and dimensions", mirrors: "online against offline",
        Panel(
          title: "n = \(settings.side)", x: Axis("samples read", scale: .log()), y: Axis("recovery error e(D)", scale: .log()),
          legend: .outside,
          series: try against(samples: settings.batch, "averaged/error", "online, b = \(settings.batch)", results, settings)
            + against(samples: settings.otherBatch, "other-batch/error", "online, b = \(settings.otherBatch)", results, settings)
            + against(samples: settings.stored, "offline/error", "offline, each pass", results, settings)),
        Panel(
          title: "b = \(settings.batch)", x: samples, y: Axis("recovery error of D's polar factor", scale: .log()),
          legend: .outside,
          series: try curve("averaged/polar_error", settings.theta, "n = \(settings.side)") + sides)),
    ]
  }

  /// The trace over the number of samples read.
  private static func against(
    samples: Int, _ path: String, _ label: String, _ results: Results, _ settings: Settings
  ) throws -> [Series] {
    let trace = try results.trace(path)
    let x = Column(try trace.coordinate("step").values.map { $0 * Double(samples) })
    let isOffline = !trace.dimensions.contains { $0.name == "theta" }
    return try trace.banded(x: x, at: isOffline ? [:] : ["theta": .init(settings.theta)], from: 1, label: label)
  }

  /// The averaged runs' median gap at the first measured step from 100 on.
  private static func firstGap(_ results: Results, _ settings: Settings) throws -> Double {
    let trace = try results.trace("averaged/gap")
    let steps = try trace.coordinate("step").values
    let place = steps.firstIndex { $0 >= 100 } ?? steps.count - 1
    return median(try trace.columns(at: ["theta": .init(settings.theta)]).map { $0[place] })
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let columns = { (path: String) in try results.trace(path).columns(at: ["theta": .init(settings.theta)]) }
    let last = { (path: String) in try columns(path).map { $0[$0.count - 1] } }
    let steps = try results.trace("averaged/gap").coordinate("step").values
    let slopes = { (path: String) in
      try columns(path).map { LineFit.powerLaw(x: steps, y: $0, over: 100...).slope }
    }
    let early = steps.firstIndex { $0 >= 10 } ?? 0
    let finals = (averaged: try last("averaged/gap"), unaveraged: try last("unaveraged/gap"))
    let least = { (values: [Double]) in quantile(values, 0) }
    let largest = { (values: [Double]) in quantile(values, 1) }
    return [
      Claim(
        "rate", "The gap falls at least as fast as the theorem says.", source: "O(ln t / t^(1/4)) theorem",
        quantity: "slope of log gap against log t over t >= 100, largest of the seeds",
        measured: largest(try slopes("averaged/gap")), expected: .atMost(-0.25)),
      Claim(
        "recovers-iterate", "The dictionary is recovered.", source: "synthetic experiments",
        quantity: "e(D_T) at T = \(settings.steps), largest of the seeds", measured: largest(try last("averaged/error")),
        expected: .atMost(0.01)),
      Claim(
        "recovers-polar", "The nearest orthogonal matrix is closer still.", source: "synthetic experiments",
        quantity: "e(polar(D_T)) at T = \(settings.steps), largest of the seeds",
        measured: largest(try last("averaged/polar_error")), expected: .atMost(2e-3)),
      Claim(
        "self-orthogonalising-end", "The iterates come back to orthogonality.", source: "relaxation argument",
        quantity: "least singular value of D_T, least of the seeds",
        measured: least(try last("averaged/least_singular_value")), expected: .atLeast(0.98)),
      Claim(
        "self-orthogonalising-early", "At first they leave the orthogonal group.", source: "relaxation argument",
        quantity: "least singular value of D at t = 10, largest of the seeds",
        measured: largest(try columns("averaged/least_singular_value").map { $0[early] }), expected: .atMost(0.5)),
      Claim(
        "averaging-needed-slope", "Without averaging the gap does not fall.", source: "algorithm design",
        quantity: "slope of log gap against log t over t >= 100, least of the seeds",
        measured: least(try slopes("unaveraged/gap")), expected: .above(-0.1)),
      Claim(
        "averaging-needed-gap", "Without averaging the gap stays large.", source: "algorithm design",
        quantity: "final gap over that with averaging, least of the seeds",
        measured: least(zip(finals.unaveraged, finals.averaged).map { $0 / $1 }), expected: .atLeast(20)),
    ]
  }
}
