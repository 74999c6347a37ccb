import Foundation
import Optimizers
import Tensors
import Testing

/// Against References/l1_least_squares.py: coordinate descent of scikit-learn on the same numbers.
@Suite struct L1LeastSquaresTests {
  private let x = Self.matrix(5) { sin(0.37 * ($0 + 1) * ($1 + 1) + 0.5 * $1) }
  private var y: Tensor<Double> {
    let noise = Self.matrix(2) { 0.2 * cos(1.9 * $0 + $1) }
    let signal = x.slice(All(), 0..<2) * Tensor<Double>([1, -0.6])
    return signal + 0.7 * x.slice(All(), 3..<5) + noise
  }

  /// Thirty rows.
  private static func matrix(_ columns: Int, _ value: (_ row: Double, _ column: Double) -> Double) -> Tensor<Double> {
    let places = (0..<30 * columns).map { value(Double($0 / columns), Double($0 % columns)) }
    return Tensor(shape: [30, columns], places)
  }

  @Test func agreesWithScikitLearn() throws {
    let problem = try L1LeastSquares(design: x, targets: y)
    let coarse = problem.solution(l1: 0.2, tolerance: 1e-13).weights
    expect(
      coarse.transposed(),
      [0.5974699678078197, 0, 0, 0.27861867558037756, 0, 0, -0.22159430369002117, 0, 0, 0.4761812161488179])
    expect(problem.meanSquaredErrors(coarse), [0.18637012260554828, 0.1592632423150825])
    let cold = problem.solution(l1: 0.02, tolerance: 1e-13)
    let warm = problem.solution(l1: 0.02, from: cold.weights, tolerance: 1e-13)
    for fine in [cold.weights, warm.weights] {
      expect(
        fine.transposed(),
        [0.9640424593441013, 0, 0, 0.6606138975168654, 0, 0, -0.5606419565800809, 0, 0, 0.8156285020298497])
      expect(problem.meanSquaredErrors(fine), [0.021685225641539, 0.009994355785442343])
    }
    // Momentum reaches 13 digits in few steps; a solution is recognized.
    #expect(cold.steps < 300 && warm.steps < 10)
  }

  @Test func ends() throws {
    // From lambda = max |X^T y| / n on nothing is left.
    let problem = try L1LeastSquares(design: x, targets: y)
    let largest = problem.products.abs().max().scalar
    #expect(problem.solution(l1: largest * 1.0001).weights == .zeros([5, 2]))
    #expect(problem.solution(l1: largest * 0.9999).weights != .zeros([5, 2]))
    let nothing = try L1LeastSquares(design: Tensor<Double>.zeros(4, 2), targets: .ones([4, 1]))
    #expect(nothing.solution(l1: 0.1).weights == .zeros([2, 1]))
    #expect(nothing.meanSquaredErrors(.zeros([2, 1])) == Tensor([1]))
  }

  private func expect(_ values: Tensor<Double>, _ known: [Double]) {
    #expect(values.count == known.count)
    for (value, known) in zip(values.scalars, known) {
      #expect(known == 0 ? value == 0 : abs(value - known) < 1e-10)
    }
  }
}
