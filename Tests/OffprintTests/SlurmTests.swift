import Foundation
import Notebook
import TestSupport
import Testing

/// Sweeps on a real cluster of one node, which `scripts/test-slurm.sh` has started: OFFPRINT_CLUSTER is its folder.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["OFFPRINT_CLUSTER"] != nil)) struct SlurmTests {
  private static let slug = "symmetry-curse"

  /// A sweep of one setting; 400,000 steps take some seconds.
  private func sweep(_ name: String, seeds: String, steps: Int) -> [String] {
    [
      "sweep", Self.slug, "--preset", "smoke", "--seeds", seeds, "--set", "population.symmetricSteps=\(steps)", "--name", name,
      "--checkpoint", "0.2", "--quiet",
    ]
  }

  private func status(_ name: String, in folder: String) throws -> String {
    try Program.run(["sweep", "status", name], in: folder).output
  }

  /// Waits until what `sweep status` says has `words`.
  private func waitFor(_ words: String, _ name: String, in folder: String, seconds: Double = 240) throws {
    let end = ContinuousClock.now + .seconds(seconds)
    var said = ""
    while .now < end {
      said = try status(name, in: folder)
      if said.contains(words) { return }
      usleep(200_000)
    }
    Issue.record("'\(words)' does not come: \(said)\(logs(in: folder))")
  }

  private func logs(in folder: String) -> String {
    files(in: folder).filter { $0.hasSuffix(".log") }
      .map { "\n\($0): " + String(decoding: FileManager.default.contents(atPath: "\(folder)/\($0)") ?? Data(), as: UTF8.self) }
      .joined()
  }

  /// The results of the points, with what tells one writing from another.
  private func results(in folder: String) -> [String: Date] {
    let found = files(in: folder).filter { $0.hasPrefix("results/\(Self.slug)/smoke-") && $0.hasSuffix(".h5") }
    return Dictionary(
      uniqueKeysWithValues: found.map {
        ($0, (try? FileManager.default.attributesOfItem(atPath: "\(folder)/\($0)"))?[.modificationDate] as? Date ?? .distantPast)
      })
  }

  private func expectSameBits(_ folder: String, _ other: String, count: Int) throws {
    let found = results(in: folder).keys
    #expect(found.count == count)
    for file in found { #expect(try differences(between: "\(other)/\(file)", and: "\(folder)/\(file)") == []) }
  }

  private func firstJob(_ name: String, in folder: String) throws -> String {
    let jobs = try String(contentsOfFile: "\(folder)/results/\(Self.slug)/sweeps/\(name).slurm/jobs", encoding: .utf8)
    return String(try #require(jobs.split(separator: "\t").first))
  }

  @discardableResult
  private func shell(_ line: String) throws -> Int32 { try Program.run([], shell: line).status }

  /// Twelve points in tasks of two, at most five tasks an array: two arrays, the second after the first.
  @Test func arraysThatFitAndTheBitsOfThisMachine() throws {
    try withFolder { folder in
      try withFolder { here in
        let points = sweep("split", seeds: "0..<12", steps: 5000)
        try "cpus: 1\npoints_per_task: 7\n".write(toFile: "\(folder)/slurm.yaml", atomically: true, encoding: .utf8)
        let sent = try Program.run(points + ["--on", "slurm", "--points-per-task", "2", "--tasks-at-once", "3"], in: folder)
        #expect(sent.status == 0 && sent.output.contains("5 tasks of 2 points, from point 0 on"), "\(sent.output)\(sent.errors)")
        #expect(sent.output.contains("1 task of 2 points, from point 10 on"))
        let again = try Program.run(points + ["--on", "slurm"], in: folder)
        #expect(again.status == 1 && again.errors.contains("are in the queue"), "\(again.errors)")
        #expect(try Program.run(points, in: here).status == 0)
        try waitFor("nothing in the queue", "split", in: folder)
        #expect(try status("split", in: folder).contains("12 points: 12 done\n"))
        try expectSameBits(folder, here, count: 12)
        #expect(files(in: folder).contains("results/\(Self.slug)/sweeps/split.h5"), "the dependent job gathers them")
        #expect(try Program.run(points + ["--on", "slurm"], in: folder).output.contains("nothing is left to submit"))
      }
    }
  }

  @Test func whatIsCancelledGoesOn() throws {
    try withFolder { folder in
      let points = sweep("stop", seeds: "0..<6", steps: 150_000)
      #expect(try Program.run(points + ["--on", "slurm"], in: folder).status == 0)
      try waitFor("2 done", "stop", in: folder)
      let cancelled = try Program.run(["sweep", "cancel", "stop"], in: folder)
      #expect(cancelled.status == 0 && cancelled.output.contains("cancelled: jobs"), "\(cancelled.errors)")
      try waitFor("nothing in the queue", "stop", in: folder)
      try waitFor("interrupted", "stop", in: folder)
      let kept = results(in: folder)
      #expect(kept.count < 6)
      #expect(try Program.run(["sweep", "cancel", "stop"], in: folder).output.contains("nothing in the queue"))

      // A script that somebody has edited is used as it is.
      let script = "\(folder)/results/\(Self.slug)/sweeps/stop.slurm/points.sh"
      try (String(contentsOfFile: script, encoding: .utf8) + "# mine\n").write(toFile: script, atomically: true, encoding: .utf8)
      let second = try Program.run(["sweep", "results/\(Self.slug)/sweeps/stop.yaml", "--on", "slurm"], in: folder)
      #expect(second.status == 0 && second.output.contains("points.sh is used as it is"), "\(second.output)\(second.errors)")
      #expect(try String(contentsOfFile: script, encoding: .utf8).hasSuffix("# mine\n"))
      try waitFor("6 points: 6 done", "stop", in: folder)
      let all = results(in: folder)
      #expect(kept.allSatisfy { all[$0.key] == $0.value }, "no finished point is run again")
    }
  }

  /// Nearly out of time, a task goes back into the queue and on from its checkpoint.
  @Test func aTaskOutOfTimeGoesBackIntoTheQueue() throws {
    try withFolder { folder in
      try withFolder { here in
        let points = sweep("late", seeds: "0", steps: 400_000)
        #expect(try Program.run(points + ["--on", "slurm"], in: folder).status == 0)
        try waitFor("running", "late", in: folder)
        #expect(try shell("sleep 1; scancel --signal=USR1 --batch \(firstJob("late", in: folder))") == 0)
        try waitFor("interrupted", "late", in: folder)
        #expect(try Program.start(points, in: here).wait(seconds: 120).status == 0)
        try waitFor("1 done", "late", in: folder)
        try expectSameBits(folder, here, count: 1)
      }
    }
  }

  /// The node dies with all that runs on it: Slurm gives it up and the tasks back into the queue; then the node returns.
  @Test func aLostNodesTasksGoOn() throws {
    try withFolder { folder in
      try withFolder { here in
        let cluster = try #require(ProcessInfo.processInfo.environment["OFFPRINT_CLUSTER"])
        let points = sweep("lost", seeds: "0..<2", steps: 400_000)
        #expect(try Program.run(points + ["--on", "slurm"], in: folder).status == 0)
        try waitFor("2 running", "lost", in: folder)
        #expect(try shell("sleep 1; kill -9 $(cat \(cluster)/slurmd.pid); pkill -9 slurmstepd; pkill -9 -f /lost[.]yaml") == 0)
        try waitFor("PENDING (Node", "lost", in: folder)
        // Back, the node is first told to end what it had; then it is taken into service.
        let returns = """
          slurmd
          until sinfo --noheader --format=%T | grep -qx down; do sleep 0.2; done
          sleep 1
          scontrol update nodename=$(hostname -s) state=resume
          """
        #expect(try Program.start([], shell: returns).wait(seconds: 60).status == 0)
        try waitFor("2 points: 2 done", "lost", in: folder)
        try waitFor("nothing in the queue", "lost", in: folder)
        #expect(try shell("scontrol show job \(firstJob("lost", in: folder)) | grep -q 'Restarts=1'") == 0)
        #expect(try Program.start(points, in: here).wait(seconds: 240).status == 0)
        try expectSameBits(folder, here, count: 2)
      }
    }
  }
}
