import Foundation
import HDF5
import TestSupport
import Testing

/// All tests that touch libhdf5: one after the other, and nothing may stay open after any of them.
@Suite(.serialized, .nothingStaysOpen) struct HDF5Tests {}

/// Fails a test that leaves an id of the library open.
struct NothingStaysOpen: TestTrait, SuiteTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
    guard !test.isSuite else { return try await function() }
    // Other modules' tests open files too.
    try await Turn.hdf5.take(function)
    // The count is of the whole process, and other modules' tests may have a file open for a moment; a leak stays.
    for _ in 0..<500 where HDF5Library.openObjectCount != 0 { try await Task.sleep(for: .milliseconds(10)) }
    #expect(HDF5Library.openObjectCount == 0, "\(test.name) leaves something open")
  }
}

extension Trait where Self == NothingStaysOpen {
  static var nothingStaysOpen: Self { Self() }
}

/// Gives `body` the path of a file in a folder of its own, which is removed afterwards.
func withScratch<Result>(_ body: (_ path: String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("offprint-hdf5-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.appendingPathComponent("x.h5").path)
}

/// Writes a file with `write`, closes it, and gives the reopened root to `read`.
func withRoundTrip(_ write: (HDF5Group) throws -> Void, read: (HDF5Group) throws -> Void) throws {
  try withScratch { path in
    let written = try HDF5File.create(path)
    try write(written.root)
    try written.close()
    let file = try HDF5File.open(path)
    try read(file.root)
    try file.close()
  }
}

/// The description of the error that `body` throws.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return error is HDF5Error ? "\(error)" : "not an HDF5Error: \(error)"
  }
}
