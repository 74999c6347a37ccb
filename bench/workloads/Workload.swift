import Foundation
import Tensors

/// A piece of work whose time is told: `prepare` builds it, compiles it, and returns one repetition.
struct Workload: Sendable {
  let name: String
  let prepare: @Sendable () throws -> () -> Void

  init(_ name: String, _ prepare: @escaping @Sendable () throws -> () -> Void) {
    self.name = name
    self.prepare = prepare
  }

  /// Median and least seconds of one repetition over `repeats` measurements after a warm-up. Short work is repeated within a measurement, so that
  /// each takes 100 milliseconds or more.
  func seconds(repeats: Int = 9) throws -> (median: Double, least: Double) {
    let body = try prepare()
    func measure(_ count: Int) -> Double {
      let start = DispatchTime.now().uptimeNanoseconds
      for _ in 0..<count { body() }
      return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    }
    // The first calls trace, plan and make the memory of the results.
    for _ in 0..<4 { body() }
    var count = 1
    while measure(count) < 0.1 { count *= 2 }
    let times = (0..<repeats).map { _ in measure(count) / Double(count) }.sorted()
    return (times[times.count / 2], times[0])
  }
}
