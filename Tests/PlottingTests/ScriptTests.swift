import Foundation
import Plotting
import Testing

/// Runs commands in gnuplot itself; returns its exit status and what it printed.
func gnuplot(_ arguments: [String], in folder: String) throws -> (status: Int32, printed: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["gnuplot"] + arguments
  process.currentDirectoryURL = URL(fileURLWithPath: folder)
  let pipe = Pipe()
  process.standardError = pipe
  try process.run()
  let printed = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return (process.terminationStatus, printed)
}

@Suite struct ScriptTests {
  static let step: [Int64] = [1, 20, 300, 4000]
  static let loss: [Double] = [1.0 / 3, 0.1, .nan, .leastNonzeroMagnitude]
  static let pair: [Float] = [0.1, -1, 0.2, -2, 0.3, -3, .infinity, -4]

  /// A file of bytes that is no HDF5 but holds numbers at known places, as one does.
  static func results() -> Data {
    var data = Data(repeating: 0xAA, count: 37)
    for value in step { withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) } }
    data.append(contentsOf: [1, 2, 3])
    for value in loss { withUnsafeBytes(of: value) { data.append(contentsOf: $0) } }
    for value in pair { withUnsafeBytes(of: value) { data.append(contentsOf: $0) } }
    return data
  }

  static func figure(title: String = "", of file: String = "r.h5") -> Figure {
    func slice(_ name: String, _ offset: Int, _ scalar: FileSlice.Scalar, stride: Int = 1, component: Int = 0) -> FileSlice {
      FileSlice(
        file: file, dataset: "/traces/\(name)", byteOffset: offset, count: 4, scalar: scalar, stride: stride,
        component: component)
    }
    let x = Column(step.map(Double.init), source: slice("step", 37, .int64))
    let odd = Column([0.1, 0.2, 0.3, .infinity], source: slice("pair", 104, .float32, stride: 2))
    let even = Column([-1, -2, -3, -4], source: slice("pair", 104, .float32, stride: 2, component: 1))
    return Figure(
      "fig1", title: title,
      Panel(
        x: Axis("x"), y: Axis("y"),
        series: [
          .line(x: x, y: Column(loss, source: slice("x", 72, .float64)), label: "loss"),
          .points(x: x, y: odd), .points(x: x, y: even),
        ]))
  }

  func inResultsFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "/plotting-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder + "/figures", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.results().write(to: URL(fileURLWithPath: folder + "/r.h5"))
    try body(folder)
  }

  @Test func readsTheResultsFileBitForBit() throws {
    try inResultsFolder { folder in
      let script = Script(
        Self.figure(), folder: "figures",
        results: ResultsFile(path: "r.h5", size: Self.results().count, remedy: "make figures-figures"))
      let printing = """

        do for [k=1:4] { print sprintf('%d %.17g %.17g %.17g', step[k], x_2[k], pair[k], pair_2[k]) }
        """
      try (try script.text() + printing).write(toFile: folder + "/figures/fig1.gp", atomically: true, encoding: .utf8)
      let (status, printed) = try gnuplot(["figures/fig1.gp"], in: folder)
      #expect(status == 0)
      let rows = printed.split(separator: "\n").map { $0.split(separator: " ").compactMap { Double($0) } }
      try #require(rows.count == 4)
      for (k, row) in rows.enumerated() {
        let expected = [Double(Self.step[k]), Self.loss[k], Double(Self.pair[2 * k]), Double(Self.pair[2 * k + 1])]
        // A NaN equals nothing, not even its own bits after printing.
        #expect(zip(row, expected).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }, "row \(k): \(row)")
      }
      #expect(FileManager.default.fileExists(atPath: folder + "/figures/fig1.svg"))
    }
  }

  @Test(arguments: [0, 1]) func stopsWhenTheResultsFileIsAnother(missing: Int) throws {
    try inResultsFolder { folder in
      let results = ResultsFile(
        path: missing == 1 ? "gone.h5" : "r.h5", size: Self.results().count + 1, remedy: "make figures-figures")
      try Script(Self.figure(), folder: "figures", results: results).text()
        .write(toFile: folder + "/figures/fig1.gp", atomically: true, encoding: .utf8)
      let (status, printed) = try gnuplot(["figures/fig1.gp"], in: folder)
      #expect(status != 0)
      #expect(printed.contains("make figures-figures"))
      #expect(!FileManager.default.fileExists(atPath: folder + "/figures/fig1.svg"))
    }
  }

  @Test(arguments: [
    "it's `touch hacked`", "\"; system(\"touch hacked\"); \"", "'; system('touch hacked'); '", "a_b^c {d} @e &f ~g \\h %d",
    "two\nlines\r!touch hacked", "a\n'; system('touch hacked')\n\" . `touch hacked` . \"", "\n\n'", "a\r\nb", "$x_{1} $ 5 $",
    "θ ≤ ‖γ‖ 中", "}{", "$^$", "\\", "100%", "'\u{301}; system('touch hacked') #", "\u{D4E}'; system('touch hacked') #",
    "\u{D4E}\\write18{touch hacked}", "\u{1B}]0;title\u{7}\u{202E}txt", String(repeating: "long \\input ", count: 800),
  ])
  func hostileTextIsOnlyText(text: String) throws {
    try inResultsFolder { folder in
      let x: Column = [1, 2]
      let figure = Figure(
        "fig1", title: text, mirrors: text,
        Panel(
          x: Axis(text, unit: text, ticks: [.init(1, text)]), y: Axis(text), series: [.line(x: x, y: x, label: text)],
          annotations: [.text(text, x: 1, y: 1), .verticalLine(x: 1.5, label: text), .horizontalLine(y: 1.5, label: text)]),
        Panel(x: Axis(text), y: Axis(text), series: [.bars(categories: [text, "b"], groups: [BarGroup(text, x)])]))
      try Script(figure, folder: "figures").text().write(toFile: folder + "/figures/fig1.gp", atomically: true, encoding: .utf8)
      for terminal in Terminal.allCases {
        let (status, printed) = try gnuplot(["-e", "terminal='\(terminal)'", "figures/fig1.gp"], in: folder)
        // Texts too long for the place may be warned of.
        let messages = printed.split(separator: "\n").filter { !$0.contains("warning") && !$0.contains("Check plot boundary") }
        #expect(status == 0 && messages.allSatisfy { $0.allSatisfy(\.isWhitespace) }, "\(terminal): \(printed)")
      }
      #expect(!FileManager.default.fileExists(atPath: folder + "/hacked"))
      if text.hasPrefix("a_b") {
        let svg = try String(contentsOfFile: folder + "/figures/fig1.svg", encoding: .utf8)
        #expect(svg.contains("a_b^c {d} @e &amp;f ~g \\h %d"))
      }
    }
  }

  @Test(arguments: ["system('ls')", "x; print 1", "`ls`", "x**", "(x", "y", "1 2", "", "sin x", "\"x\""])
  func guidesAreArithmeticOnly(expression: String) {
    #expect(throws: PlottingError.self) { try Expression(expression).checked() }
  }

  @Test func guidesMeanInGnuplotWhatTheyMeanHere() throws {
    for text in ["1/2*x", "-x**2", "2**-x", "3e2*x**(-2) - 1", "2**3**2", "exp(-x/7)*sqrt(x)", "log(x)/log10(x)", "1 - -x"] {
      let script = try Expression(text).checked()
      let printed = try gnuplot(["-e", "x = 2.5; print sprintf('%.17g', \(script))"], in: "/").printed
      let value = try #require(Double(printed.trimmingCharacters(in: .whitespacesAndNewlines)), "\(text)")
      #expect(abs(value - Expression(text)(2.5)) <= 1e-14 * abs(value), "\(text)")
    }
  }

  @Test func guidesOnSeveralLogarithmicAxesPleaseGnuplot() throws {
    let panel = Panel(
      x: Axis("x", scale: .log()), y: Axis("y"),
      series: [.line(x: [1, 3, 40], y: [2, 1, 3]), .guide("2.5"), .guide("log10(x)")])
    try inResultsFolder { folder in
      let script = try Script(Figure("fig1", panel, panel), folder: "figures").text()
      try script.write(toFile: "\(folder)/fig1.gp", atomically: true, encoding: .utf8)
      #expect(try gnuplot(["fig1.gp"], in: folder).printed == "")
    }
  }

  @Test func aConstantColumnIsReadWithoutAWord() throws {
    let first = FileSlice(
      file: "r.h5", dataset: "/traces/step", byteOffset: 37, count: 1, scalar: .int64, stride: 1, component: 0)
    let column = Column([1], source: first)
    let figure = Figure("fig1", Panel(x: Axis("x"), y: Axis("y"), series: [.points(x: column, y: column)]))
    try inResultsFolder { folder in
      let results = ResultsFile(path: "r.h5", size: Self.results().count, remedy: "make figures-figures")
      try Script(figure, folder: "figures", results: results).text()
        .write(toFile: "\(folder)/fig1.gp", atomically: true, encoding: .utf8)
      #expect(try gnuplot(["fig1.gp"], in: folder).printed == "")
    }
  }

  @Test func lengthsMustAgree() {
    let figure = Figure("fig1", Panel(x: Axis("x"), y: Axis("y"), series: [.line(x: [1, 2], y: [1], label: "k = 3")]))
    let error = #expect(throws: PlottingError.self) { try Script(figure, folder: "figures").text() }
    #expect(error?.description == "figure fig1, series 'k = 3': x has 2 values, y 1")
  }

  @Test func logAxesSpanTheWholeRangeOfDouble() throws {
    let y: Column = [1, 1e200, .leastNonzeroMagnitude]
    let figure = Figure("fig1", Panel(x: Axis("x"), y: Axis("y", scale: .log()), series: [.line(x: [1, 2, 3], y: y)]))
    #expect(try Script(figure, folder: "figures").text().contains("10^{%T}"))
  }

  @Test func logAxesOfNearlyOneValueHaveATick() throws {
    let y: Column = [1 - 5e-10, 1 - 3e-10, 1 - 1e-10]
    let figure = Figure("fig1", Panel(x: Axis("x"), y: Axis("y", scale: .log()), series: [.line(x: [1, 2, 3], y: y)]))
    #expect(try Script(figure, folder: "figures").text().contains("set ytics"))
  }

  @Test(arguments: ["a\nb", "\u{1B}[2J", "a\u{85}", ""]) func fileNamesAreChecked(name: String) {
    let error = #expect(throws: PlottingError.self) { try Script(Self.figure(), folder: name).text() }
    #expect(error?.description.hasSuffix("it is empty or holds control characters; rename the file") == true)
  }

  /// gnuplot and the shell must see every name as it is: of the results file, of the folder, of the picture.
  @Test(arguments: [
    "l'été (1) & co", "''", "'a''b'", "a`touch hacked`b", "a\"b", "$(touch hacked)", "-a", "|touch hacked", "< touch hacked",
    "a\\b \\", "~root", "+", "$x", "@a *", "'\u{301}; touch hacked #", "\u{D4E}'; touch hacked #",
  ])
  func everyFolderWorks(name: String) throws {
    try inResultsFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
      try Self.results().write(to: URL(filePath: "\(folder)/\(name)/r.h5"))
      let path = "\(name)/r.h5"
      let results = ResultsFile(path: path, size: Self.results().count, remedy: "offprint figures \(FileName.shellWord(path))")
      let script = Script(Self.figure(of: path), folder: name, results: results)
      try script.text().write(toFile: "\(folder)/fig1.gp", atomically: true, encoding: .utf8)
      let (status, printed) = try gnuplot(["fig1.gp"], in: folder)
      #expect(status == 0 && printed == "", "\(printed)")
      #expect(FileManager.default.fileExists(atPath: "\(folder)/\(name)/fig1.svg"))
      try Data([1]).write(to: URL(filePath: "\(folder)/\(name)/r.h5"))
      #expect(try gnuplot(["fig1.gp"], in: folder).printed.contains("has 1 bytes, not the"))
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/hacked"))
    }
  }

  @Test func signsLoseWhatClingsToThem() {
    let clinging = ["'\u{301}", "\u{D4E}'", "\u{D4E}\\a", "#\u{FE0F}\u{20E3}", "e\u{301}", "\u{D4E}\u{202E}'"].map(Markup.plain)
    #expect(clinging == ["’", "’", "\\a", "#", "e\u{301}", "\u{D4E} ’"])
  }
}
