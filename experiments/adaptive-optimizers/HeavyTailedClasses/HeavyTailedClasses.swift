import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

/// Heavy-Tailed Class Imbalance and Why Adam Outperforms Gradient Descent on Language Models (Kunstner, Yadav, Milligan, Schmidt and
/// Bietti, NeurIPS 2024).
///
/// **Shows**: when class k has frequency about 1/k, gradient descent needs time proportional to 1/frequency to learn a class, while
/// sign descent and Adam learn all classes at about the same speed. Most samples belong to rare classes, so the difference is that
/// of the training losses; no noise and no depth is needed for it.
///
/// **Here**: (a) softmax regression on uniform inputs whose labels form groups of ever rarer classes, all groups of the same size, on
/// the full batch; (b) the paper's solvable model, one input e_k for each class k. Left out: the bigram model of real text.
package enum HeavyTailedClasses: Experiment {
  package static let paper = Paper(
    slug: "heavy-tailed-classes",
    title: "Heavy-Tailed Class Imbalance and Why Adam Outperforms Gradient Descent on Language Models",
    authors: ["Frederik Kunstner", "Robin Yadav", "Alan Milligan", "Mark Schmidt", "Alberto Bietti"], year: 2024,
    arxiv: "2402.19449",
    shows: """
      With class frequencies like 1/k, gradient descent learns rare classes in time proportional to 1/frequency, while sign descent and
      Adam learn all classes at about the same speed. Most samples belong to rare classes: that is Adam's advantage on language, and a
      linear softmax model on the full batch already has it.
      """,
    fidelity: .exact)

  package struct Settings: Codable, Sendable {
    @Setting("groups m: group i has 2^i classes of 2^(m-i) samples each") package var groups = 7
    @Setting("features d of an input") package var features = 400
    @Setting("iterations") package var steps = 400
    @Setting("step sizes of gradient descent at 400 features") package var descentRates = [0.1, 0.3, 1]
    @Setting("step sizes of gradient descent with momentum 0.9 at 400 features") package var momentumRates = [0.03, 0.1, 0.3]
    @Setting("step sizes of Adam at 400 features") package var adamRates = [1e-3, 3e-3, 1e-2]
    @Setting("step sizes of sign descent at 400 features") package var signRates = [3e-4]
    @Setting("iterations between two looks at the Hessian") package var hessianEvery = 50
    @Setting("the solvable model (b)") package var model = Model()
    package init() {}

    /// Step sizes for this number of features: inputs have a mean, so the curvature, and how far a step moves the scores, go with d.
    func atScale(_ rates: [Double]) -> [Double] { rates.map { $0 * 400 / Double(features) } }
    /// The step size of gradient descent with momentum that the claims are about.
    var momentumRate: Double { atScale([0.1])[0] }
    /// And that of Adam.
    var adamRate: Double { atScale([1e-3])[0] }
  }

  package struct Model: Codable, Sendable {
    @Setting("classes, class k of frequency proportional to 1/k") package var classes = 64
    @Setting("step size of gradient descent") package var descentRate = 5.0
    @Setting("step size of sign descent") package var signRate = 0.01
    @Setting("loss below which a class counts as learned") package var threshold = 0.1
    @Setting("most iterations") package var limit = 20_000
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      settings.groups = 4
      settings.features = 40
      settings.steps = 60
      settings.model.classes = 8
    case .quick: break
    case .full:
      // The paper has m = 11 and d = 10000; half of both sizes leaves hours instead of days.
      settings.groups = 10
      settings.features = 4500
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let problem = ImbalancedRegression(groups: settings.groups, features: settings.features, key: notebook.key("data"))
    try train("descent", SGD(), settings.atScale(settings.descentRates), problem, settings, notebook)
    try train("momentum", Momentum(momentum: 0.9), settings.atScale(settings.momentumRates), problem, settings, notebook)
    try train("adam", Adam(), settings.atScale(settings.adamRates), problem, settings, notebook)
    try train("sign", SignSGD(), settings.atScale(settings.signRates), problem, settings, notebook)
    try lookAtHessian(problem, settings, notebook)

    let model = settings.model
    try learnModel("model_descent", SGD(), rate: model.descentRate, model, notebook)
    try learnModel("model_sign", SignSGD(), rate: model.signRate, model, notebook)
  }

  /// (a): the loss, and that of each group, at every iteration of every step size.
  private static func train<Rule: GradientOptimizer<Float>>(
    _ name: String, _ rule: Rule, _ rates: [Double], _ problem: ImbalancedRegression, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let grid = TrainingGrid(problem, rule, rates: rates, keys: [notebook.key("training")])
    let rate = Dimension("rate", rates, "step size")
    let loss = try notebook.trace("\(name)/loss", "mean cross-entropy", along: [rate])
    let groupLoss = try notebook.trace(
      "\(name)/group_loss", "mean cross-entropy of a group of equally frequent classes",
      along: [rate, Dimension("group", count: problem.groups, "group i: 2^i classes")])
    let groupLosses = compile(vmap { problem.groupLosses($0) })
    var runs = grid.start()
    try notebook.steps(name, settings.steps, state: &runs, cadence: .every(1)) { i, runs in
      grid.step(i, &runs)
    } measure: { runs, record in
      let losses = groupLosses(runs.parameters)
      record(loss, losses.mean(1).scalars.map { Double($0) })
      record(groupLoss, losses.scalars.map { Double($0) })
    }
  }

  /// Gradient and Hessian block of each class along a run of gradient descent with momentum.
  private static func lookAtHessian(
    _ problem: ImbalancedRegression, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let grid = TrainingGrid(problem, Momentum(momentum: 0.9), rates: [settings.momentumRate], keys: [notebook.key("training")])
    let classes = Dimension("class", count: problem.classes, "class, rarer from group to group")
    let gradientNorm = try notebook.trace(
      "hessian/gradient_norm", "norm of the gradient with respect to the weights of a class", along: [classes])
    let hessianTrace = try notebook.trace(
      "hessian/trace", "trace of the Hessian with respect to the weights of a class", along: [classes])
    let curvature = compile { problem.curvature($0) }
    var runs = grid.start()
    try notebook.steps("hessian", settings.steps, state: &runs, cadence: .every(settings.hessianEvery)) { i, runs in
      grid.step(i, &runs)
    } measure: { runs, record in
      let (gradients, traces) = curvature(grid.parameters(of: runs, seed: 0, rate: 0))
      record(gradientNorm, gradients.scalars.map { Double($0) })
      record(hessianTrace, traces.scalars.map { Double($0) })
    }
  }

  /// (b): the loss of each class until all are learned.
  private static func learnModel<Rule: GradientOptimizer<Double>>(
    _ name: String, _ rule: Rule, rate: Double, _ model: Model, _ notebook: Recorder
  ) throws {
    let problem = OneInputPerClass(classes: model.classes)
    let grid = TrainingGrid(problem, rule, rates: [rate], keys: [notebook.key("model")])
    let losses = { (runs: TrainingGrid<OneInputPerClass, Rule>.Runs) in
      problem.classLosses(grid.parameters(of: runs, seed: 0, rate: 0))
    }
    let frequency = Dimension("frequency", problem.frequencies.scalars, "frequency of the class")
    let loss = try notebook.trace("\(name)/class_loss", "cross-entropy of a class", along: [frequency])
    var runs = grid.start()
    try notebook.steps(
      name, model.limit, state: &runs, cadence: .every(1), until: { losses($0).max().scalar < model.threshold }
    ) { i, runs in
      grid.step(i, &runs)
    } measure: { runs, record in
      record(loss, losses(runs).scalars)
    }
  }
}
