import Networks
import Notebook
import Tensors
import Transforms

/// In-context learning and gradient descent revisited (Deutch, Magar, Natan and Dar, NAACL 2024).
///
/// **Shows**: scores by which in-context learning was likened to gradient descent are high for untrained models too. What tells the two
/// apart is layer causality: in context a layer learns from the layers below it alone, while back-propagation mixes in those above.
/// Gradient descent made layer-causal is more like in-context learning.
///
/// **Here**: small transformers trained on prompts of random linear classification, and the same before training; scores of fine-tuning,
/// of layer-causal gradient descent and of random updates; how an update of a layer changes with the weights of another. An update is
/// that of a whole pass over the demonstrations. Left out: GPT, and the paper's data sets.
package enum LayerCausalLearning: Experiment {
  package static let paper = Paper(
    slug: "layer-causal-icl", title: "In-context Learning and Gradient Descent Revisited",
    authors: ["Gilad Deutch", "Nadav Magar", "Tomer Bar Natan", "Guy Dar"], year: 2023, arxiv: "2311.07772",
    shows: """
      Scores that liken in-context learning to gradient descent are high for untrained models as well. The real difference is layer \
      causality: a layer that learns in context knows nothing of the layers above it. A layer-causal gradient descent respects that.
      """,
    fidelity: .mechanism)

  package struct Settings: Codable, Sendable {
    @Setting("transformers on classification prompts") package var standIn = StandIn(layers: 4, seeds: 3)
    @Setting("explicit fine-tuning") package var tuning = TuningSettings()
    @Setting("rate at which models are compared with untrained ones, for which no rate is better than another")
    package var comparedRate = 0.03
    @Setting("tasks on whose updates layer causality is measured, our choice") package var causalityTasks = 10
    @Setting("rate of these updates, our choice") package var causalityRate = 0.1
    @Setting("noise on the weights of a layer, relative to their size") package var noise = 0.01
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.standIn.layers, settings.standIn.seeds) = (3, 2)
      (settings.standIn.steps, settings.standIn.batchSize, settings.standIn.accuracyTasks) = (4, 16, 50)
      (settings.tuning.validationTasks, settings.tuning.testTasks, settings.causalityTasks) = (4, 6, 2)
    case .quick: break
    case .full: (settings.standIn.layers, settings.standIn.steps) = (8, 20_000)
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let models = try settings.standIn.train(notebook)
    try compare(models.untrained, "untrained", settings, notebook)
    try compare(models.trained, "trained", settings, notebook)
    try studyCausality(models.trained, settings, notebook)
  }

  /// The scores of models of one kind.
  private static func compare(
    _ models: PromptClassifier<Float>, _ kind: String, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let tasks: ClassificationTasks<Float> = settings.standIn.tasks(settings.tuning.taskCount, key: notebook.key("tasks"))
    let tuning = ImplicitFineTuning(models, tasks, rates: settings.tuning.rates)
    let validation = settings.tuning.validationTasks
    try tuning.recordPrompts(kind, validation: validation, into: notebook)
    let tuned = tuning.weights { $0.gradientStep($1, rate: $2) }
    try tuning.record(tuned, "\(kind)/fine-tuned", validation: validation, into: notebook)
    let random = tuning.randomWeights(like: tuned, key: notebook.key("random updates").named(kind))
    try tuning.record(random, "\(kind)/random", validation: validation, into: notebook)
    let causal = tuning.weights { $0.layerCausalStep($1, rate: $2) }
    try tuning.record(causal, "\(kind)/layer-causal", validation: validation, into: notebook)
  }

  /// C of the updates of fine-tuning and of layer-causal gradient descent, and of what demonstrations change in attention outputs.
  private static func studyCausality(_ models: PromptClassifier<Float>, _ settings: Settings, _ notebook: Recorder) throws {
    let tasks: ClassificationTasks<Double> = settings.standIn.tasks(settings.causalityTasks, key: notebook.key("causality"))
    let layers = Array(1...settings.standIn.layers)
    let matrices = (0..<settings.standIn.seeds).map { seed -> [Tensor<Double>] in
      let model = models.element(seed).converted(to: Double.self, settings.standIn)
      let disturbed = disturbed(model, noise: settings.noise, key: notebook.key("noise")[seed])
      let tuning = ImplicitFineTuning(disturbed, tasks, rates: [settings.causalityRate])
      let changes = tuning.inContext.outputs - tuning.zeroShot.outputs
      return [
        causality(updates(tuning, tuning.weights { $0.gradientStep($1, rate: $2) })),
        causality(updates(tuning, tuning.weights { $0.layerCausalStep($1, rate: $2) })),
        causality(layers.indices.map { changes.slice(All(), All(), $0) }),
      ]
    }
    for (i, method) in ["fine-tuned", "layer-causal", "in-context"].enumerated() {
      try notebook.tensor(
        "causality/\(method)", .stack(matrices.map { $0[i] }), "relative change of a layer's update with the weights of another",
        along: [
          Dimension("seed", count: settings.standIn.seeds, "model"), Dimension("updated", layers, "layer l that is updated"),
          Dimension("disturbed", layers, "layer m whose weights get noise"),
        ])
    }
  }
}
