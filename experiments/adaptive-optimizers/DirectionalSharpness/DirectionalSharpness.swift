import Foundation
import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

/// Toward Understanding Why Adam Converges Faster Than SGD for Transformers (Pan and Li 2023).
///
/// **Shows**: the curvature along the direction in which an optimizer moves (directional sharpness) is far larger for SGD than for Adam;
/// a few coordinates are to blame, and clipping them narrows the gap.
///
/// **Here**: a transformer of one block on generated Zipf-Markov text. At points of an SGD and of an Adam trajectory the sharpness of the
/// gradient, of clipped gradients, of Adam's update and of signs is measured on a fixed held-out batch; then training runs compare
/// SGD, SGD with clipped coordinates, and Adam. The full preset has a larger model and clips Adam too. Left out: translation and
/// GPT-2 on real text.
package enum DirectionalSharpness: Experiment {
  package static let paper = Paper(
    slug: "directional-sharpness", title: "Toward Understanding Why Adam Converges Faster Than SGD for Transformers",
    authors: ["Yan Pan", "Yuanzhi Li"], year: 2023, arxiv: "2306.00204",
    shows: """
      The curvature met along the direction of the update is far larger for SGD than for Adam on transformers. A few coordinates are to
      blame: clipping those of the gradient lowers the curvature along it and narrows the gap in training.
      """,
    fidelity: .mechanism)

  package struct Settings: Codable, Sendable {
    @Setting("width of the transformer") package var width = 32
    @Setting("heads") package var heads = 1
    @Setting("blocks") package var depth = 1
    @Setting("training batches of 64 sequences, cycled") package var batches = 40
    @Setting("sequences of the batch on which sharpness and loss are measured") package var test = 256
    @Setting("steps of the trajectories and of the training runs") package var steps = 400
    @Setting("steps between two measurements") package var interval = 25
    @Setting("learning rate of the SGD trajectory") package var trajectoryRate = 0.3
    @Setting("learning rate of the Adam trajectory") package var adamTrajectoryRate = 1e-3
    @Setting("learning rates of SGD") package var rates = [0.1, 0.3, 1, 3]
    @Setting("learning rates of SGD with 10 % of the coordinates clipped") package var clippedRates = [0.3, 1, 3, 10]
    @Setting("learning rates of Adam") package var adamRates = [1e-3, 3e-3, 1e-2]
    @Setting("clipped fractions of Adam's update in training") package var adamClips: [Double] = []
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.width = 8
      settings.test = 16
      settings.steps = 50
      settings.batches = 4
    case .quick: break
    case .full:
      settings.width = 128
      settings.heads = 4
      settings.depth = 4
      settings.steps = 3000
      settings.adamClips = [0.1, 0.5]
    }
    return settings
  }

  /// With the paper's b2 of 0.99.
  static var adam: Adam<Float> { Adam(beta1: 0.9, beta2: 0.99, epsilon: 1e-8) }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let problem = LanguageModel<Float>(
      width: settings.width, heads: settings.heads, depth: settings.depth, batches: .cycled(settings.batches),
      test: settings.test, key: notebook.key("text"))
    try follow("sgd_path", problem, settings, notebook) { _, gradient in -settings.trajectoryRate * gradient }
    try follow("adam_path", problem, settings, notebook) { adam, _ in settings.adamTrajectoryRate * adam }

    try train("sgd", problem, SGD(), settings.rates, settings, notebook)
    try train(
      "sgd_clip10", problem, SGD().followed(by: ClipCoordinates(fraction: 0.1)), settings.clippedRates, settings, notebook)
    try train("adam", problem, adam, settings.adamRates, settings, notebook)
    for clip in settings.adamClips {
      try train(
        "adam_clip\(Int(100 * clip))", problem, adam.followed(by: ClipCoordinates(fraction: clip)), settings.adamRates, settings,
        notebook)
    }
  }

  /// Measures all directions along one trajectory.
  /// - Parameter move: the trajectory's step, from Adam's update at rate 1 and from the gradient. Adam's moments are fed with the
  ///   gradients of the trajectory, whether it moves with them or not.
  private static func follow(
    _ name: String, _ problem: LanguageModel<Float>, _ settings: Settings, _ notebook: Recorder,
    move: @escaping (_ adam: TensorList<Float>, _ gradient: TensorList<Float>) -> TensorList<Float>
  ) throws {
    let probe = Probe(problem)
    let direction = Dimension("direction", Probe.names, "direction of the update")
    let sharpness = try notebook.trace(
      "\(name)/sharpness", "directional sharpness v'Hv of the unit direction", along: [direction])
    let slope = try notebook.trace("\(name)/slope", "decrease of the loss along the unit direction, -v'grad", along: [direction])
    let loss = try notebook.trace("\(name)/loss", "loss on the fixed batch")
    let step = compile { (point: Probe.Point, batch: Tensor<Int32>) in probe.moved(point, on: batch, move) }
    let measure = compile { (point: Probe.Point, batch: Tensor<Int32>) in probe.measured(point, on: batch) }
    let batches = problem.batches(key: notebook.key("batches"))
    var point = probe.start(key: notebook.key("parameters"))
    try notebook.steps(name, settings.steps, state: &point, cadence: .every(settings.interval)) { i, point in
      point = step(point, batches(i))
    } measure: { point, record in
      let values = measure(point, batches(record.step))
      record(sharpness, values.sharpness.scalars.map { Double($0) })
      record(slope, values.slope.scalars.map { Double($0) })
      record(loss, Double(values.loss.scalar))
    }
    try recordCoordinates(name, probe, point, batches(settings.steps), notebook)
  }

  /// At the end of a trajectory, for the gradient and Adam's update: the size of the largest coordinates, and their share of u'Hu.
  private static func recordCoordinates(
    _ name: String, _ probe: Probe, _ point: Probe.Point, _ batch: Tensor<Int32>, _ notebook: Recorder
  ) throws {
    let profiles = probe.profiles(point, on: batch)
    let count = profiles[0].sizes.count
    // Ranks 1, 2, 3, ... thinned to about 30 in each factor of ten.
    let ranks = Set((0...200).map { Int(pow(10, Double($0) / 30).rounded()) }).filter { $0 <= count }.sorted()
    let dimensions = [
      Dimension("update", ["gradient", "Adam"], "direction of the update"),
      Dimension("rank", ranks, "rank of the coordinate by size"),
    ]
    let at = { (values: [Double]) in ranks.map { values[$0 - 1] } }
    try notebook.tensor(
      "\(name)/size", Tensor(shape: [2, ranks.count], profiles.flatMap { at($0.sizes) }),
      "size of the coordinate over the largest",
      along: dimensions)
    try notebook.tensor(
      "\(name)/share", Tensor(shape: [2, ranks.count], profiles.flatMap { at($0.shares) }),
      "share of the coordinates up to this one in u'Hu", along: dimensions)
  }

  private static func train<Rule: GradientOptimizer<Float>>(
    _ name: String, _ problem: LanguageModel<Float>, _ rule: Rule, _ rates: [Double], _ settings: Settings, _ notebook: Recorder
  ) throws {
    let grid = TrainingGrid(problem, rule, rates: rates, keys: [notebook.key("training")])
    try notebook.train(name, grid, steps: settings.steps, cadence: .every(settings.interval))
  }
}
