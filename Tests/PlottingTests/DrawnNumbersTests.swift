import Foundation
import Plotting
import Testing

/// What gnuplot draws, number by number, when the columns lie in a results file.
@Suite struct DrawnNumbersTests {
  /// Four records of three numbers after 5 bytes of something else, then twelve numbers.
  static let records: [[Double]] = [[0.5, 1.0 / 3, 0.9], [1.5, 2e-7, 2.25], [2.5, -1, 0.125], [4, 7, 1e5]]
  static let cells: [Double] = (0..<12).map { 1 / Double($0 + 3) }
  static let bytes: Data = {
    var data = Data(repeating: 0x7F, count: 5)
    for value in records.joined() { withUnsafeBytes(of: value) { data.append(contentsOf: $0) } }
    for value in cells { withUnsafeBytes(of: value) { data.append(contentsOf: $0) } }
    return data
  }()

  /// Column `component` of the records, in place.
  static func column(_ component: Int) -> Column {
    Column(
      records.map { $0[component] },
      source: FileSlice(
        file: "r.h5", dataset: "/table", byteOffset: 5, count: 4, scalar: .float64, stride: 3, component: component))
  }
  static let gridColumn = Column(
    cells, source: FileSlice(file: "r.h5", dataset: "/cells", byteOffset: 5 + 96, count: 12, scalar: .float64))

  /// The rows of numbers that the plot command of `series` draws. Nothing of them may stand in the script itself.
  func drawn(_ series: Series, x: Axis = Axis("x")) throws -> [[Double]] {
    let folder = NSTemporaryDirectory() + "/plotting-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.bytes.write(to: URL(fileURLWithPath: folder + "/r.h5"))
    let figure = Figure("fig1", Panel(x: x, y: Axis("y", from: -10, to: 1e6), series: [series]))
    let text = try Script(
      figure, folder: "figures", results: ResultsFile(path: "r.h5", size: Self.bytes.count, remedy: "make figures")
    ).text()
    #expect(!text.contains("0.3333333333333") && !text.contains("2.25") && !text.contains("0.0909"))
    let tabled = text.replacing("\nplot \\\n", with: "\nset format '%.17g'\nset table 'drawn'\nplot \\\n")
      .replacing("set output output", with: "")
    try tabled.write(toFile: folder + "/fig1.gp", atomically: true, encoding: .utf8)
    let (status, printed) = try gnuplot(["fig1.gp"], in: folder)
    try #require(status == 0, "\(printed)")
    return try String(contentsOfFile: folder + "/drawn", encoding: .utf8).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
      .map { $0.split(separator: " ").compactMap { Double($0) } }
      .filter { !$0.isEmpty }
  }

  /// Records of the chosen components, as they should be drawn.
  func rows(_ components: Int...) -> [[Double]] { Self.records.map { record in components.map { record[$0] } } }

  @Test func curves() throws {
    let drawn = try drawn(.line(x: Self.column(0), y: Self.column(2)))
    #expect(drawn.map { Array($0.prefix(2)) } == rows(0, 2))
  }

  @Test func bands() throws {
    let drawn = try drawn(.band(x: Self.column(0), lower: Self.column(1), upper: Self.column(2)))
    #expect(drawn.map { Array($0.prefix(3)) } == rows(0, 1, 2))
  }

  @Test func errorBars() throws {
    let drawn = try drawn(.errorBars(x: Self.column(0), y: Self.column(0), lower: Self.column(1), upper: Self.column(2)))
    #expect(drawn.map { Array($0.prefix(4)) } == rows(0, 0, 1, 2))
  }

  /// Columns are read with a range of their own, which level lines must not be cut to.
  @Test func levelLinesSurroundZero() throws {
    let places = (-3...3).map(Double.init)
    let grid = Grid(Column(places.flatMap { y in places.map { $0 * $0 + y * y } }), x: Column(places), y: Column(places))
    let drawn = try drawn(.contours(grid, levels: [4])).filter { $0.count > 1 }
    for side in [-1.0, 1] {
      #expect(drawn.contains { side * $0[0] > 1.9 })
      #expect(drawn.contains { side * $0[1] > 1.9 })
    }
  }

  @Test func barsStandSideBySide() throws {
    let groups = [BarGroup("a", Self.column(0)), BarGroup("b", Self.column(2))]
    let drawn = try drawn(.bars(categories: ["p", "q", "r", "s"], groups: groups))
    #expect(drawn.map { $0[1] } == (rows(0) + rows(2)).flatMap(\.self))
    let places = drawn.map { $0[0] }
    for k in 0..<4 {
      #expect(abs(places[k] - (Double(k + 1) - 0.2)) < 1e-9 && abs(places[4 + k] - (Double(k + 1) + 0.2)) < 1e-9)
    }
  }

  @Test func barsThatNeverMeetStandInTheMiddle() throws {
    let groups = [BarGroup("a", [3, .nan]), BarGroup("b", [.nan, 5])]
    let drawn = try drawn(.bars(categories: ["p", "q"], groups: groups)).filter { $0.count > 1 && $0[1].isFinite }
    #expect(drawn.map { Array($0.prefix(2)) } == [[1, 3], [2, 5]])
  }

  @Test func grids() throws {
    let x: Column = [0, 1, 2, 3]
    let drawn = try drawn(.heatMap(Grid(Self.gridColumn, x: x, y: [10, 20, 30])))
    let expected = (0..<12).map { cell -> [Double] in
      let row = Double(1 + cell / 4)
      return [x.values[cell % 4], 10 * row, Self.cells[cell]]
    }
    try #require(drawn.count == expected.count)
    // gnuplot tabulates the colours of an image with six digits.
    for (row, expected) in zip(drawn, expected) {
      #expect(row.count >= 3 && zip(row, expected).allSatisfy { abs($0 - $1) <= 1e-5 * abs($1) }, "\(row) for \(expected)")
    }
  }

  /// Wherever the axes lie: gnuplot traces levels within the ranges that hold while it traces.
  @Test func contours() throws {
    let drawn = try drawn(.contours(Grid(Self.gridColumn, x: [0, 1, 2, 3], y: [10, 20, 30]), levels: [0.12]))
    // On the middle row 0.12 lies between the values 1/8 and 1/9 at x = 1 and 2.
    let middle = try #require(drawn.first { $0.count > 1 && abs($0[1] - 20) < 1e-9 })
    #expect(abs(middle[0] - (1 + (1.0 / 8 - 0.12) / (1.0 / 8 - 1.0 / 9))) < 1e-5)
  }
}

@Suite struct LayoutTests {
  /// The script's last line that begins with `start`: the theme's come first.
  func line(_ start: String, _ panel: Panel, panelWidth: Double = 8.6) throws -> Substring {
    let text = try Script(Figure("fig1", panel, panelWidth: panelWidth), folder: "figures").text()
    return try #require(text.split(separator: "\n").last { $0.hasPrefix(start) }, "no \(start)")
  }
  func ticks(_ axis: Axis, panelWidth: Double = 8.6) throws -> Substring {
    let ends: Column = [axis.from ?? 0, axis.to ?? 1]
    return try line("set xtics ", Panel(x: axis, y: Axis("y"), series: [.line(x: ends, y: [1, 2])]), panelWidth: panelWidth)
  }

  @Test(arguments: [(8000.0, 8.6, "2000"), (8000, 17, "1000"), (8, 8.6, "1"), (1e6, 8.6, "500000")])
  func linearTicksStandApart(to: Double, width: Double, step: String) throws {
    let line = try ticks(Axis("x", from: 0, to: to), panelWidth: width).dropFirst("set xtics ".count)
    #expect(Double(line) == Double(step), "\(line)")
  }

  @Test func countsHaveNoHalves() throws {
    let panel = { (axis: Axis) in Panel(x: Axis("x"), y: axis, series: [.line(x: [0, 1], y: [0, 2])]) }
    #expect(try line("set ytics ", panel(Axis("y", isCount: true))).hasSuffix(" 1"))
    #expect(try line("set ytics ", panel(Axis("y"))).hasSuffix(" 0.5"))
  }

  @Test func logTicksBeginAtAPower() throws {
    // gnuplot would count its steps from the end of the range, and label 3, 3000, ...
    #expect(try ticks(Axis("x", scale: .log(), from: 3, to: 3e4)) == "set xtics 1.0,10")
    #expect(
      try ticks(Axis("x", scale: .log(), from: 3e-11, to: 1)) == "set xtics (1e-12, 1e-10, 1e-08, 1e-06, 0.0001, 0.01, 1.0)")
    #expect(
      try ticks(Axis("x", scale: .log(base: 2), from: 1024, to: 33554432))
        == "set xtics (512.0, 4096.0, 32768.0, 262144.0, 2097152.0, 16777216.0)")
  }

  func categories(_ names: [String]) throws -> Substring {
    let values = Column(names.map { _ in 1 })
    return try line(
      "set xtics scale 0", Panel(x: Axis(""), y: Axis("y"), series: [.bars(categories: names, groups: [BarGroup("", values)])]))
  }

  @Test func categoriesAreBrokenThenSetAskew() throws {
    #expect(try categories(["one", "two"]) == "set xtics scale 0 ('one' 1, 'two' 2)")
    let broken = try categories(["two-pass", "three-pass recompute", "naive"])
    #expect(broken.contains(#"'three-pass' . "\n" . 'recompute'"#) && !broken.contains("rotate"))
    #expect(try categories(["p\nq", "r"]).contains(#"'p' . "\n" . 'q'"#))
    let askew = try categories((1...6).map { "unbreakable-name-\($0)" })
    #expect(askew.contains("rotate by 35 right") && !askew.contains("\\n"))
  }

  @Test func longTextsAreBrokenThenShrunk() {
    let fits = FittedText("short", width: 8)
    #expect(fits.text == "short" && fits.points == nil)
    let broken = FittedText("the largest distance from the batch perceptron over all t", width: 6)
    #expect(broken.text == "the largest distance from the\nbatch perceptron over all t" && broken.points == nil)
    let shrunk = FittedText(String(repeating: "unbreakable", count: 6), width: 8)
    #expect(!shrunk.text.contains("\n") && (5..<8).contains(shrunk.points ?? 0))
    // A formula is not broken.
    #expect(FittedText("$a + b + c + d + e + f + g$", width: 2).text == "$a + b + c + d + e + f + g$")
  }

  @Test(arguments: [0, 1]) func panelsWithTheSameSeriesShareALegendBelow(other: Int) throws {
    let panel = { (label: String) in
      Panel(x: Axis("x"), y: Axis("y"), legend: .outside, series: [.line(x: [0, 1], y: [0, 1], label: label)])
    }
    let text = try Script(Figure("fig1", panel("a"), panel(other == 1 ? "b" : "a")), folder: "figures").text()
    #expect(text.split(separator: "\n").count { $0.hasPrefix("set key at") } == 1 + other)
    #expect(text.contains("unset key") == (other == 0))
  }

  @Test(arguments: ["", "of the panel"]) func aSinglePanelHasOneTitle(own: String) throws {
    let panel = Panel(title: own, x: Axis("x"), y: Axis("y"), series: [.line(x: [0, 1], y: [0, 1])])
    let text = try Script(Figure("fig1", title: "of the figure", panel), folder: "figures").text()
    #expect(text.contains("set label 'of the figure'") == own.isEmpty)
    #expect(text.contains("set label 'of the panel'") == !own.isEmpty)
  }
}
