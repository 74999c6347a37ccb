import Diagnostics
import Foundation
import Notebook
import Plotting

extension ThermodynamicDescent {
  package static func figures(from results: Results) throws -> [Figure] {
    try [relaxationFigure(results), quadraticFigure(results), varianceFigure(results)] + digitsFigures(results)
  }

  /// The first system at every temperature, and the closed form.
  private static func relaxationFigure(_ results: Results) throws -> Figure {
    let error = try results.trace("linear/error")
    let dt = try results.tensor("linear/step").value(["system": 0])
    // Before the first step there is no place on the logarithmic axis.
    let times = Array(try error.coordinate("step").values.dropFirst()).map { $0 * dt }
    let measured = try error.coordinate("beta").values.map { beta -> Series in
      let values = try error.column(["system": 0, "beta": .init(beta)]).values.dropFirst()
      return .line(x: Column(times), y: Column(Array(values)), label: beta > 0 ? "β = \(beta.powerOfTen)" : "no noise")
    }
    let closed = try closedForm(results, system: 0, times: times)
    return Figure(
      "fig1", title: "Relaxation to the solution", mirrors: "error against time",
      Panel(
        x: Axis("time t", scale: .log()), y: Axis("‖x(t) − A⁻¹b‖ / ‖A⁻¹b‖", scale: .log(), from: 1e-6),
        series: measured + [.line(x: Column(times), y: Column(closed), label: "closed form")]))
  }

  /// |e^(-A t) A^-1 b| / |A^-1 b|, mode by mode.
  private static func closedForm(_ results: Results, system: Int, times: [Double]) throws -> [Double] {
    let eigenvalues = try results.tensor("linear/eigenvalues").column(["system": .init(system)]).values
    let modes = try results.tensor("linear/modes").column(["system": .init(system)]).values
    let whole = modes.reduce(0) { $0 + $1 * $1 }
    return times.map { t in
      let rest = zip(eigenvalues, modes).reduce(0) { $0 + pow(exp(-$1.0 * t) * $1.1, 2) }
      return (rest / whole).squareRoot()
    }
  }

  private static func quadraticFigure(_ results: Results) throws -> Figure {
    let loss = try results.trace("quadratic/loss")
    let settings: Settings = try results.settings()
    let times = try loss.coordinate("time").values
    let devices = try times.enumerated().map { i, time -> Series in
      let factors = settings.quadratic.times
      return .line(
        x: try loss.coordinate("step"), y: try loss.column(["time": .init(time)]),
        label: i < factors.count ? "t = \(factors[i].brief) / mean λ" : "t = 10 / least λ")
    }
    let descent = try results.trace("descent/loss")
    let end = settings.quadratic.iterations + 1
    let best = try bestRate(results)
    let curve = try descent.column(["rate": .init(best)]).values.prefix(end)
    return Figure(
      "fig2", title: "From gradient descent to natural gradient", mirrors: "interpolation between the two",
      Panel(
        x: Axis("iteration"), y: Axis("loss over the first loss", scale: .log(), from: 1e-10), legend: .outside,
        series: devices + [
          .line(
            x: Column(curve.indices.map(Double.init)), y: Column(Array(curve)), label: "gradient descent")
        ]))
  }

  /// Baselines beside the devices that start warm, and warm beside cold starts.
  private static func digitsFigures(_ results: Results) throws -> [Figure] {
    let methods = try results.trace("digits/loss").labels("method")
    let panel = { (name: String, axis: Axis, drawn: [String]) in
      let trace = try results.trace("digits/\(name)")
      return Panel(
        x: Axis("step"), y: axis, legend: .outside,
        series: try drawn.map { method in
          .line(x: try trace.coordinate("step"), y: try trace.column(["method": .init(method)]), label: method)
        })
    }
    let warm = methods.filter { !$0.contains("cold") && !$0.contains("delay") }
    let devices = methods.filter { $0.hasPrefix("TNGD, ") }
    let loss = Axis("loss", scale: .log())
    return [
      Figure(
        "fig3", title: "A network on digits", mirrors: "training loss and accuracy on MNIST", try panel("loss", loss, warm),
        try panel("accuracy", Axis("accuracy", from: 0, to: 1), warm)),
      Figure(
        "fig5", title: "Warm and cold starts", mirrors: "memory and delay", try panel("loss", loss, devices),
        panelWidth: 12, panelHeight: 7),
    ]
  }

  private static func varianceFigure(_ results: Results) throws -> Figure {
    let variance = try results.tensor("covariance/variance")
    let temperatures = Column(try variance.coordinate("beta").values.map { 1 / $0 })
    return Figure(
      "fig4", title: "Noise of the samples", mirrors: "stationary law",
      Panel(
        x: Axis("temperature 1/β", scale: .log()), y: Axis("total variance", scale: .log()),
        series: [
          .linesPoints(x: temperatures, y: try variance.column(), label: "64 chains"),
          .guide("\(try results.scalar("covariance/exact")) * x", label: "$tr A^{-1}$ / β"),
        ]))
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    return try linearClaims(settings, results) + quadraticClaims(results) + [try warmClaim(settings, results)]
  }

  private static func linearClaims(_ settings: Settings, _ results: Results) throws -> [Claim] {
    let error = try results.trace("linear/error")
    let steps = try error.coordinate("step").values
    let hasQuiet = settings.linear.betas.contains(0)
    var (last, deviations) = ([Double](), [Double]())
    for system in 0..<settings.linear.systems where hasQuiet {
      let dt = try results.tensor("linear/step").value(["system": .init(system)])
      let times = steps.map { $0 * dt }
      let values = try error.column(["system": .init(system), "beta": 0]).values
      let closed = try closedForm(results, system: system, times: times)
      last.append(zip(times, values).first { $0.0 >= 100 * (1 - 1e-9) }?.1 ?? .nan)
      deviations.append(
        quantile(zip(times, zip(values, closed)).filter { (5...50).contains($0.0) }.map { abs($1.0 / $1.1 - 1) }, 1))
    }
    let covariance = try results.tensor("covariance/error")
    let isMeasured = settings.linear.chainBetas.contains(1e4)
    return [
      Claim(
        "equilibrium-mean", "Without noise the process arrives at the solution.", source: "mean of the process",
        quantity: "relative error at t = 100, median over systems", measured: median(last), expected: .atMost(2e-3)),
      Claim(
        "equilibrium-mean-modes", "On the way every mode decays by its eigenvalue.", source: "mean of the process",
        quantity: "largest relative difference of the error from its closed form for t in [5, 50], median over systems",
        measured: median(deviations), expected: .atMost(0.02)),
      Claim(
        "covariance", "With noise its samples have the covariance of the stationary law.", source: "stationary law",
        quantity: "|beta covariance - A^-1|_F / |A^-1|_F, beta = 10^4",
        measured: isMeasured ? try covariance.value(["beta": 1e4]) : .nan, expected: .atMost(0.15)),
    ]
  }

  /// The step size that takes gradient descent to 1e-4 of the first loss soonest.
  private static func bestRate(_ results: Results) throws -> Double {
    let descent = try results.trace("descent/loss")
    let rates = try descent.coordinate("rate").values
    let needed = try rates.map { rate in
      firstHit(try descent.column(["rate": .init(rate)]).values) { $0 <= 1e-4 } ?? Int.max
    }
    return zip(rates, needed).min { $0.1 < $1.1 }?.0 ?? rates[0]
  }

  private static func quadraticClaims(_ results: Results) throws -> [Claim] {
    let loss = try results.trace("quadratic/loss")
    let longest = try loss.coordinate("time").values.max() ?? .nan
    let reached = { (values: [Double]) in firstHit(values) { $0 <= 1e-4 }.map(Double.init) ?? .nan }
    let device = try loss.column(["time": .init(longest)]).values
    let descent = try results.trace("descent/loss").column(["rate": .init(try bestRate(results))]).values
    return [
      Claim(
        "interpolates-short", "After a short time the device holds the gradient.", source: "limits in the text",
        quantity: "cosine of x(0.01 / |A|) and g", measured: try results.scalar("quadratic/short"), expected: .atLeast(0.999)),
      Claim(
        "interpolates-long", "After a long time it holds the natural gradient.", source: "limits in the text",
        quantity: "cosine of x(100 / smallest eigenvalue) and A^-1 g", measured: try results.scalar("quadratic/long"),
        expected: .atLeast(0.999)),
      Claim(
        "second-order-speed", "With its steps descent is as fast as a second-order method.",
        source: "regression and classification experiments",
        quantity: "iterations to 1e-4 of the first loss, t = 10 / smallest eigenvalue, over those of best-step gradient descent",
        measured: reached(device) / reached(descent), basis: device + descent, expected: .atMost(0.1)),
    ]
  }

  private static func warmClaim(_ settings: Settings, _ results: Results) throws -> Claim {
    let loss = try results.trace("digits/loss")
    let last = { (isWarm: Bool) -> Double in
      let method = DeviceMethod.device(time: 0.5, isWarm: isWarm, delay: 0, feedsAdam: false).name
      guard try loss.labels("method").contains(method) else { return .nan }
      return try loss.column(["method": .init(method)]).values.last ?? .nan
    }
    return Claim(
      "warm-start-helps", "The device's memory from step to step helps where it is stopped early.",
      source: "discussion of memory and delay",
      quantity: "training loss after \(settings.digits.steps) steps, warm over cold, t = 0.5",
      measured: try last(true) / last(false), expected: .atMost(1))
  }
}
