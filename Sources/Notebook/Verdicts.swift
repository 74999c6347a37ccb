import Foundation
import HDF5
import Logging
import Plotting

/// Adds to a results file what is computed from it: the claims, and the scripts of the figures.
///
/// The stored scripts name the standard folders wherever the file lies, so that equal runs are equal files.
enum Verdicts {
  static func store<E: Experiment>(of experiment: E.Type, _ run: RunIdentity, in temporary: String, logger: Logger) throws {
    let name = Folders().resultsFile(run)
    let folder = Folders().figures(slug: run.slug, stem: run.stem)
    // The numbers of a finished run are never lost to a mistake in what is drawn from them, nor the claims to one in the figures.
    let claims = attempt("claims", logger) { try E.claims(from: Results(temporary, named: name)) }
    let figures = attempt("figures", logger) {
      let figures = try E.figures(from: Results(temporary, named: name))
      for figure in figures { _ = try Script(figure, folder: folder).text() }
      return figures
    }
    try write(claims, to: temporary)
    try write(figures, to: temporary, named: name, pictures: folder)
  }

  private static func attempt<Element>(_ what: String, _ logger: Logger, _ body: () throws -> [Element]) -> [Element] {
    do {
      return try body()
    } catch {
      logger.error("the run is complete, but its \(what) are not: \(error)")
      return []
    }
  }

  private static func write(_ claims: [Claim], to path: String) throws {
    let file = try HDF5File.open(path, .readWrite)
    for claim in claims {
      let attributes = try file.root.createGroup("\(ResultsFormat.claims)/\(claim.name)").attributes
      try attributes.set("statement", to: claim.statement)
      try attributes.set("source", to: claim.source)
      try attributes.set("quantity", to: claim.quantity)
      try attributes.set("measured", to: claim.measured)
      try attributes.set("expected", to: claim.expected.description)
      try attributes.set("verdict", to: claim.verdict.rawValue)
    }
    try file.close()
  }

  /// Each script names the size of the file it lies in, so it is written until the size stays: the second time, since a script
  /// of the same length goes to the same place.
  private static func write(_ figures: [Figure], to path: String, named name: String, pictures folder: String) throws {
    guard !figures.isEmpty else { return }
    var size = -1
    for _ in 0..<4 {
      let file = try HDF5File.open(path, .readWrite)
      let group = try file.root.createGroup(ResultsFormat.figures)
      let results = ResultsFile(path: name, size: max(size, 0), remedy: FigureFiles.remedy(for: name))
      for figure in figures {
        let script = try Script(figure, folder: folder, results: results).text()
        if group.contains(figure.id) {
          try group.dataset(figure.id).overwrite([script])
        } else {
          try group.writeText(script, to: figure.id).attributes.set("mirrors", to: figure.mirrors)
        }
      }
      try file.close()
      let written = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      if written == size { return }
      size = written
    }
    throw NotebookError.notWritable(name, reason: "the file's size does not settle")
  }
}
