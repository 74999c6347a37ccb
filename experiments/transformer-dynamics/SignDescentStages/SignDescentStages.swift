import Notebook
import Optimizers
import Tensors
import Transforms

/// On the Optimization and Generalization of Two-layer Transformers with Sign Gradient Descent (Li, Huang, Han, Zhou and others, ICLR
/// 2025).
///
/// **Shows**: sign gradient descent, a stand-in for Adam, trains a layer of softmax attention on sparse noise in four stages: the values'
/// answers to the noise move first; queries and keys align their signs on the noise; a majority vote fixes the sign of their answers to
/// the signal; and the softmax collapses onto the noise. The training loss vanishes and the test loss does not. Adam does the same, gradient
/// descent does not.
///
/// **Here**: SignGD, Adam and gradient descent on the same data and initial weights, several seeds and standard deviations of the noise as
/// one batch, in Double. All four matrices are trained; coordinates that no training sample uses have gradient 0 and stay, so they are
/// not carried along. The sizes are partly our choice, since the paper states scaling conditions. In `full` several numbers of samples, and
/// SignGD with attention frozen at 1/2. Left out: nothing.
package enum SignDescentStages: Experiment {
  package static let paper = Paper(
    slug: "signgd-attention-stages",
    title: "On the Optimization and Generalization of Two-layer Transformers with Sign Gradient Descent",
    authors: ["Bingrui Li", "Wei Huang", "Andi Han", "Zhanpeng Zhou", "Taiji Suzuki", "Jun Zhu", "Jianfei Chen"],
    year: 2024, arxiv: "2410.04870",
    shows: """
      Sign gradient descent, a stand-in for Adam, trains softmax attention in four stages, of which the last is the collapse of the \
      softmax onto the noise: the training loss vanishes quickly and the test loss stays near chance. Adam does the same, plain \
      gradient descent does not.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("numbers n of training samples; claims and figures look at the first") package var counts = [20]
    @Setting("dimension d of a patch") package var dimension = 2000
    @Setting("coordinates s on which a sample's noise lives") package var noiseCoordinates = 20
    @Setting("length of the signal mu") package var signal = 1.0
    @Setting("standard deviation sigma_p of the noise") package var deviation = 4.0
    @Setting("another one, at which gradient descent generalizes") package var gentleDeviation = 2.0
    @Setting("all of them that are tried, beside these two") package var sweep = [1.0, 2, 4]
    @Setting("neurons m_v of each value matrix") package var valueNeurons = 10
    @Setting("neurons m_k of queries and keys") package var keyNeurons = 5
    @Setting("standard deviation sigma_0 of the initial weights") package var initialScale = 1e-3
    @Setting("step size eta of SignGD and Adam") package var rate = 1e-4
    @Setting("epsilon of Adam, far below the gradients") package var epsilon = 1e-15
    @Setting("step size of gradient descent") package var descentRate = 0.1
    @Setting("steps T on all samples") package var steps = 2000
    @Setting("steps that are recorded one by one") package var firstSteps = 10
    @Setting("steps between two records afterwards") package var interval = 10
    @Setting("fresh samples for the test") package var testSamples = 400
    @Setting("independent data sets and initial weights") package var seeds = 3
    @Setting("whether SignGD is also run with every attention weight frozen at 1/2") package var frozenControl = false
    package init() {}

    /// Every sigma_p, ascending.
    var deviations: [Double] { Set(sweep + [deviation, gentleDeviation]).sorted() }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.dimension, settings.steps, settings.seeds, settings.testSamples) = (400, 160, 2, 50)
      settings.frozenControl = true
    case .quick: break
    case .full:
      (settings.counts, settings.steps, settings.seeds, settings.frozenControl) = ([20, 50, 100], 4000, 10, true)
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    for count in settings.counts {
      try train(.signGD, SignSGD(learningRate: settings.rate), count, settings, notebook)
      try train(
        .adam, Adam(learningRate: settings.rate, epsilon: settings.epsilon), count, settings, notebook)
      try train(.descent, SGD(learningRate: settings.descentRate), count, settings, notebook)
      if settings.frozenControl { try train(.frozen, SignSGD(learningRate: settings.rate), count, settings, notebook) }
    }
  }

  /// What is trained, named as in the figures.
  enum Method: String, CaseIterable {
    case signGD = "SignGD"
    case adam = "Adam"
    case descent = "GD"
    case frozen = "SignGD, attention ½"

    /// The loops and groups of traces.
    func path(_ count: Int) -> String { "\(self), n = \(count)" }
    func firstPath(_ count: Int) -> String { "\(self), n = \(count), first" }
  }

  /// All seeds and deviations of one method: the first steps, of which each is recorded in detail, and then the whole training.
  private static func train<Rule: GradientOptimizer>(
    _ method: Method, _ rule: Rule, _ count: Int, _ settings: Settings, _ notebook: Recorder
  ) throws where Rule.Scalar == Double {
    let keys = notebook.key("n = \(count)").split(settings.seeds)
    let cases = keys.flatMap { key in
      settings.deviations.map { deviation in
        Case(
          layer: Layer(attends: method != .frozen, settings: settings, key: key.named("layer")),
          train: Samples(count, deviation: deviation, settings: settings, key: key.named("train")),
          test: Samples(settings.testSamples, deviation: deviation, settings: settings, key: key.named("test"))
        ).confined(to: count * settings.noiseCoordinates + 1)
      }
    }
    let data = cases.stacked()
    let start = cases.map { Run($0.layer, rule) }.stacked()
    let step = compile { (data: Case, runs: Run<Rule>) in
      vmap { (data: Case, run: Run<Rule>) in run.stepped(rule, on: data.train) }(data, runs)
    }
    let measure = compile { (data: Case, layers: Layer) in
      vmap { (data: Case, layer: Layer) in Self.measure(layer, on: data) }(data, layers)
    }
    let noise = compile { (data: Case, layers: Layer) in
      vmap { (data: Case, layer: Layer) in
        let pass = layer(data.train)
        return ["value": pass.values, "query": pass.queries, "key": pass.keys].mapValues { $0.slice(All(), 1) }
      }(data, layers)
    }

    let dimensions = [
      Dimension("seed", count: settings.seeds, "data set and initial weights"),
      Dimension("sigma", settings.deviations, "standard deviation of the noise"),
    ]
    let sample = Dimension("sample", count: count, "training sample")
    let neuron = Dimension("neuron", count: settings.keyNeurons, "neuron r")
    let names = measures.keys.sorted()
    let traces = { (path: String) in
      try names.map { try notebook.trace("\(path)/\($0)", measures[$0] ?? "", along: dimensions) }
    }
    let recordAll = { (runs: Run<Rule>, record: Measurement, traces: [Trace]) in
      let values = measure(data, runs.layer)
      for (name, trace) in zip(names, traces) { record(trace, values[name]?.scalars ?? []) }
    }

    let first = method.firstPath(count)
    let firstTraces = try traces(first)
    let noiseTraces = [
      "value": try notebook.trace("\(first)/value noises", "<v, xi_i>", along: dimensions + [sample]),
      "query": try notebook.trace("\(first)/query noises", "<w_Q,r, xi_i>", along: dimensions + [sample, neuron]),
      "key": try notebook.trace("\(first)/key noises", "<w_K,r, xi_i>", along: dimensions + [sample, neuron]),
    ]
    var runs = start
    try notebook.steps(first, settings.firstSteps, state: &runs, cadence: .every(1)) { _, runs in
      runs = step(data, runs)
    } measure: { runs, record in
      recordAll(runs, record, firstTraces)
      for (name, values) in noise(data, runs.layer) { if let trace = noiseTraces[name] { record(trace, values.scalars) } }
    }

    let path = method.path(count)
    let laterTraces = try traces(path)
    runs = start
    try notebook.steps(path, settings.steps, state: &runs, cadence: .every(settings.interval)) { _, runs in
      runs = step(data, runs)
    } measure: { runs, record in
      recordAll(runs, record, laterTraces)
    }
  }
}
