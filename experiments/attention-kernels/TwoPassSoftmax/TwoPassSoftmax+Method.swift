import Foundation
import Tensors

/// The three algorithms that the paper compares. Their kernels are in Tensors: one exponential, one unrolling, one treatment of the
/// tail for all.
package enum SoftmaxAlgorithm: String, CaseIterable, Sendable {
  /// Sum of exponentials as (mantissa, exponent) pairs, then scale: 2 reads, 1 write.
  case twoPass = "two-pass"
  /// Maximum, sum, exponentials again: 3 reads, 1 write.
  case recompute = "three-pass recompute"
  /// Maximum, exponentials stored and summed, scale in place: 3 reads, 2 writes.
  case reload = "three-pass reload"

  package func run(_ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>, _ lanes: any FloatLanes.Type) {
    switch self {
    case .twoPass: Tensors.TwoPassSoftmax.run(x, count, into: y, lanes)
    case .recompute: ThreePassRecompute.run(x, count, into: y, lanes)
    case .reload: ThreePassReload.run(x, count, into: y, lanes)
    }
  }
}

/// One sweep over memory, timed alone: a pass of an algorithm, or a bare stream.
struct MemoryPass {
  var name: String
  /// Arrays of `count` floats that it reads and writes: what its bandwidth counts.
  var arrays: Int
  /// Returns a number that depends on what it did.
  var run: () -> Float

  /// The passes of the three algorithms, in their order.
  static func passes(
    _ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>, _ lanes: any FloatLanes.Type
  ) -> [(algorithm: SoftmaxAlgorithm, pass: MemoryPass)] {
    let extendedSum = Tensors.TwoPassSoftmax.sum(x, count, lanes)
    let maximum = ThreePassRecompute.maximum(x, count, lanes)
    let sum = ThreePassRecompute.sum(x, count, maximum: maximum, lanes)
    return [
      (.twoPass, MemoryPass(name: "sum", arrays: 1) { Tensors.TwoPassSoftmax.sum(x, count, lanes).mantissa }),
      (
        .twoPass,
        MemoryPass(name: "scale", arrays: 2) {
          Tensors.TwoPassSoftmax.scale(x, count, sum: extendedSum, into: y, lanes)
          return y[0]
        }
      ),
      (.recompute, MemoryPass(name: "maximum", arrays: 1) { ThreePassRecompute.maximum(x, count, lanes) }),
      (.recompute, MemoryPass(name: "sum", arrays: 1) { ThreePassRecompute.sum(x, count, maximum: maximum, lanes) }),
      (
        .recompute,
        MemoryPass(name: "exponentials", arrays: 2) {
          ThreePassRecompute.scale(x, count, maximum: maximum, sum: sum, into: y, lanes)
          return y[0]
        }
      ),
      (.reload, MemoryPass(name: "maximum", arrays: 1) { ThreePassRecompute.maximum(x, count, lanes) }),
      (
        .reload,
        MemoryPass(name: "exponentials, sum", arrays: 2) {
          ThreePassReload.exponentials(x, count, maximum: maximum, into: y, lanes)
        }
      ),
      (
        .reload,
        // By a sum of 1: repeated scaling must not drive y into denormals, which are slow.
        MemoryPass(name: "scale in place", arrays: 2) {
          ThreePassReload.scale(y, count, sum: 1, lanes)
          return y[0]
        }
      ),
    ]
  }

  /// What memory alone takes, in loops of the same shape.
  static func streams(
    _ x: UnsafePointer<Float>, _ count: Int, into y: UnsafeMutablePointer<Float>, _ lanes: any FloatLanes.Type
  ) -> [MemoryPass] {
    [
      MemoryPass(name: "read", arrays: 1) { MemoryStreams.read(x, count, lanes) },
      MemoryPass(name: "copy", arrays: 2) {
        MemoryStreams.copy(x, count, into: y, lanes)
        return y[0]
      },
      MemoryPass(name: "scale", arrays: 2) {
        MemoryStreams.scale(y, count, by: 1, into: y, lanes)
        return y[0]
      },
    ]
  }
}

/// The softmax in Double with the maximum subtracted, of the same Float scores: what the algorithms are held against.
package func referenceSoftmax(_ x: [Float]) -> [Double] {
  let maximum = Double(x.max() ?? 0)
  let exponentials = x.map { exp(Double($0) - maximum) }
  let sum = exponentials.reduce(0, +)
  return exponentials.map { $0 / sum }
}

/// The largest |y/p - 1| over the entries whose reference p a Float can hold at full precision; NaN when one of them is not finite.
package func largestRelativeError(_ y: [Float], _ p: [Double]) -> Double {
  var largest = 0.0
  for (y, p) in zip(y, p) where p >= 1.2e-38 {
    let error = abs(Double(y) / p - 1)
    if !error.isFinite { return .nan }
    largest = max(largest, error)
  }
  return largest
}
