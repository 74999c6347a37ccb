// Softmax attention in blocks, forwards and backwards (Dao et al. 2022, arXiv 2205.14135): the scores of one block of queries and one
// of keys are computed, used, and forgotten, so memory is linear in the number of places.
//
// Promise: maxima are subtracted first, so nothing overflows. Work is cut by shapes alone: the same bits for any number of threads. No
// allocation.

/// Sizes of attention: queries [batch, queries, heads, width], keys [batch, keys, heads, width], values [batch, keys, heads, value width].
package struct AttentionGeometry: Sendable, Hashable {
  package var batch, heads, queries, keys, width, valueWidth: Int
  /// Query i sees the keys 0..<max(i + 1 + keys - queries, prefix); all keys if nil.
  package var prefix: Int?

  /// How many keys, from the first on, query i sees.
  @inline(__always)
  func limit(_ i: Int) -> Int {
    guard let prefix else { return keys }
    return min(keys, max(i + 1 + keys - queries, prefix))
  }

  var scale: Double { 1 / Double(width).squareRoot() }
}

/// The kernel for one geometry.
struct AttentionLoop<S: RealScalar & Reducible>: Sendable where S.Lanes: SoftmaxLanes {
  typealias Source = UnsafePointer<S>
  typealias Target = UnsafeMutablePointer<S>
  let geometry: AttentionGeometry

  /// Queries and keys in a block: two blocks of scores fit the second-level cache.
  private static var side: Int { 128 }

  // Rows of one head are this far apart.
  private var queryStep: Int { geometry.heads * geometry.width }
  private var valueStep: Int { geometry.heads * geometry.valueWidth }
  private var headCount: Int { geometry.batch * geometry.heads }
  private var queryBlocks: Int { (geometry.queries + Self.side - 1) / Self.side }

  /// Where head h of the batch begins in a tensor of `places` rows of `width`.
  private func offset(_ h: Int, _ places: Int, _ width: Int) -> Int {
    (h / geometry.heads * places * geometry.heads + h % geometry.heads) * width
  }

  // MARK: forwards

  private var forwardSlots: Int { min(headCount * queryBlocks, 32) }
  private var forwardLane: Int { Self.side * (Self.side + 2) }
  var forwardScratch: Int { forwardSlots * forwardLane * MemoryLayout<S>.stride }

  /// o is like q with the width of values; l, [batch, heads, queries], is the logarithm of the sum of the exponentials of a query's scores.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func forward(_ q: Source, _ k: Source, _ v: Source, _ o: Target, _ l: Target, _ scratch: Target) {
    let (q, k, v, o, l, scratch) = (Shared(q), Shared(k), Shared(v), Shared(o), Shared(l), Shared(scratch))
    Threads.forEach(forwardSlots) { slot in
      for task in stride(from: slot, to: headCount * queryBlocks, by: forwardSlots) {
        let (h, first) = (task / queryBlocks, task % queryBlocks * Self.side)
        let (queries, keys) = (geometry.queries, geometry.keys)
        forwardBlock(
          first..<min(queries, first + Self.side), q.value + offset(h, queries, geometry.width),
          k.value + offset(h, keys, geometry.width), v.value + offset(h, keys, geometry.valueWidth),
          o.value + offset(h, queries, geometry.valueWidth), l.value + h * queries, scratch.value + slot * forwardLane)
      }
    }
  }

  /// One block of queries of one head against all keys, with running maxima and sums.
  @inline(__always)
  private func forwardBlock(
    _ rows: Range<Int>, _ q: Source, _ k: Source, _ v: Source, _ o: Target, _ l: Target, _ scratch: Target
  ) {
    let (valueWidth, side) = (geometry.valueWidth, Self.side)
    let (maxima, sums) = (scratch + side * side, scratch + side * (side + 1))
    let output = o + rows.lowerBound * valueStep
    for first in stride(from: 0, to: geometry.limit(rows.upperBound - 1), by: side) {
      let count = min(side, geometry.limit(rows.upperBound - 1) - first)
      scores(rows, first, count, q, k, scratch)
      for r in 0..<rows.count {
        let row = scratch + r * side
        let seen = max(0, min(count, geometry.limit(rows.lowerBound + r) - first))
        (row + seen).update(repeating: 0, count: count - seen)
        if seen == 0 { continue }
        let maximum = AxisReducer<MaximumCombiner<S.Lanes>>.row(row, seen)
        let before: S = first == 0 ? -.infinity : maxima[r]
        let now = maximum < before ? before : maximum  // NaN wins, and stays.
        let sum = exponentials(row, seen, -now)
        if first == 0 {
          sums[r] = sum
        } else {
          let factor = S.exp(before - now)
          sums[r] = sums[r] * factor + sum
          if factor != 1 { scale(output + r * valueStep, valueWidth, factor) }
        }
        maxima[r] = now
      }
      S._gemm(
        false, false, rows.count, valueWidth, count, 1, scratch, side, v + first * valueStep, valueStep, first == 0 ? 0 : 1,
        output,
        valueStep)
    }
    for r in 0..<rows.count {
      scale(output + r * valueStep, valueWidth, 1 / sums[r])
      l[rows.lowerBound + r] = maxima[r] + S.log(sums[r])
    }
  }

  /// q k^T / sqrt(width) of a block of queries and `count` keys.
  @inline(__always)
  private func scores(_ rows: Range<Int>, _ first: Int, _ count: Int, _ q: Source, _ k: Source, _ target: Target) {
    S._gemm(
      false, true, rows.count, count, geometry.width, S(geometry.scale), q + rows.lowerBound * queryStep, queryStep,
      k + first * queryStep, queryStep, 0, target, Self.side)
  }

  // MARK: backwards

  private var backwardSlots: Int { min(headCount, 32) }
  private var backwardLane: Int { 2 * Self.side * Self.side + (geometry.queries + 15) & -16 }
  var backwardScratch: Int { backwardSlots * backwardLane * MemoryLayout<S>.stride }

  /// What backwards needs: the operands, o and l as `forward` gave them, and g, the cotangent of o.
  struct Record {
    var q, k, v, o, l, g: Source
  }

  /// The cotangents of q, k and v. Each head is one thread's.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func backward(_ x: Record, _ dq: Target, _ dk: Target, _ dv: Target, _ scratch: Target) {
    let (x, dq, dk, dv, scratch) = (Shared(x), Shared(dq), Shared(dk), Shared(dv), Shared(scratch))
    let (queries, keys, width, valueWidth) = (geometry.queries, geometry.keys, geometry.width, geometry.valueWidth)
    Threads.forEach(backwardSlots) { slot in
      for h in stride(from: slot, to: headCount, by: backwardSlots) {
        let (atQueries, atKeys) = (offset(h, queries, width), offset(h, keys, width))
        let (atOutputs, atValues) = (offset(h, queries, valueWidth), offset(h, keys, valueWidth))
        let x = x.value
        let head = Record(
          q: x.q + atQueries, k: x.k + atKeys, v: x.v + atValues, o: x.o + atOutputs, l: x.l + h * queries, g: x.g + atOutputs)
        backwardHead(head, dq.value + atQueries, dk.value + atKeys, dv.value + atValues, scratch.value + slot * backwardLane)
      }
    }
  }

  /// With P the weights and g the cotangent of o = P v: dv = P^T g, dS = P * (g v^T - rowsum(g * o)), dq = dS k and dk = dS^T q over
  /// sqrt(width).
  @inline(__always)
  private func backwardHead(_ x: Record, _ dq: Target, _ dk: Target, _ dv: Target, _ scratch: Target) {
    let (width, valueWidth, side) = (geometry.width, geometry.valueWidth, Self.side)
    let (weights, slopes, means) = (scratch, scratch + side * side, scratch + 2 * side * side)
    for i in 0..<geometry.queries { means[i] = dot(x.g + i * valueStep, x.o + i * valueStep, valueWidth) }
    for first in stride(from: 0, to: geometry.keys, by: side) {
      let columns = min(side, geometry.keys - first)
      // The first block of queries that sees a key of this one writes, the others add; every query sees the first key.
      var isFirst = true
      for start in stride(from: 0, to: geometry.queries, by: side) {
        let rows = start..<min(geometry.queries, start + side)
        let count = min(columns, geometry.limit(rows.upperBound - 1) - first)
        if count <= 0 { continue }
        scores(rows, first, count, x.q, x.k, weights)
        S._gemm(
          false, true, rows.count, count, valueWidth, 1, x.g + start * valueStep, valueStep, x.v + first * valueStep, valueStep,
          0,
          slopes, side)
        for r in 0..<rows.count {
          let seen = max(0, min(count, geometry.limit(start + r) - first))
          slope(weights + r * side, slopes + r * side, seen, -x.l[start + r], -means[start + r])
          (weights + r * side + seen).update(repeating: 0, count: count - seen)
          (slopes + r * side + seen).update(repeating: 0, count: count - seen)
        }
        // Keys that this block does not see yet are another's first.
        if isFirst, count < columns {
          for c in count..<columns {
            (dk + (first + c) * queryStep).update(repeating: 0, count: width)
            (dv + (first + c) * valueStep).update(repeating: 0, count: valueWidth)
          }
        }
        let (factor, old): (S, S) = (S(geometry.scale), isFirst ? 0 : 1)
        S._gemm(
          true, false, count, valueWidth, rows.count, 1, weights, side, x.g + start * valueStep, valueStep, old,
          dv + first * valueStep, valueStep)
        S._gemm(
          true, false, count, width, rows.count, factor, slopes, side, x.q + start * queryStep, queryStep, old,
          dk + first * queryStep, queryStep)
        S._gemm(
          false, false, rows.count, width, count, factor, slopes, side, x.k + first * queryStep, queryStep, first == 0 ? 0 : 1,
          dq + start * queryStep, queryStep)
        isFirst = false
      }
    }
  }

  // MARK: rows

  /// x becomes e^(x + offset), whose sum is returned.
  @inline(never)
  private func exponentials(_ x: Target, _ count: Int, _ offset: S) -> S {
    let (lanes, offset) = (S.Lanes.scalarCount, S.Lanes(repeating: offset))
    var sum = S.Lanes.zero
    for i in stride(from: 0, to: count, by: lanes) {
      let value = (S.Lanes.load(x + i, count - i, padding: -.infinity) + offset).naturalExponential()
      value.store(x + i, count - i)
      sum += value
    }
    return SumCombiner<S.Lanes>.fold(sum)[0]
  }

  /// The scores become weights e^(score + offset), and the slopes weights times (slope + mean).
  @inline(never)
  private func slope(_ weights: Target, _ slopes: Target, _ count: Int, _ offset: S, _ mean: S) {
    let (lanes, offset, mean) = (S.Lanes.scalarCount, S.Lanes(repeating: offset), S.Lanes(repeating: mean))
    for i in stride(from: 0, to: count, by: lanes) {
      let weight = (S.Lanes.load(weights + i, count - i, padding: 0) + offset).naturalExponential()
      weight.store(weights + i, count - i)
      (weight * (S.Lanes.load(slopes + i, count - i, padding: 0) + mean)).store(slopes + i, count - i)
    }
  }

  @inline(never)
  private func scale(_ x: Target, _ count: Int, _ factor: S) {
    for i in 0..<count { x[i] *= factor }
  }

  @inline(never)
  private func dot(_ x: Source, _ y: Source, _ count: Int) -> S {
    let lanes = S.Lanes.scalarCount
    var sum = S.Lanes.zero
    for i in stride(from: 0, to: count, by: lanes) {
      sum += S.Lanes.load(x + i, count - i, padding: 0) * S.Lanes.load(y + i, count - i, padding: 0)
    }
    return SumCombiner<S.Lanes>.fold(sum)[0]
  }
}
