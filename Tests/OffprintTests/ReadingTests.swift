import Foundation
import HDF5
import Notebook
import TestSupport
import Testing

/// The commands that read results: what they print of one run, of two, and of all.
@Suite(.serialized, .takesTurns, .enabled(if: Program.papers.contains("symmetry-curse"))) struct ReadingTests {
  private let paper = "symmetry-curse"
  private var file: String { "results/\(paper)/smoke-seed0.h5" }

  /// A folder with a smoke run of one paper.
  private func withRun(_ more: [String] = [], _ body: (_ folder: String) throws -> Void) throws {
    try withFolder { folder in
      let outcome = try Program.run(["run", paper, "--preset", "smoke", "--quiet"] + more, in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      try body(folder)
    }
  }

  private func lines(_ outcome: Program.Outcome) -> [String] { outcome.output.split(separator: "\n").map(String.init) }

  // MARK: inspect

  @Test func inspectShowsASliceOfADataset() throws {
    try withFolder { folder in
      let file = try HDF5File.create("\(folder)/x.h5")
      let dataset = try file.root.write((0..<12).map(Double.init), shape: [4, 3], to: "group/x", layout: .contiguous)
      let scale = try file.root.write([10.0, 20, 30, 40], shape: [4], to: "group/step", layout: .contiguous)
      try scale.makeScale("step")
      try dataset.attach(scale: scale, axis: 0)
      try file.root.write(["a", "b\u{1B}[31m"], shape: [2], to: "names", layout: .contiguous)
      try file.close()
      func shown(_ arguments: String...) throws -> Program.Outcome {
        try Program.run(["inspect", "x.h5", "--data"] + arguments, in: folder)
      }
      #expect(try shown("group/x", "--slice", "1:3").output == "20  3  4  5\n30  6  7  8\n")
      #expect(try shown("/group/x", "--slice", "::2,-1").output == "10  2\n30  8\n")
      #expect(try shown("/group/x", "--slice", "2,1").output == "7\n")
      let names = try shown("names")
      #expect(names.output == "a\nb\u{FFFD}[31m\n", "nothing that a terminal would obey")
      struct JSON: Decodable { var shape: [Int], coordinate: [Double], values: [Double] }
      let json = try JSONDecoder().decode(JSON.self, from: Data(try shown("group/x", "--slice", ":,0", "--json").output.utf8))
      #expect(json.shape == [4] && json.coordinate == [10, 20, 30, 40] && json.values == [0, 3, 6, 9])
      let plot = try shown("group/x", "--plot")
      #expect(
        plot.status == 0 && plot.errors.isEmpty && lines(plot).count > 10 && plot.output.contains("/group/x"), "\(plot.errors)")
      for (arguments, reason) in [
        (["group/x", "--slice", "1,2,3"], "names 3 axes, the dataset has 2"),
        (["group/x", "--slice", "9"], "asks for 9 on axis 0"),
        (["group/x", "--slice", "a"], "a"), (["group/y"], "group/y"),
      ] {
        let outcome = try Program.run(["inspect", "x.h5", "--data"] + arguments, in: folder)
        #expect(
          outcome.status != 0 && outcome.lines.count == 1 && outcome.errors.contains(reason), "\(arguments): \(outcome.errors)")
      }
      #expect(try Program.run(["inspect", "x.h5", "--plot"], in: folder).status == 64)
    }
  }

  @Test func inspectPrintsATreeAsJSON() throws {
    try withRun { folder in
      struct Group: Decodable {
        struct Dataset: Decodable { var path: String, shape: [Int], minimum: Double?, mean: Double?, maximum: Double? }
        var path: String, attributes: [String: String], groups: [Group], datasets: [Dataset]
      }
      let outcome = try Program.run(["inspect", file, "--json"], in: folder)
      let root = try JSONDecoder().decode(Group.self, from: Data(outcome.output.utf8))
      #expect(root.attributes["slug"] == paper && root.groups.map(\.path).contains("/claims"))
      let traces = try #require(root.groups.first { $0.path == "/traces" })
      let steps = try #require(traces.groups.flatMap(\.datasets).first { $0.path.hasSuffix("/step") })
      #expect(steps.minimum == 0 && (steps.maximum ?? 0) > 0)
    }
  }

  // MARK: compare, verify

  @Test func compareFindsWhatDiffers() throws {
    try withRun { folder in
      let other = ["run", paper, "--preset", "smoke", "--quiet", "--seed", "1", "--set", "rate=0.02"]
      #expect(try Program.run(other, in: folder).status == 0)
      let second = try #require(files(in: folder).first { $0.contains("smoke-seed1") && $0.hasSuffix(".h5") })
      let outcome = try Program.run(["compare", file, second, "--figure"], in: folder)
      #expect(outcome.status == 3, "\(outcome.errors)")
      for part in ["rate", "0.02", "/traces/", "largest difference", "arrays differ, of", "traces.gp", "traces.svg"] {
        #expect(outcome.output.contains(part), "\(part) in \(outcome.output)")
      }
      #expect(files(in: folder).contains { $0.contains("compare-smoke-seed0-") && $0.hasSuffix("traces.png") })

      let same = try Program.run(["compare", file, file], in: folder)
      #expect(same.status == 0 && same.output.contains("arrays are equal, bit for bit") && !same.output.contains("setting"))
      struct JSON: Decodable {
        struct Array: Decodable { var path: String, different: Int, largest: Double }
        var arrays: [Array], compared: Int
      }
      let json = try Program.run(["compare", file, second, "--json"], in: folder)
      let comparison = try JSONDecoder().decode(JSON.self, from: Data(json.output.utf8))
      #expect(json.status == 3 && comparison.compared > 5 && comparison.arrays.contains { $0.different > 0 && $0.largest > 0 })
    }
  }

  /// One number of the copy is off by a millionth of itself.
  @Test func compareHasATolerance() throws {
    try withRun { folder in
      let copy = "\(folder)/copy.h5"
      try FileManager.default.copyItem(atPath: "\(folder)/\(file)", toPath: copy)
      let opened = try HDF5File.open(copy, .readWrite)
      let path = try #require(
        try opened.root.group("traces").children.first.flatMap { group in
          try opened.root.group("traces/\(group.name)").children.map(\.name).first { $0.contains("loss") }
            .map { "traces/\(group.name)/\($0)" }
        })
      var values: [Double] = try opened.root.dataset(path).read()
      values[0] *= 1 + 1e-6
      try opened.root.dataset(path).overwrite(values)
      try opened.close()
      let strict = try Program.run(["compare", file, "copy.h5"], in: folder)
      #expect(strict.status == 3 && strict.output.contains("1 of \(values.count)") && strict.output.contains("1 arrays differ"))
      #expect(try Program.run(["compare", file, "copy.h5", "--tolerance", "1e-5"], in: folder).status == 0)
      #expect(try Program.run(["compare", file, "copy.h5", "--tolerance", "1e-7"], in: folder).status == 3)
      // What a file holds and what its run makes are then two things.
      let tampered = try Program.run(["verify", "copy.h5", "--quiet"], in: folder)
      #expect(tampered.status == 3 && tampered.output.contains("1 of \(values.count)"))
    }
  }

  @Test func verifyRunsAgainWithTheSameInputs() throws {
    try withRun(["--seed", "5", "--set", "rate=0.02"]) { folder in
      let stored = try #require(files(in: folder).first { $0.hasSuffix(".h5") })
      let before = files(in: folder)
      let outcome = try Program.run(["verify", stored, "--quiet"], in: folder)
      #expect(
        outcome.status == 0 && outcome.output.contains("verified") && outcome.output.contains("bit for bit"), "\(outcome.output)")
      #expect(files(in: folder) == before, "nothing is left")
    }
  }

  /// One paper's result is whole, one has been changed, one is no result.
  @Test func verifyAllHasALineForEachPaper() throws {
    try withFolder { folder in
      let file = { (slug: String) in "\(folder)/results/\(slug)/smoke-seed0.h5" }
      for slug in [Program.paper] + Program.others {
        #expect(try Program.run(["run", slug, "--preset", "smoke", "--quiet"], in: folder).status == 0)
      }
      let verify = ["verify", "--all", "--preset", "smoke", "--jobs", "2"]
      let whole = try Program.run(verify, in: folder)
      #expect(whole.status == 0 && whole.errors.isEmpty, "\(whole.output)\(whole.errors)")
      for slug in [Program.paper] + Program.others {
        #expect(whole.output.contains("\n\(slug): verified, ") || whole.output.hasPrefix("\(slug): verified, "))
      }
      let missing = Program.papers.count - 3
      #expect(
        whole.output.contains(
          "\n3 papers verified: 3 the same bit for bit, 0 different, 0 failed; \(missing) have no smoke result"))

      let path = try #require(try Results(file(Program.others[1])).tracePaths.first)
      let opened = try HDF5File.open(file(Program.others[1]), .readWrite)
      let root = opened.root
      let trace = try root.dataset("traces/\(path)")
      try trace.overwrite((try trace.read() as [Double]).map { $0 + 1 })
      try opened.close()
      let changed = try Program.run(verify, in: folder)
      #expect(changed.status == 3 && changed.output.contains("\(Program.others[1]): DIFFERENT"), "\(changed.output)")
      #expect(changed.output.contains("/traces/\(path)") && changed.output.contains("2 the same bit for bit, 1 different"))
      #expect(try Program.run(["verify", Program.paper, Program.others[1], "--preset", "smoke"], in: folder).status == 3)

      try Data("no HDF5".utf8).write(to: URL(filePath: file(Program.others[0])))
      let broken = try Program.run(verify, in: folder)
      #expect(broken.status == 1 && broken.output.contains("\(Program.others[0]): FAILED after "), "\(broken.output)")
      #expect(broken.output.contains("1 the same bit for bit, 1 different, 1 failed"))
    }
  }

  // MARK: list, show

  @Test func listFiltersSortsAndKnowsTheState() throws {
    try withRun { folder in
      struct Row: Decodable { var slug, topic, state: String, year: Int, reproduced: Int?, claims: Int?, seconds: Double? }
      func rows(_ arguments: String...) throws -> [Row] {
        let outcome = try Program.run(["list", "--json"] + arguments, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try JSONDecoder().decode([Row].self, from: Data(outcome.output.utf8))
      }
      #expect(try rows().allSatisfy { $0.state == "not-run" })
      let run = try rows("--preset", "smoke").filter { $0.state != "not-run" }
      #expect(run.map(\.slug) == [paper] && run[0].state == "ran" && run[0].claims != nil && run[0].seconds != nil)
      let years = try rows("--sort", "year").map(\.year)
      #expect(years == years.sorted() && years.count == Program.papers.count)
      #expect(try rows("--sort", "name").map(\.slug) == Program.papers.sorted())
      #expect(try rows("--topic", "low-rank-recovery").allSatisfy { $0.topic == "low-rank-recovery" })
      #expect(try rows("--search", "symmetry-CURSE").map(\.slug) == [paper])
      #expect(try rows("--preset", "smoke", "--state", "not-run").count == Program.papers.count - 1)
      // A result of other settings than the preset has now is not what it seems.
      let opened = try HDF5File.open("\(folder)/\(file)", .readWrite)
      let settings: [String] = try opened.root.dataset("settings").read()
      try opened.root.dataset("settings").overwrite([settings[0].replacing("\"rate\" : 0.", with: "\"rate\" : 7.")])
      try opened.close()
      #expect(try rows("--preset", "smoke", "--search", paper).map(\.state) == ["outdated"])
      for wrong in [["--state", "x"], ["--sort", "x"], ["--fidelity", "x"]] {
        #expect(try Program.run(["list"] + wrong, in: folder).status == 64)
      }
    }
  }

  // MARK: figures

  @Test func figuresHaveTheSizeThatAReportWants() throws {
    try withRun { folder in
      let outcome = try Program.run(["figures", file, "--terminal", "svg", "--width", "10cm", "--data"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let svg = try String(contentsOfFile: "\(folder)/figures/\(paper)/smoke-seed0/fig1.svg", encoding: .utf8)
      let box = try #require(svg.firstMatch(of: /viewBox="0 0 ([0-9.]+) ([0-9.]+)"/))
      #expect(Double(box.1) == 600, "60 pixels a centimetre")
      let csv = try String(contentsOfFile: "\(folder)/figures/\(paper)/smoke-seed0/fig1.csv", encoding: .utf8)
      let rows = csv.split(separator: "\n")
      #expect(
        rows[0] == "panel,series,kind,x,y,lower,upper" && rows.count > 20
          && rows.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 7 })
      #expect(try Program.run(["figures", file, "--width", "3 miles"], in: folder).status == 64)
      let dark = try Program.run(["figures", file, "--terminal", "svg", "--theme", "dark", "--font", "DejaVu Serif"], in: folder)
      #expect(dark.status == 0 && dark.output.contains("-dark.svg"), "\(dark.output)")
      #expect(try Program.run(["figures", file, "--theme", "neon"], in: folder).status == 64)
      #expect(try Program.run(["figures", file, "--font", "a,b"], in: folder).status == 64)
    }
  }

  @Test func exportWritesANotebook() throws {
    try withRun { folder in
      let outcome = try Program.run(["export", file, "--notebook", "--output", "notes/a.ipynb"], in: folder)
      #expect(outcome.status == 1 && outcome.lines.count == 1, "there is no such folder: \(outcome.errors)")
      #expect(try Program.run(["export", file, "--notebook"], in: folder).status == 0)
      struct Notebook: Decodable {
        struct Cell: Decodable {
          var kind: String
          var source: [String]
          enum CodingKeys: String, CodingKey {
            case kind = "cell_type"
            case source
          }
        }
        var cells: [Cell], nbformat: Int
      }
      let data = try #require(FileManager.default.contents(atPath: "\(folder)/\(paper).ipynb"))
      let notebook = try JSONDecoder().decode(Notebook.self, from: data)
      let code = notebook.cells.filter { $0.kind == "code" }.flatMap(\.source).joined()
      #expect(notebook.nbformat == 4 && code.contains("path = \"\(file)\"") && code.contains("xr.open_dataset"))
      #expect(code.contains("column(\"/traces/") && code.contains("ax.plot("))
      #expect(try Program.run(["export", file], in: folder).status == 64)
    }
  }

  // MARK: report

  @Test func theReportsLinksLeadSomewhere() throws {
    try withRun { folder in
      try Data("no HDF5".utf8).write(to: URL(filePath: "\(folder)/results/\(paper)/quick-seed7.h5"))
      let outcome = try Program.run(["report"], in: folder)
      #expect(outcome.status == 0 && outcome.output.contains("1 of \(Program.papers.count) papers"), "\(outcome.errors)")
      #expect(outcome.lines.count == 1 && outcome.errors.contains("quick-seed7.h5 is not a complete Offprint result"))
      let pages = files(in: "\(folder)/report").filter { $0.hasSuffix(".html") }
      #expect(pages.count == Program.papers.count + 2)
      for page in pages {
        let html = try String(contentsOfFile: "\(folder)/report/\(page)", encoding: .utf8)
        #expect(!html.contains("{{"), "\(page): a template's tag is left")
        let place = URL(filePath: "\(folder)/report/\(page)").deletingLastPathComponent()
        for match in html.matches(of: /(?:href|src)="([^"#]+)(?:#[^"]*)?"/) where !match.1.hasPrefix("https:") {
          let target = place.appending(path: match.1.removingPercentEncoding ?? "").standardizedFileURL.path
          #expect(FileManager.default.fileExists(atPath: target), "\(page): \(match.1)")
        }
      }
      let page = try String(contentsOfFile: "\(folder)/report/papers/\(paper).html", encoding: .utf8)
      for part in ["smoke run: claims do not count", "figures/\(paper)/fig1.svg", "quick-seed7.h5", "make reproduce-\(paper)"] {
        #expect(page.contains(part), "\(part)")
      }
      let svg = try String(contentsOfFile: "\(folder)/report/figures/\(paper)/fig1.svg", encoding: .utf8)
      #expect(svg.contains("prefers-color-scheme: dark") && !svg.contains("<title>Gnuplot"))
    }
  }

  // MARK: watch

  @Test func watchShowsARunAndItsEnd() throws {
    try withFolder { folder in
      let nothing = try Program.run(["watch", paper, "--once"], in: folder)
      #expect(nothing.status == 0 && nothing.output.contains("no run of offprint run \(paper) is going on"))
      let settings = ["--preset", "smoke", "--set", "population.symmetricSteps=100000000"]
      let running = try Program.start(["run", paper, "--quiet"] + settings, in: folder)
      #expect(running.reaches { files(in: folder).contains { $0.hasSuffix(".live") } })
      let shown = try Program.run(["watch", paper, "--once"] + settings, in: folder)
      #expect(
        shown.status == 0 && shown.output.contains("of 100000000") && shown.output.contains("symmetric/loss"), "\(shown.errors)")
      let watching = try Program.start(["watch", paper, "--interval", "0.1"] + settings, in: folder)
      usleep(500_000)
      kill(running.process.processIdentifier, SIGINT)
      #expect(running.wait().status == 130)
      let end = watching.wait()
      #expect(end.status == 0 && end.output.contains("the run ended without a result; go on with:"), "\(end.output)")
      #expect(!files(in: folder).contains { $0.hasSuffix(".live") })
    }
  }

  @Test func watchIsNotFooledByWhatAKilledRunLeft() throws {
    try withFolder { folder in
      let settings = ["--preset", "smoke", "--set", "population.symmetricSteps=100000000"]
      let running = try Program.start(["run", paper, "--quiet"] + settings, in: folder)
      #expect(running.reaches { files(in: folder).contains { $0.hasSuffix(".live") } })
      kill(running.process.processIdentifier, SIGKILL)
      #expect(running.wait().status == -SIGKILL)
      #expect(files(in: folder).contains { $0.hasSuffix(".live") })
      let shown = try Program.run(["watch", paper, "--once"] + settings, in: folder)
      #expect(shown.status == 0 && shown.output.contains("is going on") && !shown.output.contains("symmetric/loss"))
    }
  }
}
