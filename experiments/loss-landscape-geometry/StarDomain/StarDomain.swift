import Networks
import Notebook
import Problems
import Tensors
import Training

/// Do Deep Neural Network Solutions Form a Star Domain? (Sonthalia, Rubinstein, Abbasnejad and Oh, ICLR 2025).
///
/// **Shows**: two networks of modest width have a barrier between them even after their units are matched. But a "star" model can be
/// trained that has low loss on the segments to many networks at once, and then also on those to networks that it has never seen.
///
/// **Here**: perceptrons of two widths on noisy images. Star models of one, two and five sources, and networks trained as long without
/// any, are compared by their barriers to the sources and to held-out networks; averages of predictions over the star's segments are
/// compared with an ensemble, also on noisier images. The full preset has twenty sources, on MNIST if it is there. Left out: the
/// convolutional networks on CIFAR and ImageNet.
package enum StarDomain: Experiment {
  package static let paper = Paper(
    slug: "starlight", title: "Do Deep Neural Network Solutions Form a Star Domain?",
    authors: ["Ankit Sonthalia", "Alexander Rubinstein", "Ehsan Abbasnejad", "Seong Joon Oh"], year: 2024, arxiv: "2403.07968",
    shows: """
      Two independently trained networks are not joined by a segment of low loss, even up to permutation. One can train a star model \
      that has low loss on the segments to all of several networks, and also to held-out ones.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("images and training of the regular networks") package var task = ImageTask()
    @Setting("widths h of the two hidden layers") package var widths = [32, 128]
    @Setting("source networks") package var sources = 5
    @Setting("smaller numbers of sources, at the first width") package var fewer = [1, 2]
    @Setting("held-out networks") package var heldOut = 4
    @Setting("star models of each kind") package var stars = 2
    @Setting("steps of a star model, with the rate and the batches of the regular networks") package var steps = 1500
    @Setting("steps between two matchings of the sources to the star") package var interval = 100
    @Setting("most sweeps of weight matching over the layers") package var sweeps = 30
    @Setting("points on a segment, its ends included") package var points = 11
    @Setting("noise of the harder images, for calibration only") package var harderNoise = 1.5
    @Setting("models on the star's segments whose predictions are averaged") package var averaged = 20
    @Setting("points on each side of the picture of the loss") package var resolution = 21
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.task = .smoke
      settings.widths = [8, 16]
      (settings.sources, settings.fewer, settings.heldOut) = (2, [1], 2)
      (settings.steps, settings.interval, settings.averaged, settings.resolution) = (30, 10, 4, 5)
    case .quick: break
    case .full:
      (settings.task.steps, settings.task.prefersMNIST) = (5000, true)
      settings.widths = [32, 128, 512]
      (settings.sources, settings.fewer, settings.heldOut) = (20, [1, 2, 5, 10], 10)
      settings.steps = 10_000
    }
    return settings
  }

  // MARK: Names in the file

  static func group(_ width: Int) -> String { "h\(width)" }
  static func harderGroup(_ width: Int) -> String { "h\(width)/harder" }
  /// No source is the control: a regular network that is trained as long as a star.
  static func kind(_ sources: Int) -> String {
    sources == 0 ? "longer training" : "\(sources) source\(sources == 1 ? "" : "s")"
  }
  static let predictors = ["one network", "star", "average over the star", "ensemble"]

  /// The numbers of sources of the star models of one width, ascending.
  static func counts(_ width: Int, _ settings: Settings) -> [Int] {
    (width == settings.widths.first ? settings.fewer.filter { $0 < settings.sources } : []) + [settings.sources]
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    for width in settings.widths {
      let world = try World(group(width), settings.task, width, settings, notebook)
      let counts = counts(width, settings) + [0]
      let stars = try world.trainStars(counts, notebook)
      try recordSegments(world, stars, counts.map(kind), settings, notebook)
      try recordCalibration(world, stars.filter { $0.count == settings.sources }, settings, notebook)
      if let star = stars.first(where: { $0.count == settings.sources }) {
        try recordPlane(world, star, settings, notebook)
      }
      var harder = settings.task
      (harder.noise, harder.prefersMNIST) = (settings.harderNoise, false)
      let other = try World(harderGroup(width), harder, width, settings, notebook)
      try recordCalibration(other, try other.trainStars([settings.sources], notebook), settings, notebook)
    }
  }

  /// Loss and barrier on the segments from every star, and between regular networks, the far end matched to the near one.
  private static func recordSegments(
    _ world: World, _ stars: [Star], _ kinds: [String], _ settings: Settings, _ notebook: Recorder
  ) throws {
    let name = world.name
    let loss = world.problem.compiledTestLoss()
    let place = [
      Dimension("kind", kinds, "sources of the star"),
      Dimension("seed", count: settings.stars, "start and batches of the star"),
    ]
    let ends = Dimension("network", count: world.regular.count, "the sources, then the held-out networks")
    let t = Dimension(
      "t", Tensor<Double>.linspace(0, 1, count: settings.points).scalars, "position on the segment, 0 is the star")
    let profiles = stars.flatMap { star in
      star.matched.map { LossProfile(from: star.model, to: $0, points: settings.points, loss: loss) }
    }
    let shape = (place + [ends]).map(\.count)
    try notebook.tensor(
      "\(name)/line", Tensor(shape: shape + [t.count], profiles.flatMap(\.losses)), "test loss along the segment",
      along: place + [ends, t])
    try notebook.tensor(
      "\(name)/barrier", Tensor(shape: shape, profiles.map(\.barrier)), "largest loss above the line through the ends",
      along: place + [ends])
    try notebook.tensor(
      "\(name)/accuracy", Tensor(shape: Array(shape.prefix(2)), stars.map { world.problem.testAccuracy($0.model) }),
      "test accuracy of the star", along: place)
    try notebook.tensor(
      "\(name)/regular_accuracy", Tensor(world.regular.map { world.problem.testAccuracy($0) }), "test accuracy", along: [ends])

    let pairs = world.regular.indices.flatMap { i in (0..<i).map { ($0, i) } }
    let between = try pairs.map { i, j in
      LossProfile(
        from: world.regular[i], to: try world.match(world.regular[j], to: world.regular[i], world.key.named("regular")[i][j]),
        points: settings.points, loss: loss)
    }
    let pair = Dimension("pair", count: pairs.count, "two regular networks")
    try notebook.tensor(
      "\(name)/regular/line", Tensor(shape: [pairs.count, t.count], between.flatMap(\.losses)), "test loss along the segment",
      along: [pair, t])
    try notebook.tensor(
      "\(name)/regular/barrier", Tensor(between.map(\.barrier)), "largest loss above the line through the ends", along: [pair])
  }

  /// Negative log-likelihood, calibration error and accuracy of what predicts from one or many networks, on the test images.
  private static func recordCalibration(
    _ world: World, _ stars: [Star], _ settings: Settings, _ notebook: Recorder
  ) throws {
    let scores = stars.enumerated().map { seed, star in
      [
        world.score([world.regular[seed % settings.sources]]), world.score([star.model]),
        world.score(world.samples(star, settings.averaged, key: world.key.named("average")[seed])),
        world.score(Array(world.regular.prefix(settings.sources))),
      ]
    }
    let place = [
      Dimension("seed", count: stars.count, "start and batches of the star"),
      Dimension("predictor", predictors, "whose probabilities are averaged"),
    ]
    for (i, (path, longName)) in [
      ("nll", "negative log-likelihood"), ("ece", "expected calibration error"), ("accuracy", "test accuracy"),
    ].enumerated() {
      try notebook.tensor(
        "\(world.name)/calibration/\(path)",
        Tensor(shape: place.map(\.count), scores.flatMap { $0.map { [$0.likelihood, $0.calibration, $0.accuracy][i] } }),
        longName, along: place)
    }
  }

  /// The loss on the plane through the star along the two directions in which the matched networks differ most from it.
  private static func recordPlane(_ world: World, _ star: Star, _ settings: Settings, _ notebook: Recorder) throws {
    let plane = try PrincipalPlane(through: star.model, of: star.matched)
    let loss = world.problem.compiledTestLoss()
    let axes = plane.axes(count: settings.resolution)
    let losses = axes[1].flatMap { y in axes[0].map { x in loss(plane.model(x, y)) } }
    let coordinate = [
      Dimension("y", axes[1], "second principal direction"), Dimension("x", axes[0], "first principal direction"),
    ]
    let name = "\(world.name)/plane"
    try notebook.tensor(
      "\(name)/loss", Tensor(shape: coordinate.map(\.count), losses), "test loss", along: coordinate)
    try notebook.tensor(
      "\(name)/networks", plane.coordinates, "where the networks are",
      along: [
        Dimension("network", count: star.matched.count, "the sources, then the held-out networks"),
        Dimension("coordinate", ["x", "y"], "principal direction"),
      ])
  }
}
