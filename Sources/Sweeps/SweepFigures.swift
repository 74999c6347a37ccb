import Foundation
import Notebook
import Plotting

/// Draws a sweep's figures: those of the paper, over the seeds of each combination of settings.
public struct SweepFigures {
  private let survey: SweepSurvey
  private let renderer = FigureFiles()

  /// The figures of what a survey found.
  public init(_ survey: SweepSurvey) { self.survey = survey }

  /// The combinations that have at least two seeds to lay over each other.
  public var combinations: [Int] {
    let done = Dictionary(grouping: survey.done, by: \.point.combination)
    return done.filter { $0.value.count > 1 }.keys.sorted()
  }

  /// Draws the figures of a combination, as scripts that hold their numbers and pictures beside them.
  /// - Returns: the folder.
  public func draw<E: Experiment>(_ experiment: E.Type, combination: Int) throws -> String {
    let done = survey.done.filter { $0.point.combination == combination }
    let runs = try done.map { try E.figures(from: Results(survey.files.folders.resultsFile($0.point.identity))) }
    let folder = folder(of: combination)
    try AtomicFile.makeFolder(folder)
    for figure in SeedFigures.combined(runs) {
      let script = Script(figure, folder: folder, standalone: true)
      try AtomicFile.write(Data(script.text().utf8), to: script.path)
      _ = try renderer.render([script.path], terminals: [.svg, .png])
    }
    return folder
  }

  /// Named by the settings where there are several: "rate=0.1,alpha=2".
  private func folder(of combination: Int) -> String {
    let all = survey.points.combinations
    guard all.count > 1 else { return survey.files.figures }
    let name = survey.points.label(of: combination).replacing(" ", with: ",").map { character in
      character.isASCII && (character.isLetter || character.isNumber || "=.,_+-".contains(character)) ? character : "_"
    }
    // Two lists may differ in characters that a file's name does not have, and a name has an end.
    return "\(survey.files.figures)/\(combination)-\(String(name).prefix(100))"
  }
}
