import Foundation
import Notebook
import TestSupport

/// What a run must not tell: who ran it, where, and in which environment.
enum Secrets: FaultFamily {
  static let name = "secrets"
  static let title = "Privacy and provenance"

  private static let papers = Program.others + [Program.paper, "autoclip", "sinkhorn-newton"].filter(Program.papers.contains)

  static func run(_ trials: Trials) throws -> [Fault] {
    try withFolder { folder in
      // The user's name is in the path, too.
      let home = "\(folder)/ada.lovelace"
      try AtomicFile.makeFolder("\(home)/project")
      let environment = [
        "HOME": home, "USER": "ada.lovelace", "LOGNAME": "ada.lovelace", "PWD": "\(home)/project", "API_TOKEN": "hunter2",
        "OFFPRINT_NOTE": "hunter2", "TMPDIR": home,
      ]
      let project = "\(home)/project"
      let outcome = try Program.run(
        ["run"] + papers + ["--preset", "smoke", "--quiet"], in: project, environment: environment)
      let results = files(in: project).filter { $0.hasSuffix(".h5") }
      for command in [["report"]] + results.map({ ["figures", $0, "--terminal", "pdf", "--terminal", "svg"] })
        + results.map({ ["export", "--notebook", $0] })
      {
        let outcome = try Program.run(command, in: project, environment: environment)
        if outcome.status != 0 { throw NotebookError.shape("\(command) failed: \(outcome.errors)") }
      }
      guard outcome.status == 0 else { throw NotebookError.shape("the papers do not run: \(outcome.errors)") }
      return [
        try search(project, for: ["ada.lovelace", "hunter2", folder]), try lookForProvenance(results.map { "\(project)/\($0)" }),
      ]
    }
  }

  private static func search(_ folder: String, for secrets: [String]) throws -> Fault {
    var fault = Fault("user name, home path and environment in results, figures, notebooks and report")
    for file in files(in: folder) {
      let content = FileManager.default.contents(atPath: "\(folder)/\(file)") ?? Data()
      let found = secrets.first { content.range(of: Data($0.utf8)) != nil }
      fault.count("files without", unless: found.map { "\(file) holds '\($0)'" })
    }
    return fault
  }

  private static func lookForProvenance(_ results: [String]) throws -> Fault {
    var fault = Fault("settings, seed, versions and processor are in every result")
    for path in results {
      let facts = try Results(path).provenance
      let missing = ["commit", "libraries", "processor", "vector extension", "BLAS core", "command"].filter { name in
        facts.first { $0.name == name }?.value.isEmpty ?? true
      }
      fault.count("results with all", unless: missing.isEmpty ? nil : "\(path) lacks \(missing)")
    }
    return fault
  }
}
