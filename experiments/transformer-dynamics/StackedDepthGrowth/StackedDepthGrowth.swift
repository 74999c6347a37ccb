import Networks
import Notebook

/// Stacking Your Transformers: A Closer Look at Model Growth for Efficient LLM Pre-Training (Du, Luo, Qiu, Huang et al. 2024).
///
/// **Shows**: a deep transformer is trained with less compute when a shallow one is trained first and its stack of blocks is copied several
/// times, G_stack. Of the paper's four growth operators this one wins although it changes the function: the loss jumps at growth, recovers
/// within a few steps, and stays below that of training from scratch at equal compute.
///
/// **Here**: small transformers on text of a random second-order Markov source. L = 2 blocks are trained for 800 steps, grown to 8 by each
/// of the four operators, and trained on with a fresh state of Adam, against 8 blocks from scratch. All runs of a seed see the same
/// batches. Compute is counted in floating-point operations of the blocks, those of the shallow model included. `full` is of width and
/// length 128, with 3 seeds, and varies when the model grows and by what factor, at equal compute and final depth. That G_stack is the best
/// of the four is no claim here, and 400 steps after growth it is not yet so: G_zero and G_random, which have less to recover, are ahead.
///
/// **Left out**: growth in width; text from a file; the paper's log-linear rule for the growth time. The learning rate is constant, not the
/// paper's cosine.
package enum StackedDepthGrowth: Experiment {
  package static let paper = Paper(
    slug: "gstack-depth-growth",
    title: "Stacking Your Transformers: A Closer Look at Model Growth for Efficient LLM Pre-Training",
    authors: ["Wenyu Du", "Tongxu Luo", "Zihan Qiu", "Zeyu Huang", "Yikang Shen", "Reynold Cheng", "Yike Guo", "Jie Fu"],
    year: 2024, arxiv: "2405.15319",
    shows: """
      A deep transformer is trained with less compute when a shallow one is trained first and its stack of blocks is copied several \
      times. The loss jumps when the model grows, recovers within a few steps, and stays below that of training from scratch.
      """,
    fidelity: .scaled)

  package struct Settings: Codable, Sendable {
    @Setting("tokens of the vocabulary") package var vocabulary = 32
    @Setting("Dirichlet parameter of what follows a pair of tokens") package var concentration = 0.05
    @Setting("tokens that are foretold in a sequence") package var length = 32
    @Setting("width of the residual stream") package var width = 48
    @Setting("heads of attention") package var heads = 4
    @Setting("sequences a step") package var batch = 16
    @Setting("learning rate of Adam") package var rate = 2e-3
    @Setting("blocks L of the small model") package var depth = 2
    @Setting("growth factor g") package var factor = 4
    @Setting("steps of the small model") package var growthTime = 800
    @Setting("steps after G_stack") package var stackSteps = 1000
    @Setting("steps after the other operators") package var otherSteps = 400
    @Setting("steps of the large model from scratch") package var scratchSteps = 1400
    @Setting("sequences of the evaluation") package var evaluation = 256
    @Setting("steps between evaluations") package var interval = 50
    @Setting("steps after growth that are looked at closely") package var closeSteps = 100
    @Setting("steps between evaluations then") package var closeInterval = 10
    @Setting("seeds of weights and batches") package var seeds = 1
    @Setting("growth times of the sweep, in steps of the small model") package var growthTimes: [Int] = []
    @Setting("growth factors of the sweep, divisors of the final depth") package var factors: [Int] = []
    package init() {}

    /// Blocks of the large model.
    package var finalDepth: Int { depth * factor }

    /// 6 operations for each parameter and token, forwards and back, with 12 width² parameters in a block: steps x batch x tokens x
    /// layers x width² times 72. Embeddings, scores and the attention's products are not counted.
    package func operations(steps: Int, depth: Int) -> Double {
      72 * Double(steps * batch * length * depth) * Double(width * width)
    }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.length, settings.width, settings.batch, settings.evaluation, settings.seeds) = (8, 16, 4, 16, 2)
      (settings.growthTime, settings.stackSteps, settings.otherSteps, settings.scratchSteps) = (20, 20, 10, 30)
      (settings.interval, settings.closeSteps, settings.closeInterval) = (5, 5, 1)
      (settings.growthTimes, settings.factors) = ([10, 20], [2, 4])
    case .quick: break
    case .full:
      (settings.width, settings.length, settings.seeds, settings.otherSteps) = (128, 128, 3, 1000)
      (settings.growthTimes, settings.factors) = ([200, 400, 800, 1600], [2, 4, 8])
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let trainer = Trainer(settings, notebook)
    try notebook.scalar("entropy rate", trainer.text.entropyRate, "entropy of a token given the two before it", units: "nat")
    try notebook.scalar(
      "least loss", trainer.text.leastLoss(predictions: settings.length), "least loss that any model can have", units: "nat")
    let small = try trainer.train(
      "small", [.small: trainer.fresh(settings.depth)], steps: settings.growthTime)
    try trainer.train("scratch", [.scratch: trainer.fresh(settings.finalDepth)], steps: settings.scratchSteps)
    let grown = { trainer.grown(small, by: settings.factor, $0) }
    try trainer.train("stack", [.stack: grown(.stack)], after: settings.growthTime, steps: settings.stackSteps)
    try trainer.train(
      "others", [.direct: grown(.direct), .zero: grown(.zero), .random: grown(.random)], after: settings.growthTime,
      steps: settings.otherSteps)
    for plan in plans(settings) where plan != Plan(settings) {
      let small = try trainer.train(
        "\(plan.group)/small", [.small: trainer.fresh(settings.finalDepth / plan.factor)], steps: plan.growthTime)
      try trainer.train(
        "\(plan.group)/stack", [.stack: trainer.grown(small, by: plan.factor, .stack)], after: plan.growthTime,
        steps: plan.stackSteps(settings))
    }
  }

  /// When G_stack is applied, and with which factor.
  package struct Plan: Hashable {
    package var growthTime, factor: Int

    package init(growthTime: Int, factor: Int) { (self.growthTime, self.factor) = (growthTime, factor) }

    /// That of the main run.
    package init(_ settings: Settings) { self.init(growthTime: settings.growthTime, factor: settings.factor) }

    /// Of its traces.
    var group: String { "growth at \(growthTime) by \(factor)" }

    /// The compute that the main run has left for the large model.
    package func stackSteps(_ settings: Settings) -> Int {
      let blocks = settings.growthTime * settings.depth + settings.stackSteps * settings.finalDepth
      return (blocks - growthTime * settings.finalDepth / factor) / settings.finalDepth
    }
  }

  /// The sweeps, over growth times with the main run's factor, and over factors at its growth time.
  static func plans(_ settings: Settings) -> [Plan] {
    let plans =
      settings.growthTimes.map { Plan(growthTime: $0, factor: settings.factor) }
      + settings.factors.map { Plan(growthTime: settings.growthTime, factor: $0) }
    var seen: Set<Plan> = []
    return plans.filter { seen.insert($0).inserted }
  }
}
