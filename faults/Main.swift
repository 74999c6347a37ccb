import ArgumentParser
import Foundation
import Notebook
import Tensors

/// Tries what can go wrong around Offprint, and writes the table of docs/reliability.md.
@main
struct Faults: ParsableCommand {
  static let families: [any FaultFamily.Type] = [
    KilledRuns.self, PowerLoss.self, BadDisks.self, Crowds.self, HostileFiles.self, BuiltFiles.self, RepeatedRuns.self,
    PerturbedResults.self, Secrets.self, LongStays.self,
  ]

  static let configuration = CommandConfiguration(
    commandName: "faults",
    abstract: "Kill, starve, crowd and deceive offprint, and count what comes of it.",
    discussion: "Families: \(families.map { $0.name }.joined(separator: ", ")). Exit code 1 when something was lost.")

  @Argument(help: "Families to try (default: all).") var names: [String] = []
  @Option(help: "Seed of every random moment and mutation.") var seed: UInt64 = 0
  @Option(help: "Try this many times as much.") var factor = 1.0
  @Option(help: "A page whose table is written anew.") var table: String?

  func validate() throws {
    let known = Self.families.map { $0.name }
    if let name = names.first(where: { !known.contains($0) }) {
      throw ValidationError("no family named '\(name)'; there are \(known.joined(separator: ", "))")
    }
    if table != nil && !names.isEmpty { throw ValidationError("a table is written of all families, name none") }
  }

  func run() throws {
    var table = ReliabilityTable()
    let wanted = Self.families.filter { names.isEmpty || names.contains($0.name) }
    for family in wanted {
      let began = ContinuousClock.now
      let faults = try family.run(Trials(key: Key(seed: seed).named(family.name), factor: factor))
      table.add(family.title, faults)
      for fault in faults {
        say("\(family.name): \(fault.name): \(ReliabilityTable.text(of: fault))")
        for loss in fault.losses { say("  LOST: \(loss)") }
      }
      say("\(family.name): \(String(format: "%.0f s", (.now - began) / .seconds(1)))\n")
    }
    say(table.summary)
    if let path = self.table { try table.write(into: path) }
    if table.lost > 0 { throw ExitCode.failure }
  }

  /// At once, also into a file or a pipe.
  private func say(_ line: String) { StandardStream.output.write(line + "\n") }
}
