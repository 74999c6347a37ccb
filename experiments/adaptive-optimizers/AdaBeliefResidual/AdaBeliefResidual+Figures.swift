import Diagnostics
import Notebook
import Plotting

extension AdaBeliefResidual {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [
      try pathFigure(results, settings.toys), try noiseFigure(results, settings.noise), try lossFigure(results, settings.network),
      try momentFigure(results),
    ]
  }

  private static func pathFigure(_ results: Results, _ settings: Toys) throws -> Figure {
    // At the rate of the claims on each of them.
    let rates = [settings.rates[0], settings.rates[0], settings.rates[0], settings.rates[1], settings.rates[1]]
    return Figure(
      "fig1", title: "Paths over functions of the plane", mirrors: "Figure 2",
      panels: try toys.enumerated().map { index, toy in
        let path = try results.trace("toy\(index)/path")
        let landscape = try results.tensor("toy\(index)/landscape")
        let grid = Grid(Column(landscape.values), x: try landscape.coordinate("x"), y: try landscape.coordinate("y"))
        return Panel(
          title: "\(toy.name), rate \(rates[index].brief)",
          x: Axis("x", from: toy.window[0].lowerBound, to: toy.window[0].upperBound),
          y: Axis("y", from: toy.window[1].lowerBound, to: toy.window[1].upperBound), legend: .outside,
          series: [.contours(grid, levels: toy.levels, style: .look(6))]
            + (try methods.enumerated().map { look, method in
              let place: [String: Selector] = ["method": .init(method), "rate": .init(rates[index])]
              let coordinate = { (i: Int) in try path.column(place.merging(["coordinate": .init(i)]) { $1 }) }
              return .line(x: try coordinate(0), y: try coordinate(1), label: method, style: .look(look))
            }) + [.points(x: [toy.minimum[0]], y: [toy.minimum[1]], label: "minimum", style: .look(3))])
      })
  }

  private static func noiseFigure(_ results: Results, _ noise: Noise) throws -> Figure {
    let step = try results.tensor("mean_step")
    return Figure(
      "fig2", title: "Mean step for the gradient 1 + σz", mirrors: "Figure 1: large gradient, small curvature",
      Panel(
        x: Axis("σ", scale: .log()), y: Axis("mean step / learning rate", scale: .log()),
        series: try ["Adam", "AdaBelief"].enumerated().map { look, method in
          let means = try noise.sigmas.map { try overChains(step, method, $0) }
          return .linesPoints(x: Column(noise.sigmas), y: Column(means), label: method, style: .look(look + 1))
        } + [.guide("\(beliefStep)/x", label: "theory, AdaBelief", to: 0.3)]))
  }

  private static func lossFigure(_ results: Results, _ network: Network) throws -> Figure {
    Figure(
      "fig3", title: "Training loss of a network on a teacher's labels", mirrors: "training curves",
      panels: try network.rates.map { rate in
        Panel(
          title: "learning rate \(rate.brief)", x: Axis("step"), y: Axis("training loss"), legend: .outside,
          series: try zip(["sgd", "adam", "adabelief"], methods).enumerated().flatMap { look, method in
            try results.trace("\(method.0)/training loss").banded(
              at: ["rate": .init(rate)], label: method.1, style: .look(look))
          })
      })
  }

  private static func momentFigure(_ results: Results) throws -> Figure {
    let moments = try results.tensor("network/moments")
    // Every tenth parameter is enough of a cloud.
    let column = { (method: String) in
      let values = try moments.column(["method": .init(method)]).values
      return Column(stride(from: 0, to: values.count, by: 10).map { values[$0] })
    }
    return Figure(
      "fig4", title: "Second moments of the parameters on the same gradients", mirrors: "belief against squared gradient",
      Panel(
        x: Axis("√v̂ of Adam", scale: .log(), from: 1e-4), y: Axis("√ŝ of AdaBelief", scale: .log(), from: 1e-4),
        series: [.points(x: try column("Adam"), y: try column("AdaBelief"), label: "parameter"), .guide("x", label: "equal")]))
  }

  // MARK: Claims

  /// E[step] sigma / learning rate for small sigma: m -> 1, and g - m has standard deviation sigma b1 sqrt(1 + (1 - b1)/(1 + b1)).
  private static let beliefStep = 1 / (0.9 * (1 + 0.1 / 1.9).squareRoot())

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let step = try results.tensor("mean_step")
    let slope = { (method: String) in
      LineFit.powerLaw(x: [0.01, 0.1], y: try [0.01, 0.1].map { try overChains(step, method, $0) }).slope
    }
    let distances = { (toy: Int, method: String, rate: Double) in
      try results.trace("toy\(toy)/distance").column(["method": .init(method), "rate": .init(rate)]).values
    }
    let steps = { (toy: Int, method: String, rate: Double) in
      firstHit(try distances(toy, method, rate)) { $0 < settings.toys.near }.map(Double.init) ?? .infinity
    }
    let length = try results.trace("rectified/length")
    let plain = try length.column(["scale": 1]).values.dropFirst()
    let scaled = try length.column(["scale": 1000]).values.dropFirst()
    let factors = zip(scaled, plain).map { $0 / $1 }
    let isPlain = factors.map { abs($0 - 1000) < 1e-6 }
    let isNormalized = factors.map { abs($0 - 1) < 1e-6 }
    return [
      Claim(
        "belief-step-adabelief", "With a predictable gradient AdaBelief takes long steps.", source: "Figure 1",
        quantity: "mean step over learning rate times sigma, sigma = 0.1 (theory 1.083)",
        measured: try overChains(step, "AdaBelief", 0.1) * 0.1, expected: .near(1.08, tolerance: 0.06)),
      Claim(
        "belief-step-adam", "Adam's have the length of the learning rate.", source: "Figure 1",
        quantity: "mean step over learning rate, sigma = 0.1", measured: try overChains(step, "Adam", 0.1),
        expected: .near(1, tolerance: 0.02)),
      Claim(
        "inverse-noise-law-adabelief", "AdaBelief's step is inverse to the noise.", source: "Figure 1",
        quantity: "slope of log step against log sigma from 0.01 to 0.1", measured: try slope("AdaBelief"),
        expected: .near(-1, tolerance: 0.02)),
      Claim(
        "inverse-noise-law-adam", "Adam's does not depend on it.", source: "Figure 1",
        quantity: "slope of log step against log sigma from 0.01 to 0.1", measured: try abs(slope("Adam")),
        expected: .atMost(0.02)),
      Claim(
        "faster-on-toys", "AdaBelief is faster on simple functions.", source: "Figure 2",
        quantity: "steps of AdaBelief over those of Adam to distance 0.1, rate 1e-3, the largest of the first three functions",
        measured: quantile(try (0..<3).map { try steps($0, "AdaBelief", 1e-3) / steps($0, "Adam", 1e-3) }, 1),
        expected: .atMost(0.5)),
      Claim(
        "curved-valleys-beale", "AdaBelief is faster on Beale's function.", source: "Figure 2",
        quantity: "steps of AdaBelief over those of Adam to distance 0.1, rate 1e-2",
        measured: try steps(3, "AdaBelief", 1e-2) / steps(3, "Adam", 1e-2), expected: .below(1)),
      Claim(
        "curved-valleys-rosenbrock", "AdaBelief gets through Rosenbrock's valley.", source: "Figure 2",
        quantity: "steps of AdaBelief to distance 0.1, rate 1e-2", measured: try steps(4, "AdaBelief", 1e-2),
        expected: .atMost(6000)),
      Claim(
        "curved-valleys-rosenbrock-adam", "Adam does not in that time.", source: "Figure 2",
        quantity: "least distance of Adam from the minimum within \(settings.toys.steps) steps, rate 1e-2",
        measured: quantile(try distances(4, "Adam", 1e-2), 0), expected: .atLeast(0.1)),
      Claim(
        "rectify-switch-plain", "The package's first steps are plain momentum.", source: "code",
        quantity: "number of first steps that grow with the gradient", measured: Double(isPlain.prefix { $0 }.count),
        expected: .exactly(5)),
      Claim(
        "rectify-switch-normalized", "All others are normalized.", source: "code",
        quantity: "number of last steps that do not depend on the gradient's size, of \(settings.rectifiedSteps)",
        measured: Double(isNormalized.reversed().prefix { $0 }.count), expected: .exactly(Double(settings.rectifiedSteps - 5))),
    ]
  }

  private static func overChains(_ step: RecordedArray, _ method: String, _ sigma: Double) throws -> Double {
    mean(try step.column(["method": .init(method), "sigma": .init(sigma)]).values)
  }
}
