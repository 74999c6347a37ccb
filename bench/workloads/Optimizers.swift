import Optimizers
import Tensors
import Transforms

/// A step of Adam over a million parameters, and what moving the same memory takes: parameters, two moments and the gradient are read,
/// all but the gradient written, 28 MB in all.
let optimizerWorkloads: [Workload] = [
  Workload("adam-1m") {
    let (adam, gradient) = (Adam<Float>(), Tensor<Float>.normal([1_000_000], key: Key(seed: 1)))
    var parameters = Tensor<Float>.normal([1_000_000], key: Key(seed: 0))
    var state = adam.initialState(for: parameters)
    let step = compile { (parameters: Tensor<Float>, gradient: Tensor<Float>, state: Moments<Float>) in
      var state = state
      return (adam.updated(parameters, gradient: gradient, &state), state)
    }
    return { (parameters, state) = step(parameters, gradient, state) }
  },
  Workload("stream-adam-1m") {
    let count = 1_000_000
    let memory = (0..<4).map { i in
      let numbers = UnsafeMutableBufferPointer<SIMD16<Float>>.allocate(capacity: count / 16)
      numbers.initialize(repeating: SIMD16(repeating: Float(i)))
      return Streams(numbers)
    }
    let (p, m, v, g) = (memory[0], memory[1], memory[2], memory[3])
    return {
      Threads.forEachBlock(of: count / 16, size: 1024) { block in
        for i in block {
          m.lanes[i] = m.lanes[i] * 0.9 + g.lanes[i] * 0.1
          v.lanes[i] = v.lanes[i] * 0.999 + g.lanes[i] * 0.001
          p.lanes[i] = p.lanes[i] * 0.999 + m.lanes[i] * v.lanes[i]
        }
      }
    }
  },
]

/// Memory that several threads write, each its own part.
private struct Streams: @unchecked Sendable {
  let lanes: UnsafeMutablePointer<SIMD16<Float>>
  init(_ numbers: UnsafeMutableBufferPointer<SIMD16<Float>>) {
    guard let start = numbers.baseAddress else { fatalError("a stream of no numbers") }
    lanes = start
  }
}
