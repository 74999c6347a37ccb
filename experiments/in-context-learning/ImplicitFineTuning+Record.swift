import Diagnostics
import Notebook
import Tensors

/// Explicit fine-tuning on demonstrations, and the tasks on which it is compared with reading them.
package struct TuningSettings: Codable, Sendable {
  @Setting("learning rates of fine-tuning, of which validation chooses") package var rates = [0.03, 0.1, 0.3, 1]
  @Setting("tasks on which the rate is chosen") package var validationTasks = 50
  @Setting("tasks on which scores are measured") package var testTasks = 100
  package init() {}

  package var taskCount: Int { validationTasks + testTasks }
}

extension ImplicitFineTuning {
  private var seed: Dimension { Dimension("seed", count: models.template.shape[0], "model") }
  private var layer: Dimension { Dimension("layer", Array(1...models.stack.blocks.count), "layer") }
  private var rate: Dimension { Dimension("rate", rates, "learning rate of fine-tuning") }

  /// Records what the models answer with all demonstrations and with none, and how alike their attention is then. The first tasks are
  /// for validation, all others for the test.
  package func recordPrompts(_ path: String, validation: Int, into notebook: Recorder) throws {
    let tested = validation..<tasks.count
    let task = Dimension("task", count: tested.count, "test task")
    for (name, attention) in [("in-context", inContext), ("zero-shot", zeroShot)] {
      try notebook.tensor(
        "\(path)/\(name)/right", attention.isRight.slice(All(), tested).converted(to: Double.self), "whether the answer is right",
        along: [seed, task])
    }
    try notebook.tensor(
      "\(path)/zero-shot/scores", inContext.scoreSimilarity(zeroShot).slice(All(), tested).mean(1).converted(to: Double.self),
      "SimAM of demonstrations in the prompt and none", along: [seed, layer])
  }

  /// Records the models with these weights under `path`.
  package func record(_ weights: Weights, _ path: String, validation: Int, into notebook: Recorder) throws {
    let similarity = similarity(of: weights)
    let tested = validation..<tasks.count
    for (name, longName, values) in [
      ("output updates", "SimAOU, cosine of the changes of attention outputs", similarity.outputUpdate),
      ("outputs", "cosine of attention outputs", similarity.output),
      ("scores", "SimAM, cosine of attention scores before the softmax", similarity.scores),
    ] {
      try notebook.tensor(
        "\(path)/\(name)", values.slice(All(), All(), tested).mean(2).converted(to: Double.self), longName,
        along: [seed, rate, layer])
    }
    let right = similarity.isRight.converted(to: Double.self)
    try notebook.tensor(
      "\(path)/right", right.slice(All(), All(), tested), "whether the answer is right",
      along: [seed, rate, Dimension("task", count: tested.count, "test task")])
    try notebook.tensor(
      "\(path)/validation accuracy", right.slice(All(), All(), 0..<validation).mean(2), "share of right answers",
      along: [seed, rate])
  }
}

/// What was recorded of models of one kind that were fine-tuned by one method.
package struct RecordedTuning {
  private let results: Results
  private let kind, method: String
  /// Of each model, that of most right answers on the validation tasks; the least of several such. Of another method where that is to be
  /// compared at equal rates.
  package let chosenRates: [Double]

  /// - Parameter other: the method whose rates are taken; by default this one.
  package init(_ results: Results, _ kind: String, _ method: String, atRatesOf other: String? = nil) throws {
    (self.results, self.kind, self.method) = (results, kind, method)
    let accuracy = try results.tensor("\(kind)/\(other ?? method)/validation accuracy")
    let rates = try accuracy.coordinate("rate").values
    chosenRates = try accuracy.columns().map { row in
      rates[row.indices.max { (row[$0], -$0) < (row[$1], -$1) } ?? 0]
    }
  }

  /// A score of every layer, averaged over models.
  /// - Parameter rate: by default each model's chosen one.
  package func layers(_ score: String, rate: Double? = nil) throws -> [Double] {
    let array = try results.tensor("\(kind)/\(method)/\(score)")
    let models = try chosenRates.enumerated().map { seed, chosen in
      try array.column(["seed": .init(seed), "rate": .init(rate ?? chosen)]).values
    }
    return (models.first ?? []).indices.map { layer in mean(models.map { $0[layer] }) }
  }

  /// 1 or 0 for each test task of each model, at its chosen rate.
  package func right() throws -> [Double] {
    let array = try results.tensor("\(kind)/\(method)/right")
    return try chosenRates.enumerated().flatMap { seed, rate in
      try array.column(["seed": .init(seed), "rate": .init(rate)]).values
    }
  }
}

extension Results {
  /// 1 or 0 for each test task of each model, with all demonstrations ("in-context") or none ("zero-shot").
  package func promptedRight(_ kind: String, _ prompt: String) throws -> [Double] { try tensor("\(kind)/\(prompt)/right").values }

  /// SimAM of reading the demonstrations and of none, of every layer, averaged over models.
  package func zeroShotScores(_ kind: String) throws -> [Double] {
    let models = try tensor("\(kind)/zero-shot/scores").columns()
    return (models.first ?? []).indices.map { layer in mean(models.map { $0[layer] }) }
  }
}
