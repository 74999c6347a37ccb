import Tensors

/// Sums for the mean of independent vectors and its standard error.
package struct VectorMoments: Codable {
  private var count = 0
  private var sum: [Double]
  private var squares: [Double]

  package init(width: Int) {
    sum = Array(repeating: 0, count: width)
    squares = sum
  }

  /// Takes in `count` vectors, given by the sums of their entries and of the squares.
  package mutating func add(_ count: Int, sum: Tensor<Double>, squares: Tensor<Double>) {
    self.count += count
    self.sum = zip(self.sum, sum.scalars).map { $0 + $1 }
    self.squares = zip(self.squares, squares.scalars).map { $0 + $1 }
  }

  package var mean: [Double] { sum.map { $0 / Double(count) } }

  /// Of the means.
  package var standardErrors: [Double] {
    zip(mean, squares).map { mean, square in
      (max(0, square / Double(count) - mean * mean) / Double(max(1, count - 1))).squareRoot()
    }
  }
}
