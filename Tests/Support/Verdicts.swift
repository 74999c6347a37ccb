import Notebook

/// The claims that a quick run with these changes does not reproduce, sorted by name.
package func unreproducedClaims<E: Experiment>(_ experiment: E.Type, _ assignments: [String]) throws -> [String] {
  try withFolder { folder in
    let runner = Runner(folders: Folders(results: folder, figures: folder), isQuiet: true, interruption: { nil })
    let file =
      switch try runner.run(experiment, assignments: assignments) {
      case .existing(let file), .finished(let file, _): file
      }
    return try E.claims(from: Results(file)).filter { $0.verdict != .reproduced }.map(\.name).sorted()
  }
}
