/// Area under the receiver operating characteristic: the probability that a positive scores above a negative, ties counting half. NaN
/// without both kinds or when a score is NaN.
public func auroc(scores: [Double], isPositive: [Bool]) -> Double {
  guard scores.count == isPositive.count else { fatalError("auroc: \(scores.count) scores and \(isPositive.count) labels") }
  guard !scores.contains(where: \.isNaN) else { return .nan }
  let order = scores.indices.sorted { scores[$0] < scores[$1] }
  var (negativesBelow, wins, start) = (0.0, 0.0, 0)
  while start < order.count {
    // Of equal scores every positive meets every negative with half a win.
    var (end, positives, negatives) = (start, 0.0, 0.0)
    while end < order.count, scores[order[end]] == scores[order[start]] {
      if isPositive[order[end]] { positives += 1 } else { negatives += 1 }
      end += 1
    }
    wins += positives * (negativesBelow + negatives / 2)
    negativesBelow += negatives
    start = end
  }
  return wins / (negativesBelow * (Double(scores.count) - negativesBelow))
}

/// Expected calibration error: the mean over samples of |accuracy - mean confidence| of a sample's bin, for `bins` bins of equal width on
/// (0, 1], the lower edge left out (Guo et al., "On calibration of modern neural networks", 2017). NaN without samples or when a
/// confidence is NaN.
public func expectedCalibrationError(confidences: [Double], isCorrect: [Bool], bins: Int = 15) -> Double {
  guard confidences.count == isCorrect.count, bins > 0 else {
    fatalError("expectedCalibrationError: \(confidences.count) confidences, \(isCorrect.count) answers, \(bins) bins")
  }
  guard confidences.allSatisfy({ (0...1).contains($0) }) else { return .nan }
  // Correct answers less confidence, summed over each bin: its size cancels.
  var gaps = [Double](repeating: 0, count: bins)
  for (confidence, isCorrect) in zip(confidences, isCorrect) {
    let bin = max(0, Int((confidence * Double(bins)).rounded(.up)) - 1)
    gaps[bin] += (isCorrect ? 1 : 0) - confidence
  }
  return gaps.reduce(0) { $0 + abs($1) } / Double(confidences.count)
}

/// Area under the risk-coverage curve: the mean over k of the error rate among the k most confident samples; equal confidences count in
/// the order given. NaN without samples or when a confidence is NaN.
public func riskCoverageArea(confidences: [Double], isCorrect: [Bool]) -> Double {
  guard confidences.count == isCorrect.count else {
    fatalError("riskCoverageArea: \(confidences.count) confidences and \(isCorrect.count) answers")
  }
  guard !confidences.contains(where: \.isNaN) else { return .nan }
  let order = confidences.indices.sorted { (confidences[$1], $0) < (confidences[$0], $1) }
  var (errors, sum) = (0.0, 0.0)
  for (place, i) in order.enumerated() {
    if !isCorrect[i] { errors += 1 }
    sum += errors / Double(place + 1)
  }
  return sum / Double(confidences.count)
}
