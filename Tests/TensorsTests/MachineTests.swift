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
}
