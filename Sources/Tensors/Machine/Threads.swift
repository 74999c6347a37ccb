import Foundation
import Synchronization

/// How many threads this library uses, and the loops that use them.
///
/// Promise: work is cut into blocks by its size alone, never by the number of threads, and blocks write to places of their own;
/// so results are the same bits with 1 thread and with 100.
public enum Threads {
  private static let setting = Atomic<Int>(initialCount())

  /// Number of threads: `OFFPRINT_THREADS` if set, else the processors this process may use. `--threads` sets it.
  public static var count: Int {
    get { setting.load(ordering: .relaxed) }
    set { setting.store(max(1, newValue), ordering: .relaxed) }
  }

  private static func initialCount() -> Int {
    if let text = ProcessInfo.processInfo.environment["OFFPRINT_THREADS"], let count = Int(text), count > 0 { return count }
    return ProcessInfo.processInfo.activeProcessorCount
  }

  /// Calls `body` once for every index in `0..<count`, on up to `Threads.count` threads, in any order; returns when all are done.
  ///
  /// Inside such a loop, or while another thread is in one, it is a plain loop on the thread that calls it.
  public static func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
    let threads = min(Self.count, count)
    if threads > 1, ThreadPool.shared.run(count, helpers: threads - 1, body) { return }
    for i in 0..<max(0, count) { body(i) }
  }

  /// Calls `body` for consecutive ranges of `size` indices (the last may be shorter) that cover `0..<count`.
  public static func forEachBlock(of count: Int, size: Int, _ body: @Sendable (Range<Int>) -> Void) {
    if count <= 0 { return }
    forEach((count + size - 1) / size) { block in body(block * size..<min(count, (block + 1) * size)) }
  }

  /// `transform` of every index in `0..<count`, computed on up to `Threads.count` threads, in the order of the indices.
  public static func map<Value: Sendable>(_ count: Int, _ transform: @Sendable (Int) -> Value) -> [Value] {
    [Value](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      let target = Shared(buffer)
      forEach(count) { i in (target.value.baseAddress! + i).initialize(to: transform(i)) }
      initializedCount = count
    }
  }
}
