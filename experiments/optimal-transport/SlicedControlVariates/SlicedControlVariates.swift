import Notebook
import Tensors
import Transforms
import Transport

/// Sliced Wasserstein Estimation with Control Variates (Nguyen and Ho, ICLR 2024).
///
/// **Shows**: Gaussian fits of the two measures bound what transport on a line costs between two quadratic functions of its direction. Their
/// means over the sphere are known, so either is a control variate for the Monte Carlo estimate of the sliced Wasserstein distance.
///
/// **Here**: 400 repetitions of the three estimators on a shift of the mean and on a change of scale, against 40 000 directions; and the
/// gradient flow from a sphere to a torus, its distance to the target by exact assignment. The paper's point clouds are ShapeNet's; the two
/// surfaces are our stand-in for them. The three flows share their start and their directions.
package enum SlicedControlVariates: Experiment {
  package static let paper = Paper(
    slug: "sliced-ot-control-variates", title: "Sliced Wasserstein Estimation with Control Variates",
    authors: ["Khai Nguyen", "Nhat Ho"], year: 2023, arxiv: "2305.00402",
    shows: """
      Two quadratic functions of the direction, made from Gaussian fits of the two measures, have means over the sphere in closed form. As
      control variates they take most of the variance out of the Monte Carlo estimate of the sliced Wasserstein distance.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("points of each measure") package var points = 500
    @Setting("dimension of the points") package var dimension = 10
    @Setting("directions L of an estimate") package var directions = [10, 50, 100]
    @Setting("repetitions of each estimator") package var repetitions = 400
    @Setting("directions of the reference") package var reference = 40_000
    @Setting("batches that repetitions and reference are computed in") package var batches = 20
    @Setting("directions on which bounds and values are recorded") package var recorded = 1000
    @Setting("gradient flow") package var flow = Flow()
    package init() {}
  }

  package struct Flow: Codable, Sendable {
    @Setting("points of each surface") package var points = 512
    @Setting("Euler steps") package var steps = 300
    @Setting("step size over the number of points") package var rate = 0.01
    @Setting("directions L of a step") package var directions = 10
    @Setting("measurements of the exact distance") package var measurements = 20
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.points = 100
      settings.repetitions = 40
      settings.reference = 2000
      settings.batches = 2
      settings.recorded = 100
      settings.flow.points = 64
      settings.flow.steps = 40
      settings.flow.measurements = 4
    case .quick: break
    case .full:
      settings.repetitions = 2000
      settings.batches = 100
      settings.flow.points = 2048
      settings.flow.steps = 5000
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let pairs = [
      meanShift(settings, key: notebook.key("shift")), scaleChange(settings, key: notebook.key("scale")),
      surfaces(settings.flow.points, key: notebook.key("surfaces")),
    ]
    try recordDirections(pairs, settings, notebook)
    try estimate(Array(pairs.prefix(2)), settings, notebook)
    try flow(pairs[2], settings.flow, notebook)
  }

  /// Case A: X from N(0, diag(linspace(0.5, 1.5)²)), Y from a centred exponential distribution, shifted by the first unit vector.
  private static func meanShift(_ settings: Settings, key: Key) -> PointPair {
    let shape = [settings.points, settings.dimension]
    let shift = Tensor<Double>.oneHot(Tensor<Int32>([0]), classes: settings.dimension)
    return PointPair(
      name: "shift",
      x: .normal(shape, key: key.named("X")) * .linspace(0.5, 1.5, count: settings.dimension),
      y: .exponential(shape, key: key.named("Y")) - 1 + shift)
  }

  /// Case B: X from N(0, diag(linspace(0.5, 3)²)), Y from 0.2 N(0, I).
  private static func scaleChange(_ settings: Settings, key: Key) -> PointPair {
    let shape = [settings.points, settings.dimension]
    return PointPair(
      name: "scale",
      x: .normal(shape, key: key.named("X")) * .linspace(0.5, 3, count: settings.dimension),
      y: .normal(shape, key: key.named("Y")) * 0.2)
  }

  /// Case C: from the unit sphere to a torus of radii 1 and 0.35, both uniform in their angles.
  private static func surfaces(_ count: Int, key: Key) -> PointPair {
    let angles = Tensor<Double>.uniform([2, count], key: key.named("Y")) * (2 * Double.pi)
    let (long, short) = (angles.row(0), angles.row(1))
    let radius = 1 + 0.35 * short.cos()
    return PointPair(
      name: "surfaces", x: .unitVectors([count, 3], key: key.named("X")),
      y: .stack([radius * long.cos(), radius * long.sin(), 0.35 * short.sin()], axis: 1))
  }

  /// w, its Gaussian approximation g and the bounds, direction by direction.
  private static func recordDirections(_ pairs: [PointPair], _ settings: Settings, _ notebook: Recorder) throws {
    let values = pairs.map { pair in
      let theta = Tensor<Double>.unitVectors(
        [settings.recorded, pair.x.shape[1]], key: notebook.key("recorded directions").named(pair.name))
      let slices = Slices(pair.x, pair.y, directions: theta)
      return Tensor.stack([slices.transport, slices.gaussian, slices.lower, slices.upper])
    }
    try notebook.tensor(
      "slices/value", .stack(values), "transport on the line of a direction, and its Gaussian approximations",
      along: [
        Dimension("case", pairs.map(\.name), "pair of measures"),
        Dimension(
          "quantity", ["transport", "gaussian", "lower", "upper"], "squared 2-Wasserstein distance, or what stands for it"),
        Dimension("direction", count: settings.recorded, "random direction"),
      ])
  }

  private static func estimate(_ pairs: [PointPair], _ settings: Settings, _ notebook: Recorder) throws {
    struct Progress: Codable {
      /// [case][L], batches of [estimator, repetition].
      var estimates: [[[Tensor<Double>]]]
      /// For each case the sums over the reference's directions of w, c_low and c_up.
      var sums: [Tensor<Double>]
    }
    let estimators = settings.directions.map { count in
      compile { (pair: PointPair, theta: Tensor<Double>) in
        Slices(pair.x, pair.y, directions: theta).batched(count).estimates
      }
    }
    let total = compile { (pair: PointPair, theta: Tensor<Double>) in
      let slices = Slices(pair.x, pair.y, directions: theta)
      return Tensor.stack([slices.transport, slices.lower, slices.upper]).sum(1)
    }
    var progress = Progress(
      estimates: pairs.map { _ in settings.directions.map { _ in [] } }, sums: pairs.map { _ in .zeros(3) })
    let key = notebook.key("directions")
    let repetitions = settings.repetitions / settings.batches
    try notebook.steps("estimates", settings.batches, state: &progress, cadence: .every(1)) { batch, progress in
      for (i, pair) in pairs.enumerated() {
        let key = key.named(pair.name)[batch]
        for (j, count) in settings.directions.enumerated() {
          let theta = Tensor<Double>.unitVectors([repetitions * count, settings.dimension], key: key[count])
          progress.estimates[i][j].append(estimators[j](pair, theta))
        }
        let theta = Tensor<Double>.unitVectors(
          [settings.reference / settings.batches, settings.dimension], key: key.named("reference"))
        progress.sums[i] += total(pair, theta)
      }
    }
    let cases = Dimension("case", pairs.map(\.name), "pair of measures")
    try notebook.tensor(
      "estimates/value",
      .stack(progress.estimates.map { .stack($0.map { .concatenate($0, axis: 1) }) }),
      "estimate of the squared sliced Wasserstein distance",
      along: [
        cases, Dimension("directions", settings.directions, "directions L of an estimate"),
        Dimension("estimator", Slices.estimators, "plain, with the lower, with the upper control variate"),
        Dimension("repetition", count: repetitions * settings.batches, "independent estimate"),
      ])
    let means = progress.sums.map { $0 / Double(settings.reference / settings.batches * settings.batches) }
    let exact = pairs.map { Slices($0.x, $0.y, directions: .identity(settings.dimension)).sphereMeans }
    try notebook.tensor(
      "reference/mean", .stack(means), "mean over the reference's directions",
      along: [cases, Dimension("quantity", ["transport", "lower", "upper"], "function of the direction")])
    try notebook.tensor(
      "closed_form/mean", .stack(exact.map { .stack([$0.lower, $0.upper]) }), "mean over the sphere in closed form",
      along: [cases, Dimension("quantity", ["lower", "upper"], "function of the direction")])
  }

  /// X <- X - step n grad Z, for the three estimators at once.
  private static func flow(_ pair: PointPair, _ flow: Flow, _ notebook: Recorder) throws {
    let distance = try notebook.trace(
      "flow/distance", "2-Wasserstein distance to the target, by exact assignment",
      along: [Dimension("estimator", Slices.estimators, "estimator that the flow descends")])
    let rate = flow.rate * Double(flow.points)
    let step = compile { (x: Tensor<Double>, y: Tensor<Double>, theta: Tensor<Double>) in
      let gradients = Slices.estimators.indices.map { k in
        grad { (x: Tensor<Double>) in Slices(x, y, directions: theta).estimates.row(k) }(x.row(k))
      }
      return x - rate * Tensor.stack(gradients)
    }
    let weights = Tensor<Double>.full([flow.points], 1 / Double(flow.points))
    let key = notebook.key("flow directions")
    var x = Tensor.stack(Slices.estimators.map { _ in pair.x })
    try notebook.steps("flow", flow.steps, state: &x, cadence: .even(flow.measurements, of: flow.steps)) { i, x in
      x = step(x, pair.y, .unitVectors([flow.directions, 3], key: key[i]))
    } measure: { x, record in
      record(
        distance,
        Slices.estimators.indices.map { k in
          exactTransport(cost: squaredDistances(x.row(k), pair.y), a: weights, b: weights).cost.squareRoot()
        })
    }
  }
}
