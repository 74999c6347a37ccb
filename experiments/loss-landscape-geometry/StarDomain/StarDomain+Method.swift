import Datasets
import Diagnostics
import Networks
import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

extension StarDomain {
  /// A star model with the regular networks matched to it.
  struct Star {
    /// theta*.
    var model: MLP<Float>
    /// P_i theta_i: the sources, then the held-out networks.
    var matched: [MLP<Float>]
    /// How many of them were its sources; none for the control.
    var count: Int
  }

  /// The regular networks of one width on one set of images, and what is trained with them.
  struct World {
    let name: String
    let key: Key
    let problem: Classification<Float>
    /// The sources, then the held-out networks.
    let regular: [MLP<Float>]
    /// Where the stars begin: regular networks too, of which nothing else is asked.
    let starts: [MLP<Float>]
    private let task: ImageTask
    private let settings: Settings

    init(_ name: String, _ task: ImageTask, _ width: Int, _ settings: Settings, _ notebook: Recorder) throws {
      (self.name, self.task, self.settings) = (name, task, settings)
      key = notebook.key(name)
      problem = try task.problem(hidden: [width, width], notebook)
      let count = settings.sources + settings.heldOut
      let networks = try task.train(
        "\(name)/networks", problem, keys: key.named("networks").split(count + settings.stars), notebook)
      (regular, starts) = (Array(networks.prefix(count)), Array(networks.dropFirst(count)))
    }

    /// `network` with its units in the order of those of `target`.
    func match(_ network: MLP<Float>, to target: MLP<Float>, _ key: Key) throws -> MLP<Float> {
      network.reordered(try weightMatching(network, to: target, maximumSweeps: settings.sweeps, key: key).orders)
    }

    // MARK: Training of stars

    /// What one star is in training.
    private struct Run: TensorTree, Codable {
      var model: MLP<Float>
      var memory: Scheduled<Adam<Float>>.State
      /// Of the last batch, at the point of the segment where its gradient was taken.
      var loss: Tensor<Float>
    }

    private struct State: TensorTree, Codable {
      /// Every tensor with an axis of stars in front.
      var runs: Run
      /// P_i theta_i, all sources of the first star, then those of the second, ...
      var sources: MLP<Float>
    }

    /// Star models: theta* minimises the mean over i = 1...n and t ~ U[0, 1] of L((1 - t) theta* + t P_i theta_i). A step draws a batch,
    /// one i and one t; P_i is matched anew every `interval` steps. All stars train side by side.
    /// - Parameter counts: n of each kind of star, one star of it for each start; 0 is the control, whose t is 0.
    func trainStars(_ counts: [Int], _ notebook: Recorder) throws -> [Star] {
      let kinds = counts.flatMap { count in starts.indices.map { (count: count, seed: $0) } }
      let sources = Array(regular.prefix(settings.sources))
      let adam = Adam<Float>(learningRate: task.rate).scheduled(.cosine(steps: settings.steps))
      let models = kinds.map { starts[$0.seed] }
      let step = compiledStep(kinds.map(\.count), adam)
      let batches = starts.indices.map {
        Minibatches(count: problem.training.count, size: problem.batchSize, key: key.named("batches")[$0])
      }
      var state = State(
        runs: models.map { Run(model: $0, memory: adam.initialState(for: $0), loss: Tensor(0)) }.stacked(),
        sources: kinds.flatMap { _ in sources }.stacked())
      let loop = "\(name)/stars"
      let loss = try notebook.trace(
        "\(loop)/loss", "batch loss at a random point of a segment", along: [Dimension("star", count: kinds.count, "star model")])
      let draws = key.named("draws")
      try notebook.steps(loop, settings.steps, state: &state, cadence: .even(30, of: settings.steps)) { i, state in
        if i.isMultiple(of: settings.interval) { try rematch(&state, kinds.count, key.named("matching")[i]) }
        let batch = Tensor.stack(kinds.map { kind in Tensor<Int32>(batches[kind.seed][i].map { Int32($0) }) })
        state = step(state, batch, draws[i])
      } measure: { state, record in
        record(loss, state.runs.loss.scalars.map { Double($0) })
      }
      try rematch(&state, kinds.count, key.named("matching")[settings.steps])
      return try kinds.enumerated().map { place, kind in
        let model = state.runs.model.element(place)
        let heldOut = try regular.dropFirst(sources.count).enumerated().map { i, network in
          try match(network, to: model, key.named("held-out")[place][i])
        }
        let matched = sources.indices.map { state.sources.element(place * sources.count + $0) }
        return Star(model: model, matched: matched + heldOut, count: kind.count)
      }
    }

    /// The sources matched to the stars as they are now, from the order that they had.
    private func rematch(_ state: inout State, _ stars: Int, _ key: Key) throws {
      let models = (0..<stars).map { state.runs.model.element($0) }
      state.sources = try (0..<stars * settings.sources).map { place in
        try match(state.sources.element(place), to: models[place / settings.sources], key[place])
      }.stacked()
    }

    /// One compiled step of all stars.
    private func compiledStep(
      _ counts: [Int], _ adam: Scheduled<Adam<Float>>
    ) -> (State, Tensor<Int32>, Key) -> State {
      let n = Tensor<Float>(counts.map { Float(max(1, $0)) })
      let reach = Tensor<Float>(counts.map { $0 > 0 ? 1 : 0 })
      let first = Tensor<Int32>(counts.indices.map { Int32($0 * settings.sources) })
      let one = { (run: Run, source: MLP<Float>, t: Tensor<Float>, batch: Tensor<Int32>) -> Run in
        var run = run
        run.loss = adam.step(&run.model, &run.memory) { problem.loss($0.interpolated(to: source, at: t), on: batch) }
        return run
      }
      return compile { (state: State, batch: Tensor<Int32>, key: Key) in
        let chosen = (Tensor<Float>.uniform([counts.count], key: key[0]) * n).floor().converted(to: Int32.self) + first
        let t = Tensor<Float>.uniform([counts.count], key: key[1]) * reach
        let sources = state.sources.mapTensors { AnyTensor(Tensor<Float>($0).gather(chosen)) }
        return State(runs: vmap(one)(state.runs, sources, t, batch), sources: state.sources)
      }
    }

    // MARK: Predictions

    /// Models on the segments from a star to its sources, both drawn uniformly.
    func samples(_ star: Star, _ count: Int, key: Key) -> [MLP<Float>] {
      let t = Tensor<Double>.uniform([count], key: key.named("t"))
      return (0..<count).map { star.model.interpolated(to: star.matched[$0 % max(1, star.count)], at: t[$0]) }
    }

    /// How well the mean of the networks' probabilities predicts the test labels.
    func score(_ networks: [MLP<Float>]) -> (likelihood: Double, calibration: Double, accuracy: Double) {
      let mean = networks.map { $0(problem.test.inputs).softmax() }.reduce(Tensor<Float>(0)) { $0 + $1 } / Float(networks.count)
      let labels = problem.test.labels
      let right = mean.takeAlongAxis(labels.expandingDimensions(1), axis: 1)
      let confidences = mean.max(-1).scalars.map { min(1, Double($0)) }
      let isCorrect = zip(mean.argmax().scalars, labels.scalars).map { $0 == $1 }
      return (
        likelihood: -Double(right.log().mean().scalar),
        calibration: expectedCalibrationError(confidences: confidences, isCorrect: isCorrect),
        accuracy: Double(isCorrect.count { $0 }) / Double(isCorrect.count)
      )
    }
  }

  /// The plane through one model along the two principal directions of the differences of others from it.
  struct PrincipalPlane {
    /// Of the others, [count, 2].
    let coordinates: Tensor<Double>
    private let center: MLP<Float>
    private let directions: Tensor<Double>

    init(through center: MLP<Float>, of others: [MLP<Float>]) throws {
      self.center = center
      let differences = Tensor.stack(others.map { $0.adding(-1, center).raveled(as: Float.self).converted(to: Double.self) })
      directions = try thinSVD(differences).vT.slice(0..<2)
      coordinates = matmul(differences, directions, transposeB: true)
    }

    /// The model at (x, y).
    func model(_ x: Double, _ y: Double) -> MLP<Float> {
      let step = (directions.row(0) * x + directions.row(1) * y).converted(to: Float.self)
      return center.adding(center.unraveled(step))
    }

    /// Evenly spaced coordinates of both axes that hold all models, and some way around.
    func axes(count: Int) -> [[Double]] {
      (0..<2).map { axis in
        let values = coordinates.slice(All(), axis).scalars + [0]
        let (low, high) = (values.min() ?? 0, values.max() ?? 0)
        let margin = 0.15 * (high - low)
        return Tensor<Double>.linspace(low - margin, high + margin, count: count).scalars
      }
    }
  }
}
