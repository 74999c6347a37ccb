/// The mean of every `window` consecutive values: `values.count - window + 1` of them, the first one for the values 0..<window. A NaN stays
/// within its windows.
public func movingAverage(_ values: [Double], window: Int) -> [Double] {
  guard window > 0 else { fatalError("movingAverage: a window of \(window) values") }
  guard values.count >= window else { return [] }
  // A running sum would keep the rounding of large values, and NaN for ever.
  return (0...values.count - window).map { start in
    values[start..<start + window].reduce(0, +) / Double(window)
  }
}

/// The exponential moving average a_t = decay a_(t-1) + (1 - decay) x_t, with the weights of a start from nothing divided out: the first
/// value is x_0.
public func exponentialMovingAverage(_ values: [Double], decay: Double) -> [Double] {
  var (sum, weight) = (0.0, 0.0)
  return values.map {
    sum = decay * sum + (1 - decay) * $0
    weight = decay * weight + (1 - decay)
    return sum / weight
  }
}

/// The first place where a value satisfies the condition and `stayingFor` consecutive values from there do; nil when there is none. For
/// "steps until the loss is below": `firstHit(losses) { $0 < 0.01 }`.
public func firstHit(_ values: [Double], stayingFor length: Int = 1, _ condition: (Double) -> Bool) -> Int? {
  var run = 0
  for (i, value) in values.enumerated() {
    run = condition(value) ? run + 1 : 0
    if run >= length { return i - length + 1 }
  }
  return nil
}
