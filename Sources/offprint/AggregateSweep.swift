import ArgumentParser
import Foundation
import Notebook
import Plotting
import Sweeps

struct AggregateSweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aggregate",
    abstract: "Gather a sweep: one HDF5 file with its axes as dimensions, figures with bands over seeds, claims over seeds.",
    discussion: "Points that are missing are NaN in the file. Nothing is run; the sweep may still be going on.")

  @Argument(help: "The plan, results/<paper>/sweeps/<name>.yaml; or its name, or the paper's when that has one sweep.")
  var sweep: String
  @Flag(help: "Print the table of all points as CSV.") var csv = false
  @Flag(help: "Print the table of all points as JSON.") var json = false
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Order that table by a column; -column for the largest first.", valueName: "column"))
  var sort: String?
  @Option(help: ArgumentHelp("Draw the figures of at most so many combinations of settings.", valueName: "count")) var draw = 12
  @OptionGroup var folders: FolderOptions

  func validate() throws {
    if csv && json { throw ValidationError("--csv and --json both print the table: give one of them") }
    if sort != nil, !csv, !json { throw ValidationError("--sort orders the table of --csv or --json") }
    if draw < 0 { throw ValidationError("--draw takes a number from 0") }
  }

  func run() throws {
    let path = try SweepFiles.plan(sweep, in: folders.folders)
    let plan = try SweepFiles.read(path)
    let entry = try Catalog.entry(named: plan.slug)
    let files = try SweepFiles(folders.folders, slug: plan.slug, name: SweepFiles.name(ofPlan: path))
    try gather(entry.experiment, plan, files)
  }

  private func gather<E: Experiment>(_ experiment: E.Type, _ sweep: Sweep, _ files: SweepFiles) throws {
    let survey = SweepSurvey(try SweepPoints(sweep, of: experiment), files: files)
    let done = survey.done.count
    guard done > 0 else { throw NotebookError.noResult(files.aggregate, run: "offprint sweep \(files.plan)") }
    let leftOut = try SweepAggregate(survey).write()
    // Whoever reads the table from a pipe wants nothing else there.
    let say: (String) -> Void = { (csv || json ? StandardStream.error : .output).write($0 + "\n") }
    if csv || json {
      var table = SweepTable(survey)
      if let sort { try table.sort(by: sort) }
      StandardStream.output.write(json ? try table.json + "\n" : table.csv)
    } else if !survey.claims.isEmpty {
      say(OverSeeds(survey).text(width: Console.width) + "\n")
    }
    for (path, reason) in leftOut { say("left out: /\(path): \(reason)") }
    let missing = survey.points.count - done
    say(
      "\(done) of \(survey.points.count) points" + (missing == 0 ? "" : "; \(missing) are missing, and NaN")
        + ": \(files.aggregate)")

    let mute = survey.done.count { $0.measured.isEmpty }
    if mute > 0 {
      say("\(mute) points have no claims: their settings leave out what the claims are about (offprint claims <file> says what)")
    }

    let drawing = SweepFigures(survey)
    let combinations = drawing.combinations
    for combination in combinations.prefix(draw) {
      if let interruption = Signals.interruption { throw interruption }
      say("figures: \(try drawing.draw(experiment, combination: combination))/")
    }
    if draw > 0, combinations.count > draw {
      say("figures of \(combinations.count - draw) more combinations: --draw \(combinations.count)")
    }
  }
}

/// The claims over the seeds of each combination of settings.
private struct OverSeeds {
  let survey: SweepSurvey

  private static let mostRows = 60

  init(_ survey: SweepSurvey) { self.survey = survey }

  func text(width: Int?) -> String {
    var rows: [[String]] = []
    for claim in survey.claims {
      for combination in 0..<survey.points.combinationCount {
        let one = survey.statistics(of: claim.name, combination: combination)
        guard one.seeds > 0 else { continue }
        let interval = one.low.isNaN ? "" : "[\(one.low.brief), \(one.high.brief)]"
        let share = "\(Int((one.reproduced * Double(one.seeds)).rounded())) of \(one.seeds)"
        rows.append([claim.name, survey.points.label(of: combination), claim.expected, one.mean.brief, interval, share])
      }
    }
    let more = rows.count - Self.mostRows
    let table = TextTable(
      header: ["claim", "settings", "expected", "mean", "95 % interval", "reproduced"], rows: Array(rows.prefix(Self.mostRows)))
    let note = survey.points.sweep.preset == .smoke ? "; smoke runs only prove that they run" : ""
    return table.text(width: width) + (more > 0 ? "\n... and \(more) more rows, in the file" : "")
      + "\n\nmeans over seeds; the interval is that of the mean, by Student's t\(note)"
  }
}
