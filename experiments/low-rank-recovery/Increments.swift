import Diagnostics

/// How equal the steps from each value to the next are: the largest distance of an increment from their mean, over the mean. For "grows by
/// a constant per decade"; NaN when a value is.
func largestDeviation(ofIncrements values: [Double]) -> Double {
  let increments = zip(values, values.dropFirst()).map { $1 - $0 }
  let center = mean(increments)
  return increments.reduce(0) { largest, increment in
    let deviation = abs(increment / center - 1)
    return deviation > largest || deviation.isNaN ? deviation : largest
  }
}
