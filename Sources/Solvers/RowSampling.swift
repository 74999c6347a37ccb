import Tensors
import Transforms

/// Independent choices of rows: row i stays with probability q_i = min(1, c w_i), and then counts 1 / q_i, so that sums over the rows are
/// kept on average. The constant c is such that `count` rows stay on average.
public struct RowSampling: Sendable {
  /// q, [n].
  public let probabilities: Tensor<Double>

  /// - Parameters:
  ///   - weights: w, not negative; a row with weight 0 never stays.
  ///   - count: how many rows stay on average; all rows with a weight when there are fewer.
  public init(weights: [Double], count: Double) {
    guard weights.allSatisfy({ $0 >= 0 }), count >= 0 else {
      fatalError("RowSampling: weights and the number of rows must not be negative")
    }
    // With the k largest weights at probability 1, c is what the others leave: the first k for which none of them exceeds 1.
    let sorted = weights.sorted(by: >)
    var rest = sorted.reduce(0, +)
    var constant = Double.infinity
    for (k, weight) in sorted.enumerated() where weight > 0 {
      let candidate = (count - Double(k)) / rest
      if candidate * weight <= 1 {
        constant = candidate
        break
      }
      rest -= weight
    }
    probabilities = Tensor(weights.map { $0 > 0 ? min(1, constant * $0) : 0 })
  }

  /// What each row counts in each of `draws` choices, 0 or 1 / q_i: [draws, n].
  public func draw(_ draws: Int, key: Key) -> Tensor<Double> {
    let isKept = Tensor<Double>.uniform([draws, probabilities.count], key: key) .< probabilities
    return .where(isKept, 1 / maximum(probabilities, Tensor(Double.leastNormalMagnitude)), 0)
  }
}
