import Foundation

/// Spearman's rank correlation: Pearson's of the ranks, ties sharing the mean of theirs. NaN for fewer than two pairs, when a value is
/// NaN or when all values of one side are equal.
public func spearmanCorrelation(_ x: [Double], _ y: [Double]) -> Double {
  guard x.count == y.count else { fatalError("spearmanCorrelation: \(x.count) and \(y.count) values") }
  guard !x.contains(where: \.isNaN), !y.contains(where: \.isNaN) else { return .nan }
  return pearsonCorrelation(ranks(x), ranks(y))
}

/// Pearson's correlation coefficient. NaN for fewer than two pairs or when all values of one side are equal.
public func pearsonCorrelation(_ x: [Double], _ y: [Double]) -> Double {
  guard x.count == y.count else { fatalError("pearsonCorrelation: \(x.count) and \(y.count) values") }
  let n = Double(x.count)
  let (meanX, meanY) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
  var (xx, xy, yy) = (0.0, 0.0, 0.0)
  for (a, b) in zip(x, y) {
    xx += (a - meanX) * (a - meanX)
    xy += (a - meanX) * (b - meanY)
    yy += (b - meanY) * (b - meanY)
  }
  return xx > 0 && yy > 0 ? min(1, max(-1, xy / xx.squareRoot() / yy.squareRoot())) : .nan
}

/// Kendall's tau-b: concordant less discordant pairs, over the geometric mean of the pairs that are not tied in x and in y. Sorts, so
/// that a million pairs take a second. NaN as ``spearmanCorrelation(_:_:)``.
public func kendallCorrelation(_ x: [Double], _ y: [Double]) -> Double {
  guard x.count == y.count else { fatalError("kendallCorrelation: \(x.count) and \(y.count) values") }
  guard !x.contains(where: \.isNaN), !y.contains(where: \.isNaN) else { return .nan }
  // Knight, "A computer method for calculating Kendall's tau with ungrouped data" (1966): sorted by x, and by y within equal x, the
  // discordant pairs are the exchanges that a merge sort by y makes.
  let pairs = zip(x, y).sorted { $0 < $1 }
  var values = pairs.map(\.1)
  let exchanges = sortCountingExchanges(&values)
  let all = pairCount(x.count)
  let tiedX = tiedPairs(pairs.map(\.0)) { $0 == $1 }
  let tiedY = tiedPairs(values) { $0 == $1 }
  let tiedBoth = tiedPairs(pairs) { $0 == $1 }
  let difference = Double(all - tiedX - tiedY + tiedBoth - 2 * exchanges)
  let scale = (Double(all - tiedX) * Double(all - tiedY)).squareRoot()
  return scale > 0 ? difference / scale : .nan
}

/// Ranks from 1; equal values share the mean of their ranks.
private func ranks(_ values: [Double]) -> [Double] {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var result = values
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    for place in start..<end { result[order[place]] = Double(start + end + 1) / 2 }
    start = end
  }
  return result
}

private func pairCount(_ n: Int) -> Int { n * (n - 1) / 2 }

private func tiedPairs<Value>(_ sorted: [Value], _ areEqual: (Value, Value) -> Bool) -> Int {
  var (pairs, start) = (0, 0)
  for i in sorted.indices where !areEqual(sorted[i], sorted[start]) {
    pairs += pairCount(i - start)
    start = i
  }
  return pairs + pairCount(sorted.count - start)
}

/// Merge sort; how many pairs were in the wrong order.
private func sortCountingExchanges(_ values: inout [Double]) -> Int {
  var exchanges = 0
  var merged = values
  var width = 1
  while width < values.count {
    for start in stride(from: 0, to: values.count, by: 2 * width) {
      let middle = min(start + width, values.count)
      let end = min(start + 2 * width, values.count)
      var (i, j) = (start, middle)
      for place in start..<end {
        if i < middle, j == end || values[i] <= values[j] {
          merged[place] = values[i]
          i += 1
        } else {
          merged[place] = values[j]
          exchanges += middle - i
          j += 1
        }
      }
    }
    swap(&values, &merged)
    width *= 2
  }
  return exchanges
}
