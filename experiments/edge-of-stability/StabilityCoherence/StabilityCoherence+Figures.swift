import Diagnostics
import Foundation
import Notebook
import Plotting
import Tensors

extension StabilityCoherence {
  package static func figures(from results: Results) throws -> [Figure] {
    let settings: Settings = try results.settings()
    return [
      Figure(
        "fig1", title: "SGD on the family, n = \(settings.family.examples), η = \(settings.rate)",
        mirrors: "synthetic heat maps with the boundaries of both theorems",
        panels: try settings.family.eigenvalues.map { try mapPanel($0, results, settings) }),
      Figure("fig2", title: "Random ensembles", mirrors: "divergence condition", try ensemblePanel(results, settings)),
      Figure(
        "fig3", title: "Logistic regression, same top eigenvalue", mirrors: "escape of SGD by coherence",
        Panel(
          x: Axis("step of SGD"), y: Axis("distance from the optimum", scale: .log(), from: 1e-12), legend: .outside,
          series: try inputs.flatMap { kind in
            let sigma = try results.tensor("logistic/coherence").value(["inputs": .init(kind)])
            return try results.trace("logistic/norm").banded(
              at: ["inputs": .init(kind)], label: "\(kind) inputs, σ = \(sigma.rounded().brief)")
          })),
    ]
  }

  /// The mean logarithm of the norm at the end, with the boundaries below and above which the theorems speak.
  private static func mapPanel(_ eigenvalue: Double, _ results: Results, _ settings: Settings) throws -> Panel {
    let family = settings.family
    let norms = try results.tensor("family/norm")
    let values = try family.coherences.flatMap { sigma in
      try family.batchSizes.map { batch in
        let runs = try norms.values(
          at: ["eigenvalue": .init(eigenvalue), "batch": .init(batch), "coherence": .init(sigma)])
        return mean(runs.map { min(4, max(-8, log10($0))) })
      }
    }
    let boundaries = family.batchSizes.map {
      CoherenceCondition(rate: settings.rate, examples: family.examples, batchSize: $0).boundaries(eigenvalue: eigenvalue)
    }
    let lines = [("diverges below", 1, boundaries.map(\.divergent)), ("stable above", 4, boundaries.map { $0.stable ?? .nan })]
    let batches = family.batchSizes.map(Double.init)
    return Panel(
      title: "λ₁ = \(eigenvalue)", x: Axis("mean batch size B", scale: .log()), y: Axis("coherence σ"), legend: .outside,
      series: [
        .heatMap(
          Grid(Column(values), x: Column(batches), y: Column(family.coherences.map(Double.init))),
          color: ColorAxis("log₁₀ of the norm at the end", from: -8, to: 4))
      ]
        + lines.compactMap { label, look, sigmas in
          let visible = zip(batches, sigmas).filter { 1...Double(family.examples) ~= $0.1 }
          guard !visible.isEmpty else { return nil }
          return .linesPoints(
            x: Column(visible.map(\.0)), y: Column(visible.map(\.1)), label: label, style: .look(look))
        })
  }

  private static func ensemblePanel(_ results: Results, _ settings: Settings) throws -> Panel {
    let cells = try ensembleCells(results, settings)
    let points = { (isDivergent: Bool, label: String) in
      let chosen = cells.filter { $0.isDivergent == isDivergent }
      return Series.points(
        x: Column(chosen.map { $0.eigenvalue * settings.rate }), y: Column(chosen.map(\.radius)), label: label)
    }
    return Panel(
      x: Axis("top eigenvalue times step size, ηλ₁"), y: Axis("radius of the second-moment map", scale: .log()),
      legend: .outside, series: [points(false, "condition does not hold"), points(true, "divergence condition holds")],
      annotations: [.horizontalLine(y: 1, label: "1"), .verticalLine(x: 2, label: "ηλ₁ = 2")])
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let family = try familyCells(results, settings)
    let all = try family.map(\.cell) + ensembleCells(results, settings)
    let divergent = all.filter(\.isDivergent)
    let stable = family.filter(\.isStable).map(\.cell.radius)
    let unstable = family.filter { $0.cell.radius > 1 }
    let missed = unstable.filter { $0.cell.eigenvalue < 2 / settings.rate }
    let simulated = family.filter { $0.largestNorm > settings.family.limit }
    let leading = try results.tensor("family/leading")
    let (radii, norms) = (all.map(\.radius), family.map(\.largestNorm))
    return [
      Claim(
        "sufficient-never-wrong", "Where the condition holds SGD diverges in mean square.", source: "Theorem 1",
        quantity: "cells of A and B that satisfy the condition (\(divergent.count) do) with radius at most 1",
        measured: divergent.isEmpty ? .nan : Double(divergent.filter { !($0.radius > 1) }.count), basis: radii,
        expected: .exactly(0)),
      Claim(
        "construction-stable", "The family is stable up to the second boundary.", source: "Theorem 2",
        quantity: "largest factor of the \(stable.count) cells of A that meet the condition", measured: quantile(stable, 1),
        expected: .atMost(1 + 1e-12)),
      Claim(
        "blind-rule-misses", "The top eigenvalue alone misses many unstable minima.", source: "baseline 2/eta",
        quantity: "share of cells of A with factor above 1 whose lambda_1 is below 2/eta",
        measured: Double(missed.count) / Double(unstable.count), basis: radii, expected: .atLeast(0.2)),
      Claim(
        "coherence-stabilises", "Coherence makes the noise harmless.", source: "closed form",
        quantity: "neighbours in sigma, at B < n, at which the factor along e_1 does not fall",
        measured: Double(try exceptionsToFalling(leading, settings.family)), basis: leading.values, expected: .exactly(0)),
      Claim(
        "sim-agrees", "SGD diverges only where the factor says so.", source: "synthetic heat maps",
        quantity: "cells with a diverged run (\(simulated.count)) whose factor is at most 1",
        measured: Double(simulated.filter { !($0.cell.radius > 1) }.count), basis: radii + norms, expected: .exactly(0)),
    ]
  }

  private struct Cell {
    var eigenvalue: Double
    var radius: Double
    /// Whether the divergence condition holds.
    var isDivergent: Bool
  }

  private static func familyCells(
    _ results: Results, _ settings: Settings
  ) throws -> [(cell: Cell, isStable: Bool, largestNorm: Double)] {
    let family = settings.family
    let (radii, norms) = (try results.tensor("family/radius"), try results.tensor("family/norm"))
    return try family.eigenvalues.flatMap { eigenvalue in
      try family.batchSizes.flatMap { batch in
        let condition = CoherenceCondition(rate: settings.rate, examples: family.examples, batchSize: batch)
        return try family.coherences.map { sigma in
          let place: [String: Selector] = ["eigenvalue": .init(eigenvalue), "batch": .init(batch), "coherence": .init(sigma)]
          let cell = Cell(
            eigenvalue: eigenvalue, radius: try radii.value(place),
            isDivergent: condition.impliesDivergence(eigenvalue: eigenvalue, coherence: Double(sigma)))
          return (
            cell, condition.allowsStability(eigenvalue: eigenvalue, coherence: Double(sigma)),
            quantile(try norms.values(at: place), 1)
          )
        }
      }
    }
  }

  private static func ensembleCells(_ results: Results, _ settings: Settings) throws -> [Cell] {
    let ensembles = settings.ensembles
    let eigenvalues = try results.tensor("ensembles/eigenvalue").values
    let coherences = try results.tensor("ensembles/coherence").values
    let radii = try results.tensor("ensembles/radius")
    return try ensembles.batchSizes.flatMap { batch in
      let condition = CoherenceCondition(rate: settings.rate, examples: ensembles.examples, batchSize: batch)
      return zip(zip(eigenvalues, coherences), try radii.column(["batch": .init(batch)]).values).map { place, radius in
        Cell(
          eigenvalue: place.0, radius: radius,
          isDivergent: condition.impliesDivergence(eigenvalue: place.0, coherence: place.1))
      }
    }
  }

  /// Pairs of neighbouring coherences at which the factor along e_1 does not fall strictly. Without noise, at B = n, it is constant.
  private static func exceptionsToFalling(_ leading: RecordedArray, _ family: Family) throws -> Int {
    try family.eigenvalues.reduce(0) { sum, eigenvalue in
      try family.batchSizes.filter { $0 < family.examples }.reduce(sum) { sum, batch in
        let factors = try leading.column(["eigenvalue": .init(eigenvalue), "batch": .init(batch)]).values
        return sum + zip(factors, factors.dropFirst()).filter { !($1 < $0) }.count
      }
    }
  }
}
