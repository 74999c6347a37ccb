import Datasets
import Networks
import Notebook
import Optimizers
import Tensors
import Transforms

extension InContextLinearLearners {
  /// A linear map of a weighted mean of the hidden states of all places; the weights are a softmax of a score for each place.
  package struct Probe: TensorTree, Codable {
    /// [places].
    package var scores: Tensor<Float>
    package var readout: Dense<Float>

    package init(places: Int, width: Int, outputs: Int, key: Key) {
      scores = .zeros(places)
      readout = Dense(width, outputs, key: key)
    }

    /// [tasks, outputs] of hidden states [tasks, places, width].
    package func callAsFunction(_ states: Tensor<Float>) -> Tensor<Float> {
      let weights = scores.softmax().expandingDimensions(0)
      return readout(matmul(weights, states).squeezed(1))
    }
  }

  /// Hidden states of some layer and what is to be read from them, both with mean 0 and variance 1.
  private struct Readings: TensorTree {
    /// [tasks, places, width].
    var states: Tensor<Float>
    /// [tasks, outputs].
    var targets: Tensor<Float>
  }

  private struct ProbeState: TensorTree, Codable {
    var probe: Probe
    var memory: Scheduled<Adam<Float>>.State
  }

  /// Trains a probe of each layer for w_OLS and for X^T y of the context of the last place, and measures it on other tasks.
  /// - Returns: the mean squared error over the variance of what is read, [layers, 2], the embedding first.
  static func probeErrors(
    _ name: String, _ model: VectorTransformer<Float>, noise: Double, _ settings: Settings, _ notebook: Recorder
  ) throws -> Tensor<Float> {
    let count = settings.probeTasks
    let tasks = settings.draw(2 * count, noise: noise, key: notebook.key("probed"), as: Double.self)
    let contexts = References.contexts(tasks, settings.examples - 1)
    let products = matmul(contexts.targets.expandingDimensions(1), contexts.inputs).squeezed(1)
    let streams = compile { (tokens: Tensor<Float>) in
      var streams: [Tensor<Float>] = []
      _ = model(
        tokens,
        layerHook: { _, stream in
          streams.append(stream)
          return stream
        })
      return streams
    }(tokens(tasks.inputs.converted(to: Float.self), tasks.targets.converted(to: Float.self)))

    let targets = [contexts.minimumNorm(), products].map { normalized($0.converted(to: Float.self), rows: $0.shape[0]) }
    let readings = streams.flatMap { stream -> [Readings] in
      // The same for all places: the probe sees them through one map.
      let states = normalized(stream, rows: stream.shape[0] * stream.shape[1])
      return targets.map { Readings(states: states, targets: $0) }
    }
    let half = { (range: Range<Int>) in
      readings.map { Readings(states: $0.states.slice(range), targets: $0.targets.slice(range)) }.stacked()
    }
    let (known, unknown) = (half(0..<count), half(count..<2 * count))

    let rule = Adam<Float>(learningRate: settings.probeRate).scheduled(.cosine(steps: settings.probeSteps))
    let error = { (probe: Probe, readings: Readings) in (probe(readings.states) - readings.targets).square().mean() }
    let step = compile(
      vmap { (state: ProbeState, readings: Readings) in
        var state = state
        rule.step(&state.probe, &state.memory) { error($0, readings) }
        return state
      })
    let probe = Probe(
      places: 2 * settings.examples - 1, width: settings.width, outputs: settings.dimension, key: notebook.key("probe"))
    var state = [ProbeState](repeating: ProbeState(probe: probe, memory: rule.initialState(for: probe)), count: readings.count)
      .stacked()
    try notebook.steps("\(name), probes", settings.probeSteps, state: &state, cadence: .every(settings.probeSteps)) { _, state in
      state = step(state, known)
    }
    return vmap(error)(state.probe, unknown).reshaped(streams.count, targets.count)
  }

  /// Every feature less its mean and over its deviation.
  private static func normalized(_ x: Tensor<Float>, rows count: Int) -> Tensor<Float> {
    let rows = x.reshaped(count, x.count / count)
    return ((rows - rows.mean(0)) / rows.variance(0).sqrt()).reshaped(x.shape)
  }
}
