import Datasets
import Notebook
import Optimizers
import Tensors
import Transforms

/// Transformers Can Navigate Mazes With Multi-Step Prediction (Nolte, Kitouni, Williams, Rabbat and Ibrahim 2024).
///
/// **Shows**: a transformer that learns to fill in any masked part of a path through a maze (MLM-U, the share of masked tokens drawn
/// uniformly for each sequence) plans several steps ahead, and backwards. Next-token training puts its error into the first decisions. On
/// large grids MLM-U wins with equal parameters and data.
///
/// **Here**: both objectives on the same mazes, made by depth-first search, with the same transformer from the same start: what they
/// solve, where on the path they err, and what they make of a path that is known in part. The token accuracies leave the padding behind
/// the goal out; a path is solved when its cells and the end behind them are right. At this size next-token training is ahead, as a filler
/// from left to right too, which sees no step behind the one it fills: but not where all behind that step is known and nothing before.
///
/// Deviations: one token for each cell instead of a list of passages, grids of 4 by 4 cells (`full`: 5 by 5), learned positions, and for
/// MLM-U an encoder that sees mask tokens instead of an encoder and a decoder that asks for positions. So both objectives train the same
/// network, of eight layers in `full` for the paper's four and four. Left out: the paper's larger grids, where MLM-U wins: they need more steps
/// than a CPU makes in an hour.
package enum MazeMultiStepPrediction: Experiment {
  package static let paper = Paper(
    slug: "maze-multistep-prediction", title: "Transformers Can Navigate Mazes With Multi-Step Prediction",
    authors: ["Niklas Nolte", "Ouail Kitouni", "Adina Williams", "Mike Rabbat", "Mark Ibrahim"], year: 2024,
    arxiv: "2412.05117",
    shows: """
      Training to fill in an arbitrary masked subset of the solution teaches a transformer to plan several steps ahead and backwards; on \
      large mazes it beats next-token training with equal parameters and data. Next-token training puts almost all its error in the \
      first decisions.
      """,
    fidelity: .mechanism)

  package struct Settings: Codable, Sendable {
    @Setting("cells G in a row and in a column of a maze") package var side = 4
    @Setting("mazes to train on") package var trainingMazes = 20_000
    @Setting("held-out mazes") package var testMazes = 500
    @Setting("steps of AdamW, for each objective") package var steps = 1500
    @Setting("mazes of a step") package var batchSize = 64
    @Setting("width of the transformer") package var width = 64
    @Setting("heads of its attention") package var heads = 4
    @Setting("layers") package var layers = 4
    @Setting("learning rate at its highest") package var rate = 1.5e-3
    @Setting("weight decay") package var weightDecay = 0.01
    @Setting("steps in which the rate rises; it then falls to 0 along half a cosine") package var warmUp = 100
    @Setting("points of the curves during training") package var points = 6
    @Setting("shares u of masked tokens for which filling in is measured") package var fractions = [0.25, 0.5, 0.75, 1]
    package init() {}
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.side, settings.trainingMazes, settings.testMazes) = (3, 200, 40)
      (settings.steps, settings.batchSize, settings.warmUp, settings.points) = (12, 16, 4, 2)
      (settings.width, settings.layers) = (16, 2)
    case .quick: break
    case .full:
      (settings.side, settings.trainingMazes, settings.steps, settings.batchSize) = (5, 100_000, 1000, 256)
      (settings.width, settings.layers, settings.rate) = (128, 8, 1e-3)
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let tokens = MazeTokens(side: settings.side)
    let draw = { (name: String, count: Int) in
      notebook.key(name).split(count).map { MazeRoute(depthFirst: settings.side, key: $0) }
    }
    let training = Routes(draw("training mazes", settings.trainingMazes), tokens)
    let examination = Examination(draw("test mazes", settings.testMazes), tokens)
    var reports: [Examination.Report] = []
    for objective in Objective.allCases {
      let best = try train(objective, on: training, examination, settings, notebook)
      reports.append(examination.report(objective, settings.fractions, key: notebook.key("fractions"), best))
    }
    try record(reports, examination, settings, notebook)
  }

  /// AdamW on one objective.
  /// - Returns: the trained model's likeliest tokens in the held-out mazes.
  private static func train(
    _ objective: Objective, on training: Routes, _ examination: Examination, _ settings: Settings, _ notebook: Recorder
  ) throws -> Examination.Predictor {
    let (tokens, name) = (examination.tokens, objective.rawValue)
    let rule = AdamW<Float>(learningRate: settings.rate, weightDecay: settings.weightDecay)
      .scheduled(.warmUp(steps: settings.warmUp) * .cosine(steps: settings.steps))
    let step = compile { (state: Training, routes: Routes, rows: Tensor<Int32>, key: Key) in
      state.stepped(rule, objective, on: routes.rows(rows), tokens, key: key)
    }
    let measure = compile { (model: Model, routes: Routes, key: Key) in objective.loss(model, on: routes, tokens, key: key) }
    let predict = compile { (model: Model, prompts: Tensor<Int32>, answers: Tensor<Int32>) in
      objective.scores(model, prompts: prompts, answers: answers).argmax()
    }
    let predictor = { (model: Model) -> Examination.Predictor in { predict(model, examination.truth.prompts, $0) } }

    let batches = Minibatches(count: training.count, size: settings.batchSize, key: notebook.key("batches"))
    let (masks, testMasks) = (notebook.key("masks"), notebook.key("test masks"))
    let loss = try notebook.trace("\(name)/loss", "cross-entropy in held-out mazes", units: "nat")
    let fullPath = try notebook.trace("\(name)/full path", "share of held-out mazes that are solved")
    let firstStep = try notebook.trace("\(name)/first step", "share of held-out mazes in which the first step is right")
    let model = Model(settings.sizes(tokens), key: notebook.key("weights"))
    var state = Training(model: model, optimizer: rule.initialState(for: model))
    try notebook.steps(name, settings.steps, state: &state, cadence: .even(settings.points, of: settings.steps)) { i, state in
      state = step(state, training, Tensor(batches[i].map { Int32($0) }), masks[i])
    } measure: { state, record in
      let answers = examination.decoded(predictor(state.model))
      record(loss, Double(measure(state.model, examination.truth, testMasks).scalar))
      record(fullPath, examination.solvedShare(answers))
      record(firstStep, examination.accuracy(answers) { $1 == 0 })
    }
    return predictor(state.model)
  }

  private static func record(
    _ reports: [Examination.Report], _ examination: Examination, _ settings: Settings, _ notebook: Recorder
  ) throws {
    let cells = examination.tokens.cells
    let objective = Dimension("objective", Objective.allCases.map(\.rawValue), "objective of the training")
    let place = Dimension("place", Array(1...cells), "step of the path")
    let length = Dimension("length", Array(1..<cells), "steps of the path")
    let cell = Dimension("cell", count: cells, "cell of the maze, row by row")
    let maze = Dimension("maze", count: settings.testMazes, "held-out maze")
    let stack = { (values: (Examination.Report) -> [Double]) in
      Tensor<Double>.stack(reports.map { Tensor(values($0)) })
    }
    try notebook.tensor(
      "score", stack { report in Examination.Score.allCases.map { report.scores[$0] ?? .nan } },
      "share of held-out mazes, or of the tokens of their paths, that are right",
      along: [objective, Dimension("quantity", Examination.Score.allCases.map(\.rawValue), "what is right")])
    try notebook.tensor(
      "infill", stack(\.infill), "share of the masked tokens of paths that are filled in right",
      along: [objective, Dimension("fraction", settings.fractions, "share u of masked tokens")])
    try notebook.tensor("solved", stack(\.solved), "share of the held-out mazes that are solved", along: [objective, length])
    try notebook.tensor(
      "forced", stack(\.forced), "share of the tokens that are right, behind the true ones", along: [objective, place])
    try notebook.tensor(
      "mazes", Tensor((1..<cells).map { steps in Double(examination.lengths.count { $0 == steps }) }), "held-out mazes",
      along: [length])
    try notebook.tensor(
      "prompt", examination.truth.prompts.converted(to: Float.self), "tokens of the prompts", along: [maze, cell])
    try notebook.tensor(
      "answer", examination.truth.answers.converted(to: Float.self), "tokens of the true answers", along: [maze, place])
    try notebook.tensor(
      "decoded", .stack(reports.map { $0.decoded.converted(to: Float.self) }), "tokens of the decoded answers",
      along: [objective, maze, place])
  }
}
