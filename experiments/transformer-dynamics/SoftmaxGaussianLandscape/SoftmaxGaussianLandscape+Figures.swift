import Diagnostics
import Foundation
import Notebook
import Plotting

extension SoftmaxGaussianLandscape {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let step = Axis("step", scale: .log())
    let tasks = ["text"] + (settings.classifier.pictureSide > 0 ? ["paths"] : [])
    var figures = [
      Figure(
        "fig1", title: "Training $W_V$ with the best step size", mirrors: "the theorem on value weights",
        panels: try settings.values.shapes.map { shape in
          Panel(
            title: name(shape) + " for \(settings.samples * settings.places) targets", x: step, y: Axis("loss", scale: .log()),
            legend: .outside,
            series: try Kernel.allCases.enumerated().flatMap { i, kernel in
              let floors = try results.tensor("floor").values(
                at: ["kernel": .init(kernel.rawValue), "shape": .init(name(shape))])
              let lines = band(
                try bestCurves("values, \(kernel), \(name(shape))", settings.values.seeds, [:], results), label: kernel.label,
                style: .look(i))
              // Below that it is rounding.
              return median(floors) > 1e-20
                ? lines + [.guide("\(median(floors))", label: i == 0 ? "floors, medians" : "")] : lines
            })
        }, columns: 3, panelWidth: 7),
      Figure(
        "fig2", title: "Training $W_Q$ with the best step size", mirrors: "the theorem on query weights",
        panels: try Kernel.allCases.map { kernel in
          Panel(
            title: kernel.label, x: step,
            // One seed goes on to the rounding of its loss.
            y: Axis("loss over the first loss", scale: .log(), from: kernel == .gaussian ? 1e-8 : nil), legend: .outside,
            series: try settings.queries.noises.enumerated().flatMap { i, noise in
              var curves = try bestCurves("queries, \(kernel)", settings.queries.seeds, ["delta": .init(noise)], results)
              curves.seeds = curves.seeds.map { curve in curve.map { $0 / (curve.first ?? .nan) } }
              return band(curves, label: "δ = \(noise)", style: .look(i))
            })
        }),
    ]
    if results.hasTensor("slice/\(Kernel.softmax)") {
      figures.append(
        Figure(
          "fig3", title: "Loss around trained weights, δ = \(settings.slice.noise)", mirrors: "the landscapes of two kernels",
          panels: try Kernel.allCases.map { try slicePanel($0, results) }, panelHeight: 7))
    }
    figures.append(
      Figure(
        "fig4", title: "Classifiers with one block", mirrors: "the text and path tasks",
        panels: try tasks.map { task in
          Panel(
            title: task, x: Axis("step of Adam"), y: Axis("test accuracy", to: 1.02), legend: .outside,
            series: try Kernel.allCases.flatMap { kernel in
              try results.trace("\(task), \(kernel)/test accuracy").banded(
                at: ["rate": .init(settings.classifier.rate)], label: kernel.label)
            })
        }))
    return figures
  }

  /// One colour scale for both kernels: softmax is flat.
  private static func slicePanel(_ kernel: Kernel, _ results: Results) throws -> Panel {
    let logarithms = try Kernel.allCases.map { try results.tensor("slice/\($0)").values.map { log10($0) } }
    let slice = try results.tensor("slice/\(kernel)")
    let grid = Grid(Column(slice.values.map { log10($0) }), x: try slice.coordinate("a"), y: try slice.coordinate("b"))
    let ends = [quantile(logarithms.flatMap { $0 }, 0), quantile(logarithms.flatMap { $0 }, 1)]
    let range = [0, 1].map { String(format: "%.4g", quantile(slice.values, $0)) }
    return Panel(
      title: "\(kernel.label), \(range[0]) to \(range[1])", x: Axis("first direction"), y: Axis("second direction"),
      legend: .outside,
      series: [
        .heatMap(grid, color: ColorAxis("$log_{10}$ of the loss", from: ends[0], to: ends[1])),
        .contours(grid, levels: stride(from: -6, through: 1, by: 0.5).map { $0 }),
        .points(x: [0], y: [0], label: "trained weights", style: .look(1)),
      ])
  }

  /// For each seed the loss with that step size whose last loss is least; step sizes that diverged do not count.
  private static func bestCurves(
    _ loop: String, _ seeds: Int, _ place: [String: Selector], _ results: Results
  ) throws -> (steps: [Double], seeds: [[Double]]) {
    let trace = try results.trace("\(loop)/loss")
    let curves = try (0..<seeds).map { seed in
      let all = try trace.columns(over: "rate", at: place.merging(["seed": .init(seed)]) { $1 })
      return all.filter { ($0.last ?? .nan).isFinite }.min { ($0.last ?? .nan) < ($1.last ?? .nan) } ?? all[0].map { _ in .nan }
    }
    return (try trace.coordinate("step").values, curves)
  }

  private static func band(_ curves: (steps: [Double], seeds: [[Double]]), label: String, style: Style) -> [Series] {
    let bands = curves.steps.indices.dropFirst().map { i in quantiles(curves.seeds.map { $0[i] }, [0, 0.5, 1]) }
    let x = Column(Array(curves.steps.dropFirst()))
    return [
      .band(x: x, lower: Column(bands.map { $0[0] }), upper: Column(bands.map { $0[2] }), style: style),
      .line(x: x, y: Column(bands.map { $0[1] }), label: label, style: style),
    ]
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let wide = settings.values.shapes.filter { $0.width * $0.heads >= 64 }
    let narrow = settings.values.shapes.filter { $0.width * $0.heads == 4 }
    let converging = settings.values.shapes.filter { [16, 32].contains($0.width) && $0.heads == 8 }
    let each = { (shapes: [(width: Int, heads: Int)], value: (Kernel, (width: Int, heads: Int)) throws -> [Double]) in
      try shapes.flatMap { shape in try Kernel.allCases.flatMap { try value($0, shape) } }
    }
    let floors = { (kernel: Kernel, shape: (width: Int, heads: Int)) in
      try results.tensor("floor").values(at: ["kernel": .init(kernel.rawValue), "shape": .init(name(shape))])
    }
    let curves = { (kernel: Kernel, shape: (width: Int, heads: Int)) in
      try bestCurves("values, \(kernel), \(name(shape))", settings.values.seeds, [:], results).seeds
    }
    let relativeFloors = { (kernel: Kernel, shape: (width: Int, heads: Int)) in
      zip(try floors(kernel, shape), try curves(kernel, shape)).map { $0 / ($1.first ?? .nan) }
    }
    let below = { (kernel: Kernel, shape: (width: Int, heads: Int)) in
      zip(try floors(kernel, shape), try curves(kernel, shape)).map { floor, curve in
        (quantile(curve, 0) - floor) / (curve.first ?? .nan)
      }
    }
    let decrease = { (kernel: Kernel, shape: (width: Int, heads: Int)) in
      try curves(kernel, shape).map { ($0.last ?? .nan) / ($0.first ?? .nan) }
    }
    let threshold = "A layer can fit all targets when heads times embedding exceed their number."
    return [
      Claim(
        "width-threshold", threshold, source: "theorem on value weights",
        quantity: "least-squares floor over the initial loss for H D >= 64, the largest of both kernels and all seeds",
        measured: quantile(try each(wide, relativeFloors), 1), expected: .atMost(1e-12)),
      Claim(
        "width-threshold-narrow", threshold, source: "theorem on value weights",
        quantity: "least-squares floor over the initial loss for H D = 4, the least of both kernels and all seeds",
        measured: quantile(try each(narrow, relativeFloors), 0), expected: .atLeast(1e-3)),
      Claim(
        "width-threshold-never-below", "Gradient descent never goes below the floor.", source: "least squares",
        quantity: "(least loss of the best run less the floor) over the initial loss, the least of all",
        measured: quantile(try each(settings.values.shapes, below), 0), expected: .atLeast(-1e-12)),
      Claim(
        "value-only-converges", "Training the value weights alone reaches zero loss.", source: "theorem on value weights",
        quantity: "last over first loss for (D, H) = (16, 8) and (32, 8), the largest of both kernels and all seeds",
        measured: quantile(try each(converging, decrease), 1), expected: .atMost(1e-3)),
    ] + (try queryClaims(settings, results))
  }

  private static func queryClaims(_ settings: Settings, _ results: Results) throws -> [Claim] {
    let norms = { (kernel: Kernel) in
      settings.queries.noises.contains(0)
        ? try results.tensor("queries, \(kernel)/start gradient").values(at: ["delta": 0]) : []
    }
    let ratios = { (kernel: Kernel, noise: Double) in
      settings.queries.noises.contains(noise)
        ? try bestCurves("queries, \(kernel)", settings.queries.seeds, ["delta": .init(noise)], results).seeds.map {
          ($0.last ?? .nan) / ($0.first ?? .nan)
        } : []
    }
    let changes =
      settings.queries.noises.contains(0)
      ? try settings.queries.rates.flatMap { rate in
        try results.trace("queries, \(Kernel.softmax)/loss").columns(at: ["delta": 0, "rate": .init(rate)]).flatMap { curve in
          curve.map { abs($0 / curve[0] - 1) }
        }
      } : []
    let vanishes =
      "Where all tokens of a sequence are equal, softmax gives the query weights no gradient, and the Gaussian kernel does."
    let gap = "Where they are nearly equal, softmax is stuck, and the Gaussian kernel is not."
    let theorem = "theorem on query weights"
    return [
      Claim(
        "query-gradient-vanishes", vanishes, source: theorem,
        quantity: "norm of the first gradient at δ = 0, softmax, the largest of all seeds",
        measured: quantile(try norms(.softmax), 1), expected: .atMost(1e-12)),
      Claim(
        "query-gradient-vanishes-gaussian", vanishes, source: theorem,
        quantity: "norm of the first gradient at δ = 0, Gaussian kernel, the least of all seeds",
        measured: quantile(try norms(.gaussian), 0), expected: .atLeast(1e-2)),
      Claim(
        "query-gradient-vanishes-softmax-loss", vanishes, source: theorem,
        quantity: "relative change of the loss at δ = 0, softmax, the largest of all steps, rates and seeds",
        measured: quantile(changes, 1), expected: .below(1e-10)),
      Claim(
        "query-gradient-vanishes-gaussian-loss", vanishes, source: theorem,
        quantity: "last over first loss at δ = 0, Gaussian kernel, the largest of all seeds",
        measured: quantile(try ratios(.gaussian, 0), 1), expected: .atMost(0.1)),
      Claim(
        "query-only-gap", gap, source: theorem,
        quantity: "last over first loss at δ = 0.01, softmax, the least of all seeds",
        measured: quantile(try ratios(.softmax, 0.01), 0), expected: .atLeast(0.9)),
      Claim(
        "query-only-gap-gaussian", gap, source: theorem,
        quantity: "last over first loss at δ = 0.01, Gaussian kernel, the largest of all seeds",
        measured: quantile(try ratios(.gaussian, 0.01), 1), expected: .atMost(0.1)),
    ]
  }
}
