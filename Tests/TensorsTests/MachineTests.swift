import Dispatch
import Foundation
import Synchronization
import Tensors
import Testing

@Suite struct MachineTests {
  @Test func processorIsKnown() {
    #expect(!Processor.model.isEmpty && !Processor.family.isEmpty)
    for level in 1...3 { #expect(Processor.cacheSize(level: level).map { $0 >= 4096 } ?? true, "level \(level)") }
    #expect(Processor.cacheSize(level: 9) == nil)
    #expect(BLAS.version.hasPrefix("OpenBLAS") && !BLAS.core.isEmpty && BLAS.configuration.contains(BLAS.version))
  }

  @Test(arguments: [0, 1, 2, 1000]) func mapKeepsTheOrder(count: Int) {
    #expect(Threads.map(count) { "\($0)" } == (0..<count).map { "\($0)" })
  }

  @Test func blocksCoverTheRange() {
    for (count, size) in [(0, 4), (1, 4), (4, 4), (9, 4)] {
      var seen = Tensor<Float>.zeros(count)
      seen.withUnsafeMutableBufferPointer { buffer in
        nonisolated(unsafe) let target = buffer
        Threads.forEachBlock(of: count, size: size) { range in
          for i in range { target[i] += 1 }
        }
      }
      #expect(seen == .full([count], 1), "\(count) in blocks of \(size)")
    }
  }

  /// Thousands of regions in a row, from several threads at once: the pool serves one and the others run alone.
  @Test func regionsFromSeveralThreads() {
    let regions = 2000
    let failures = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 4) { caller in
      for region in 0..<regions {
        let count = 1 + (region + caller) % 7
        let sum = Atomic<Int>(0)
        Threads.forEach(count) { i in sum.wrappingAdd(1 << (8 * i), ordering: .relaxed) }
        let expected = (0..<count).reduce(0) { $0 + 1 << (8 * $1) }
        if sum.load(ordering: .relaxed) != expected { failures.wrappingAdd(1, ordering: .relaxed) }
      }
    }
    let failed = failures.load(ordering: .relaxed)
    #expect(failed == 0)
  }

  /// A body may hold loops of its own; the owner sleeps when a worker takes long, and workers when there is nothing to do.
  @Test func nestedAndUnevenBodies() {
    let sum = Atomic<Int>(0)
    for pause in [0, 2000] {
      Threads.forEach(3) { i in
        usleep(UInt32(i * pause))
        Threads.forEach(5) { j in
          Threads.forEach(2) { k in sum.wrappingAdd(i + 10 * j + 100 * k, ordering: .relaxed) }
        }
      }
    }
    // The sum over i < 3, j < 5, k < 2, twice.
    let total = sum.load(ordering: .relaxed)
    #expect(total == 2 * (10 * 3 + 6 * 100 + 15 * 100))
  }

  @Test func bodiesRunSideBySide() {
    guard Threads.count > 1 else { return }
    // The first body waits for the second; the pool may be taken by another test, so one success in many tries is asked for.
    let met = Atomic<Bool>(false)
    for _ in 0..<1000 where !met.load(ordering: .relaxed) {
      let arrived = Atomic<Bool>(false)
      Threads.forEach(2) { i in
        // Indices are taken in order, so on one thread the second body never arrives while the first waits.
        if i == 1 { return arrived.store(true, ordering: .relaxed) }
        let deadline = DispatchTime.now() + .milliseconds(5)
        while !arrived.load(ordering: .relaxed), DispatchTime.now() < deadline {}
        if arrived.load(ordering: .relaxed) { met.store(true, ordering: .relaxed) }
      }
    }
    let success = met.load(ordering: .relaxed)
    #expect(success)
  }
}
