import Foundation
import HDF5
import Testing

#if canImport(Glibc)
  import Glibc
#endif

extension HDF5Tests {
  @Suite struct Files {
    @Test func theVersionIsTheLibrarys() {
      #expect(HDF5Library.version.split(separator: ".").compactMap { Int($0) }.count == 3)
    }

    @Test func openingSaysWhatIsWrong() throws {
      try withScratch { path in
        func refusal() -> String { message { _ = try HDF5File.open(path) } }
        #expect(refusal() == "cannot open \(path): the file does not exist")
        try Data("step,loss\n1,0.5\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(refusal() == "cannot open \(path): it is not an HDF5 file")
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(refusal() == "cannot open \(path): it is not an HDF5 file")

        let file = try HDF5File.create(path)
        try file.root.write((0..<1_000).map { Double($0) }, shape: [1_000], to: "x", layout: .oneChunk([1_000]))
        try file.close()
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
        #expect(
          refusal().hasPrefix("cannot open \(path): the file is truncated: it is shorter than it says (truncated file: eof = "))
        try (whole.prefix(8) + Data(repeating: 0xA5, count: whole.count - 8)).write(to: URL(fileURLWithPath: path))
        #expect(refusal().hasPrefix("cannot open \(path): the file is damaged: "))

        let folder = (path as NSString).deletingLastPathComponent
        #expect(message { _ = try HDF5File.open(folder) } == "cannot open \(folder): it is a folder")
      }
    }

    @Test func creatingSaysWhatIsWrong() throws {
      try withScratch { path in
        #expect(
          message { _ = try HDF5File.create(path + "/sub/x.h5") }
            == "cannot create \(path)/sub/x.h5: the folder \(path)/sub does not exist")
        // root may write anywhere but into the kernel's own folders.
        var folder = "/proc/self"
        if geteuid() != 0 {
          folder = (path as NSString).deletingLastPathComponent
          chmod(folder, 0o500)
        }
        defer { if geteuid() != 0 { chmod(folder, 0o700) } }
        #expect(message { _ = try HDF5File.create("\(folder)/x.h5") }.hasPrefix("cannot create \(folder)/x.h5: "))
        if geteuid() != 0 {
          #expect(
            message { _ = try HDF5File.create("\(folder)/x.h5") }.hasSuffix("no permission to write to the folder \(folder)"))
        }
      }
    }

    /// A program that is started while a file is open must not hold its lock.
    @Test(arguments: [false, true]) func descriptorsStayInThisProcess(isNew: Bool) throws {
      try withScratch { path in
        try HDF5File.create(path).close()
        let file = try isNew ? HDF5File.create(path) : HDF5File.open(path)
        var (own, other) = (stat(), stat())
        stat(path, &own)
        let descriptors = (0..<1024 as Range<Int32>).filter {
          fstat($0, &other) == 0 && other.st_ino == own.st_ino && other.st_dev == own.st_dev
        }
        #expect(!descriptors.isEmpty)
        for descriptor in descriptors { #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0) }
        try file.close()
      }
    }

    /// As of a program that was started while the file was open, between fork and exec.
    @Test func aLockIsWaitedForAWhile() throws {
      try withScratch { path in
        try HDF5File.create(path).close()
        let descriptor = open(path, O_RDWR)
        #expect(flock(descriptor, LOCK_EX) == 0)
        #expect(message { _ = try HDF5File.open(path) }.contains("another process has it open"))
        Thread.detachNewThread {
          usleep(20_000)
          close(descriptor)
        }
        try HDF5File.open(path).close()
      }
    }

    @Test func aReadOnlyFileRefusesWrites() throws {
      try withRoundTrip { root in
        try root.write([1.0], shape: [1], to: "x", layout: .contiguous)
      } read: { root in
        #expect(message { try root.write([1.0], shape: [1], to: "y", layout: .contiguous) }.contains("cannot create /y"))
        #expect(message { try root.dataset("x").overwrite([2.0]) }.contains("cannot write /x"))
        #expect(message { try root.attributes.set("a", to: 1.0) }.contains("cannot write /@a"))
      }
    }

    @Test func closingInvalidatesWhatIsOpen() throws {
      try withScratch { path in
        let file = try HDF5File.create(path)
        let dataset = try file.root.write([1.0], shape: [1], to: "x", layout: .contiguous)
        #expect(HDF5Library.openObjectCount == 3, "the file, its root and the dataset")
        try file.close()
        try file.close()
        #expect(HDF5Library.openObjectCount == 0)
        #expect(message { _ = try dataset.read(as: Double.self) } == "cannot read /x in \(path): the file is closed")
        // Ids given out from now on must not be closed by the stale dataset going away.
        let again = try HDF5File.open(path)
        #expect(try again.root.dataset("x").read() == [1.0])
        #expect(message { try file.flush() }.hasSuffix("the file is closed"))
        try again.close()
      }
    }

    @Test func aDatasetKeepsItsFileOpen() throws {
      try withScratch { path in
        var dataset: HDF5Dataset? = try HDF5File.create(path).root.write([1.0], shape: [1], to: "x", layout: .contiguous)
        #expect(try dataset?.read() == [1.0])
        dataset = nil
        #expect(HDF5Library.openObjectCount == 0)
        let again = try HDF5File.open(path)
        #expect(try again.root.dataset("x").read() == [1.0])
        try again.close()
      }
    }

    @Test func manyThreadsTakeTurns() async throws {
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("offprint-\(UUID().uuidString).h5").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      let file = try HDF5File.create(path)
      await withTaskGroup(of: Void.self) { group in
        for index in 0..<8 {
          group.addTask {
            for round in 0..<20 {
              let values = (0..<50).map { Double($0 * index + round) }
              let written = try? file.root.write(values, shape: [50], to: "t\(index)-\(round)", layout: .oneChunk([50]))
              #expect((try? written?.read()) == values)
            }
          }
        }
      }
      #expect(try file.root.children.count == 160)
      try file.close()
    }

    /// The limit on the size of files stands for a full disk. In a process of its own, since a failed write may poison libhdf5.
    @Test func aFullDiskIsAnError() async {
      await #expect(processExitsWith: .exitCode(7)) {
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("offprint-\(UUID().uuidString).h5").path
        let file = try HDF5File.create(path)
        let text = message {
          try file.root.write([Double](repeating: 1, count: 20_000), shape: [20_000], to: "x", layout: .oneChunk([20_000]))
        }
        unlink(path)
        _exit(text == "cannot write /x in \(path): file write failed: File too large" ? 7 : 8)
      }
    }
  }
}
