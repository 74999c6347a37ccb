import Diagnostics
import Notebook
import Plotting

extension AttentionDualForm {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let (tuned, random) = try tunings(results)
    let layers = Column((1...settings.standIn.layers).map(Double.init))
    let panel = { (y: String, score: String, series: [(label: String, values: [Double])]) in
      Panel(
        x: Axis("layer", from: 0.8, to: Double(settings.standIn.layers) + 0.2, isCount: true), y: Axis(y), legend: .outside,
        series: series.map { .linesPoints(x: layers, y: Column($0.values), label: $0.label) })
    }
    let rights = [
      try results.promptedRight("trained", "zero-shot"), try tuned.right(), try results.promptedRight("trained", "in-context"),
    ]
    let recall = recall(zeroShot: rights[0], tuned: rights[1], inContext: rights[2])
    let text = try results.trace("text/validation loss")
    let entropy = try results.scalar("text/entropy rate")
    return [
      Figure(
        "fig1", title: "Changes of attention outputs", mirrors: "the table of SimAOU",
        panel(
          "SimAOU with demonstrations in the prompt", "output updates",
          [
            ("fine-tuned keys and values", try tuned.layers("output updates")),
            ("random updates of the same norm", try random.layers("output updates")),
          ])),
      Figure(
        "fig2", title: "Attention scores", mirrors: "the table of SimAM",
        panel(
          "SimAM with demonstrations in the prompt", "scores",
          [("fine-tuned keys and values", try tuned.layers("scores")), ("zero-shot", try results.zeroShotScores("trained"))])),
      Figure(
        "fig3", title: "Answers; of what fine-tuning corrects, demonstrations correct \((100 * recall).rounded().brief) %",
        mirrors: "the tables of accuracy and of Rec2FTP",
        Panel(
          x: Axis(""), y: Axis("accuracy", from: 0, to: 1), legend: .none,
          series: [
            .bars(
              categories: ["zero-shot", "fine-tuned", "in context"], groups: [BarGroup("", Column(rights.map(mean)))]),
            .guide("0.5"),
          ])),
      Figure(
        "fig4", title: "Attention with momentum on text", mirrors: "the table of momentum attention",
        Panel(
          x: Axis("step of Adam"), y: Axis("validation loss", unit: "nat", from: entropy - 0.05), legend: .outside,
          series: try settings.text.momenta.flatMap { eta in
            try text.banded(at: ["momentum": .init(eta)], label: eta == 0 ? "attention" : "momentum, η = \(eta)")
          } + [.guide("\(entropy)", label: "entropy rate of the text")])),
    ]
  }

  /// Fine-tuned models and those with random updates, at the rates that suit fine-tuning.
  private static func tunings(_ results: Results) throws -> (tuned: RecordedTuning, random: RecordedTuning) {
    (
      try RecordedTuning(results, "trained", "fine-tuned"),
      try RecordedTuning(results, "trained", "random", atRatesOf: "fine-tuned")
    )
  }

  /// Rec2FTP: of the queries that fine-tuned models answer right, but not without demonstrations, the share that is right in context.
  private static func recall(zeroShot: [Double], tuned: [Double], inContext: [Double]) -> Double {
    mean(zeroShot.indices.filter { tuned[$0] == 1 && zeroShot[$0] == 0 }.map { inContext[$0] })
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let largest = { (path: String) in quantile(try results.tensor("identities/\(path)").values, 1) }
    let updates = { (name: String) in
      try results.trace("linear layer/\(name)").lastValues(at: ["rate": .init(settings.linearLayer.rate)])
    }
    let accuracy = { (demonstrations: Int) in
      try results.trace("stand-in/\(StandIn.accuracyName(demonstrations))").lastValues(at: ["rate": .init(settings.standIn.rate)])
    }
    let gains = zip(try accuracy(settings.standIn.demonstrations), try accuracy(0)).map { $0 - $1 }
    let dual = "Linear attention is a linear layer and an update as gradient descent makes it."
    let direction = "Demonstrations update a trained layer of linear attention as a step of gradient descent would."
    let momentum = "Momentum attention adds an exponential average of earlier values."
    return [
      Claim(
        "dual-form", dual, source: "Section 3.2",
        quantity: "relative distance of W_ZSL q + ΔW_ICL q from attention to all tokens, the largest",
        measured: try largest("split"),
        expected: .atMost(1e-12)),
      Claim(
        "dual-form-descent", dual, source: "Section 3.1",
        quantity: "relative distance of gradient descent from its attention form, the largest of all steps",
        measured: try largest("descent"), expected: .atMost(1e-12)),
      Claim(
        "update-direction", direction, source: "Section 3.2", quantity: "cosine of the updates, mean over tasks and layers",
        measured: mean(try updates("cosine")), expected: .atLeast(0.99)),
      Claim(
        "update-direction-shuffled", direction, source: "Section 3.2",
        quantity: "the same with labels shuffled among demonstrations for the step", measured: mean(try updates("shuffled")),
        expected: .atMost(0.6)),
      Claim(
        "momentum-identity", momentum, source: "Section 5", quantity: "distance from the recursive average, the largest",
        measured: try largest("momentum"), expected: .atMost(1e-12)),
      Claim(
        "momentum-identity-causal", momentum, source: "Section 5",
        quantity: "derivative of an output with respect to a later value, the largest", measured: try largest("future"),
        expected: .exactly(0)),
      Claim(
        "icl-works", "Transformers learn from demonstrations in the prompt.", source: "Section 4.2",
        quantity: "accuracy with \(settings.standIn.demonstrations) demonstrations minus that with none, the least of all models",
        measured: quantile(gains, 0), expected: .atLeast(0.2)),
    ]
  }
}
