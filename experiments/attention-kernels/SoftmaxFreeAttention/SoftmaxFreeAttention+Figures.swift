import Diagnostics
import Notebook
import Plotting

extension SoftmaxFreeAttention {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let times = try results.timing("time")
    let (error, norm) = (try results.tensor("error"), try results.tensor("norm"))
    let (sizes, finest) = (settings.sides.map { $0 * $0 }, settings.ratios.min() ?? 1)
    return [
      Figure(
        "fig1", title: "Newton's iteration", mirrors: "convergence of the inverse",
        panels: try settings.sides.map { side in
          Panel(
            title: "n = \(side * side)", x: Axis("step k"), y: Axis("residual $|I - A'V_k|_2$", scale: .log()), legend: .outside,
            series: try settings.ratios.flatMap { ratio in
              let landmarks = (side / ratio) * (side / ratio)
              return try results.trace("\(newtonLoop(side: side, ratio: ratio))/residual").banded(
                label: "r = \(ratio), m = \(landmarks)")
            })
        }, columns: 3),
      Figure(
        "fig2", title: "Time of one attention, one thread", mirrors: "complexity",
        Panel(
          x: Axis("tokens n", scale: .log(base: 2)), y: Axis("time", unit: "s", scale: .log()), legend: .outside,
          series: try methods.flatMap {
            try times.banded(
              over: "round", at: ["method": .init($0)], label: $0 == "full" ? $0 : "\($0), m = \(settings.cost.landmarks)")
          })),
      Figure(
        "fig3", title: "Spectral norms, r = \(finest)", mirrors: "proposition on the normalization",
        Panel(
          x: Axis("tokens n", scale: .log()), y: Axis("spectral norm", scale: .log()), legend: .outside,
          series: try zip(matrices, ["Gaussian S", "SOFT", "SOFT++"]).flatMap { matrix, label in
            try norm.banded(at: ["matrix": .init(matrix), "r": .init(finest)], label: label)
          } + [.guide("\(finest * finest)", label: "n / m")])),
      Figure(
        "fig4", title: "Drawn shapes of \(settings.training.side) × \(settings.training.side) pixels", mirrors: "training curves",
        Panel(
          x: Axis("step"), y: Axis("mean loss of 20 steps", unit: "nats"), legend: .outside,
          series: try settings.training.models.map { attention in
            // Step 0 has no batch behind it.
            let losses = Array(try results.trace("\(attention.rawValue)/loss").column().values.dropFirst())
            let window = min(20, losses.count)
            let means = movingAverage(losses, window: window)
            return .line(
              x: Column(means.indices.map { Double($0 + window) }), y: Column(means), label: attention.rawValue)
          })),
      Figure(
        "fig5", title: "Errors of the approximations", mirrors: "ours: landmarks against their number",
        panels: try sizes.enumerated().map { place, n in
          let counts = Column(settings.ratios.map { Double((settings.sides[place] / $0) * (settings.sides[place] / $0)) })
          return Panel(
            title: "n = \(n)", x: Axis("landmarks m", scale: .log()), y: Axis("relative Frobenius error", scale: .log()),
            legend: .outside,
            series: try landmarkKinds.flatMap {
              try error.banded(x: counts, at: ["n": .init(n), "landmarks": .init($0)], label: $0)
            })
        }, columns: 3),
    ]
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let (error, norm) = (try results.tensor("error"), try results.tensor("norm"))
    let sizes = settings.sides.map { $0 * $0 }
    let hasFinest = settings.ratios.contains(2)
    // Seed by seed; nothing where the run left the size or the window out.
    let errors = { (kind: String) -> [Double] in
      guard hasFinest, sizes.contains(2304) else { return [] }
      return try error.values(at: ["n": 2304, "r": 2, "landmarks": .init(kind)])
    }
    let norms = { (n: Int, matrix: String) -> [Double] in
      guard hasFinest, sizes.contains(n) else { return [] }
      return try norm.values(at: ["n": .init(n), "r": 2, "matrix": .init(matrix)])
    }
    let (pooled, random) = (try errors("pooled"), try errors("random"))
    let growth = zip(try norms(2304, "SOFT"), try norms(256, "SOFT")).map { $0 / $1 }
    // With windows from large to small there are more and more landmarks.
    let coarseToFine = settings.ratios.sorted(by: >)
    let falls = try sizes.flatMap { n in
      try zip(coarseToFine, coarseToFine.dropFirst()).flatMap { coarse, fine in
        let of = { (ratio: Int) in try error.values(at: ["n": .init(n), "r": .init(ratio), "landmarks": "pooled"]) }
        return zip(try of(fine), try of(coarse)).map { $0 / $1 }
      }
    }
    let last =
      settings.sides.contains(32) && settings.ratios.contains(4)
      ? try results.trace("\(newtonLoop(side: 32, ratio: 4))/residual").lastValues() : []
    let slope = { (method: String) in
      let medians = try results.timing("time").columns(over: "n", at: ["method": .init(method)]).map(median)
      return LineFit.powerLaw(x: settings.cost.lengths.map(Double.init).suffix(4), y: medians.suffix(4)).slope
    }
    return [
      Claim(
        "newton-squares", "Each step of the iteration squares the residual.", source: "section on the inverse",
        quantity: "largest ||E' - E²|| / ||E'|| where ||E|| is in [1e-3, 0.99], over n, r and maps",
        measured: quantile(try squaringErrors(results, settings), 1), expected: .atMost(1e-5)),
      Claim(
        "newton-squares-converged", "Twenty steps are enough.", source: "section on the inverse",
        quantity: "largest residual after \(settings.newtonSteps) steps over maps, n = 1024, r = 4", measured: quantile(last, 1),
        expected: .below(1e-8)),
      Claim(
        "nystrom-order", "More landmarks approximate better.", source: "section on the approximation",
        quantity: "largest ratio of errors with more and with fewer landmarks, over n and maps", measured: quantile(falls, 1),
        expected: .below(1)),
      Claim(
        "nystrom-order-error", "Landmarks of 2 x 2 tokens approximate a smooth map well.", source: "section on the approximation",
        quantity: "largest relative error over maps, pooled, r = 2, n = 2304", measured: quantile(pooled, 1),
        expected: .atMost(0.03)),
      Claim(
        "nystrom-order-random", "Means are better landmarks than single tokens.", source: "section on the approximation",
        quantity: "largest ratio over maps of the error of pooled landmarks to that of random ones, r = 2, n = 2304",
        measured: quantile(zip(pooled, random).map { $0 / $1 }, 1), expected: .atMost(0.6)),
      Claim(
        "norm-bounded", "The normalization bounds the norm whatever the number of tokens.",
        source: "proposition on the symmetric normalization",
        quantity: "largest spectral norm of SOFT++ over n and maps, r = 2",
        measured: quantile(try sizes.flatMap { try norms($0, "SOFT++") }, 1), expected: .atMost(1.2 * 4)),
      Claim(
        "norm-bounded-unnormalized", "Without it the norm grows.", source: "proposition on the symmetric normalization",
        quantity: "least ratio over maps of the spectral norms of SOFT at n = 2304 and n = 256, r = 2",
        measured: quantile(growth, 0), expected: .above(5)),
      Claim(
        "linear-cost", "The time of SOFT is linear in the number of tokens.", source: "abstract",
        quantity: "log-log slope of the median time over the four largest n", measured: try slope("SOFT"),
        expected: .atMost(1.3)),
      Claim(
        "linear-cost-full", "That of the full matrix is quadratic.", source: "abstract",
        quantity: "log-log slope of the median time over the four largest n", measured: try slope("full"),
        expected: .atLeast(1.7)),
      Claim(
        "gradient", "The gradient of the inverse needs no tape of the iteration.", source: "section on the inverse",
        quantity: "relative distance from central differences", measured: try results.scalar("gradient/differences"),
        expected: .atMost(1e-5)),
      Claim(
        "gradient-autodiff", "It is that of converged steps.", source: "section on the inverse",
        quantity: "relative distance from the derivative of \(settings.gradient.tapedSteps) taped steps",
        measured: try results.scalar("gradient/autodiff"), expected: .atMost(1e-5)),
    ]
  }

  private static func squaringErrors(_ results: Results, _ settings: Settings) throws -> [Double] {
    try settings.sides.flatMap { side in
      try settings.ratios.flatMap { ratio in
        let name = newtonLoop(side: side, ratio: ratio)
        let residuals = try results.trace("\(name)/residual").columns()
        let squares = try results.trace("\(name)/square").columns()
        return zip(residuals, squares).flatMap { residuals, squares in
          zip(residuals, squares).compactMap { residual, square in
            residual.isFinite ? (1e-3...0.99).contains(residual) ? square : nil : .nan
          }
        }
      }
    }
  }
}
