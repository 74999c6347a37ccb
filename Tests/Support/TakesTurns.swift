import Testing

/// A suite whose tests wait for the process's one libhdf5; see ``Turn``.
package struct TakesTurns: TestTrait, SuiteTrait, TestScoping {
  package var isRecursive: Bool { true }

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    if test.isSuite { try await function() } else { try await Turn.hdf5.take(function) }
  }
}

extension Trait where Self == TakesTurns {
  package static var takesTurns: Self { Self() }
}
