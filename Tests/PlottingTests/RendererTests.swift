import Foundation
import Plotting
import Testing

@Suite struct RendererTests {
  /// Draws `script` over an old picture with `renderer`, which must fail; the old picture must still be there, and nothing else.
  func failure(of script: String, _ renderer: Renderer = Renderer()) throws -> String {
    let folder = NSTemporaryDirectory() + "/plotting-it's \(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "old".write(toFile: folder + "/a.svg", atomically: true, encoding: .utf8)
    try script.write(toFile: folder + "/a.gp", atomically: true, encoding: .utf8)
    let error = #expect(throws: PlottingError.self) {
      try renderer.render(scriptFile: folder + "/a.gp", to: folder + "/a.svg", terminal: .svg)
    }
    #expect(try String(contentsOfFile: folder + "/a.svg", encoding: .utf8) == "old")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a.gp", "a.svg"])
    return error?.description ?? ""
  }

  @Test func missingGnuplotIsSaid() throws {
    #expect(try failure(of: "plot x", Renderer(gnuplot: "no-such-gnuplot")).contains("apt install gnuplot"))
  }

  @Test func gnuplotsOwnMessageIsReported() throws {
    #expect(try failure(of: "plot nothing(x)").contains("line 1: undefined function: nothing"))
  }

  @Test func aScriptThatDrawsNothingFails() throws {
    #expect(try failure(of: "a = 1").contains("drew nothing"))
  }

  /// gnuplot goes on after a write that failed, and ends with status 0.
  @Test func aPictureWithoutItsEndIsNotTaken() throws {
    let whole = Data("<svg></svg>\n".utf8)
    #expect(Terminal.svg.isWhole(whole))
    #expect(!Terminal.svg.isWhole(whole.dropLast(4)))
    #expect(!Terminal.pdf.isWhole(whole))
  }

  @Test func whatAKilledDrawingLeftIsRemoved() throws {
    let folder = NSTemporaryDirectory() + "/plotting-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder + "/.drawing-abcdef", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "half".write(toFile: folder + "/.drawing-abcdef/a.svg", atomically: true, encoding: .utf8)
    let atWork = try ScratchFolder(in: folder)
    ScratchFolder.removeAbandoned(in: folder)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(withExtendedLifetime(atWork) { left == [URL(filePath: atWork.path).lastPathComponent] }, "what is at work stays")
  }

  @Test func aPipeThatBreaksEndsNothing() throws {
    // /bin/false reads nothing; the long script name fills no buffer, the signal must stay away all the same.
    for _ in 0..<50 { #expect(throws: PlottingError.self) { try Renderer(gnuplot: "/bin/false").version() } }
  }

  /// A run that diverged is drawn too, as far as it can be: what is not finite is left out, of data and of what was computed from them.
  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e200, -1e200]) func anyNumberIsDrawn(number: Double) throws {
    let folder = NSTemporaryDirectory() + "/plotting-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for scale in [Axis.Scale.linear, .log()] {
      let column = Column([number, number, -number])
      let panel = Panel(
        x: Axis("x", scale: scale, from: -number, to: number), y: Axis("y", scale: scale, from: number),
        series: [.line(x: Column([1, 2, 3]), y: column, label: "a"), .line(x: column, y: column, label: "b")])
      let script = Script(Figure("fig1", panel), folder: folder, standalone: true)
      try script.text().write(toFile: script.path, atomically: true, encoding: .utf8)
      #expect(try Renderer().render(scriptFile: script.path, to: "\(folder)/fig1.svg", terminal: .svg) == [])
    }
  }

  @Test func gnuplotTellsWhatItIs() throws {
    #expect(try Renderer().availableTerminals().isSuperset(of: Terminal.allCases.map(\.driver)))
    #expect(try Renderer().version().contains("patchlevel"))
  }
}

@Suite struct ThinningTests {
  @Test func extremesAndEndsStay() {
    var values = (0..<100_000).map { sin(Double($0) / 5000) }
    values[31_337] = 50
    values[77_777] = -50
    for k in 40_000..<50_000 { values[k] = .nan }
    let kept = Thinning.indices(of: values)
    #expect(kept.count <= Thinning.limit)
    #expect(Set(kept).isSuperset(of: [0, 31_337, 77_777, 99_999]))
    #expect(zip(kept, kept.dropFirst()).allSatisfy { $0 < $1 })
    #expect(kept.contains { values[$0].isNaN })
    #expect(Thinning.indices(of: [1, 2, 3]) == [0, 1, 2])
  }
}
