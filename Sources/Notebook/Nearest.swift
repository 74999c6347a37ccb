/// Those of `names` that a mistyped `name` may have meant, best first, at most three: for "did you mean".
public func nearest(to name: String, among names: [String]) -> [String] {
  let tolerated = max(2, name.count / 3)
  let scored = names.map { candidate -> (name: String, distance: Int) in
    // A fragment ("softmax", or the last part of a dotted key) counts as close.
    let contains = name.count >= 3 && candidate.contains(name)
    return (candidate, contains ? 1 : editDistance(Array(name), Array(candidate)))
  }
  return scored.filter { $0.distance <= tolerated }.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(
    \.name)
}

/// Levenshtein distance: the fewest insertions, deletions and substitutions that turn `a` into `b`.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var previous = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var current = [i + 1]
    for (j, y) in b.enumerated() {
      current.append(min(previous[j] + (x == y ? 0 : 1), previous[j + 1] + 1, current[j] + 1))
    }
    previous = current
  }
  return previous[b.count]
}
