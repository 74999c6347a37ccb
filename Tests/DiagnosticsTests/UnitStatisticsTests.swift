import Diagnostics
import Foundation
import Tensors
import Testing

/// Against References/unit_statistics.py, which has the same samples.
@Suite struct UnitStatisticsTests {
  private let a = Self.matrix(4) { sin(0.37 * $0 * ($1 + 1) + 0.5 * $1) }
  private var b: Tensor<Double> { Self.matrix(3) { cos(0.29 * $0 * ($1 + 1)) } + 0.8 * a.slice(All(), 0..<3) }

  /// Thirty rows, counted from 1, and columns, counted from 0.
  private static func matrix(_ columns: Int, _ value: (Double, Double) -> Double) -> Tensor<Double> {
    let places = (0..<30 * columns).map { value(Double($0 / columns + 1), Double($0 % columns)) }
    return Tensor(shape: [30, columns], places)
  }

  private func expect(_ values: [Double], _ known: [Double], within tolerance: Double = 1e-13) {
    #expect(values.count == known.count)
    for (value, known) in zip(values, known) { #expect(abs(value - known) < tolerance) }
  }

  @Test func correlations() {
    expect(
      correlationMatrix(a, b).scalars,
      [
        0.933173625704131, -0.01222165909615196, -0.15154522160544412, -0.023514465860716618, 0.6756389828608935,
        -0.44407598342041066, -0.07453392485323888, -0.05016922179893488, 0.6761422495866267, -0.07038488489302923,
        -0.062416764447078076, -0.10347014068070294,
      ])
    #expect(correlationMatrix(a, Tensor.ones([30, 1])).scalars.allSatisfy { $0.isNaN })
  }

  @Test func canonical() throws {
    let known = [0.9394723749608913, 0.8165727920986988, 0.5508423824682314]
    expect(try canonicalCorrelations(a, b), known)
    // Affine maps of either side change nothing.
    let map = Tensor<Double>(shape: [3, 3], [2, 1, 0, 0, 3, -1, 1, 0, 0.5])
    expect(try canonicalCorrelations(matmul(b, map) + 5, a), known)
    expect(try canonicalCorrelations(b, matmul(b, map)), [1, 1, 1])
  }

  @Test func information() {
    expect(
      mutualInformation(a, b, bins: 5).scalars,
      [
        0.831713217672587, 0.20134558167211775, 0.27338785318690423, 0.3120786828089341, 0.48091183619749417, 0.4029980691472652,
        0.2951057868236046, 0.230582497724118, 0.5572304365568295, 0.19981381398057133, 0.2512667560870207, 0.46193846371379615,
      ])
    // Of a column with itself it is the entropy; eight values in as many bins.
    let steps = Tensor<Double>(shape: [16, 1], (0..<16).map { Double($0 % 8) })
    expect(mutualInformation(steps, steps, bins: 8).scalars, [log(8)])
    expect(mutualInformation(steps, .ones([16, 1]), bins: 8).scalars, [0])
    #expect(mutualInformation(steps, .full([16, 1], .nan), bins: 8).scalars[0].isNaN)
  }
}
