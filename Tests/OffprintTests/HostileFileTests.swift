import Foundation
import HDF5
import Notebook
import TestSupport
import Testing

/// Files that are damaged or made to do harm, as a user meets them. `make test-faults` tries thousands more.
@Suite(.serialized, .takesTurns) struct HostileFileTests {
  private let paper = Program.paper
  private static let commands = [
    ["inspect"], ["inspect", "--json"], ["claims"], ["figures", "--terminal", "svg"], ["compare", "x.h5"],
    ["export", "--notebook"],
  ]

  /// Gives `body` a folder with the smoke result of a paper as x.h5, and as the paper's quick one.
  private func withResult(_ body: (_ folder: String) throws -> Void) throws {
    try withFolder { folder in
      #expect(try Program.run(["run", paper, "--preset", "smoke", "--quiet"], in: folder).status == 0)
      let written = "\(folder)/results/\(paper)/smoke-seed0.h5"
      try FileManager.default.copyItem(atPath: written, toPath: "\(folder)/x.h5")
      try FileManager.default.moveItem(atPath: written, toPath: "\(folder)/results/\(paper)/quick-seed0.h5")
      try FileManager.default.removeItem(atPath: "\(folder)/figures")
      try body(folder)
    }
  }

  private func change(_ path: String, _ body: (HDF5Group) throws -> Void) throws {
    let file = try HDF5File.open(path, .readWrite)
    try body(file.root)
    try file.close()
  }

  @Test(arguments: [
    "\"; system(\"touch PWNED\") #", "'\u{301}; system('touch PWNED') #", "\u{D4E}<script>alert(1)</script>",
    "\\write18{touch PWNED}",
    "\u{1B}]0;x\u{7}\u{202E}\u{9B}2J", "`touch PWNED` $(touch PWNED)\n!touch PWNED",
  ])
  func textsAreOnlyTexts(text: String) throws {
    try withResult { folder in
      for path in ["\(folder)/x.h5", "\(folder)/results/\(paper)/quick-seed0.h5"] {
        try change(path) { root in
          for name in ["title", "status", "git_commit", "cpu_family", text] { try root.attributes.set(name, to: text) }
          try root.walk { step in
            guard case .dataset(let dataset) = step.thing else { return }
            for name in ["units", "long_name"] where dataset.attributes.contains(name) {
              try dataset.attributes.set(name, to: text)
            }
          }
          let claim = try root.createGroup("claims/a\(text.filter { $0 != "/" })").attributes
          for part in ["statement", "source", "quantity", "expected", "verdict"] { try claim.set(part, to: text) }
          try claim.set("measured", to: 1.0)
        }
      }
      let isForPages = text.contains("<script>")
      let pages = isForPages ? [["list"], ["show", paper], ["report"]] : []
      for command in Self.commands.map({ $0 + ["x.h5"] }) + pages {
        let outcome = try Program.run(command, in: folder)
        #expect([0, 1, 2, 3].contains(outcome.status) && outcome.lines.count <= 1, "\(command): \(outcome.errors)")
        let shown = (outcome.output + outcome.errors).unicodeScalars
        #expect(!shown.contains { ($0.properties.generalCategory == .control && $0 != "\n") || $0 == "\u{202E}" }, "\(command)")
      }
      let written = files(in: folder)
      #expect(!written.contains { $0.contains("PWNED") } && (!isForPages || written.contains("report/papers/\(paper).html")))
      for page in written where page.hasSuffix(".html") {
        #expect(try Data(contentsOf: URL(filePath: "\(folder)/\(page)")).range(of: Data("<script>alert".utf8)) == nil, "\(page)")
      }
    }
  }

  @Test func aPipeIsNotWaitedFor() throws {
    try withFolder { folder in
      #expect(mkfifo("\(folder)/x.h5", 0o600) == 0)
      for command in ["inspect", "claims"] {
        let outcome = try Program.run([command, "x.h5"], in: folder)
        #expect(
          outcome.status == 1 && outcome.lines.count == 1 && outcome.errors.contains("it is no regular file"), "\(outcome.errors)"
        )
      }
    }
  }

  @Test(arguments: ["l'été (1) & co", "$(touch PWNED)", "< touch PWNED"]) func everyFolderWorks(name: String) throws {
    try withResult { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
      try FileManager.default.moveItem(atPath: "\(folder)/x.h5", toPath: "\(folder)/\(name)/x.h5")
      let figures = ["--figures", "\(name)/figures"]
      for arguments in [
        ["inspect", "\(name)/x.h5"], ["claims", "\(name)/x.h5"], ["figures", "\(name)/x.h5"] + figures,
        ["export", "--notebook", "\(name)/x.h5", "--output", "\(name)/x.ipynb"],
        ["compare", "\(name)/x.h5", "\(name)/x.h5"], ["report", "--output", "\(name)/report"] + figures,
      ] {
        let outcome = try Program.run(arguments, in: folder)
        #expect([0, 2].contains(outcome.status), "\(arguments): \(outcome.errors)")
      }
      let written = files(in: folder)
      #expect(
        written.contains { $0.hasPrefix("\(name)/figures") && $0.hasSuffix(".svg") }
          && !written.contains { $0.hasSuffix("PWNED") })
    }
  }

  /// Gives `body` a program that reads a file for a second or two.
  private func withReader(_ body: (Program.Running) throws -> Void) throws {
    try withFolder { folder in
      let file = try HDF5File.create("\(folder)/x.h5")
      let zeros = [Float](repeating: 0, count: 1 << 24)
      for part in 0..<8 {
        try file.root.write(zeros, shape: [1 << 24], to: "x\(part)", layout: .chunked([1 << 20], deflate: 1))
      }
      try file.close()
      try body(Program.start(["inspect", "x.h5"], in: folder))
    }
  }

  private func child(of running: Program.Running) -> pid_t? {
    let pid = running.process.processIdentifier
    let children = try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
    return children?.split(separator: " ").first.flatMap { pid_t($0) }
  }

  @Test(arguments: [SIGINT, SIGTERM]) func aSignalEndsReaderAndChild(signal: Int32) throws {
    try withReader { running in
      #expect(running.reaches { child(of: running) != nil })
      let reader = try #require(child(of: running))
      kill(running.process.processIdentifier, signal)
      #expect(running.wait().status == 128 + signal)
      #expect(kill(reader, 0) != 0, "the child is gone too")
    }
  }

  @Test func aReaderThatDiesCostsOneLine() throws {
    try withReader { running in
      #expect(running.reaches { child(of: running) != nil })
      kill(try #require(child(of: running)), SIGSEGV)
      let outcome = running.wait()
      let words =
        "offprint: x.h5 cannot be read: reading it crashed or took too much memory (signal 11); the file is damaged or hostile"
      #expect(outcome.status == 1 && outcome.lines == [words], "\(outcome.errors)")
    }
  }
}
