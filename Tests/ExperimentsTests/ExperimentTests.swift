import Foundation
import HDF5
import Notebook
import Plotting
import Tensors
import TestSupport
import Testing

/// What every experiment must be able to do, whatever its paper.
@Suite(.serialized, .takesTurns) struct ExperimentTests {
  static let experiments: [Subject] = topics.flatMap(\.experiments).map { (experiment: any Experiment.Type) -> Subject in
    subject(of: experiment)
  }

  /// Initializers do not open an `any`, functions do.
  private static func subject<E: Experiment>(of experiment: E.Type) -> Subject { Subject(experiment) }

  /// An experiment under the name of its paper, for the test's title, with what the tests ask of it.
  struct Subject: Sendable, CustomTestStringConvertible {
    var paper: Paper
    var smoke: @Sendable (Runner, Runner.Start) throws -> Runner.Outcome
    var claims: @Sendable (Results) throws -> [Claim]
    var figures: @Sendable (Results) throws -> [Figure]
    /// The settings' text, that of the settings decoded from it, and the knobs without help.
    var settings: @Sendable (Preset) throws -> (text: String, again: String, silent: [String])

    var testDescription: String { paper.slug }

    init<E: Experiment>(_ experiment: E.Type) {
      paper = E.paper
      smoke = { try $0.run(E.self, preset: .smoke, start: $1) }
      claims = { try E.claims(from: $0) }
      figures = { try E.figures(from: $0) }
      settings = { preset in
        let settings = E.settings(for: preset)
        let text = try SettingsTree.text(of: settings)
        let decoded = try JSONDecoder().decode(E.Settings.self, from: Data(text.utf8))
        let help = SettingsTree.help(of: settings)
        let silent = try JSONValue(settings).leaves.keys.filter { help[$0, default: ""].isEmpty }
        return (text, try SettingsTree.text(of: decoded), silent)
      }
    }
  }

  /// A smoke run in `folder`; the results file and how often the run asked whether to stop, which it does before each step ends.
  private func smoke(
    _ subject: Subject, in folder: String, stopAt stop: Int? = nil, start: Runner.Start = .fresh
  ) throws -> (file: String, asked: Int) {
    var asked = 0
    let runner = Runner(folders: Folders(results: "\(folder)/results", figures: "\(folder)/figures"), isQuiet: true) {
      asked += 1
      return asked == stop ? Interruption(signal: SIGINT) : nil
    }
    switch try subject.smoke(runner, start) {
    case .existing(let file), .finished(let file, _): return (file, asked)
    }
  }

  /// Times differ from run to run, and so do claims and figures of times.
  private func leftOut(for file: String) throws -> Set<String> {
    let hasTimings = try HDF5File.open(file).root.contains("run/timings")
    return hasTimings ? ["/run", "/claims", "/figures"] : ["/run"]
  }

  @Test func slugsAreUnique() {
    let slugs = Self.experiments.map(\.paper.slug)
    #expect(Set(slugs).count == slugs.count)
  }

  @Test(arguments: experiments) func thePaperIsDescribed(subject: Subject) throws {
    let paper = subject.paper
    #expect(paper.slug.wholeMatch(of: /[a-z][a-z0-9]*(-[a-z0-9]+)*/) != nil)
    #expect(paper.arxiv.wholeMatch(of: /[0-9]{4}\.[0-9]{4,5}/) != nil)
    #expect(!paper.title.isEmpty && !paper.authors.isEmpty && !paper.shows.isEmpty)
    #expect((1950...2100).contains(paper.year))
  }

  @Test(arguments: experiments, Preset.allCases) func settingsDecodeFromTheirOwnText(subject: Subject, preset: Preset) throws {
    let settings = try subject.settings(preset)
    #expect(settings.again == settings.text)
    #expect(settings.silent == [], "every knob has its help")
  }

  @Test(arguments: experiments) func aSmokeRunIsCompleteAndDrawn(subject: Subject) throws {
    try withFolder { folder in
      let file = try smoke(subject, in: folder).file
      let results = try Results(file)
      #expect(results.slug == subject.paper.slug)

      let claims = try subject.claims(results)
      #expect(!claims.isEmpty)
      #expect(Set(claims.map(\.name)).count == claims.count, "names of claims are unique")
      #expect(claims.allSatisfy { !$0.statement.isEmpty && !$0.source.isEmpty && !$0.quantity.isEmpty })
      #expect(try results.storedClaims().map(\.name) == claims.map(\.name).sorted())

      let figures = try subject.figures(results)
      #expect(!figures.isEmpty)
      let files = FigureFiles(folders: Folders(results: "\(folder)/results", figures: "\(folder)/figures"))
      for script in try files.writeScripts(figures, of: results) {
        let printed = try Renderer().render(scriptFile: script, to: "\(script).svg", terminal: .svg)
        #expect(printed == [], "\(script) draws without a word")
      }
      let stored = try HDF5File.open(file).root.group("figures").children.map(\.name)
      #expect(stored == figures.map(\.id).sorted())
      for group in ["tensors", "traces", "run/timings"] { try checkLabels(of: group, in: file) }
    }
  }

  /// Every recorded number NaN, then infinite: nothing that is claimed holds.
  @Test(arguments: experiments) func aRunThatDivergedReproducesNothing(subject: Subject) throws {
    try withFolder { folder in
      let file = try smoke(subject, in: folder).file
      for value in [Double.nan, .infinity] {
        let opened = try HDF5File.open(file, .readWrite)
        for group in ["tensors", "traces", "run/timings"] where opened.root.contains(group) {
          try fill(try opened.root.group(group), with: value)
        }
        try opened.close()
        let claims = try subject.claims(try Results(file))
        #expect(claims.filter { $0.verdict == .reproduced }.map(\.name) == [], "every number \(value)")
      }
    }
  }

  /// Gives every recorded number below the group one value; flags, which comparisons made, are false.
  private func fill(_ group: HDF5Group, with value: Double) throws {
    for child in try group.children {
      guard child.kind == .dataset else {
        try fill(group.group(child.name), with: value)
        continue
      }
      let dataset = try group.dataset(child.name)
      let count = dataset.shape.reduce(1, *)
      if dataset.isScale { continue }
      switch dataset.type {
      case .float32, .float64: try dataset.overwrite([Double](repeating: value, count: count))
      case .bool: try dataset.overwrite([Bool](repeating: false, count: count))
      default: break
      }
    }
  }

  /// Every array says what it is, in which units, and along what.
  private func checkLabels(of name: String, in file: String) throws {
    let root = try HDF5File.open(file).root
    guard root.contains(name) else { return }
    func check(_ group: HDF5Group) throws {
      for child in try group.children {
        guard child.kind == .dataset else {
          try check(group.group(child.name))
          continue
        }
        let dataset = try group.dataset(child.name)
        for attribute in ["long_name", "units"] {
          let text = (try? dataset.attributes.get(attribute, as: String.self)) ?? ""
          #expect(!text.isEmpty, "\(dataset.path) has no \(attribute)")
        }
        guard !dataset.isScale else { continue }
        for axis in dataset.shape.indices {
          let scales = try dataset.scales(axis: axis).count
          #expect(scales == 1, "\(dataset.path), axis \(axis)")
        }
      }
    }
    try check(root.group(name))
  }

  /// At a step drawn from the slug, so that each paper has its own and a failure comes again.
  @Test(arguments: experiments) func anInterruptedRunResumesToTheSameFile(subject: Subject) throws {
    try withFolder { folder in
      let whole = try smoke(subject, in: "\(folder)/whole")
      guard whole.asked > 0 else { return }  // No loop, so nothing to interrupt.
      let stop = 1 + Key(seed: 0).named(subject.paper.slug).permutation(whole.asked)[0]
      #expect(throws: Interruption(signal: SIGINT)) { try smoke(subject, in: "\(folder)/cut", stopAt: stop) }
      let resumed = try smoke(subject, in: "\(folder)/cut", start: .resume)
      #expect(stop + resumed.asked == whole.asked, "it goes on instead of starting again")
      let found = try differences(between: whole.file, and: resumed.file, leavingOut: leftOut(for: whole.file))
      #expect(found == [], "interrupted at step \(stop) of \(whole.asked)")
    }
  }

  @Test(arguments: experiments) func theNumberOfThreadsChangesNothing(subject: Subject) throws {
    let before = Threads.count
    defer { Threads.count = before }
    try withFolder { folder in
      var runs: [String] = []
      for count in 1...2 {
        Threads.count = count
        runs.append(try smoke(subject, in: "\(folder)/\(count)").file)
      }
      let found = try differences(between: runs[0], and: runs[1], leavingOut: leftOut(for: runs[0]))
      #expect(found == [])
    }
  }
}
