import Foundation
import Notebook
import Plotting
import Tensors
import TestSupport

/// An experiment whose parts a test brings along.
enum Toy: Experiment {
  static let paper = Paper(
    slug: "toy", title: "A toy", authors: ["Nobody"], year: 2026, arxiv: "0000.00000", shows: "Nothing.", fidelity: .mechanism)

  struct Settings: Codable, Sendable {
    @Setting("a number") var rate = 0.5
    @Setting("steps") var steps = 9
    @Setting("a text") var label = "plain"
    @Setting("lists") var grid = Grid()
  }

  struct Grid: Codable, Sendable {
    @Setting("sizes") var sizes = [2, 3]
    @Setting("names") var names = ["x"]
  }

  static let method = Exchangeable<(Recorder) throws -> Void> { _ in }
  static let drawing = Exchangeable<(Results) throws -> [Figure]> { _ in [] }
  static let claiming = Exchangeable<(Results) throws -> [Claim]> { _ in [] }

  static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    if preset == .smoke { settings.steps = 5 }
    return settings
  }

  static func run(_ settings: Settings, into notebook: Recorder) throws { try method.value(notebook) }
  static func figures(from results: Results) throws -> [Figure] { try drawing.value(results) }
  static func claims(from results: Results) throws -> [Claim] { try claiming.value(results) }
}

/// A part that a test exchanges while it runs. Only for tests that take turns; a TaskLocal would do for all, but crashes in release
/// (Swift 6.3, nested synchronous withValue).
final class Exchangeable<Part>: @unchecked Sendable {
  private(set) var value: Part

  init(_ value: Part) { self.value = value }

  func withValue<Result>(_ part: Part, _ body: () throws -> Result) rethrows -> Result {
    let before = value
    value = part
    defer { value = before }
    return try body()
  }
}

/// Two loops with tensors as their state: one of a fixed length with noise, one that ends when it is done; then what is left of them.
enum TwoLoops: Experiment {
  static let paper = Paper(
    slug: "two-loops", title: "Two loops", authors: ["Nobody"], year: 2026, arxiv: "0000.00000", shows: "Nothing.",
    fidelity: .exact)

  struct Settings: Codable, Sendable {
    @Setting("step size") var rate = 0.3
    @Setting("steps of the first loop") var steps = 9
    @Setting("the second loop ends below this norm") var small = 0.2
  }

  static func settings(for preset: Preset) -> Settings { Settings() }

  struct Momentum: Codable {
    var x: Tensor<Double>
    var velocity: Tensor<Float>
    var isLate = false
  }

  static func run(_ settings: Settings, into notebook: Recorder) throws {
    let x = try notebook.trace("descent/x", "x", along: [Dimension("component", count: 2, "entry of x")])
    let norm = try notebook.trace("descent/norm", "|x|")
    var state = Momentum(x: .normal([2], key: notebook.key("start")), velocity: .zeros([2]))
    try notebook.steps("descent", settings.steps, state: &state, cadence: .every(2)) { step, state in
      let noise = Tensor<Double>.normal([2], key: notebook.key("noise")[step])
      let pull = state.x.scalars.map(Float.init)
      state.velocity = Tensor(zip(state.velocity.scalars, pull).map { 0.5 * $0 - $1 })
      state.x = Tensor(zip(state.x.scalars, state.velocity.scalars).map { $0 + settings.rate * Double($1) })
      state.x += 0.01 * noise
      state.isLate = step > 4
    } measure: { state, record in
      record(x, state.x.scalars)
      record(norm, state.x.norm().scalar)
    }

    let shrinking = try notebook.trace("shrink/norm", "|y|")
    var y = state.x * 100
    let updates = try notebook.steps(
      "shrink", 1000, state: &y, cadence: .geometric(perDecade: 2), until: { $0.norm().scalar < settings.small }
    ) { _, y in
      y -= settings.rate * y
    } measure: { y, record in
      record(shrinking, y.norm().scalar)
    }
    try notebook.scalar("updates", Double(updates), "updates of the second loop")
    try notebook.tensor("end", y, "y at the end", along: [Dimension("component", count: 2, "entry of y")])
  }

  static func figures(from results: Results) throws -> [Figure] {
    let norm = try results.trace("descent/norm")
    return [
      Figure(
        "fig1", mirrors: "nothing",
        Panel(x: Axis("step"), y: Axis("norm"), series: [.line(x: try norm.coordinate("step"), y: try norm.column(), label: "x")])
      )
    ]
  }

  static func claims(from results: Results) throws -> [Claim] {
    [
      Claim(
        "ends", "It ends.", source: "here", quantity: "updates", measured: try results.scalar("updates"), expected: .below(1000))
    ]
  }
}

/// Runs in `folder`, in silence; `interruption` is asked before each step.
func runner(in folder: String, interruption: @escaping () -> Interruption? = { nil }) -> Runner {
  Runner(folders: Folders(results: "\(folder)/results", figures: "\(folder)/figures"), isQuiet: true, interruption: interruption)
}

/// The path of the results file of a run that must complete.
func finish<E: Experiment>(
  _ experiment: E.Type, in folder: String, preset: Preset = .quick, seed: UInt64 = 0, set: [String] = [],
  start: Runner.Start = .fresh
) throws -> String {
  switch try runner(in: folder).run(experiment, preset: preset, seed: seed, assignments: set, start: start) {
  case .existing(let file), .finished(let file, _): file
  }
}

/// Runs `method` as an experiment of its own and gives `check` its result.
func record(
  _ method: @escaping @Sendable (Recorder) throws -> Void, seed: UInt64 = 0, check: (Results) throws -> Void = { _ in }
) throws {
  try withFolder { folder in
    try Toy.method.withValue(method) { try check(Results(finish(Toy.self, in: folder, seed: seed))) }
  }
}
