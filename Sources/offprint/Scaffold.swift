/// What `offprint new` writes: a small experiment that builds, runs and has a true claim, with the headings of a paper's card.
enum Scaffold {
  static func topic(_ name: String, typeName: String) -> String {
    """
    import Notebook

    /// The papers of this topic.
    public let topic = Topic(
      "\(name)",
      [
        \(typeName).self
      ])

    """
  }

  static func experiment(slug: String, typeName: String) -> String {
    """
    import Diagnostics
    import Foundation
    import Notebook
    import Plotting
    import Tensors

    /// TITLE (AUTHORS, YEAR).
    ///
    /// **Shows**: what the paper shows, in two sentences.
    /// **Method**: its algorithm, with the paper's symbols.
    /// **Here**: how we reproduce it, at which fidelity, what we left out and why.
    /// **Traps**: what goes wrong easily.
    package enum \(typeName): Experiment {
      package static let paper = Paper(
        slug: "\(slug)", title: "TITLE", authors: ["AUTHOR"], year: 2026, arxiv: "0000.00000",
        shows: "What the paper shows, for those who type `offprint show \(slug)`.", fidelity: .mechanism)

      package struct Settings: Codable, Sendable {
        @Setting("step size; gradient descent on a quadratic converges below 2 / largest curvature") package var rate = 0.1
        @Setting("gradient steps") package var steps = 200
        package init() {}
      }

      package static func settings(for preset: Preset) -> Settings {
        var settings = Settings()
        if preset == .smoke { settings.steps = 50 }
        return settings
      }

      // MARK: Problem: f(x) = 1/2 sum c_i x_i^2, with curvatures 1 and 0.1

      package static let curvatures = Tensor<Double>([1, 0.1])

      package static func loss(_ x: Tensor<Double>) -> Double { 0.5 * (curvatures * x * x).sum() }

      // MARK: Method: x <- x - rate grad f(x)

      package static func run(_ settings: Settings, into notebook: Recorder) throws {
        let loss = try notebook.trace("descent/loss", "f(x)")
        var x = Tensor<Double>.normal([2], key: notebook.key("start"))
        try notebook.steps("descent", settings.steps, state: &x, cadence: .every(1)) { _, x in
          x -= settings.rate * curvatures * x
        } measure: { x, record in
          record(loss, Self.loss(x))
        }
      }

      // MARK: Figures and claims

      package static func figures(from results: Results) throws -> [Figure] {
        let loss = try results.trace("descent/loss")
        return [
          Figure(
            "fig1", mirrors: "Figure 1 of the paper",
            Panel(
              x: Axis("gradient steps"), y: Axis("loss", scale: .log()),
              series: [.line(x: try loss.coordinate("step"), y: try loss.column(), label: "gradient descent")]))
        ]
      }

      package static func claims(from results: Results) throws -> [Claim] {
        let settings: Settings = try results.settings()
        let loss = try results.trace("descent/loss")
        let fit = LineFit.exponential(
          x: try loss.coordinate("step").values, y: try loss.column().values, over: 40...)
        return [
          Claim(
            "linear-rate", "The loss falls as (1 - rate c)^(2t) with the smallest curvature c.", source: "textbook",
            quantity: "slope of log loss against t, over its closed form",
            measured: fit.slope / (2 * log(1 - 0.1 * settings.rate)), expected: .near(1, tolerance: 0.05))
        ]
      }
    }

    """
  }

  static func test(typeName: String, module: String) -> String {
    """
    \(["import Tensors", "import Testing", "import \(module)"].sorted().joined(separator: "\n"))

    /// The method against a closed form or an independent implementation. Smoke, figures and resume are tested for every
    /// experiment in ExperimentsTests.
    @Suite struct \(typeName)Tests {
      @Test func lossOfAKnownPoint() {
        #expect(\(typeName).loss(Tensor([2, 10])) == 7)
      }
    }

    """
  }
}
