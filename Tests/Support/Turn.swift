/// libhdf5 is one for the whole process, and HDF5's own tests count its open objects: tests that use it take turns.
package actor Turn {
  /// The turn with libhdf5.
  package static let hdf5 = Turn()

  private var isTaken = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// Runs `function` when nobody else has the turn.
  package nonisolated func take(_ function: @Sendable () async throws -> Void) async throws {
    await begin()
    do {
      try await function()
    } catch {
      await end()
      throw error
    }
    await end()
  }

  private func begin() async {
    guard isTaken else {
      isTaken = true
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  /// Passes the turn to whoever waits longest.
  private func end() {
    if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
  }
}
