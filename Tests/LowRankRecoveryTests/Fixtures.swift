import Foundation
import Tensors
import Testing

/// Inputs and comparison of the tests that follow a transcription in NumPy.
enum Fixture {
  /// 0.5 sin(1 + 1.7 i + 0.37 i² + phase), as in the reference scripts: full-rank inputs that need no random numbers.
  static func wave(_ rows: Int, _ columns: Int, _ phase: Double) -> Tensor<Double> {
    let values = (0..<rows * columns).map { i -> Double in
      let x = Double(i)
      return 0.5 * sin(1 + 1.7 * x + 0.37 * x * x + phase)
    }
    return Tensor(shape: [rows, columns], values)
  }

  /// 50 iterations carry the rounding of some ten thousand operations: 1e-10 of the value, and `floor` where a difference of numbers of
  /// size 1 has lost its digits.
  static func expectEqual(_ measured: [Double], _ reference: [Double], floor: Double = 0) {
    #expect(measured.count == reference.count)
    for (a, b) in zip(measured, reference) { #expect(abs(a - b) <= 1e-10 * abs(b) + floor, "\(a) instead of \(b)") }
  }
}
