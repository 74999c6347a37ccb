import ArgumentParser
import Notebook

struct Claims: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the claims of a stored result again; nothing is rerun. Exit code 2 when one is not reproduced.")

  @OptionGroup var stored: StoredResult
  @Flag(help: "Print JSON.") var json = false
  @Flag(help: "Say what each claim states and what was measured for it.") var long = false
  @OptionGroup var folders: FolderOptions

  func run() throws {
    let (entry, results) = try stored.open(in: folders.folders)
    let claims = try entry.experiment.claims(from: results)
    if json {
      print(try Console.json(claims.map(ClaimReport.init)))
    } else {
      print(ClaimTable(claims, preset: results.preset).text)
      if long { for claim in claims { print("\n\(claim.name): \(claim.statement)\n  measured: \(claim.quantity)") } }
    }
    let isEverythingReproduced = claims.allSatisfy { $0.verdict == .reproduced }
    if !isEverythingReproduced && results.preset != .smoke { throw ExitCode(ExitStatus.claimNotReproduced) }
  }
}
