import Foundation
import HDF5
import Notebook
import TestSupport
import Testing

/// What goes wrong around the program: one clear line, the right exit code, nothing lost.
@Suite(.serialized, .takesTurns) struct AccidentTests {
  private let paper = Program.paper
  private var smoke: [String] { ["run", paper, "--preset", "smoke", "--quiet"] }
  private var file: String { "results/\(paper)/smoke-seed0.h5" }

  /// Checks that the outcome is one line with `words`.
  private func expectLine(
    _ outcome: Program.Outcome, status: Int32, _ words: String..., at location: SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: location)
    #expect(outcome.lines.count == 1, "\(outcome.errors)", sourceLocation: location)
    for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: location) }
  }

  @Test func wrongUsage() throws {
    try withFolder { folder in
      let near = String(paper.dropLast())
      expectLine(try Program.run(["run", near], in: folder), status: 64, "no paper named '\(near)'; did you mean: \(paper)")
      expectLine(
        try Program.run(["show", "zzzzzz"], in: folder), status: 64,
        "no paper named 'zzzzzz'; `offprint list` shows all")
      expectLine(try Program.run(["claims", "zzzzzz"], in: folder), status: 64, "no paper named")
      expectLine(try Program.run(smoke + ["--set", "nothing=1"], in: folder), status: 64, "no setting named 'nothing'")
      expectLine(try Program.run(smoke + ["--set", "nothing"], in: folder), status: 64, "--set takes key=value, got 'nothing'")
      expectLine(
        try Program.run(["optimizers", "adan-w"], in: folder), status: 64, "no optimizer named 'adan-w'; did you mean: ", "adan")
      for arguments in [
        ["run"], ["run", "--all", paper], ["show"], ["nonsense"], ["run", paper, "--preset", "huge"],
        ["run", paper, "--seed", "-1"],
        ["run", paper, "--threads", "0"], ["verify"], ["verify", "--all", paper], ["verify", paper, "--jobs", "2"],
        ["verify", paper, "--threads", "0"], ["run", paper, "--resume", "--force"], ["figures", paper, "--terminal", "gif"],
        ["race", "bealle", "--optimizers", "sgd"], ["race", "beale", "--optimizers", "sgdd"],
        ["race", "beale", "--optimizers", ""], ["race", "beale", "--optimizers", "vr-sgd"],
        ["race", "beale", "--optimizers", "sgd,sgd"], ["race", "beale", "--optimizers", "sgd", "--steps", "0"],
      ] {
        expectLine(try Program.run(arguments, in: folder), status: 64, "`offprint --help` says more")
      }
      #expect(files(in: folder) == [])
    }
  }

  @Test func aPaperThatFailsDoesNotStopTheOthers() throws {
    try withFolder { folder in
      let broken = "results/\(paper)/smoke-seed0.h5"
      try FileManager.default.createDirectory(atPath: "\(folder)/results/\(paper)", withIntermediateDirectories: true)
      try Data("no HDF5".utf8).write(to: URL(filePath: "\(folder)/\(broken)"))
      let outcome = try Program.run(["run", paper] + Program.others + ["--preset", "smoke", "--quiet"], in: folder)
      expectLine(outcome, status: 1, "offprint: \(paper): \(broken) is in the way")
      let finished = files(in: folder).filter { $0.hasSuffix(".h5") }
      #expect(finished.count == 1 + Program.others.count)
    }
  }

  @Test func anIllTypedSettingIsNamed() throws {
    let numbers = try #require(
      try Program.run(["show", paper]).output.split(separator: "\n").first { line in
        line.contains("  ") && line.firstMatch(of: #/ [0-9]+ /#) != nil
      })
    let key = String(numbers.split(separator: " ")[0])
    try withFolder { folder in
      expectLine(
        try Program.run(smoke + ["--set", "\(key)=many"], in: folder), status: 64,
        "setting '\(key)' takes a", "got 'many'")
    }
  }

  @Test func noResultYet() throws {
    try withFolder { folder in
      expectLine(
        try Program.run(["claims", paper], in: folder), status: 1, "there is no result at results/\(paper)/quick-seed0.h5 yet",
        "offprint run \(paper)")
      expectLine(try Program.run(["inspect", "nothing.h5"], in: folder), status: 1, "nothing.h5: the file does not exist")
    }
  }

  @Test func aFolderThatCannotBeWritten() throws {
    try withFolder { folder in
      expectLine(
        try Program.run(smoke + ["--results", "/dev/null/x"], in: folder), status: 1, "cannot write /dev/null: it is no folder",
        "choose another folder with --results")
      expectLine(try Program.run(smoke + ["--results", "/proc/x"], in: folder), status: 1, "cannot write /proc/x")
      let figures = try Program.run(smoke + ["--figures", "/dev/null/x"], in: folder)
      expectLine(figures, status: 1, "cannot write /dev/null")
      #expect(files(in: folder) == [file], "the result is safe though its figures are not")
    }
  }

  /// A limit on the size of files stands for the full disk.
  @Test func aFullDiskLeavesTheOldResult() throws {
    try withFolder { folder in
      #expect(try Program.run(smoke, in: folder).status == 0)
      let old = try Data(contentsOf: URL(filePath: "\(folder)/\(file)"))
      let blocks = old.count / 512
      for limit in [0, 1, 3, blocks / 8, blocks / 4, blocks / 2, blocks - 40, blocks - 1] where limit >= 0 {
        let outcome = try Program.run(smoke + ["--force"], in: folder, shell: "ulimit -f \(limit); exec \"$0\" \"$@\"")
        // Standard error is a file too: without a single block nothing can be said.
        if limit > 0 {
          expectLine(outcome, status: 1, "cannot write \(file): ", "make room or permission there")
        } else {
          #expect(outcome.status == 1)
        }
        #expect(try Data(contentsOf: URL(filePath: "\(folder)/\(file)")) == old, "limit \(limit)")
        #expect(files(in: "\(folder)/results") == ["\(paper)/smoke-seed0.h5"], "limit \(limit)")
      }
    }
  }

  @Test(arguments: ["truncated", "empty", "text", "foreign", "future"]) func aDamagedResult(damage: String) throws {
    try withFolder { folder in
      #expect(try Program.run(smoke, in: folder).status == 0)
      // In the place of the default run too, where list and figures look.
      let quick = "results/\(paper)/quick-seed0.h5"
      let path = "\(folder)/\(file)"
      let whole = try Data(contentsOf: URL(filePath: path))
      let reason: String
      switch damage {
      case "truncated":
        try whole.prefix(whole.count / 2).write(to: URL(filePath: path))
        reason = "the file is truncated"
      case "empty":
        try Data().write(to: URL(filePath: path))
        reason = "it is not an HDF5 file"
      case "text":
        try Data("step,loss\n".utf8).write(to: URL(filePath: path))
        reason = "it is not an HDF5 file"
      case "foreign":
        let foreign = try HDF5File.create(path)
        try foreign.root.write([1.0], shape: [1], to: "x", layout: .contiguous)
        try foreign.close()
        reason = "it was not written by Offprint"
      default:
        let future = try HDF5File.open(path, .readWrite)
        try future.root.attributes.set("format_version", to: Int64(99))
        try future.close()
        reason = "has format 99, this Offprint reads up to 1: update Offprint"
      }
      try FileManager.default.copyItem(atPath: path, toPath: "\(folder)/\(quick)")
      let damaged = try Data(contentsOf: URL(filePath: path))

      expectLine(try Program.run(smoke, in: folder), status: 1, file, reason)
      for command in ["claims", "figures"] {
        expectLine(try Program.run([command, file], in: folder), status: 1, file, reason)
        expectLine(try Program.run([command, paper], in: folder), status: 1, quick, reason)
      }
      let list = try Program.run(["list"], in: folder)
      #expect(list.status == 0 && list.output.contains(damage == "future" ? "of a later Offprint" : "damaged"))
      #expect(try Program.run(["show", paper], in: folder).status == 0)
      let inspected = try Program.run(["inspect", file], in: folder)
      if ["foreign", "future"].contains(damage) {
        #expect(inspected.status == 0)
      } else {
        expectLine(inspected, status: 1, file, reason)
      }
      #expect(try Data(contentsOf: URL(filePath: path)) == damaged, "nobody touched it")
      #expect(try Program.run(smoke + ["--force"], in: folder).status == 0)
      #expect(try Results(path).status == "complete")
    }
  }

  @Test func gnuplotIsMissing() throws {
    try withFolder { folder in
      let outcome = try Program.run(smoke, in: folder, environment: ["PATH": folder])
      expectLine(outcome, status: 1, "the program 'gnuplot' cannot be started: install gnuplot")
      let left = files(in: folder)
      #expect(left.contains(file) && left.contains("figures/\(paper)/smoke-seed0/fig1.gp"))
      #expect(!left.contains { $0.hasSuffix(".svg") || $0.contains(".drawing") })
      let doctor = try Program.run(["doctor"], in: folder, environment: ["PATH": folder])
      #expect(doctor.status == 1 && doctor.output.contains("problem: no gnuplot"))
    }
  }

  @Test func gnuplotLacksATerminal() throws {
    try withFolder { folder in
      #expect(try Program.run(smoke, in: folder).status == 0)
      // Answers the question for its terminals with fewer, and is the real one otherwise.
      let fake = """
        #!/bin/sh
        PATH="${PATH#*:}"
        sed 's/GPVAL_TERMINALS/" canvas dumb svg "/' | gnuplot

        """
      try AtomicFile.makeFolder("\(folder)/bin")
      try AtomicFile.write(Data(fake.utf8), to: "\(folder)/bin/gnuplot")
      chmod("\(folder)/bin/gnuplot", 0o755)
      let path = ["PATH": "\(folder)/bin:\(ProcessInfo.processInfo.environment["PATH"] ?? "")"]
      let doctor = try Program.run(["doctor"], in: folder, environment: path)
      #expect(doctor.status == 1 && doctor.output.contains("problem: gnuplot lacks png, pdf, cairolatex"), "\(doctor.output)")
    }
  }

  @Test func nobodyReadsTheOutput() throws {
    try withFolder { folder in
      for arguments in [["list"], ["--help"], ["show", paper], ["doctor"], smoke.dropLast() + ["--verbose"]] {
        let outcome = try Program.run(
          Array(arguments), in: folder, shell: "{ \"$0\" \"$@\"; echo $? > status; } 2>&1 | true; exit $(cat status)")
        #expect(outcome.status == 0, "\(arguments): \(outcome.status)")
      }
      #expect(files(in: folder).contains(file))
    }
  }
}
