import Diagnostics
import Notebook
import Plotting

extension LayerCausalLearning {
  private static let kinds = ["untrained", "trained"]

  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    let rate = settings.comparedRate
    let layers = Column((1...settings.standIn.layers).map(Double.init))
    let bars = { (score: String, axis: String, others: [BarGroup]) in
      let methods = [("fine-tuned", "fine-tuned"), ("random", "random update"), ("layer-causal", "layer-causal descent")]
      return Panel(
        x: Axis(""), y: Axis(axis, from: 0), legend: .outside,
        series: [
          .bars(
            categories: kinds,
            groups: try methods.map { method, label in
              BarGroup(label, Column(try kinds.map { mean(try RecordedTuning(results, $0, method).layers(score, rate: rate)) }))
            } + others)
        ])
    }
    let zeroShot = BarGroup("zero-shot", Column(try kinds.map { mean(try results.zeroShotScores($0)) }))
    let matrices = try [
      ("fine-tuned", "fine-tuning"), ("layer-causal", "layer-causal descent"), ("in-context", "in context"),
    ].map { method, title in (title: title, values: try meanMatrix(results, method).flatMap { $0 }) }
    let seen = matrices.flatMap(\.values).filter { $0 > 0 }
    return [
      Figure(
        "fig1", title: "In-context learning against updates at rate \(rate)", mirrors: "the figure of the gap in evaluation",
        try bars("scores", "SimAM", [zeroShot]), try bars("output updates", "SimAOU", [])),
      Figure(
        "fig2", title: "Changes of attention outputs, at the rates that validation chose", mirrors: "SimAOU by layer",
        panels: try kinds.map { kind in
          Panel(
            title: "\(kind) models", x: Axis("layer", from: 0.8, to: Double(settings.standIn.layers) + 0.2, isCount: true),
            y: Axis("SimAOU"), legend: .outside,
            series: try [("fine-tuned", "fine-tuning"), ("layer-causal", "layer-causal descent"), ("random", "random update")].map
            {
              method, label in
              let recorded = try RecordedTuning(results, kind, method, atRatesOf: method == "random" ? "fine-tuned" : nil)
              return .linesPoints(x: layers, y: Column(try recorded.layers("output updates")), label: label)
            })
        }),
      Figure(
        "fig3",
        title:
          "Change $C_{lm}$ of layer $l$'s update with \((100 * settings.noise).brief) % noise on layer $m$; blank: exactly 0",
        mirrors: "the definition of layer causality",
        panels: matrices.map { matrix in
          Panel(
            title: matrix.title, x: Axis("disturbed layer m", isCount: true), y: Axis("updated layer l", isCount: true),
            legend: .none,
            series: [
              .heatMap(
                Grid(Column(matrix.values.map { $0 == 0 ? .nan : $0 }), x: layers, y: layers),
                color: ColorAxis("C", scale: .log(), from: seen.min(), to: seen.max()))
            ])
        }, columns: 3, panelWidth: 7),
    ]
  }

  /// C averaged over models: a row for each updated layer.
  private static func meanMatrix(_ results: Results, _ method: String) throws -> [[Double]] {
    let array = try results.tensor("causality/\(method)")
    return try array.coordinate("updated").values.map { layer in
      let models = try array.columns(at: ["updated": .init(layer)])
      return (models.first ?? []).indices.map { m in mean(models.map { $0[m] }) }
    }
  }

  // MARK: Claims

  /// C_lm of every model for m > l.
  private static func above(_ results: Results, _ method: String) throws -> [Double] {
    let array = try results.tensor("causality/\(method)")
    return try array.coordinate("updated").values.enumerated().flatMap { l, layer in
      try array.columns(at: ["updated": .init(layer)]).flatMap { $0.dropFirst(l + 1) }
    }
  }

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let rate = settings.comparedRate
    let tuned = try kinds.map { try RecordedTuning(results, $0, "fine-tuned") }
    let accuracies = try results.trace("stand-in/\(StandIn.accuracyName(settings.standIn.demonstrations))")
      .columns(at: ["rate": .init(settings.standIn.rate)])
    let (before, after) = (mean(accuracies.map { $0.first ?? .nan }), mean(accuracies.map { $0.last ?? .nan }))
    let inherited = { (i: Int, rate: Double?) in
      abs(mean(try tuned[i].layers("scores", rate: rate)) - mean(try results.zeroShotScores(kinds[i])))
    }
    let mixed = try above(results, "fine-tuned")
    let causality = "A layer that learns in context, or by layer-causal descent, knows nothing of the layers above it."
    let similar = "Attention scores are alike in context and after fine-tuning whether or not a model is trained."
    let inflated = "Attention outputs are alike because both contain what is there without demonstrations."
    let distance = "distance of SimAM of in-context and fine-tuned models from that of in-context and zero-shot models"
    return [
      Claim(
        "layer-causality", causality, source: "Section 5", quantity: "C of layer-causal descent above the layer, the largest",
        measured: quantile(try above(results, "layer-causal"), 1), expected: .atMost(1e-10)),
      Claim(
        "layer-causality-fine-tuning", "Fine-tuning mixes in the layers above.", source: "Section 5",
        quantity: "share of pairs of layers with C >= 1e-4 above the layer",
        measured: mean(mixed.map { $0.isFinite ? $0 >= 1e-4 ? 1 : 0 : .nan }), expected: .atLeast(0.9)),
      Claim(
        "layer-causality-in-context", causality, source: "Section 5",
        quantity: "C of what demonstrations change in attention outputs above the layer, the largest",
        measured: quantile(try above(results, "in-context"), 1), expected: .exactly(0)),
      Claim(
        "untrained-looks-similar", similar, source: "Section 4", quantity: "SimAM of untrained models at rate \(rate)",
        measured: mean(try tuned[0].layers("scores", rate: rate)), expected: .atLeast(0.4)),
      Claim(
        "untrained-looks-similar-accuracy", similar, source: "Section 4",
        quantity: "distance of untrained accuracy in context from 0.5",
        measured: abs(before - 0.5), expected: .atMost(0.06)),
      Claim(
        "untrained-looks-similar-trained-accuracy", similar, source: "Section 4", quantity: "trained accuracy in context",
        measured: after, expected: .atLeast(0.7)),
      Claim(
        "untrained-looks-similar-inherited", similar, source: "Section 4", quantity: "\(distance), untrained, at rate \(rate)",
        measured: try inherited(0, rate), expected: .atMost(0.1)),
      Claim(
        "untrained-looks-similar-inherited-trained", similar, source: "Section 4",
        quantity: "\(distance), trained, at rate \(rate)",
        measured: try inherited(1, rate), expected: .atMost(0.1)),
      Claim(
        "untrained-looks-similar-inherited-trained-chosen-rate", similar, source: "Section 4",
        quantity: "\(distance), trained, at the chosen rates", measured: try inherited(1, nil), expected: .atMost(0.1)),
      Claim(
        "metric-inflation", inflated, source: "Section 4",
        quantity: "cos(h_ICL, h_FT) minus SimAOU, untrained, at rate \(rate)",
        measured: mean(try tuned[0].layers("outputs", rate: rate)) - mean(try tuned[0].layers("output updates", rate: rate)),
        expected: .atLeast(0.2)),
    ]
  }
}
