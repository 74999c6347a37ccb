import Foundation
import HDF5
import Notebook
import TestSupport
import Testing

/// What the commands print and leave, each in a folder of its own.
@Suite(.serialized, .takesTurns) struct CommandTests {
  private let paper = Program.paper

  @Test func versionAndHelp() throws {
    #expect(try Program.run(["--version"]).output == "\(Provenance.version)\n")
    let help = try Program.run(["--help"])
    #expect(help.status == 0 && help.errors.isEmpty)
    for command in [
      "list", "show", "run", "sweep", "aggregate", "watch", "figures", "claims", "report", "inspect", "compare", "verify",
      "export", "race",
      "optimizers", "new",
      "doctor",
    ] {
      #expect(help.output.contains("\n  \(command) "), "help mentions \(command)")
      #expect(try Program.run([command, "--help"]).output.contains("USAGE: offprint \(command)"))
    }
  }

  @Test func listAndShow() throws {
    try withFolder { folder in
      let table = try Program.run(["list"], in: folder)
      #expect(table.status == 0)
      for slug in Program.papers {
        #expect(table.output.contains(slug))
        let shown = try Program.run(["show", slug], in: folder)
        #expect(shown.status == 0 && shown.output.contains("make reproduce-\(slug)") && shown.output.contains("setting"))
        #expect(shown.output.contains(": not run"))
      }
      #expect(!Program.papers.isEmpty)
      #expect(try Program.run(["list", "--topic", "nothing"], in: folder).status == 64)
      #expect(files(in: folder) == [], "looking changes nothing")
    }
  }

  @Test func completionsAreForTheShell() throws {
    let script = try Program.run(["--generate-completion-script", "bash"])
    #expect(script.status == 0 && script.output.contains("_offprint") && script.output.contains(paper))
  }

  @Test func doctorLooksAround() throws {
    let outcome = try Program.run(["doctor"])
    #expect(outcome.status == 0, "\(outcome.output)")
    for what in ["HDF5", "OpenBLAS", "FFTW", "LEMON", "gnuplot", "processor", "threads used"] {
      #expect(outcome.output.contains(what))
    }
  }

  @Test func optimizersAreListedAndShown() throws {
    let list = try Program.run(["optimizers"])
    #expect(list.status == 0 && list.output.contains("adamw") && list.output.contains("arXiv 1412.6980"))
    let shown = try Program.run(["optimizers", "adamw"])
    for part in ["AdamW", "theta -= eta", "beta2", "0.999", "weightDecay", "0.01", "0.0001, 0.0003, 0.001"] {
      #expect(shown.output.contains(part))
    }
    let json = try Program.run(["optimizers", "lion", "--json"]).output
    #expect(json.hasPrefix("{") && json.contains("\"beta2\" : \"0.99\""))
    #expect(try Program.run(["optimizers", "--json"]).output.hasPrefix("["))
  }

  @Test func aRaceHasATableAFigureAndAResult() throws {
    try withFolder { folder in
      let race = ["race", "beale", "--optimizers", "sgd,adam", "--tune", "--steps", "20", "--seeds", "2"]
      let outcome = try Program.run(race, in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("\nsgd ") && outcome.output.contains("\nadam "))
      let result = try #require(files(in: folder).first { $0.hasSuffix(".h5") })
      #expect(result.hasPrefix("results/race/"))
      #expect(files(in: folder).contains { $0.hasSuffix("fig2.svg") })
      // Its figures come from the file, as a paper's do.
      let figures = try Program.run(["figures", result, "--terminal", "svg"], in: folder)
      #expect(figures.status == 0 && figures.output.contains("fig1.gp"), "\(figures.errors)")
      let list = try Program.run(["list"], in: folder)
      #expect(list.status == 0 && !list.output.contains(" race "))
    }
  }

  @Test func aRunAndWhatCanBeDoneWithIt() throws {
    try withFolder { folder in
      let first = try Program.run(["run", paper, "--preset", "smoke"], in: folder)
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.output.contains("claims reproduced (a smoke run only proves"))
      let file = "results/\(paper)/smoke-seed0.h5"
      let left = files(in: folder)
      #expect(left.filter { $0.hasPrefix("results") } == [file])
      #expect(left.contains("figures/\(paper)/smoke-seed0/fig1.gp") && left.contains("figures/\(paper)/smoke-seed0/fig1.svg"))

      let second = try Program.run(["run", paper, "--preset", "smoke"], in: folder)
      #expect(second.status == 0 && second.output.contains("nothing to do: \(file) is complete"))
      let quiet = try Program.run(["run", paper, "--preset", "smoke", "--quiet", "--force"], in: folder)
      #expect(quiet.status == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)

      struct Report: Decodable { var name, verdict, expected: String }
      let claims = try Program.run(["claims", file, "--json"], in: folder)
      let reports = try JSONDecoder().decode([Report].self, from: Data(claims.output.utf8))
      #expect(claims.status == 0 && !reports.isEmpty)
      #expect(try Program.run(["claims", file, "--long"], in: folder).output.contains("measured: "))

      let figures = try Program.run(["figures", file, "--terminal", "pdf", "--standalone"], in: folder)
      #expect(figures.status == 0)
      #expect(files(in: folder).contains("figures/\(paper)/smoke-seed0/fig1.pdf"))
      let drawn = figures.output.split(separator: "\n").map(String.init)
      #expect(drawn.allSatisfy { FileManager.default.fileExists(atPath: "\(folder)/\($0)") })

      let inspected = try Program.run(["inspect", file], in: folder)
      #expect(inspected.status == 0)
      for word in ["run/", "claims/", "@slug = \(paper)", "settings"] { #expect(inspected.output.contains(word)) }
    }
  }

  @Test func inspectShowsFilesOfOtherPrograms() throws {
    try withFolder { folder in
      let file = try HDF5File.create("\(folder)/other.h5")
      try file.root.write([1.0, 2, .nan, 4], shape: [2, 2], to: "group/x", layout: .contiguous)
      try file.root.write(["a", "b\u{1B}[31m"], shape: [2], to: "names", layout: .contiguous)
      try file.root.write([true, false], shape: [2], to: "flags", layout: .contiguous)
      try file.root.attributes.set("title", to: "two\nlines")
      try file.close()
      let outcome = try Program.run(["inspect", "other.h5"], in: folder)
      #expect(outcome.status == 0 && outcome.errors.isEmpty)
      #expect(outcome.output.contains("x  (2, 2)  float64") && outcome.output.contains("1 not finite"))
      #expect(outcome.output.contains("1 of 2 true") && outcome.output.contains("@title = two lines"))
      #expect(!outcome.output.contains("\u{1B}"), "nothing that a terminal would obey")
    }
  }

  // MARK: offprint new

  private func withProject(_ body: (_ folder: String) throws -> Void) throws {
    try withFolder { folder in
      for (topic, list) in [("some-topic", "\n    First.self\n  "), ("empty-topic", "")] {
        try AtomicFile.makeFolder("\(folder)/experiments/\(topic)")
        let text = "import Notebook\n\npublic let topic = Topic(\n  \"\(topic)\",\n  [\(list)])\n"
        try AtomicFile.write(Data(text.utf8), to: "\(folder)/experiments/\(topic)/Topic.swift")
      }
      try AtomicFile.makeFolder("\(folder)/Sources/Tensors")
      try body(folder)
    }
  }

  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test func newWritesAPaperAndAddsItToTheList() throws {
    try withProject { folder in
      for (topic, list) in [
        ("some-topic", "  [\n    First.self,\n    FreshPaper.self,\n  ])\n"), ("empty-topic", "  [\n    FreshPaper.self\n  ])\n"),
        ("third-topic", "  [\n    FreshPaper.self\n  ])\n"),
      ] {
        let outcome = try Program.run(["new", "fresh-paper", "--topic", topic], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try text("\(folder)/experiments/\(topic)/Topic.swift").hasSuffix(list))
        #expect(try text("\(folder)/experiments/\(topic)/FreshPaper.swift").contains("slug: \"fresh-paper\""))
      }
      #expect(try text("\(folder)/Tests/SomeTopicTests/FreshPaperTests.swift").contains("@Suite struct FreshPaperTests"))
      let before = files(in: folder)
      let again = try Program.run(["new", "fresh-paper", "--topic", "some-topic"], in: folder)
      #expect(again.status == 64 && again.errors.contains("experiments/some-topic/FreshPaper.swift is there already"))
      #expect(files(in: folder) == before)
    }
  }

  @Test func newRefusesWhatCannotBe() throws {
    try withProject { folder in
      let before = files(in: folder)
      let slug = paper
      for arguments in [
        ["Bad_Slug", "--topic", "some-topic"], ["-x", "--topic", "some-topic"], ["a--b", "--topic", "some-topic"],
        ["../x", "--topic", "some-topic"], ["ok", "--topic", "../up"], ["ok", "--topic", "tensors"],
        ["ok", "--topic", "offprint"],
        [slug, "--topic", "some-topic"], ["ok"],
      ] {
        let outcome = try Program.run(["new"] + arguments, in: folder)
        #expect(outcome.status == 64, "\(arguments)")
        #expect(outcome.lines.count == 1 && outcome.errors.hasPrefix("offprint: "), "\(arguments): \(outcome.errors)")
      }
      #expect(files(in: folder) == before)
      let elsewhere = try Program.run(["new", "ok", "--topic", "some-topic"], in: "\(folder)/Sources")
      #expect(elsewhere.status == 64 && elsewhere.errors.contains("project's root"))
    }
  }
}
