import Foundation
import Optimizers
import Tensors
import Testing

@Suite struct CatalogTests {
  /// The optimizers that the sources declare, by name.
  static let declared: Set<String> = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Optimizers")
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return Set(
      files.flatMap { file in
        let text = (try? String(contentsOf: folder.appending(path: file), encoding: .utf8)) ?? ""
        return text.matches(of: /public struct (\w+)<[^{]*>: (?:Gradient)?(?:Optimizer|Transform)\b/).map { String($0.1) }
      })
  }()

  private func named(_ name: String, in type: String) -> Bool { type.contains("Optimizers.\(name)<") }

  @Test func everyRuleIsTested() {
    let types = rows.map { String(reflecting: type(of: $0.make())) }
    #expect(Self.declared.count > 30)
    for name in Self.declared.subtracting(["GradientNoise"]) {
      #expect(types.contains { named(name, in: $0) }, "\(name) has no row in Rows.swift")
    }
  }

  @Test func everyRuleIsListed() {
    let types = OptimizerCatalog.entries.map { String(reflecting: type(of: $0.make())) }
    // What only changes gradients or rates of other rules, or has no meaning without a metric of the problem.
    let ingredients: Set = [
      "Scheduled", "ClipByValue", "WeightDecay", "PreconditionedDescent", "EnergyPreconditionedDescent",
    ]
    for name in Self.declared.subtracting(ingredients) {
      #expect(types.contains { named(name, in: $0) }, "\(name) is not in the catalog")
    }
  }

  @Test func entriesAreWhole() {
    let entries = OptimizerCatalog.entries
    #expect(Set(entries.map(\.name)).count == entries.count && Set(entries.map(\.title)).count == entries.count)
    for entry in entries {
      #expect(entry.name.wholeMatch(of: /[a-z0-9-]+/) != nil && !entry.source.isEmpty && !entry.formula.isEmpty)
      #expect(entry.rates.count >= 5 && entry.rates == entry.rates.sorted() && entry.rates.allSatisfy { $0 > 0 })
      #expect(entry.defaults.contains { $0.name == "learningRate" && Double($0.value) == entry.make().learningRate.scalar })
      #expect(OptimizerCatalog.entry(named: entry.name)?.title == entry.title)
    }
    #expect(OptimizerCatalog.entry(named: "adan-w") == nil)
    #expect(OptimizerCatalog.entry(named: "adam")?.rates == [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1])
  }

  @Test func defaultsOfWrappersAreThoseOfTheirParts() throws {
    let adamW = try #require(OptimizerCatalog.entry(named: "adamw"))
    #expect(adamW.defaults.map(\.name) == ["learningRate", "beta1", "beta2", "epsilon", "hasUncorrectedEpsilon", "weightDecay"])
    #expect(adamW.defaults.map(\.value) == ["0.001", "0.9", "0.999", "1e-08", "false", "0.01"])
  }

  /// At their defaults all entries step downhill, or at least somewhere finite.
  @Test(arguments: OptimizerCatalog.entries.map(\.name)) func entriesRun(_ name: String) throws {
    let entry = try #require(OptimizerCatalog.entry(named: name))
    func check<O: Optimizer<Double>>(_ optimizer: O) {
      // Entropy-SGD moves at every twentieth step.
      let end = runs(of: optimizer, after: [20])[0].parameters
      #expect(end != SmallProblem.start && end.flattened.scalars.allSatisfy { $0.isFinite })
    }
    check(entry.make())
  }
}
