/// Eigenvalues of a symmetric tridiagonal matrix, ascending, and the first components of its orthonormal eigenvectors, by the
/// implicit QL iteration with Wilkinson's shift; nil if it does not converge (for NaN).
func tridiagonalEigen(_ diagonal: [Double], _ offDiagonal: [Double]) -> (values: [Double], firstComponents: [Double])? {
  let n = diagonal.count
  var d = diagonal
  var e = offDiagonal + [0]
  var first = (0..<n).map { $0 == 0 ? 1.0 : 0.0 }
  for low in 0..<n {
    var sweeps = 0
    while true {
      // The block that begins at `low` and ends at the next negligible entry beside the diagonal.
      let high = (low..<n - 1).first { abs(e[$0]) <= Double.ulpOfOne * (abs(d[$0]) + abs(d[$0 + 1])) } ?? n - 1
      if high == low { break }
      sweeps += 1
      guard sweeps <= 60, e[low].isFinite, d[low].isFinite else { return nil }
      rotate(&d, &e, &first, low, high)
    }
  }
  let order = (0..<n).sorted { d[$0] < d[$1] }
  return (order.map { d[$0] }, order.map { first[$0] })
}

/// One QL sweep over rows `low...high`: plane rotations from the bottom up that chase the shift's bulge.
private func rotate(_ d: inout [Double], _ e: inout [Double], _ first: inout [Double], _ low: Int, _ high: Int) {
  let half = (d[low + 1] - d[low]) / (2 * e[low])
  let root = (half * half + 1).squareRoot()
  let shift = d[low] - e[low] / (half + (half < 0 ? -root : root))
  var g = d[high] - shift
  var (s, c, p) = (1.0, 1.0, 0.0)
  for i in stride(from: high - 1, through: low, by: -1) {
    let (f, b) = (s * e[i], c * e[i])
    let r = (f * f + g * g).squareRoot()
    e[i + 1] = r
    if r == 0 {
      // The matrix fell apart in the middle of the sweep.
      d[i + 1] -= p
      e[high] = 0
      return
    }
    (s, c) = (f / r, g / r)
    g = d[i + 1] - p
    let t = (d[i] - g) * s + 2 * c * b
    p = s * t
    d[i + 1] = g + p
    g = c * t - b
    (first[i], first[i + 1]) = (c * first[i] - s * first[i + 1], s * first[i] + c * first[i + 1])
  }
  d[low] -= p
  e[low] = g
  e[high] = 0
}
