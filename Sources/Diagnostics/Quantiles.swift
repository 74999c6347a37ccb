/// The sum over the number of values; NaN for no values.
public func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

/// The sum of squared distances from the mean over one less than the number of values; NaN for fewer than two.
public func sampleVariance(_ values: [Double]) -> Double {
  guard values.count > 1 else { return .nan }
  let center = mean(values)
  return values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(values.count - 1)
}

/// Of the mean of independent values: the root of their variance over their number; NaN for fewer than two.
public func standardError(_ values: [Double]) -> Double { (sampleVariance(values) / Double(values.count)).squareRoot() }

/// The middle value; the mean of the middle two of an even number. NaN for no values or when one is NaN.
public func median(_ values: [Double]) -> Double { quantile(values, 0.5) }

/// The `share`-quantile (0 to 1), linear between order statistics as NumPy's default. NaN for no values or when one is NaN.
public func quantile(_ values: [Double], _ share: Double) -> Double { quantiles(values, [share])[0] }

/// The quantiles for several shares, of one sort.
public func quantiles(_ values: [Double], _ shares: [Double]) -> [Double] {
  guard !values.isEmpty, !values.contains(where: \.isNaN) else { return shares.map { _ in .nan } }
  let sorted = values.sorted()
  return shares.map { share in
    let position = share * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    guard sorted[below] != sorted[above] else { return sorted[below] }  // Also keeps inf - inf out.
    return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
  }
}
