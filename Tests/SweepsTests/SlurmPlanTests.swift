import Notebook
import Sweeps
import Testing

/// What a sweep asks of a cluster, without one.
@Suite struct SlurmPlanTests {
  @Test func arraysHaveTheTasksThatAreMissing() {
    typealias Array = SlurmSweep.Array
    func arrays(_ missing: [Int], of count: Int, each: Int? = nil, largest: Int = 10) -> [Array] {
      SlurmSweep.arrays(missing: missing, of: count, pointsPerTask: each, largest: largest)
    }
    #expect(arrays([], of: 5) == [])
    #expect(arrays([0, 1, 4], of: 10) == [Array(first: 0, pointsPerTask: 1, tasks: [0, 1, 4])])
    #expect(arrays([0, 99], of: 100) == [Array(first: 0, pointsPerTask: 10, tasks: [0, 9])], "one array holds them all")
    #expect(
      arrays([3, 4, 19, 20, 45], of: 50, each: 2)
        == [
          Array(first: 0, pointsPerTask: 2, tasks: [1, 2, 9]), Array(first: 20, pointsPerTask: 2, tasks: [0]),
          Array(first: 40, pointsPerTask: 2, tasks: [2]),
        ])
    // Every missing point is in exactly one task.
    let missing = (0..<500).filter { $0 % 7 != 0 }
    let covered = arrays(missing, of: 500, each: 3).flatMap { array in
      array.tasks.flatMap { array.first + $0 * 3..<array.first + ($0 + 1) * 3 }
    }
    #expect(Set(covered).isSuperset(of: missing) && Set(covered).count == covered.count)
    #expect(arrays(missing, of: 500, each: 3).allSatisfy { $0.tasks.allSatisfy { $0 < 10 } })
    #expect(Array(first: 0, pointsPerTask: 1, tasks: [0, 1, 2, 5, 7, 8]).text == "0-2,5,7-8")
  }

  @Test func aFileSaysItOnceAndFlagsSayItOtherwise() throws {
    let yaml = "partition: long\ntime: 2:00:00\nmemory: 4G\ncpus: 4\ntasks_at_once: 50\noptions: [--qos=low]\n"
    let file = try SlurmOptions(yaml: yaml, file: "slurm.yaml")
    #expect(file.time == "2:00:00" && file.cpus == 4 && file.tasksAtOnce == 50)
    var flags = SlurmOptions()
    (flags.partition, flags.options) = ("short", ["--nice"])
    let both = flags.filled(from: file)
    #expect(both.partition == "short" && both.memory == "4G" && both.options == ["--qos=low", "--nice"])
    for (wrong, complaint) in [
      ("partion: long", "'partion' means nothing"), ("cpus: many", "no whole number"), ("- a", "no lines"), (": : :", "no lines"),
      ("options: [[a]]", "no list of words"), ("time: [1]", "no single value"),
    ] {
      let error = #expect(throws: SweepError.self) { try SlurmOptions(yaml: wrong, file: "slurm.yaml") }
      #expect(error?.description.contains(complaint) == true, "\(wrong): \(error?.description ?? "")")
    }
    for change in [\SlurmOptions.partition, \.account, \.time, \.memory] {
      var options = SlurmOptions()
      options[keyPath: change] = "a\n#SBATCH --uid=0"
      #expect(throws: SweepError.self) { try options.check() }
    }
  }

  @Test func scriptsSayWhatWasAsked() throws {
    let files = try SweepFiles(Folders(results: "results", figures: "figures"), slug: "knobs", name: "one")
    var options = SlurmOptions()
    (options.partition, options.cpus, options.options) = ("long", 4, ["--qos=low"])
    let points = try SlurmScripts(files, options: options, program: "/opt/offprint", checkpoint: 5).points
    for line in [
      "#SBATCH --partition=long", "#SBATCH --cpus-per-task=4", "#SBATCH --qos=low", "#SBATCH --requeue",
      "#SBATCH --output=results/knobs/sweeps/one.slurm/%A-%a.log", "/opt/offprint sweep run results/knobs/sweeps/one.yaml \\",
      "  --results results --figures figures &",
    ] {
      #expect(points.split(separator: "\n").contains(Substring(line)), "\(line)")
    }
    #expect(points.contains("--checkpoint 5") && points.contains("--jobs \"$SLURM_CPUS_PER_TASK\""))
    #expect(try !SlurmScripts(files, options: options, program: "/opt/offprint", measuresTime: true).points.contains("--jobs"))
    // Two minutes before the end; a quarter of a short time.
    for (time, warning) in [(nil as String?, 120), ("4", 60), ("2:00", 30), ("0:01:00", 15), ("1-00", 120), ("UNLIMITED", 120)] {
      options.time = time
      let script = try SlurmScripts(files, options: options, program: "/opt/offprint").points
      #expect(script.contains("#SBATCH --signal=B:USR1@\(warning)\n"), "\(time ?? "no limit")")
    }
    for path in ["/a b/offprint", "/$(touch x)/offprint", "/a%j/offprint", "/a\nb"] {
      #expect(throws: SweepError.self) { try SlurmScripts(files, options: options, program: path) }
    }
  }
}
