import Diagnostics
import Foundation
import Notebook
import Tensors
import Training

/// The boundary of neural network trainability is fractal (Sohl-Dickstein, 2024).
///
/// **Shows**: the border between learning rates at which gradient descent converges and those at which it diverges has structure at every
/// scale. Each pixel of an image is one training run; images of ever smaller windows around a piece of the border show no smooth line,
/// and their box-counting dimension lies between 1 and 2. The border of a quadratic function is smooth.
///
/// **Here**: the paper's networks, images and estimator at width 8 and 128² pixels (paper: 16 and 4096²), with the box-counting
/// dimension as median of the slopes between successive box sizes. Pixels are a batch axis of one compiled program. A larger picture is
/// computed beside the images that the claims look at. Left out: the paper's films, and its images in pairs of other hyperparameters
/// than learning rates and the offset of the first layer.
package enum TrainabilityFractal: Experiment {
  package static let paper = Paper(
    slug: "trainability-fractal", title: "The boundary of neural network trainability is fractal",
    authors: ["Jascha Sohl-Dickstein"], year: 2024, arxiv: "2402.06184",
    shows: """
      The border between converging and diverging learning rates of gradient descent is a fractal: zooming in reveals structure at every \
      scale, for deep linear networks too. The border of a quadratic function is a smooth line.
      """,
    fidelity: .scaled)

  /// What is trained, and which two hyperparameters are the axes.
  package enum Variant: String, Codable, Sendable, CaseIterable {
    case tanh, linear
    case onePoint = "one-point"
    case relu, minibatch, offset, control

    var phi: Nonlinearity {
      switch self {
      case .linear: .identity
      case .relu: .relu
      default: .tanh
      }
    }
  }

  package struct Settings: Codable, Sendable {
    @Setting("width n of inputs and hidden layer; there are n² + n points, one for each parameter") package var width = 8
    @Setting("pixels along a side of the images that the claims look at") package var size = 128
    @Setting("steps of gradient descent at each pixel") package var steps = 100
    @Setting("last steps, whose mean loss decides about convergence") package var tail = 20
    @Setting("larger losses than this, relative to the first, are set to it") package var cap = 1e6
    @Setting("images of the tanh network on all points, each in a smaller window") package var levels = 3
    @Setting("images of each other variant") package var otherLevels = 4
    @Setting("how much smaller a window is than the one before") package var zoom = 8.0
    @Setting("lower end of the first window, log10 of both learning rates") package var lower = -1.0
    @Setting("upper end of the first window") package var upper = 4.0
    @Setting("what is trained beside the tanh network on all points") package var variants: [Variant] = [
      .linear, .onePoint, .control,
    ]
    @Setting("points of a minibatch") package var batchSize = 16
    @Setting("pixels along a side of the large picture; 0 for none") package var pictureSize = 512
    @Setting("steps of gradient descent at each pixel of the large picture") package var pictureSteps = 200
    @Setting("pixels along a side of the image that is repeated") package var repeatedSize = 64
    @Setting("pixels side by side in the last axis of one block") package var block = 32
    @Setting("blocks to a step of the loop") package var blocks = 64
    package init() {}

    var window: HyperparameterWindow { HyperparameterWindow(x: lower...upper, y: lower...upper) }
    /// Images of each variant, in the order in which they are made.
    var sequences: [(variant: Variant, levels: Int)] { [(.tanh, levels)] + variants.map { ($0, otherLevels) } }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.size, settings.steps, settings.pictureSize, settings.repeatedSize) = (32, 30, 0, 16)
      (settings.levels, settings.otherLevels, settings.blocks) = (2, 1, 16)
    case .quick: break
    case .full:
      (settings.width, settings.size, settings.steps, settings.levels, settings.otherLevels) = (16, 512, 500, 8, 8)
      (settings.pictureSize, settings.repeatedSize) = (0, 128)
      settings.variants = Variant.allCases.filter { $0 != .tanh }
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    var deepest = settings.window
    for (variant, levels) in settings.sequences {
      let train = program(variant, settings, steps: settings.steps, as: Double.self, notebook)
      var window: HyperparameterWindow? = settings.window
      for level in 1...levels {
        // An image without a border ends the sequence.
        guard let seen = window else { break }
        let name = path(variant, level: level)
        let image = try notebook.image(
          name, seen, size: settings.size, batch: settings.block * settings.blocks, program: train)
        try record(image, name, variant, notebook)
        window = image.zoomedWindow(by: settings.zoom)
        if variant == .tanh { deepest = seen }
      }
    }
    try recordRepeats(deepest, settings, notebook)
    guard settings.pictureSize > 0 else { return }
    let picture = try notebook.image(
      "picture", settings.window, size: settings.pictureSize, batch: settings.block * settings.blocks,
      program: program(.tanh, settings, steps: settings.pictureSteps, as: Double.self, notebook))
    try record(picture, "picture", .tanh, notebook)
  }

  /// The group of an image in the results file.
  static func path(_ variant: Variant, level: Int) -> String { "\(variant.rawValue)-\(level)" }

  /// The training runs of a batch of pixels, in the precision of `Scalar`.
  private static func program<Scalar: RealScalar>(
    _ variant: Variant, _ settings: Settings, steps: Int, as type: Scalar.Type, _ notebook: Recorder
  ) -> (Tensor<Double>, Tensor<Double>) -> Tensor<Double> {
    let (blocks, block, n) = (settings.blocks, settings.block, settings.width)
    // One draw for the whole image, rounded when Scalar is less than Double.
    let draw = { (name: String, shape: [Int]) in
      Tensor<Double>.normal(shape, key: notebook.key(name)).converted(to: Scalar.self)
    }
    let rates = { (x: Tensor<Double>, y: Tensor<Double>) in
      let logarithms = Tensor.stack([variant == .offset ? y : x, y]).reshaped([2, blocks, block]).permuted(1, 0, 2)
      return (logarithms * log(10)).exp().converted(to: Scalar.self)
    }
    if variant == .control {
      let start = draw("start", [2, 1]).broadcast(to: [blocks, 2, block])
      let none = Points<Scalar>(x: .zeros([1, 1]), y: .zeros([1, 1]))
      let train: (Quadratics<Scalar>, Tensor<Scalar>) -> Tensor<Double> = trainer(settings, steps: steps) { _ in none }
      return { x, y in train(Quadratics(weights: start), rates(x, y)) }
    }
    let count = [Variant.linear: n, .onePoint: 1][variant] ?? n * n + n
    let points = Points(x: draw("inputs", [count, n]), y: draw("targets", [count, 1]))
    let order = notebook.key("batches")
    let train: (TwoLayerNetworks<Scalar>, Tensor<Scalar>) -> Tensor<Double> = trainer(settings, steps: steps) { step in
      guard variant == .minibatch else { return points }
      let chosen = Tensor<Int32>.permutation(count, key: order[step]).slice(0..<min(settings.batchSize, count))
      return Points(x: points.x.gather(chosen), y: points.y.gather(chosen))
    }
    let hidden = draw("hidden", [n, n, 1]).broadcast(to: [blocks, n, n, block])
    let output = draw("output", [n, 1]).broadcast(to: [blocks, n, block])
    return { x, y in
      let offset = variant == .offset ? x.converted(to: Scalar.self).reshaped([blocks, 1, 1, block]) : .zeros([1, 1, 1, 1])
      return train(TwoLayerNetworks(hidden: hidden + offset, output: output, phi: variant.phi), rates(x, y))
    }
  }

  private static func record(
    _ image: HyperparameterImage, _ name: String, _ variant: Variant, _ notebook: Recorder
  ) throws {
    let first = variant == .offset ? "offset added to W0" : "log10 of the learning rate of the first parameter or layer"
    let rows = Dimension("row", image.window.rows(image.size), "log10 of the learning rate of the second parameter or layer")
    let columns = Dimension("column", image.window.columns(image.size), first)
    try notebook.tensor(
      "\(name)/intensity", image.values, "minus the sum of relative losses where converged, else the sum of their inverses",
      along: [rows, columns])
    // Flat, so that figures plot it in place.
    try notebook.tensor(
      "\(name)/shade", image.rankEqualized.reshaped([-1]), "rank of the intensity among those of its sign",
      along: [Dimension("pixel", count: image.values.count, "pixel, row after row")])
    let counts = BoxCounts(of: image.edges, size: image.size)
    try notebook.tensor(
      "\(name)/boxes", Tensor(counts.counts.map(Double.init)), "boxes that touch the border",
      along: [Dimension("side", counts.sides, "side of the boxes, pixels")])
  }

  /// One image twice in Double and once in Float.
  private static func recordRepeats(_ window: HyperparameterWindow, _ settings: Settings, _ notebook: Recorder) throws {
    let batch = settings.block * settings.blocks
    let double = { try notebook.image($0, window, size: settings.repeatedSize, batch: batch, program: $1) }
    let images = try [
      double("repeat-first", program(.tanh, settings, steps: settings.steps, as: Double.self, notebook)),
      double("repeat-second", program(.tanh, settings, steps: settings.steps, as: Double.self, notebook)),
      double("repeat-float", program(.tanh, settings, steps: settings.steps, as: Float.self, notebook)),
    ]
    try notebook.tensor(
      "repeats/intensity", Tensor.stack(images.map { $0.values }), "intensity of the same image",
      along: [
        Dimension("run", ["first", "second", "float"], "which run"),
        Dimension("row", window.rows(settings.repeatedSize), "log10 of the learning rate of the second layer"),
        Dimension("column", window.columns(settings.repeatedSize), "log10 of the learning rate of the first layer"),
      ])
  }
}
