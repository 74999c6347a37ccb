import Diagnostics
import Notebook
import Plotting

extension ToeplitzKernelAttention {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let error = try results.tensor("row_error")
    let times = try results.timing("time")
    return [
      Figure(
        "fig1", title: "Random features against the norm", mirrors: "approximation error",
        Panel(
          x: Axis("norm R of queries and keys", from: 0), y: Axis("mean $l_1$ error of attention rows", scale: .log()),
          legend: .outside,
          series: try settings.featureCounts.flatMap { try error.banded(at: ["m": .init($0)], label: "m = \($0)") })),
      Figure(
        "fig2", title: "Time of one attention, one thread", mirrors: "speed",
        Panel(
          x: Axis("length n", scale: .log(base: 2)), y: Axis("time", unit: "s", scale: .log()), legend: .outside,
          series: try methods.flatMap { try times.banded(over: "round", at: ["method": .init($0)], label: $0) })),
      Figure(
        "fig3", title: "Copying the token \(settings.training.offset) places back", mirrors: "convergence curves",
        Panel(
          x: Axis("step"), y: Axis("cross-entropy of the batch", unit: "nats", from: 0), legend: .outside,
          series: try settings.training.models.map { attention in
            let loss = try results.trace("\(attention.rawValue)/loss")
            return .line(x: try loss.coordinate("step"), y: try loss.column(), label: attention.rawValue)
          })),
    ]
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let error = try results.tensor("row_error")
    // Means over seeds; nothing where the run left the radius out.
    let means = { (radius: Double) -> [Double] in
      guard settings.radii.contains(radius) else { return [] }
      return try error.columns(over: "m", at: ["radius": .init(radius)]).map(mean)
    }
    let slope = { (radius: Double) in
      LineFit.powerLaw(x: settings.featureCounts.map(Double.init), y: try means(radius)).slope
    }
    let middle = settings.featureCounts.firstIndex(of: 64)
    let (near, far) = (try means(1), try means(4))
    let ratio = middle.map { near.isEmpty || far.isEmpty ? .nan : far[$0] / near[$0] } ?? .nan
    let times = try results.timing("time")
    let medians = { (method: String) in
      try times.columns(over: "n", at: ["method": .init(method)]).map(median)
    }
    let (quadratic, fast) = (try medians("quadratic"), try medians("FFT"))
    let lengths = settings.cost.lengths.map(Double.init)
    let timeSlope = { (times: [Double]) in LineFit.powerLaw(x: lengths.suffix(4), y: times.suffix(4)).slope }
    let accuracy = { (attention: RelativeAttention) in
      settings.training.models.contains(attention)
        ? try results.tensor("accuracy").value(["attention": .init(attention.rawValue)]) : .nan
    }
    let relative = try accuracy(.normalizedRelative)
    return [
      Claim(
        "fft-exact", "The Fourier transform computes the biased kernel attention exactly.", source: "main proposition",
        quantity: "largest |FFT - quadratic| over largest |quadratic|, n = \(settings.length)",
        measured: try results.scalar("exactness"), expected: .atMost(1e-10)),
      Claim(
        "n-log-n", "Its time grows like n log n.", source: "abstract",
        quantity: "log-log slope of the median time with FFT over the four largest n", measured: timeSlope(fast),
        expected: .atMost(1.35)),
      Claim(
        "n-log-n-quadratic", "That of the definition grows like n².", source: "abstract",
        quantity: "log-log slope of the median time of the quadratic formula over the four largest n",
        measured: timeSlope(quadratic), expected: .atLeast(1.7)),
      Claim(
        "n-log-n-faster", "For long sequences it is faster.", source: "abstract",
        quantity: "median time with FFT over that of the quadratic formula, n = \(settings.cost.lengths.last ?? 0)",
        measured: zip(fast, quadratic).map { $0 / $1 }.last ?? .nan, expected: .below(1)),
      Claim(
        "norm-kills-features", "For vectors of norm 1 more features help as they should.", source: "theory section",
        quantity: "log-log slope of the mean error against m at R = 1", measured: try slope(1), expected: .within(-0.62 ... -0.36)
      ),
      Claim(
        "norm-kills-features-slope", "For large norms more features hardly help.", source: "theory section",
        quantity: "log-log slope of the mean error against m at R = 4", measured: try slope(4), expected: .atLeast(-0.12)),
      Claim(
        "norm-kills-features-ratio", "For large norms the error is large.", source: "theory section",
        quantity: "mean error at R = 4 over that at R = 1, m = 64", measured: ratio, expected: .atLeast(6)),
      Claim(
        "bias-is-used", "Kernelized attention with relative positions learns to copy.", source: "experiments",
        quantity: "test accuracy of NKA + RPE", measured: relative, expected: .atLeast(0.95)),
      Claim(
        "bias-is-used-softmax", "It is as good as softmax attention.", source: "experiments",
        quantity: "difference of the test accuracies of softmax + RPE and NKA + RPE",
        measured: abs(try accuracy(.softmax) - relative), expected: .atMost(0.03)),
      Claim(
        "bias-is-used-without", "Without positions it cannot.", source: "experiments",
        quantity: "test accuracy of NKA without RPE", measured: try accuracy(.normalized), expected: .atMost(0.3)),
    ]
  }
}
