import Foundation
import Tensors

/// Exact Wasserstein-1 distance of two samples on the line: the area between their distribution functions. NaN when a sample is empty or
/// has a NaN.
public func wasserstein1(_ x: [Double], _ y: [Double]) -> Double {
  integrate(x, y) { abs($0) }
}

/// Energy distance of two samples on the line, sqrt(2 E|X - Y| - E|X - X'| - E|Y - Y'|) over all pairs (Székely and Rizzo): the square root
/// of twice the integral of the squared difference of their distribution functions.
public func energyDistance(_ x: [Double], _ y: [Double]) -> Double {
  (2 * integrate(x, y) { $0 * $0 }).squareRoot()
}

/// Energy distance of two samples of points, [n, dimension] and [m, dimension], as on the line: all n m pairs are looked at.
public func energyDistance(_ x: Tensor<Double>, _ y: Tensor<Double>) -> Double {
  guard x.rank == 2, y.rank == 2, x.shape[1] == y.shape[1] else {
    fatalError("energyDistance: points of shapes \(x.shape) and \(y.shape)")
  }
  let square = 2 * meanDistance(x, y) - meanDistance(x, x) - meanDistance(y, y)
  // Rounding may leave it below zero; a NaN stays.
  return (square < 0 ? 0 : square).squareRoot()
}

/// Kolmogorov-Smirnov statistic of two samples: the largest distance between their distribution functions.
public func kolmogorovSmirnov(_ x: [Double], _ y: [Double]) -> Double {
  var largest = 0.0
  guard forEachStep(x, y, { difference, _ in largest = max(largest, abs(difference)) }) else { return .nan }
  return largest
}

/// Kolmogorov-Smirnov statistic of a sample against a continuous distribution function.
public func kolmogorovSmirnov(_ x: [Double], cumulative: (Double) -> Double) -> Double {
  guard !x.isEmpty, !x.contains(where: \.isNaN) else { return .nan }
  let n = Double(x.count)
  return x.sorted().enumerated().reduce(0) { largest, item in
    let p = cumulative(item.element)
    return max(largest, p - Double(item.offset) / n, Double(item.offset + 1) / n - p)
  }
}

/// How far a sample is from normal, whatever its mean and variance: the area between the distribution function of the standardized sample
/// and the normal one over [-5, 5], by the trapezoidal rule. Standardized by the sample's own mean and standard deviation (with n); NaN
/// for fewer than two different values.
public func distanceFromNormal(_ x: [Double], points: Int = 1000) -> Double {
  let n = Double(x.count)
  let mean = x.reduce(0, +) / n
  let deviation = (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n).squareRoot()
  guard deviation > 0 else { return .nan }
  let sorted = x.map { ($0 - mean) / deviation }.sorted()
  let width = 10 / Double(points - 1)
  var (below, area) = (0, 0.0)
  for i in 0..<points {
    let z = -5 + Double(i) * width
    while below < sorted.count, sorted[below] <= z { below += 1 }
    let gap = abs(Double(below) / n - 0.5 * erfc(-z / 2.0.squareRoot()))
    area += (i == 0 || i == points - 1 ? 0.5 : 1) * gap * width
  }
  return area
}

private func integrate(_ x: [Double], _ y: [Double], _ term: (Double) -> Double) -> Double {
  var sum = 0.0
  guard forEachStep(x, y, { difference, width in sum += width == 0 ? 0 : term(difference) * width }) else { return .nan }
  return sum
}

/// Calls `body` with the difference of the two distribution functions behind each value of either sample, and with the distance to the
/// next value; false when a sample is empty or has a NaN.
private func forEachStep(_ x: [Double], _ y: [Double], _ body: (_ difference: Double, _ width: Double) -> Void) -> Bool {
  guard !x.isEmpty, !y.isEmpty, !x.contains(where: \.isNaN), !y.contains(where: \.isNaN) else { return false }
  let (x, y) = (x.sorted(), y.sorted())
  var (i, j) = (0, 0)
  while i < x.count || j < y.count {
    let value = min(i < x.count ? x[i] : .infinity, j < y.count ? y[j] : .infinity)
    while i < x.count, x[i] == value { i += 1 }
    while j < y.count, y[j] == value { j += 1 }
    let next = min(i < x.count ? x[i] : .infinity, j < y.count ? y[j] : .infinity)
    body(Double(i) / Double(x.count) - Double(j) / Double(y.count), i < x.count || j < y.count ? next - value : 0)
  }
  return true
}

private func meanDistance(_ x: Tensor<Double>, _ y: Tensor<Double>) -> Double {
  let (n, m, dimension) = (x.shape[0], y.shape[0], x.shape[1])
  let rows = Threads.map(n) { i in
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        var sum = 0.0
        for j in 0..<m {
          var square = 0.0
          for k in 0..<dimension {
            let difference = x[i * dimension + k] - y[j * dimension + k]
            square += difference * difference
          }
          sum += square.squareRoot()
        }
        return sum
      }
    }
  }
  return rows.reduce(0, +) / (Double(n) * Double(m))
}
