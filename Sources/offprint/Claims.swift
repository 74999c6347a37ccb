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
    let file = try stored.path(in: folders.folders)
    try ForeignFile.read([file]) {
      let (entry, results) = try StoredResult.open(file)
      try show(entry.experiment, results)
    }
  }

  private func show(_ experiment: any Experiment.Type, _ results: Results) throws {
    let claims = try experiment.claims(from: results)
    if json {
      Console.print(try Console.json(claims.map(ClaimReport.init)))
    } else {
      Console.print(ClaimTable(claims, preset: results.preset).text)
      if long {
        for claim in claims {
          Console.print("\n\(PlainText.line("\(claim.name): \(claim.statement)"))\n  measured: \(PlainText.line(claim.quantity))")
        }
      }
    }
    let isEverythingReproduced = claims.allSatisfy { $0.verdict == .reproduced }
    if !isEverythingReproduced && results.preset != .smoke { throw ExitCode(ExitStatus.claimNotReproduced) }
  }
}
