import Diagnostics
import Notebook

extension ConvergentLearning {
  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let group = "perceptron"
    let layers = Array(1...settings.hidden.count)
    let (matches, explained) = (try results.tensor("\(group)/matches"), try results.tensor("\(group)/explained"))
    let canonical = try results.tensor("\(group)/canonical")
    // The correlations of each pair.
    let columns = { (kind: String, layer: Int) in
      try matches.columns(over: "pair", at: ["kind": .init(kind), "layer": .init(layer)]).map(units)
    }
    let matched = { (kind: String, layer: Int) in mean(try columns(kind, layer).map(mean)) }
    let share = { (layer: Int) in
      mean(try columns("bipartite", layer).map { Double($0.count { $0 > 0.5 }) / Double($0.count) })
    }
    let variance = { (predictor: String, layer: Int) in
      mean(try explained.values(over: "pair", at: ["predictor": .init(predictor), "layer": .init(layer)]))
    }
    let top = { (layer: Int) in
      mean(
        try canonical.columns(over: "pair", at: ["networks": "trained", "layer": .init(layer)]).map { mean(Array($0.prefix(10))) }
      )
    }
    let least = { (value: (Int) throws -> Double) in quantile(try layers.map(value), 0) }
    let convergent = "Many units have a partner in the other network."
    let groups = "Small groups of units predict what no single unit does."
    let subspace = "The spanned subspaces agree more than the units."
    return [
      Claim(
        "matched-above-null", convergent, source: "Section 3", quantity: "mean bipartite correlation, the lower of the layers",
        measured: try least { try matched("bipartite", $0) }, expected: .above(0.4)),
      Claim(
        "matched-above-null-shuffled", convergent, source: "Section 3",
        quantity: "mean bipartite correlation over mean semi-matching correlation of shuffled inputs, the lower of the layers",
        measured: try least { try matched("bipartite", $0) / matched("semi-matching, shuffled", $0) }, expected: .above(5)),
      Claim(
        "matched-above-null-untrained", convergent, source: "Section 3",
        quantity: "mean bipartite correlation less that of untrained networks, the lower of the layers",
        measured: try least { try matched("bipartite", $0) - matched("bipartite, untrained", $0) }, expected: .above(0.08)),
    ]
      + (try layers.map { layer in
        Claim(
          "not-all-units-match-layer-\(layer)", "Some features are not shared.", source: "Section 3",
          quantity: "share of units of layer \(layer) with a bipartite correlation above 0.5, mean over pairs",
          measured: try share(layer), basis: try columns("bipartite", layer).flatMap { $0 }, expected: .within(0.3...0.85))
      }) + [
        Claim(
          "not-all-units-match-rest", "Some features are not shared.", source: "Section 3",
          quantity: "lowest bipartite correlation of a pair's units, the highest of all pairs and layers",
          measured: quantile(try layers.flatMap { try columns("bipartite", $0).map { quantile($0, 0) } }, 1),
          expected: .below(0.35)),
        Claim(
          "groups-beat-units", groups, source: "Section 4",
          quantity: "variance explained by all units less that by \(settings.few), the lower of the layers",
          measured: try least { try variance("all units", $0) - variance("few units", $0) }, expected: .above(0.08)),
        Claim(
          "groups-beat-units-few", groups, source: "Section 4",
          quantity: "variance explained by \(settings.few) units less that by the best one, the lower of the layers",
          measured: try least { try variance("few units", $0) - variance("best unit", $0) }, expected: .above(0.12)),
        Claim(
          "subspace-agrees", subspace, source: "Section 5",
          quantity: "mean of the 10 largest canonical correlations, the lower of the layers", measured: try least(top),
          expected: .above(0.88)),
        Claim(
          "subspace-agrees-units", subspace, source: "Section 5",
          quantity: "the same less the mean bipartite correlation, the lower of the layers",
          measured: try least { try top($0) - matched("bipartite", $0) }, expected: .above(0.25)),
        Claim(
          "semi-ge-bipartite", "A unit's best partner is at least as good as the one that the matching leaves it.",
          source: "Section 3", quantity: "mean semi-matching less mean bipartite correlation, the least of all pairs and layers",
          measured: quantile(
            try layers.flatMap { layer in
              zip(try columns("semi-matching", layer), try columns("bipartite", layer)).map { mean($0) - mean($1) }
            }, 0), expected: .atLeast(0)),
      ]
  }
}
