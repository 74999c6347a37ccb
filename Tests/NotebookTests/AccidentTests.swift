import Foundation
import HDF5
import Notebook
import TestSupport
import Testing

extension FileTests {
  @Suite struct Accidents {
    @Test func anAtomicFileIsWholeOrNotThere() throws {
      try withFolder { folder in
        let path = "\(folder)/x.txt"
        try AtomicFile.write(Data("one".utf8), to: path)
        try AtomicFile.write(Data("two".utf8), to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "two")
        #expect(files(in: folder) == ["x.txt"])
        // A folder in the place of the file: the rename fails, after all else went well.
        try FileManager.default.createDirectory(atPath: "\(folder)/y", withIntermediateDirectories: true)
        let text = message { try AtomicFile.write(Data("one".utf8), to: "\(folder)/y") }
        #expect(
          text
            == "cannot write \(folder)/y: Is a directory; make room or permission there, or choose another folder with --results")
        #expect(files(in: folder) == ["x.txt"])
        #expect(
          message { try AtomicFile.write(Data(), to: "\(folder)/none/x") }.hasPrefix(
            "cannot write \(folder)/none/x: No such file"))
        #expect(message { try AtomicFile.makeFolder("\(path)/below") }.hasPrefix("cannot write \(path): it is no folder; "))
      }
    }

    /// The limit on the size of files stands for a full disk; in a process of its own, since it stays.
    @Test func anAtomicFileOnAFullDiskLeavesTheOldOne() async {
      await #expect(processExitsWith: .exitCode(7)) {
        signal(SIGXFSZ, SIG_IGN)
        let isFine = try withFolder { folder in
          let path = "\(folder)/x"
          try AtomicFile.write(Data("old".utf8), to: path)
          var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
          setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
          let text = message { try AtomicFile.write(Data(repeating: 1, count: 5000), to: path) }
          return text.hasPrefix("cannot write \(path): File too large; ") && files(in: folder) == ["x"]
            && FileManager.default.contents(atPath: path) == Data("old".utf8)
        }
        exit(isFine ? 7 : 8)
      }
    }

    @Test func aRunHasOneWriter() throws {
      try withFolder { folder in
        let folders = runner(in: folder).folders
        let identity = try Runner.identity(of: TwoLoops.self, preset: .quick, seed: 0, assignments: [])
        let path = folders.resultsFile(identity)
        try AtomicFile.makeFolder("\(folder)/results/two-loops")
        do {
          let lock = try RunLock(folders.lock(identity), for: path)
          defer { withExtendedLifetime(lock) {} }
          let text = message { _ = try finish(TwoLoops.self, in: folder) }
          #expect(text.hasPrefix("\(path) is being written by another run (process \(getpid()), since 2"))
          #expect(text.hasSuffix("); wait for it, or choose another --seed"))
          #expect(try finish(TwoLoops.self, in: folder, seed: 1).hasSuffix("quick-seed1.h5"), "other runs are not held up")
        }
        #expect(files(in: folder) == ["results/two-loops/quick-seed1.h5"], "the lock's file goes with it")
        #expect(try finish(TwoLoops.self, in: folder) == path)
      }
    }

    @Test func whatADeadProcessLeftIsTakenOver() throws {
      try withFolder { folder in
        let results = "\(folder)/results/two-loops"
        try AtomicFile.makeFolder(results)
        let left = [".quick-seed0.lock", ".quick-seed0.h5.4194999.partial", ".quick-seed0.checkpoint.4194999.partial"]
        let kept = [".quick-seed0-1234abcd.h5.4194999.partial", ".quick-seed01.lock"]
        for name in left + kept {
          try Data("process 4194999, since 2026-01-01T00:00:00Z".utf8).write(to: URL(filePath: "\(results)/\(name)"))
        }
        _ = try finish(TwoLoops.self, in: folder)
        #expect(files(in: results) == (kept + ["quick-seed0.h5"]).sorted(), "another run's files are not ours to remove")
      }
    }

    /// A result, and what becomes of it in the hands of `damage`.
    private func withDamaged(_ damage: (String) throws -> Void, check: (String) throws -> Void) throws {
      try withFolder { folder in
        let path = try finish(TwoLoops.self, in: folder)
        try damage(path)
        let before = try Data(contentsOf: URL(filePath: path))
        try check(path)
        // A run neither takes it for a finished one nor replaces it unasked.
        #expect(message { _ = try finish(TwoLoops.self, in: folder) }.hasPrefix(path))
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
        _ = try finish(TwoLoops.self, in: folder, start: .force)
        #expect(try Results(path).status == "complete")
      }
    }

    @Test func aFileOfTheFutureIsNotMisread() throws {
      try withDamaged { path in
        let file = try HDF5File.open(path, .readWrite)
        try file.root.attributes.set("format_version", to: Int64(99))
        try file.close()
      } check: { path in
        #expect(message { _ = try Results(path) } == "\(path) has format 99, this Offprint reads up to 1: update Offprint")
      }
    }

    @Test func aFileOfAnotherProgramIsNoResult() throws {
      try withDamaged { path in
        let file = try HDF5File.create(path)
        try file.root.write([1.0, 2], shape: [2], to: "x", layout: .contiguous)
        try file.close()
      } check: { path in
        #expect(message { _ = try Results(path) } == "\(path) is not a complete Offprint result: it was not written by Offprint")
      }
    }

    @Test func theFormatOfAnotherProgramIsNotOurs() throws {
      try withDamaged { path in
        let file = try HDF5File.create(path)
        try file.root.attributes.set("format", to: Int64(3))
        try file.close()
      } check: { path in
        #expect(message { _ = try Results(path) } == "\(path) is not a complete Offprint result: it was not written by Offprint")
      }
    }

    @Test(arguments: [0.1, 0.5, 0.99]) func aTruncatedFileIsDamaged(share: Double) throws {
      try withDamaged { path in
        let data = try Data(contentsOf: URL(filePath: path))
        try data.prefix(Int(share * Double(data.count))).write(to: URL(filePath: path))
      } check: { path in
        #expect(
          message { _ = try Results(path) }.hasPrefix("\(path) is not a complete Offprint result: the file is truncated"))
      }
    }

    @Test(arguments: ["", "step,loss\n1,0.5\n"]) func aFileThatIsNoHDF5(content: String) throws {
      try withDamaged { path in
        try Data(content.utf8).write(to: URL(filePath: path))
      } check: { path in
        #expect(message { _ = try Results(path) } == "\(path) is not a complete Offprint result: it is not an HDF5 file")
      }
    }

    @Test func aMissingFileIsMissing() {
      #expect(message { _ = try Results("/nowhere/x.h5") } == "cannot open /nowhere/x.h5: the file does not exist")
    }
  }
}
