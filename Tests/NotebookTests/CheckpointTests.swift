import Foundation
import Notebook
import TestSupport
import Testing

extension FileTests {
  @Suite struct Checkpoints {
    /// Runs ``TwoLoops`` until it has been asked `steps` times whether to stop; the number of times it was asked.
    private func run(in folder: String, stopAt stop: Int? = nil, start: Runner.Start = .resume, set: [String] = []) throws -> Int
    {
      var asked = 0
      let runner = runner(in: folder) {
        asked += 1
        return asked == stop ? Interruption(signal: SIGINT) : nil
      }
      if stop == nil {
        _ = try runner.run(TwoLoops.self, assignments: set, start: start)
      } else {
        #expect(throws: Interruption(signal: SIGINT)) { try runner.run(TwoLoops.self, assignments: set, start: start) }
      }
      return asked
    }

    private func file(in folder: String) -> String { "\(folder)/results/two-loops/quick-seed0.h5" }
    private func checkpoint(in folder: String) -> String { "\(folder)/results/two-loops/quick-seed0.checkpoint" }

    @Test func anInterruptionAtAnyStepChangesNothing() throws {
      try withFolder { whole in
        let steps = try run(in: whole)
        #expect(steps == 9 + 7, "the steps of both loops")
        for stop in 1...steps {
          try withFolder { folder in
            let before = try run(in: folder, stopAt: stop)
            #expect(before == stop)
            #expect(files(in: folder) == ["results/two-loops/quick-seed0.checkpoint"])
            let after = try run(in: folder)
            #expect(after == steps - stop, "it goes on instead of starting again")
            #expect(files(in: folder) == ["results/two-loops/quick-seed0.h5"])
            let found = try differences(between: file(in: whole), and: file(in: folder))
            #expect(found == [], "stopped at \(stop)")
          }
        }
      }
    }

    @Test func aRunMayBeInterruptedAgainAndAgain() throws {
      try withFolder { whole in
        try withFolder { folder in
          let steps = try run(in: whole)
          for _ in 1..<steps { _ = try run(in: folder, stopAt: 1) }
          #expect(try run(in: folder) == 1)
          #expect(try differences(between: file(in: whole), and: file(in: folder)) == [])
        }
      }
    }

    @Test func withoutResumeARunStartsAnew() throws {
      try withFolder { folder in
        _ = try run(in: folder, stopAt: 3)
        #expect(try run(in: folder, start: .fresh) == 16)
      }
    }

    @Test func aForcedRunThatWasInterruptedIsResumedToo() throws {
      try withFolder { folder in
        _ = try run(in: folder)
        _ = try run(in: folder, stopAt: 3, start: .force)
        #expect(try run(in: folder, start: .fresh) == 0, "the old result is there still")
        #expect(try run(in: folder) == 13)
        #expect(try run(in: folder) == 0, "nothing is left to do")
      }
    }

    @Test func otherSettingsHaveACheckpointOfTheirOwn() throws {
      try withFolder { folder in
        _ = try run(in: folder, stopAt: 3)
        #expect(try run(in: folder, set: ["steps=10"]) > 13, "anew")
        #expect(FileManager.default.fileExists(atPath: checkpoint(in: folder)))
      }
    }

    /// As when the preset's defaults have changed since: the name is the same, the settings are not.
    @Test func aCheckpointOfOtherSettingsIsRefused() throws {
      try withFolder { folder in
        _ = try run(in: folder, stopAt: 3, set: ["steps=10"])
        let written = try #require(files(in: folder).first { $0.hasSuffix(".checkpoint") })
        try FileManager.default.moveItem(atPath: "\(folder)/\(written)", toPath: checkpoint(in: folder))
        let text = message { _ = try run(in: folder) }
        #expect(
          text
            == "the checkpoint \(checkpoint(in: folder)) was written with other settings; remove it, or run with --force to start again"
        )
        #expect(FileManager.default.fileExists(atPath: checkpoint(in: folder)), "refused, not removed")
        #expect(try run(in: folder, start: .force) == 16)
      }
    }

    @Test(arguments: ["cut", "empty", "garbage", "flipped"]) func aDamagedCheckpointIsRefused(damage: String) throws {
      try withFolder { folder in
        _ = try run(in: folder, stopAt: 12)
        let path = checkpoint(in: folder)
        var data = try Data(contentsOf: URL(filePath: path))
        switch damage {
        case "cut": data = data.prefix(data.count / 2)
        case "empty": data = Data()
        case "garbage": data = Data("this is no checkpoint".utf8)
        default: data[data.count / 2] ^= 0xFF
        }
        try data.write(to: URL(filePath: path))
        let text = message { _ = try run(in: folder) }
        #expect(text == "the checkpoint \(path) cannot be read; remove it, or run with --force to start again")
        #expect(try run(in: folder, start: .force) == 16)
        #expect(files(in: folder) == ["results/two-loops/quick-seed0.h5"], "the damaged checkpoint is gone with the run's end")
      }
    }
  }
}
