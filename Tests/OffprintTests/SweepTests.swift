import Foundation
import HDF5
import Notebook
import TestSupport
import Testing

/// Sweeps and their aggregates, as a user makes them, each in a folder of its own.
@Suite(.serialized, .takesTurns) struct SweepTests {
  private let paper = "large-step-perceptron"
  private var sweep: [String] {
    ["sweep", paper, "--preset", "smoke", "--seeds", "0..<3", "--set", "random.margin=0.05,0.1", "--name", "six", "--quiet"]
  }
  private var plan: String { "results/\(paper)/sweeps/six.yaml" }

  /// The results files that are there, with what tells one writing from another.
  private func results(in folder: String, of slug: String) -> [String: Date] {
    let path = "\(folder)/results/\(slug)"
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
      .filter { $0.hasSuffix(".h5") && !$0.hasPrefix(".") }
    return Dictionary(
      uniqueKeysWithValues: names.map { name in
        let date = (try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)"))?[.modificationDate] as? Date
        return (name, date ?? .distantPast)
      })
  }

  @Test func pointsArePlainRunsAndAreNotRepeated() throws {
    try withFolder { folder in
      #expect(try Program.run(["run", paper, "--preset", "smoke", "--quiet", "--no-figures"], in: folder).status == 0)
      #expect(!files(in: folder).contains { $0.hasSuffix(".svg") }, "--no-figures draws none")
      let plain = results(in: folder, of: paper)
      let dry = try Program.run(sweep + ["--dry-run"], in: folder)
      #expect(dry.status == 0 && dry.output.contains("6 points: 1 done, 5 waiting"), "\(dry.output)")
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/\(plan)"), "a dry run keeps nothing")

      let first = try Program.run(sweep, in: folder)
      #expect(first.status == 0 && first.output.contains("6 points: 6 done (5 now), 0 failed"), "\(first.output)\(first.errors)")
      let all = results(in: folder, of: paper)
      #expect(all.count == 6 && all["smoke-seed0.h5"] == plain["smoke-seed0.h5"])
      let again = try Program.run(["sweep", plan, "--quiet"], in: folder)
      #expect(again.status == 0 && again.output.contains("6 done (0 now)"), "\(again.output)\(again.errors)")
      #expect(results(in: folder, of: paper) == all)

      let other = try Program.run(["sweep", paper, "--seeds", "9", "--name", "six"], in: folder)
      #expect(other.status == 64 && other.errors.contains("holds another sweep"))
    }
  }

  @Test func anAggregateHasTheSweepsAxes() throws {
    try withFolder { folder in
      #expect(try Program.run(["aggregate", "six"], in: folder).errors.contains("there is no sweep 'six'"))
      #expect(try Program.run(sweep, in: folder).status == 0)
      let outcome = try Program.run(["aggregate", "six", "--draw", "1"], in: folder)
      #expect(outcome.status == 0 && outcome.output.contains("6 of 6 points"), "\(outcome.output)\(outcome.errors)")
      #expect(outcome.output.contains("95 % interval") && outcome.output.contains("left out: /traces/random/loss"))
      #expect(files(in: folder).contains { $0.hasPrefix("figures/\(paper)/sweeps/six/0-") && $0.hasSuffix("fig3.svg") })

      let root = try HDF5File.open("\(folder)/results/\(paper)/sweeps/six.h5").root
      #expect(try root.attributes.get("format", as: String.self) == "offprint-sweep")
      let loss = try root.dataset("traces/digits/loss")
      let single = try HDF5File.open("\(folder)/results/\(paper)/smoke-seed2.h5").root.dataset("traces/digits/loss")
      #expect(loss.shape == [2, 3] + single.shape)
      let names = try loss.shape.indices.map { try #require(loss.scales(axis: $0).first).name }
      #expect(names == ["random.margin", "seed", "step", "gamma"])
      #expect(try root.dataset("traces/digits/random.margin").read(as: Double.self) == [0.05, 0.1])
      // Seed 2 of the first margin, which is the preset's, is a plain run.
      let block = try loss.read(as: Double.self, offset: [0, 2, 0, 0], count: [1, 1] + single.shape)
      #expect(try block == single.read(as: Double.self))
      // The runs have seeds of their own: the sweep's axis keeps its name.
      #expect(try root.dataset("tensors/seed_in_run").count == 3)
      let statistics = try root.dataset("claims_over_seeds/loss-misleads")
      #expect(statistics.shape == [2, 5])
      let values = try statistics.read(as: Double.self)
      #expect(values[1] <= values[0] && values[0] <= values[2] && values[4] == 3)
      #expect(try root.dataset("points/state").read(as: String.self) == [String](repeating: "done", count: 6))

      let csv = try Program.run(["aggregate", plan, "--csv", "--sort", "-seed", "--draw", "0"], in: folder)
      let lines = csv.output.split(separator: "\n")
      #expect(lines.count == 7 && lines[0].hasPrefix("random.margin,seed,state,seconds,"))
      #expect(lines[1].hasPrefix("0.05,2,done,") && lines[6].hasPrefix("0.1,0,done,"), "\(csv.output)")
      let json = try Program.run(["aggregate", plan, "--json", "--draw", "0"], in: folder).output
      #expect((try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [Any])?.count == 6)
      #expect(try Program.run(["aggregate", plan, "--csv", "--sort", "nothing"], in: folder).status == 64)
    }
  }

  @Test func whatFailedIsReportedAndRetriedWhenAsked() throws {
    try withFolder { folder in
      // A folder where the run's lock belongs, and a file that is no result where the result does.
      let obstacle = "\(folder)/results/\(paper)/.smoke-seed1.lock"
      let damaged = "\(folder)/results/\(paper)/smoke-seed2.h5"
      try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: true)
      try "no result".write(toFile: damaged, atomically: true, encoding: .utf8)
      let first = try Program.run(sweep, in: folder)
      #expect(first.status == 1 && first.output.contains("6 points: 4 done (4 now), 2 failed"), "\(first.output)\(first.errors)")
      #expect(first.output.contains("smoke-seed1  FAILED: cannot write") && first.output.contains("smoke-seed2.h5 is damaged"))

      try FileManager.default.removeItem(atPath: obstacle)
      try FileManager.default.removeItem(atPath: damaged)
      let second = try Program.run(sweep, in: folder)
      #expect(second.status == 1 && second.output.contains("5 done (1 now), 1 failed"), "\(second.output)")
      let partial = try Program.run(["aggregate", "six", "--draw", "0"], in: folder)
      #expect(partial.status == 0 && partial.output.contains("5 of 6 points; 1 are missing, and NaN"), "\(partial.output)")
      let third = try Program.run(sweep + ["--retry"], in: folder)
      #expect(third.status == 0 && third.output.contains("6 done (1 now), 0 failed"), "\(third.output)")
    }
  }

  /// Points of most of a second, so that signals come between the first and the last on a busy machine too.
  @Test func anInterruptedSweepGoesOn() throws {
    let slug = "symmetry-curse"
    let sweep = [
      "sweep", slug, "--preset", "smoke", "--seeds", "0..<6", "--set", "population.symmetricSteps=30000", "--jobs", "2",
      "--quiet",
    ]
    try withFolder { folder in
      var kept: [String: Date] = [:]
      for signal in [SIGINT, SIGTERM] {
        let running = try Program.start(sweep, in: folder)
        #expect(running.reaches(within: 60) { results(in: folder, of: slug).count > kept.count })
        kill(running.process.processIdentifier, signal)
        let outcome = running.wait(seconds: 60)
        #expect(outcome.status == 128 + signal && outcome.errors.contains("the same command goes on"), "\(outcome.errors)")
        let now = results(in: folder, of: slug)
        #expect(kept.allSatisfy { now[$0.key] == $0.value } && now.count > kept.count && now.count < 6)
        kept = now
      }
      let last = try Program.start(sweep, in: folder).wait(seconds: 120)
      #expect(
        last.status == 0 && last.output.contains("6 points: 6 done (\(6 - kept.count) now)"), "\(last.output)\(last.errors)")
      let all = results(in: folder, of: slug)
      #expect(kept.allSatisfy { all[$0.key] == $0.value })
      #expect(!files(in: folder).contains { $0.hasSuffix(".checkpoint") || $0.hasSuffix(".lock") })
    }
  }

  /// As when a node is lost whose process goes on for a while: the task that follows waits for it.
  @Test func aPointThatAnotherHasIsWaitedFor() throws {
    let slug = "symmetry-curse"
    let run = ["--preset", "smoke", "--set", "population.symmetricSteps=300000", "--quiet"]
    try withFolder { folder in
      let holder = try Program.start(["run", slug, "--no-figures"] + run, in: folder)
      #expect(holder.reaches { files(in: folder).contains { $0.hasSuffix(".lock") } })
      let hasty = try Program.run(["sweep", slug, "--name", "one"] + run, in: folder)
      #expect(hasty.status == 1 && hasty.output.contains("1 being run by another process"), "\(hasty.output)\(hasty.errors)")
      let patient = try Program.start(
        ["sweep", slug, "--name", "one", "--patience", "60", "--points", "0..<9"] + run, in: folder)
      #expect(!patient.reaches(within: 1) { !patient.process.isRunning })
      kill(holder.process.processIdentifier, SIGTERM)
      #expect(holder.wait().status == 143)
      let outcome = patient.wait(seconds: 120)
      #expect(outcome.status == 0 && outcome.output.contains("1 points: 1 done (1 now)"), "\(outcome.output)\(outcome.errors)")
    }
  }

  @Test func mistakesAreOneLineAndStartNothing() throws {
    try withFolder { folder in
      for (arguments, complaint) in [
        (["--seeds", "3..<1"], "is empty"), (["--set", "random.margin=0.1", "--set", "random.margin=0.2"], "given twice"),
        (["--set", "marign=0.1"], "no setting named 'marign'"), (["--set", "random.margin="], "empty value"),
        (["--set", "random.margin=0.1..0.2"], "--random"), (["--name", "../x"], "a sweep's name"), (["--jobs", "0"], "--jobs"),
        (["--partition", "long"], "--on slurm"), (["--on", "slurm", "--jobs", "2"], "--cpus"), (["--points", "3..<3"], "3..<3"),
        (["--on", "slurm", "--slurm", "none.yaml"], "cannot read none.yaml"),
        (["--on", "slurm", "--cpus", "0"], "a number from 1"), (["--on", "slurm", "--sbatch", "x"], "no option of sbatch"),
      ] {
        let outcome = try Program.run(["sweep", paper] + arguments, in: folder)
        #expect(outcome.status == 64 && outcome.lines.count == 1 && outcome.errors.contains(complaint), "\(outcome.errors)")
      }
      #expect(try Program.run(["sweep", "large-step-perceptrn"], in: folder).errors.contains("did you mean: \(paper)"))
      #expect(try Program.run(["sweep", "nothing.yaml"], in: folder).errors.contains("there is no plan at nothing.yaml"))
      #expect(files(in: folder) == [])
    }
  }
}
