import Notebook
import TestSupport
import Testing

/// All tests that touch libhdf5, one after the other.
@Suite(.serialized, .takesTurns) struct FileTests {}

/// Waits for the process's one libhdf5; see ``Turn``.
struct TakesTurns: TestTrait, SuiteTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
    guard !test.isSuite else { return try await function() }
    await Turn.hdf5.begin()
    do {
      try await function()
    } catch {
      await Turn.hdf5.end()
      throw error
    }
    await Turn.hdf5.end()
  }
}

extension Trait where Self == TakesTurns {
  static var takesTurns: Self { Self() }
}
