import ArgumentParser
import Foundation
import Notebook

struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the traces of a run while it goes on; ends with the run.",
    discussion: "The run itself is not touched: it writes what is shown about once a second.")

  @Argument(help: "The paper's name.", completion: .list(Catalog.entries.map(\.paper.slug))) var paper: String
  @OptionGroup var options: RunOptions
  @Option(help: "Seconds between two looks.") var interval = 1.0
  @Option(help: "Traces to draw: names, or parts of them; may be repeated (default: the first four).") var trace: [String] = []
  @Flag(help: "Look once, and end.") var once = false
  @OptionGroup var folders: FolderOptions

  func validate() throws {
    if !(interval >= 0.1) { throw ValidationError("--interval takes seconds from 0.1") }
  }

  func run() throws {
    let identity = try options.identity(of: Catalog.entry(named: paper))
    let file = folders.folders.resultsFile(identity)
    let began = Self.changed(file)
    var hasShown = false
    while true {
      // A run that was killed leaves its view behind, but not its lock.
      if RunLock.isHeld(folders.folders.lock(identity)), let view = LiveView.read(from: folders.folders.liveView(identity)) {
        show(try text(of: view))
        hasShown = true
      } else if Self.changed(file) != began || (began != nil && !hasShown) {
        // The run has ended, or had ended before: what it left is the result.
        return Console.print("finished: \(file)\n\n\(ClaimTable(try claims(of: file), preset: identity.preset).text)")
      } else if hasShown {
        let advice = folders.folders.hasCheckpoint(identity) ? "; go on with: \(identity.command) --resume" : ""
        return Console.print("the run ended without a result\(advice)")
      } else if once {
        return Console.print("no run of \(identity.command) is going on")
      }
      if once { return }
      if let interruption = Signals.interruption { throw interruption }
      usleep(useconds_t(interval * 1e6))
    }
  }

  private func claims(of file: String) throws -> [Claim] {
    let entry = try Catalog.entry(named: paper)
    return try entry.experiment.claims(from: Results(file))
  }

  private func text(of view: LiveView) throws -> String {
    let width = Console.width ?? 100
    let share = 100 * view.step / max(1, view.steps)
    let head = "\(paper): \(view.loop), step \(view.step) of \(view.steps) (\(share) %), \(Int(view.elapsed)) s"
    let chosen = view.traces.filter { series in trace.isEmpty || trace.contains { series.path.contains($0) } }
    let plots = try chosen.filter { $0.values.contains(where: \.isFinite) }.prefix(4).map { series in
      try TerminalPlot(title: series.path, xLabel: "step", x: series.steps.map(Double.init), series: [series.values])
        .text(width: width, height: 14)
    }
    return ([head] + plots).joined(separator: "\n")
  }

  /// On a terminal in place of what was shown before.
  private func show(_ text: String) {
    StandardStream.output.write(Console.width == nil ? text + "\n" : "\u{1B}[H\u{1B}[2J" + text + "\n")
  }

  private static func changed(_ path: String) -> Date? {
    try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
  }
}
