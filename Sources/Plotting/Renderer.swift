import CGnuplotStream
import Foundation

/// How a picture is drawn. What is nil is the script's own; a height of its own follows a given width.
public struct PictureStyle: Sendable {
  /// From left to right, and from the bottom to the top, in centimetres.
  public var width, height: Double?
  /// The colours.
  public var theme = PictureTheme.light
  /// A font's name, as fontconfig or a browser knows it; cairolatex takes the document's.
  public var font: String?

  /// By default the script's own.
  public init(width: Double? = nil, height: Double? = nil) { (self.width, self.height) = (width, height) }

  /// The variables of a script that say so.
  fileprivate var commands: String {
    var lines = [("width", width), ("height", height)].compactMap { name, length in length.map { "\(name) = \(Number.text($0))" }
    }
    lines.append("theme = '\(theme.rawValue)'")
    if let font { lines.append("font = \(FileName.gnuplotString(font))") }
    return lines.joined(separator: "\n")
  }
}

/// Draws scripts with gnuplot, through gnuplot-iostream. A start of gnuplot takes about 15 ms.
public struct Renderer: Sendable {
  /// The program, by name or by path.
  public var gnuplot: String

  /// Seconds of processor time that one picture may take.
  private static let secondsLimit = 60

  /// A renderer that starts the program `gnuplot`.
  public init(gnuplot: String = "gnuplot") { self.gnuplot = gnuplot }

  /// Draws a script. The picture appears under its name when it is complete; until then, and on failure, the old one stays.
  ///
  /// A cairolatex picture is two files, the text in `picture` and the drawing in a pdf of the same name.
  /// - Parameter style: the script's own unless given.
  /// - Returns: what gnuplot printed, its warnings, line by line.
  /// - Throws: PlottingError with gnuplot's first message.
  @discardableResult
  public func render(
    scriptFile: String, to picture: String, terminal: Terminal, style: PictureStyle = PictureStyle()
  ) throws -> [String] {
    let target = URL(fileURLWithPath: picture)
    guard FileManager.default.isReadableFile(atPath: scriptFile) else {
      throw PlottingError("there is no script \(scriptFile) to draw")
    }
    // A folder beside the picture: the same file system, so that the move at the end is a rename.
    let folder = target.deletingLastPathComponent().path
    ScratchFolder.removeAbandoned(in: folder)
    return try withScratch(in: folder) { scratch in
      let drawn = "\(scratch)/\(target.lastPathComponent)"
      let commands = "terminal = '\(terminal.rawValue)'\noutput = \(FileName.gnuplotString(drawn))\n\(style.commands)\n"
      let outcome = try run(
        commands + "load \(FileName.gnuplotString(URL(fileURLWithPath: scriptFile).path))\nset output\n", scratch: scratch)
      guard outcome.status == 0 else {
        throw PlottingError("\(scriptFile) was not drawn: \(Self.firstMessage(outcome.messages, status: outcome.status))")
      }
      try publish(from: scratch, to: target, terminal: terminal)
      return outcome.messages
    }
  }

  /// What a script for the dumb terminal draws, without the empty lines around it.
  public func characters(of commands: String) throws -> String {
    try withScratch(in: NSTemporaryDirectory()) { scratch in
      let drawn = "\(scratch)/drawn"
      let outcome = try run("set output \(FileName.gnuplotString(drawn))\n\(commands)set output\n", scratch: scratch)
      guard outcome.status == 0, let data = FileManager.default.contents(atPath: drawn), !data.isEmpty else {
        throw PlottingError(Self.firstMessage(outcome.messages, status: outcome.status))
      }
      // The terminal fills every line, and starts a new page.
      let lines = String(decoding: data.filter { $0 != 12 }, as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false)
      return lines.map { $0.replacing(/[ ]+$/, with: "") }.joined(separator: "\n").trimmingCharacters(in: .newlines)
    }
  }

  /// The terminals that this gnuplot has, by gnuplot's names.
  public func availableTerminals() throws -> Set<String> {
    Set(try ask("GPVAL_TERMINALS").split(separator: " ").map(String.init))
  }

  /// gnuplot's version, "5.4 patchlevel 4".
  public func version() throws -> String { try ask("sprintf('%.1f patchlevel %s', GPVAL_VERSION, GPVAL_PATCHLEVEL)") }

  private func ask(_ expression: String) throws -> String {
    try withScratch(in: NSTemporaryDirectory()) { scratch in
      let outcome = try run("print \(expression)\n", scratch: scratch)
      guard outcome.status == 0, let answer = outcome.messages.first else {
        throw PlottingError(Self.firstMessage(outcome.messages, status: outcome.status))
      }
      return answer
    }
  }

  /// Feeds the commands to gnuplot. The shell that gnuplot-iostream starts writes the exit status to a file, since the library
  /// drops it, and says so on our standard error.
  private func run(_ commands: String, scratch: String) throws -> (status: Int, messages: [String]) {
    let (printed, status) = ("\(scratch)/.messages", "\(scratch)/.status")
    // A limit on processor time: gnuplot can be made to count ticks for ever.
    let command =
      "ulimit -t \(Self.secondsLimit); { \(FileName.shellQuoted(gnuplot)) >/dev/null 2>\(FileName.shellQuoted(printed)); "
      + "echo $? >\(FileName.shellQuoted(status)); } 2>/dev/null; true"
    var message = [CChar](repeating: 0, count: 512)
    guard offprint_gnuplot_run(command, commands, &message, message.count) == 0 else {
      let text = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      throw PlottingError("gnuplot could not be started: \(text)")
    }
    // Foundation loses 4 kB each time it reads an empty file, and mostly gnuplot has nothing to say.
    let read = { (path: String) in
      let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      let data = size == 0 ? nil : FileManager.default.contents(atPath: path)
      return String(decoding: data ?? Data(), as: UTF8.self)
    }
    guard let code = Int(read(status).trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw PlottingError("cannot write in \(scratch): the disk is full, or a limit on files or memory is reached")
    }
    if code == 128 + Int(SIGXCPU) || code == 128 + Int(SIGKILL) {
      throw PlottingError("gnuplot was stopped after \(Self.secondsLimit) s of work on one picture")
    }
    if code == 126 || code == 127 {
      throw PlottingError("the program '\(gnuplot)' cannot be started: install gnuplot (apt install gnuplot-nox) or name another")
    }
    let lines = read(printed).split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
    return (code, lines.filter { !$0.isEmpty })
  }

  /// gnuplot shows the line it stopped at, a caret, then the message.
  private static func firstMessage(_ lines: [String], status: Int) -> String {
    lines.first { $0.contains(/line [0-9]+:/) } ?? lines.first ?? "gnuplot ended with status \(status)"
  }

  private func publish(from scratch: String, to target: URL, terminal: Terminal) throws {
    let drawn = URL(fileURLWithPath: scratch).appendingPathComponent(target.lastPathComponent)
    guard let picture = FileManager.default.contents(atPath: drawn.path), !picture.isEmpty else {
      throw PlottingError("gnuplot drew nothing into \(target.path)")
    }
    guard terminal.isWhole(picture) else {
      throw PlottingError("gnuplot could not write all of \(target.path): is the disk full?")
    }
    if terminal == .cairolatex {
      // The text includes the drawing by the name it was given.
      let stem = target.deletingPathExtension()
      let text = try String(contentsOf: drawn, encoding: .utf8)
      try text.replacing(drawn.deletingPathExtension().path, with: stem.relativePath).write(
        to: drawn, atomically: false, encoding: .utf8)
      try rename(drawn.deletingPathExtension().path + ".pdf", stem.path + ".pdf")
    }
    try rename(drawn.path, target.path)
  }

  private func rename(_ from: String, _ to: String) throws {
    guard Foundation.rename(from, to) == 0 else { throw PlottingError("cannot write \(to): \(String(cString: strerror(errno)))") }
  }

  private func withScratch<Result>(in folder: String, _ body: (String) throws -> Result) throws -> Result {
    let scratch = try ScratchFolder(in: folder)
    return try withExtendedLifetime(scratch) { try body(scratch.path) }
  }
}
