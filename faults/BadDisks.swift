import Foundation
import Notebook
import Tensors
import TestSupport

/// Disks that are full, read-only or named oddly, and clocks that go backwards: one clear line, exit code 1, nothing lost.
enum BadDisks: FaultFamily {
  static let name = "disks"
  static let title = "Disks and files"

  static func run(_ trials: Trials) throws -> [Fault] {
    try withFolder { folder in
      let run = try ReferenceRun.short(in: "\(folder)/whole")
      return [
        try fillDisks(run, times: trials.scaled(30), trials.key.named("full")),
        try limitFiles(run, times: trials.scaled(30), trials.key.named("limits")),
        try forbidWriting(run),
        try nameFolders(run),
        try linkFolders(run),
        try setClocksBack(times: trials.scaled(10)),
      ]
    }
  }

  /// A file system of random size, with an old result on it every other time; then it grows, and the run is repeated.
  private static func fillDisks(_ run: ReferenceRun, times: Int, _ key: Key) throws -> Fault {
    var fault = Fault("full disk (a small tmpfs), old result or none")
    for (trial, share) in Tensor<Double>.uniform([times], key: key).scalars.enumerated() {
      try withFolder { folder in
        let disk = Disk(folder)
        guard try disk.mount(kilobytes: 8 + Int(8 * share * share * Double(run.bytes) / 1024)) else {
          return fault.count("not tried: mounting is not allowed here")
        }
        defer { disk.unmount() }
        let hasOld = try trial % 2 == 0 && run.copyResult(to: folder)
        let outcome = try Program.run(run.arguments + ["--force"], in: folder)
        let wrong = try run.whatIsWrong(outcome, in: folder, mustHaveResult: hasOld)
        fault.count(outcome.status == 0 ? "there was room" : "refused in one line, old result whole", unless: wrong)
        try disk.grow()
        let again = try Program.run(run.arguments + ["--resume"], in: folder)
        if let wrong = try run.whatIsWrong(again, in: folder, mustHaveResult: true) { fault.lose("with room again: \(wrong)") }
      }
    }
    return fault
  }

  private static func limitFiles(_ run: ReferenceRun, times: Int, _ key: Key) throws -> Fault {
    var fault = Fault("limit on the size of files (RLIMIT_FSIZE)")
    for share: Double in Tensor<Double>.uniform([times], key: key).scalars {
      try withFolder { folder in
        try run.copyResult(to: folder)
        // Standard error is a file too: it needs a block.
        let blocks = 1 + Int(1.2 * share * Double(run.bytes) / 512)
        let outcome = try Program.run(
          run.arguments + ["--force"], in: folder, shell: "ulimit -f \(blocks); exec \"$0\" \"$@\"")
        let wrong = try run.whatIsWrong(outcome, in: folder, mustHaveResult: true)
        fault.count(outcome.status == 0 ? "there was room" : "refused in one line, old result whole", unless: wrong)
      }
    }
    return fault
  }

  private static func forbidWriting(_ run: ReferenceRun) throws -> Fault {
    var fault = Fault("read-only results, figures, or both; a file in the place of a folder")
    try withFolder { folder in
      let disk = Disk(folder)
      guard try disk.mount(kilobytes: 1 << 16) else {
        return fault.count("not tried: mounting is not allowed here")
      }
      defer { disk.unmount() }
      try run.copyResult(to: folder)
      try disk.forbidWriting()
      for (results, figures) in [("results", "figures"), ("results", "/tmp"), ("/dev/null/x", "figures"), ("/proc/x", "figures")]
      {
        let outcome = try Program.run(
          run.arguments + ["--force", "--results", results, "--figures", figures], in: folder)
        let isRight = outcome.status == 1 && outcome.lines.count == 1 && outcome.errors.contains("cannot write")
        fault.count(
          "refused in one line, old result whole",
          unless: isRight ? try run.whatIsWrong(outcome, in: folder, mustHaveResult: true) : outcome.errors)
      }
    }
    return fault
  }

  /// Folders by any name that a file system takes.
  private static func nameFolders(_ run: ReferenceRun) throws -> Fault {
    var fault = Fault("folders with odd names")
    let long = String(repeating: "long/", count: 700)
    let names = [
      "with space", "ünï çødé 数学 🙂", "l'été (1) & co", "quote\"d", "a;b|c>d", "$(touch PWNED)", "`touch PWNED`", "100%s %d",
      "deep/er/and/deeper", "[glob]*?", "tilde~#!", "back\\slash", "tab\there", "line\nbreak", "\u{1B}[31mred",
      String(repeating: "x", count: 255), String(repeating: "x", count: 256), long, long + long,
    ]
    for name in names {
      try withFolder { folder in
        let outcome = try Program.run(
          run.arguments + ["--results", "\(name)/results", "--figures", "\(name)/figures"], in: folder)
        let left = files(in: folder)
        let isDrawn = left.contains { $0.hasSuffix(".svg") } && left.contains { $0.hasSuffix(".h5") }
        let isSaid = outcome.status == 1 && outcome.lines.count == 1 && !outcome.errors.contains("\u{1B}")
        fault.count(
          outcome.status == 0 ? "worked" : "refused in one line",
          unless: left.contains { $0.hasSuffix("PWNED") }
            ? "the name was executed: \(name)"
            : outcome.status == 0 && isDrawn || isSaid ? nil : "\(name.prefix(20)): \(outcome.status), \(outcome.errors)")
      }
    }
    return fault
  }

  private static func linkFolders(_ run: ReferenceRun) throws -> Fault {
    var fault = Fault("results and figures on symbolic links: to folders, to nothing, in a circle")
    for (target, isFine) in [("elsewhere/deep", true), ("nothing", false), ("results", false)] {
      for name in ["results", "figures"] where target != "results" || name == "results" {
        try withFolder { folder in
          if isFine { try AtomicFile.makeFolder("\(folder)/\(target)") }
          try FileManager.default.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: target)
          let outcome = try Program.run(run.arguments, in: folder)
          let isRight = isFine ? outcome.status == 0 : outcome.status == 1 && outcome.lines.count == 1
          fault.count(
            isFine ? "worked" : "refused in one line", unless: isRight ? nil : "\(name) -> \(target): \(outcome.errors)")
        }
      }
    }
    return fault
  }

  /// The clock goes back by a day in the middle of a run: its checkpoints go on, and the result is the same.
  private static func setClocksBack(times: Int) throws -> Fault {
    var fault = Fault("clock set back by a day during a run")
    guard let library = FakeClock.library else {
      fault.count("not tried: libfaketime is not installed")
      return fault
    }
    try withFolder { whole in
      let run = try ReferenceRun.long(in: whole)
      for _ in 0..<times {
        try withFolder { folder in
          let clock = FakeClock(library, in: folder)
          try clock.set("+0")
          let running = try Program.start(run.arguments, in: folder, environment: clock.environment)
          _ = running.reaches { run.hasCheckpoint(in: folder) }
          try clock.set("-1d")
          let before = run.checkpointNumber(in: folder)
          let hasGoneOn = running.reaches { run.hasCheckpoint(in: folder) && run.checkpointNumber(in: folder) != before }
          let outcome = running.wait()
          var wrong = outcome.status == 0 ? nil : outcome.errors
          if wrong == nil, !hasGoneOn { wrong = "no checkpoint after it" }
          try wrong = wrong ?? run.whatIsWrong(in: folder, mustHaveResult: true)
          fault.count("checkpoints went on, same bits", unless: wrong)
        }
      }
    }
    return fault
  }
}
