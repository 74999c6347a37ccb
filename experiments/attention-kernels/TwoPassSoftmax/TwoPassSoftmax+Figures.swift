import Diagnostics
import Foundation
import Notebook
import Plotting

extension TwoPassSoftmax {
  package static func figures(from results: Results) throws -> [Figure] {
    [
      try lengthFigure(results), try passFigure(results), try bandwidthFigure(results), try accuracyFigure(results),
      try variantsFigure(results),
    ]
  }

  private static func lengthFigure(_ results: Results) throws -> Figure {
    let times = try results.timing("time_per_element")
    let caches = try results.timing("cache_size")
    let lengths = try times.coordinate("N")
    // Input and output, four bytes an element each, fill a cache at this length.
    let marks = try caches.coordinate("level").values.compactMap { level -> Annotation? in
      let length = try caches.value(["level": .init(level)]) / 8
      guard length > lengths.values[0], length < lengths.values[lengths.values.count - 1] else { return nil }
      return .verticalLine(x: length, label: "L\(Int(level))")
    }
    return Figure(
      "fig1", title: "Time of one softmax", mirrors: "performance against size",
      Panel(
        x: Axis("length N", scale: .log(base: 2)), y: Axis("time per element", unit: "ns", from: 0),
        series: try times.labels("algorithm").flatMap { algorithm -> [Series] in
          let at = { (quantile: Double) in try times.column(["algorithm": .init(algorithm), "quantile": .init(quantile)]) }
          return [
            .band(x: lengths, lower: try at(0.25), upper: try at(0.75)),
            .linesPoints(x: lengths, y: try at(0.5), label: short(algorithm)),
          ]
        }, annotations: marks))
  }

  /// Passes grouped by their place in the algorithm.
  private static func passFigure(_ results: Results) throws -> Figure {
    let times = try results.timing("pass_time")
    let passes = try times.labels("pass").map { label in
      (algorithm: label.prefix { $0 != ":" }, time: try times.value(["pass": .init(label)]))
    }
    let algorithms = SoftmaxAlgorithm.allCases.map(\.rawValue)
    let groups = (0..<3).map { place in
      BarGroup(
        "pass \(place + 1)",
        Column(
          algorithms.map { algorithm in
            let own = passes.filter { $0.algorithm == algorithm }
            return place < own.count ? own[place].time : .nan
          }))
    }
    return Figure(
      "fig2", title: "Where the time goes, out of cache", mirrors: "breakdown into passes",
      Panel(
        x: Axis(""), y: Axis("time per element", unit: "ns", from: 0),
        series: [.bars(categories: algorithms.map(short), groups: groups)]))
  }

  /// "recompute" and "reload": both have three passes.
  private static func short(_ algorithm: String) -> String { algorithm.replacing("three-pass ", with: "") }

  private static func bandwidthFigure(_ results: Results) throws -> Figure {
    let bandwidth = try results.timing("pass_bandwidth")
    let streams = try results.timing("stream_bandwidth")
    let passes = try bandwidth.labels("pass")
    let values = try passes.map { try bandwidth.value(["pass": .init($0)]) }
    let names = passes.map { pass in
      [(": ", "\n"), ("exponentials", "exp"), (" in place", "")].reduce(short(pass)) { $0.replacing($1.0, with: $1.1) }
    }
    // A colour for each algorithm: its bars, and gaps where the others have theirs.
    let groups = SoftmaxAlgorithm.allCases.map(\.rawValue).map { algorithm in
      BarGroup(algorithm, Column(zip(passes, values).map { $0.hasPrefix(algorithm) ? $1 : .nan }))
    }
    return Figure(
      "fig3", title: "Bandwidth of each pass, out of cache", mirrors: "achieved bandwidth against STREAM",
      Panel(
        x: Axis(""), y: Axis("bandwidth", unit: "GB/s", from: 0), legend: .none,
        series: [.bars(categories: names, groups: groups)],
        annotations: try streams.labels("stream").map {
          .horizontalLine(y: try streams.value(["stream": .init($0)]), label: "STREAM \($0)")
        }),
      panelWidth: 17.2)
  }

  private static func accuracyFigure(_ results: Results) throws -> Figure {
    let errors = try results.tensor("relative_error")
    let shifts = try errors.coordinate("shift").values
    let ticks = shifts.enumerated().map { Axis.Tick(Double($0), $1.powerOfTen) }
    let methods = try errors.labels("method")
    // The naive sum is zero or infinite away from the origin.
    let naive = try results.tensor("naive_sum")
    let failures = try shifts.enumerated().compactMap { place, shift -> Annotation? in
      let sum = try naive.value(["shift": .init(shift)])
      guard !sum.isFinite || sum == 0 else { return nil }
      return .text(sum == 0 ? "naive\nsum 0" : "naive\nsum ∞", x: Double(place), y: 1e-7, centered: true)
    }
    return Figure(
      "fig4", title: "Accuracy against Double", mirrors: "accuracy (ours; the naive sum overflows or vanishes)",
      Panel(
        x: Axis("shift c of the scores", from: -0.5, to: Double(shifts.count) - 0.5, ticks: ticks),
        y: Axis("largest relative error", scale: .log(), from: 1e-8, to: 1e-4),
        series: try methods.enumerated().map { number, method in
          // Side by side, since they nearly agree.
          let aside = (Double(number) - Double(methods.count - 1) / 2) * 0.17
          return .points(
            x: Column(shifts.indices.map { Double($0) + aside }), y: try errors.column(["method": .init(method)]),
            label: short(method))
        } + [.guide("2e-5", label: "bound of the claim")], annotations: failures))
  }

  /// Ours: vector widths and threads.
  private static func variantsFigure(_ results: Results) throws -> Figure {
    let byWidth = try results.timing("time_by_width")
    let byThreads = try results.timing("time_by_threads")
    let widths = try byWidth.coordinate("lanes").values
    let algorithms = try byWidth.labels("algorithm")
    let panels = try byWidth.labels("memory").map { memory in
      Panel(
        title: memory, x: Axis("floats in a vector"), y: Axis("time per element", unit: "ns", from: 0),
        series: [
          .bars(
            categories: widths.map { $0 == 1 ? "scalar" : $0.brief },
            groups: try algorithms.map { algorithm in
              BarGroup(
                short(algorithm),
                Column(
                  try widths.map {
                    try byWidth.value(["memory": .init(memory), "lanes": .init($0), "algorithm": .init(algorithm)])
                  }))
            })
        ])
    }
    let threads = Panel(
      title: "two-pass, out of cache", x: Axis("threads"), y: Axis("time per element", unit: "ns", from: 0), legend: .none,
      series: [
        .bars(
          categories: try byThreads.coordinate("threads").values.map(\.brief),
          groups: [BarGroup("two-pass", try byThreads.column())])
      ])
    return Figure(
      "fig5", title: "Vector width and threads", mirrors: "AVX2 and AVX-512 variants; threads are ours",
      panels: panels + [threads],
      columns: 3, panelWidth: 7)
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let times = try results.timing("time_per_element")
    let longest = settings.lengths.max() ?? 0
    let ratio = { (other: SoftmaxAlgorithm, length: Int) in
      let median = { (algorithm: SoftmaxAlgorithm) in
        try times.value(["N": .init(length), "algorithm": .init(algorithm.rawValue), "quantile": 0.5])
      }
      return try median(.twoPass) / median(other)
    }
    let errors = try results.tensor("relative_error")
    let finite = try results.tensor("not_finite")
    let algorithms = SoftmaxAlgorithm.allCases.map(\.rawValue)
    let over = { (array: RecordedArray) in
      try algorithms.flatMap { try array.column(["method": .init($0)]).values }
    }
    let naive = try results.tensor("naive_sum")
    let failures = try [-1e3, 1e3].map { try naive.value(["shift": .init($0)]) }.count { !$0.isFinite || $0 == 0 }
    return [
      Claim(
        "out-of-cache-win-recompute", "Out of cache, two passes beat three that recompute.", source: "abstract",
        quantity: "median time of two-pass over three-pass recompute, N = \(longest)", measured: try ratio(.recompute, longest),
        expected: .atMost(0.95)),
      Claim(
        "out-of-cache-win-reload", "Out of cache, two passes beat three that reload.", source: "abstract",
        quantity: "median time of two-pass over three-pass reload, N = \(longest)", measured: try ratio(.reload, longest),
        expected: .atMost(0.99)),
      Claim(
        "win-grows-with-size", "The win comes from memory, not from arithmetic: it grows with the size.",
        source: "figures against size",
        quantity: "two-pass over recompute at N = \(longest), less the same at N = \(settings.cachedLength)",
        measured: try ratio(.recompute, longest) - ratio(.recompute, settings.cachedLength), expected: .atMost(-0.06)),
      Claim(
        "no-overflow-finite", "No shift of the scores overflows.", source: "section on the algorithm",
        quantity: "entries that are not finite, all algorithms and shifts", measured: try over(finite).reduce(0, +),
        expected: .exactly(0)),
      Claim(
        "no-overflow-error", "No shift of the scores costs accuracy.", source: "section on the algorithm",
        quantity: "largest relative error where p >= 1.2e-38, all algorithms and shifts", measured: quantile(try over(errors), 1),
        expected: .atMost(2e-5)),
      Claim(
        "no-overflow-naive", "The naive exp/sum fails.", source: "section on the algorithm",
        quantity: "of the shifts ±1000, those where its sum is not finite or zero", measured: Double(failures),
        basis: try over(finite), expected: .exactly(2)),
      Claim(
        "same-answer", "Both algorithms give the same answer.", source: "section on the algorithm",
        quantity: "largest relative difference of two-pass and recompute, all shifts",
        measured: quantile(try results.tensor("difference").column().values, 1), expected: .atMost(2e-5)),
      Claim(
        "same-answer-sum", "The outputs sum to one.", source: "definition",
        quantity: "largest |sum of y - 1|, all shifts, N = \(settings.accuracyLength)",
        measured: quantile(try results.tensor("sum_error").column().values, 1), expected: .atMost(2e-5)),
    ]
  }
}
