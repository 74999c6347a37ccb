import Tensors

/// The perceptron's training points as rows y x / sqrt(d), which is all that SGD on the hinge loss sees of them.
package struct PerceptronPoints: Sendable {
  /// P rows of d / 8 vectors.
  private let rows: [SIMD8<Double>]
  private let lanes: Int
  package let count: Int

  /// - Parameter signed: y x / sqrt(d), [P, d], with d a multiple of 8.
  package init(signed: Tensor<Double>) {
    guard signed.rank == 2, signed.shape[1] % 8 == 0 else {
      fatalError("PerceptronPoints: shape \(signed.shape), expected [points, dimension] with a dimension divisible by 8")
    }
    (count, lanes) = (signed.shape[0], signed.shape[1] / 8)
    let numbers = signed.scalars
    rows = stride(from: 0, to: numbers.count, by: 8).map { SIMD8(numbers[$0..<$0 + 8]) }
  }

  /// y = sign(x_1) where |x_1| has a density like x^chi near 0, the root of a chi-square of chi + 1 degrees; the other coordinates are
  /// normal. The first points do not depend on how many there are.
  package init(count: Int, dimension: Int, chi: Int, key: Key) {
    // y x for a normal x without its first coordinate is as normal as x: the label drops out.
    let first = Tensor<Double>.normal([count, chi + 1], key: key.named("first")).norm(-1, keepingAxes: true)
    let others = Tensor<Double>.normal([count, dimension - 1], key: key.named("others"))
    self.init(signed: .concatenate([first, others], axis: 1) / Double(dimension).squareRoot())
  }

  /// `draws` / B steps of w <- w + T sum over {i in the batch: y_i f(x_i) < kappa} of y_i x_i / sqrt(d), with f(x) = w.x / sqrt(d).
  package func descend(_ w: inout [SIMD8<Double>], draws: [Int32], batchSize: Int, temperature: Double, margin: Double) {
    rows.withUnsafeBufferPointer { rows in
      w.withUnsafeMutableBufferPointer { w in
        withUnsafeTemporaryAllocation(of: Int.self, capacity: batchSize) { unfitted in
          for start in stride(from: 0, through: draws.count - batchSize, by: batchSize) {
            var count = 0
            for draw in draws[start..<start + batchSize] {
              let row = Int(draw) * lanes
              if product(rows, row, UnsafeBufferPointer(w)) < margin {
                unfitted[count] = row
                count += 1
              }
            }
            for row in unfitted[..<count] {
              for k in 0..<lanes { w[k] += temperature * rows[row + k] }
            }
          }
        }
      }
    }
  }

  /// Whether y f >= kappa on all points.
  package func areFitted(by w: [SIMD8<Double>], margin: Double) -> Bool {
    rows.withUnsafeBufferPointer { rows in
      w.withUnsafeBufferPointer { w in (0..<count).allSatisfy { product(rows, $0 * lanes, w) >= margin } }
    }
  }

  @inline(__always)
  private func product(
    _ rows: UnsafeBufferPointer<SIMD8<Double>>, _ row: Int, _ w: UnsafeBufferPointer<SIMD8<Double>>
  ) -> Double {
    var sum = SIMD8<Double>.zero
    for k in 0..<lanes { sum.addProduct(rows[row + k], w[k]) }
    return sum.sum()
  }
}

/// SGD on the perceptron until every point is fitted.
package struct PerceptronRun: Codable, Sendable {
  /// w, eight coordinates to a vector.
  package private(set) var w: [SIMD8<Double>]
  package private(set) var steps = 0
  package private(set) var isFitted = false

  /// - Parameter start: w_0, whose length is a multiple of 8.
  package init(start: Tensor<Double>) {
    let numbers = start.scalars
    w = stride(from: 0, to: numbers.count, by: 8).map { SIMD8(numbers[$0..<$0 + 8]) }
  }

  /// w_1, along the direction that sets the label.
  package var signal: Double { w[0][0] }
  /// The norm of the other coordinates.
  package var noise: Double {
    (w.reduce(0) { $0 + ($1 * $1).sum() } - signal * signal).squareRoot()
  }

  /// `count` more steps unless the points are fitted, which is looked at after them.
  /// - Parameters:
  ///   - temperature: T = eta / B.
  ///   - key: of the indices, drawn with replacement; another one for each call.
  package mutating func advance(
    on points: PerceptronPoints, steps count: Int, batchSize: Int, temperature: Double, margin: Double, key: Key
  ) {
    guard !isFitted else { return }
    let draws = Tensor<Int32>.integers([count * batchSize], in: 0..<Int32(points.count), key: key).scalars
    points.descend(&w, draws: draws, batchSize: batchSize, temperature: temperature, margin: margin)
    steps += count
    isFitted = points.areFitted(by: w, margin: margin)
  }
}
