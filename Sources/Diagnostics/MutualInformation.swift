import Foundation
import Tensors

/// Mutual information in nats of each column of `a`, [n, p], with each of `b`, [n, q], over the same n rows: [p, q].
///
/// Each column is cut into bins of equal width between its least and its greatest value, and the shares of the bins are taken for
/// probabilities: sum_xy p(x, y) log(p(x, y) / (p(x) p(y))). Of independent columns this is not 0 but about (bins - 1)² / (2 n), if all bins
/// are used. 0 where all values of a column are equal, NaN where one is not finite.
public func mutualInformation<Scalar: RealScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>, bins: Int) -> Tensor<Double> {
  guard a.rank == 2, b.rank == 2, a.shape[0] == b.shape[0], bins > 0 else {
    fatalError("mutualInformation: \(bins) bins, shapes \(a.shape) and \(b.shape), expected [n, p] and [n, q]")
  }
  let (x, y) = (binnedColumns(a, bins), binnedColumns(b, bins))
  let rows = Threads.map(x.count) { i in y.map { mutualInformation(x[i], $0, bins) } }
  return Tensor(shape: [x.count, y.count], rows.flatMap { $0 })
}

/// The bin of each value, column by column; nil for a column with a value that is not finite.
private func binnedColumns<Scalar: RealScalar>(_ values: Tensor<Scalar>, _ bins: Int) -> [[Int]?] {
  let columns = values.shape[1]
  let scalars = values.scalars
  return (0..<columns).map { column in
    let values = stride(from: column, to: scalars.count, by: columns).map { Double(scalars[$0]) }
    guard let least = values.min(), let greatest = values.max(), values.allSatisfy(\.isFinite) else { return nil }
    let scale = greatest > least ? Double(bins) / (greatest - least) : 0
    return values.map { min(bins - 1, Int(($0 - least) * scale)) }
  }
}

private func mutualInformation(_ x: [Int]?, _ y: [Int]?, _ bins: Int) -> Double {
  guard let x, let y else { return .nan }
  var counts = [Int](repeating: 0, count: bins * bins)
  for (i, j) in zip(x, y) { counts[i * bins + j] += 1 }
  var (rows, columns) = ([Int](repeating: 0, count: bins), [Int](repeating: 0, count: bins))
  for (place, count) in counts.enumerated() {
    rows[place / bins] += count
    columns[place % bins] += count
  }
  let n = Double(x.count)
  return counts.enumerated().reduce(0) { sum, item in
    guard item.element > 0 else { return sum }
    let count = Double(item.element)
    return sum + count / n * log(count * n / (Double(rows[item.offset / bins]) * Double(columns[item.offset % bins])))
  }
}
