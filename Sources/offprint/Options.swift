import ArgumentParser
import Foundation
import Logging
import Notebook

/// Options of every command that reads or writes results.
struct FolderOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Folder of the results files.", valueName: "folder")) var results = "results"
  @Option(help: ArgumentHelp("Folder of the gnuplot scripts and pictures.", valueName: "folder")) var figures = "figures"

  var folders: Folders { Folders(results: results, figures: figures) }
}

struct LogOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Say more.") var verbose = false
  @Flag(name: .shortAndLong, help: "Say only what went wrong; no progress.") var quiet = false

  /// A logger that writes plain lines to standard error.
  var logger: Logger {
    var logger = Logger(label: "offprint") { _ in PlainLog() }
    logger.logLevel = quiet ? .error : verbose ? .debug : .notice
    return logger
  }
}

/// Which run of a paper: the inputs that its file's name follows from.
struct RunOptions: ParsableArguments {
  @Option(help: "How large: smoke (seconds), quick (the claims hold), full (the paper's scale).") var preset = Preset.quick
  @Option(help: "Seed of every random number.") var seed: UInt64 = 0
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Change a setting; may be repeated. `offprint show <paper>` lists them.", valueName: "key=value"))
  var assignments: [String] = []

  func identity(of entry: Catalog.Entry) throws -> RunIdentity {
    try Runner.identity(of: entry.experiment, preset: preset, seed: seed, assignments: assignments)
  }
}

extension Preset: ExpressibleByArgument {}

/// One line a message, on standard error, without date and label.
private struct PlainLog: LogHandler {
  var logLevel = Logger.Level.notice
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let prefix = event.level >= .warning ? "\(event.level): " : ""
    StandardStream.error.write("\(prefix)\(PlainText.lines("\(event.message)"))\n")
  }
}
