import Networks
import Notebook
import Tensors
import Transforms

/// Why can GPT learn in-context? (Dai, Sun, Dong, Hao and others, Findings of ACL 2023).
///
/// **Shows**: linear attention to demonstrations adds to a zero-shot weight matrix what a step of gradient descent would add, so learning
/// in context can be read as implicit fine-tuning. Scores say how alike the attention of in-context and of explicitly fine-tuned models
/// is; attention with momentum is derived by analogy.
///
/// **Here**: the identities in Double; the update of a trained layer of linear attention beside a step of gradient descent; the scores,
/// with random updates and zero-shot prompts for baselines, for small transformers trained on prompts of random linear classification; and
/// momentum attention on generated text. Left out: GPT, and the paper's six data sets.
package enum AttentionDualForm: Experiment {
  package static let paper = Paper(
    slug: "attention-dual-form",
    title: "Why Can GPT Learn In-Context? Language Models Implicitly Perform Gradient Descent as Meta-Optimizers",
    authors: ["Damai Dai", "Yutao Sun", "Li Dong", "Yaru Hao", "Shuming Ma", "Zhifang Sui", "Furu Wei"], year: 2022,
    arxiv: "2212.10559",
    shows: """
      Linear attention to demonstrations equals a zero-shot weight matrix plus an update of the form that gradient descent makes. \
      In-context learning and explicit fine-tuning of keys and values are compared by the attention of the query.
      """,
    fidelity: .mechanism)

  package struct Settings: Codable, Sendable {
    @Setting("random tensors for the identities") package var identities = Identities()
    @Setting("one layer of linear attention on regression prompts") package var linearLayer = LinearLayer()
    @Setting("transformers on classification prompts") package var standIn = StandIn(layers: 3, seeds: 2)
    @Setting("explicit fine-tuning") package var tuning = TuningSettings()
    @Setting("momentum attention on text") package var text = Text()
    package init() {}
  }

  package struct Identities: Codable, Sendable {
    @Setting("demonstrations n") package var demonstrations = 16
    @Setting("tokens of the query's own, our choice") package var tokens = 4
    @Setting("width d") package var width = 32
    @Setting("steps of gradient descent") package var steps = 5
    @Setting("their learning rate, below 2 over the largest curvature") package var rate = 0.01
    @Setting("momenta eta that are checked") package var momenta = [0.3, 0.6, 0.9]
    @Setting("heads of the attention with momentum") package var heads = 4
    @Setting("draws") package var draws = 20
    package init() {}
  }

  package struct LinearLayer: Codable, Sendable {
    @Setting("dimension of x") package var dimension = 6
    @Setting("demonstrations") package var demonstrations = 12
    @Setting("prompts in a step, our choice") package var batchSize = 256
    @Setting("steps of Adam, our choice") package var steps = 2000
    @Setting("learning rate of Adam at the start, which falls to 0 along half a cosine, our choice") package var rate = 1e-2
    @Setting("standard deviation of the initial entries, times sqrt(dimension + 1), our choice") package var initialScale = 0.1
    @Setting("layers") package var seeds = 3
    @Setting("prompts on which updates are compared") package var testTasks = 1000
    package init() {}
  }

  package struct Text: Codable, Sendable {
    @Setting("momenta eta; 0 is plain attention") package var momenta = [0, 0.3, 0.6, 0.9]
    @Setting("letters, our choice") package var letters = 8
    @Setting("Dirichlet concentration of what follows two letters, our choice") package var concentration = 0.3
    @Setting("places in a sequence, our choice") package var places = 32
    @Setting("layers") package var layers = 2
    @Setting("width") package var width = 48
    @Setting("heads") package var heads = 4
    @Setting("steps of Adam") package var steps = 600
    @Setting("sequences in a step, our choice") package var batchSize = 16
    @Setting("learning rate of Adam, our choice") package var rate = 3e-3
    @Setting("random seeds") package var seeds = 3
    @Setting("held-out sequences") package var validationSequences = 64
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.identities.draws, settings.linearLayer.steps, settings.linearLayer.batchSize) = (2, 20, 32)
      (settings.standIn.steps, settings.standIn.batchSize, settings.standIn.accuracyTasks) = (4, 16, 50)
      (settings.tuning.validationTasks, settings.tuning.testTasks) = (4, 6)
      (settings.text.steps, settings.text.seeds, settings.text.validationSequences) = (4, 2, 8)
    case .quick: break
    case .full: (settings.standIn.layers, settings.standIn.steps) = (6, 20_000)
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    try recordIdentities(settings.identities, notebook)
    try studyLinearLayer(settings.linearLayer, notebook)
    try studyStandIn(settings, notebook)
    try studyText(settings.text, notebook)
  }

  private static func recordIdentities(_ settings: Identities, _ notebook: Recorder) throws {
    let keys = notebook.key("identities").split(settings.draws)
    let draw = Dimension("draw", count: settings.draws, "random tensors")
    try notebook.tensor(
      "identities/split",
      Tensor(
        keys.map { splitError(demonstrations: settings.demonstrations, tokens: settings.tokens, width: settings.width, key: $0) }),
      "relative distance of the split of linear attention", along: [draw])
    let descents = keys.map {
      Tensor(
        descentErrors(
          steps: settings.steps, demonstrations: settings.demonstrations, width: settings.width, rate: settings.rate, key: $0))
    }
    try notebook.tensor(
      "identities/descent", .stack(descents), "relative distance of gradient descent from its attention form",
      along: [draw, Dimension("step", Array(1...settings.steps), "step of gradient descent")])
    let errors = settings.momenta.map { eta in
      keys.map {
        momentumErrors(eta: eta, places: settings.demonstrations, width: settings.width, heads: settings.heads, key: $0)
      }
    }
    let axes = [Dimension("eta", settings.momenta, "momentum"), draw]
    try notebook.tensor(
      "identities/momentum", .stack(errors.map { Tensor($0.map(\.identity)) }),
      "distance of momentum attention from attention plus a recursive average", along: axes)
    try notebook.tensor(
      "identities/future", .stack(errors.map { Tensor($0.map(\.future)) }),
      "largest derivative of an output with respect to a later value", along: axes)
  }

  private static func studyStandIn(_ settings: Settings, _ notebook: Recorder) throws {
    let models = try settings.standIn.train(notebook).trained
    let tasks: ClassificationTasks<Float> = settings.standIn.tasks(settings.tuning.taskCount, key: notebook.key("tasks"))
    let tuning = ImplicitFineTuning(models, tasks, rates: settings.tuning.rates)
    let validation = settings.tuning.validationTasks
    let weights = tuning.weights { $0.gradientStep($1, rate: $2) }
    try tuning.recordPrompts("trained", validation: validation, into: notebook)
    try tuning.record(weights, "trained/fine-tuned", validation: validation, into: notebook)
    try tuning.record(
      tuning.randomWeights(like: weights, key: notebook.key("random updates")), "trained/random", validation: validation,
      into: notebook)
  }
}
