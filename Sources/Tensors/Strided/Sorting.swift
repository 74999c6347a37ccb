// Orders of a row of numbers.
//
// Promise: stable (equal numbers, 0 and -0 among them, keep their order), NaN last, n log n steps at most; the result is a function
// of the row alone. No allocation: merging needs scratch of the caller's.

package enum Sorting {
  /// indices[i] is the place in x of the i-th smallest number. `scratch` holds `count` indices.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func argsort<Scalar: BinaryFloatingPoint>(
    _ x: UnsafePointer<Scalar>, _ count: Int, _ indices: UnsafeMutablePointer<Int32>, scratch: UnsafeMutablePointer<Int32>
  ) {
    @inline(always) func precedes(_ a: Int32, _ b: Int32) -> Bool { isLess(x[Int(a)], x[Int(b)]) }
    mergeSort(count, indices, scratch, precedes)
  }

  /// indices[i] is the place in x of the i-th largest number for i < k, NaN last, ties to the lower place.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func top<Scalar: BinaryFloatingPoint>(
    _ k: Int, of x: UnsafePointer<Scalar>, _ count: Int, _ indices: UnsafeMutablePointer<Int32>
  ) {
    guard k >= 0, k <= count else { fatalError("Sorting.top: the \(k) largest of \(count)") }
    if k == 0 { return }
    // A heap of the best so far, the worst of them on top: the last to come of equal numbers is the worse.
    @inline(always) func isWorse(_ a: Int32, _ b: Int32) -> Bool {
      let (p, q) = (x[Int(a)], x[Int(b)])
      return isLarger(q, p) || (!isLarger(p, q) && a > b)
    }
    func sink(_ root: Int, _ size: Int) {
      var root = root
      while true {
        var child = 2 * root + 1
        if child >= size { return }
        if child + 1 < size, isWorse(indices[child + 1], indices[child]) { child += 1 }
        if !isWorse(indices[child], indices[root]) { return }
        (indices[root], indices[child]) = (indices[child], indices[root])
        root = child
      }
    }
    for i in 0..<k { indices[i] = Int32(truncatingIfNeeded: i) }
    for i in stride(from: k / 2 - 1, through: 0, by: -1) { sink(i, k) }
    for i in k..<count where isWorse(indices[0], Int32(truncatingIfNeeded: i)) {
      indices[0] = Int32(truncatingIfNeeded: i)
      sink(0, k)
    }
    // The worst goes last, again and again.
    for last in stride(from: k - 1, to: 0, by: -1) {
      (indices[0], indices[last]) = (indices[last], indices[0])
      sink(0, last)
    }
  }

  /// Every NaN after every number.
  @inline(always)
  private static func isLess<Scalar: BinaryFloatingPoint>(_ a: Scalar, _ b: Scalar) -> Bool { a < b || (b != b && a == a) }

  /// Every NaN after every number here too.
  @inline(always)
  private static func isLarger<Scalar: BinaryFloatingPoint>(_ a: Scalar, _ b: Scalar) -> Bool { a > b || (b != b && a == a) }

  /// Runs of 16 by insertion, then merged, to and fro between the two arrays.
  @inline(always)
  private static func mergeSort(
    _ count: Int, _ indices: UnsafeMutablePointer<Int32>, _ scratch: UnsafeMutablePointer<Int32>,
    _ precedes: (Int32, Int32) -> Bool
  ) {
    let run = 16
    for begin in stride(from: 0, to: count, by: run) {
      for i in begin..<min(begin + run, count) {
        let new = Int32(truncatingIfNeeded: i)
        var j = i
        while j > begin, precedes(new, indices[j - 1]) {
          indices[j] = indices[j - 1]
          j -= 1
        }
        indices[j] = new
      }
    }
    var (from, to) = (indices, scratch)
    var width = run
    while width < count {
      for begin in stride(from: 0, to: count, by: 2 * width) {
        let (middle, end) = (min(begin + width, count), min(begin + 2 * width, count))
        var (a, b) = (begin, middle)
        for i in begin..<end {
          let takesSecond = a == middle || (b < end && precedes(from[b], from[a]))
          to[i] = from[takesSecond ? b : a]
          if takesSecond { b += 1 } else { a += 1 }
        }
      }
      (from, to) = (to, from)
      width *= 2
    }
    if from != indices { indices.update(from: from, count: count) }
  }
}
