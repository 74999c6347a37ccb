// How tensors are filled with random numbers.
//
// Promise: element i is a pure function of (key, i): of neither the shape, nor its neighbours, nor the number of threads. Values are
// computed in Double and rounded once, so that `Float` and `Double` streams of one key are the same numbers. Logarithms and
// exponentials are this library's: the bits do not depend on the C library.

extension Tensor {
  /// A tensor filled block by block on all threads: `fill(range, target)` writes the elements of `range` to `target[0..<range.count]`.
  /// Blocks begin at multiples of 4096. The one place where random code touches a tensor's memory.
  @inline(always)
  static func filled(_ shape: [Int], _ fill: @Sendable (Range<Int>, UnsafeMutablePointer<Scalar>) -> Void) -> Tensor {
    var result = Tensor(uninitialized: shape)
    Self.fill(result.mutablePointer, result.count, fill)
    return result
  }

  /// The same for memory of `count` elements.
  @inline(always)
  static func fill(
    _ target: UnsafeMutablePointer<Scalar>, _ count: Int, _ fill: @Sendable (Range<Int>, UnsafeMutablePointer<Scalar>) -> Void
  ) {
    let target = Shared(target)
    Threads.forEachBlock(of: count, size: 4096) { range in fill(range, target.value + range.lowerBound) }
  }

  /// Element i from the 64 bits of draw i.
  @inline(always)
  static func drawn(
    _ target: UnsafeMutablePointer<Scalar>, _ count: Int, _ key: Key, _ value: @Sendable (UInt64) -> Scalar
  ) {
    fill(target, count) { range, target in
      key.forEachDraw(range) { i, bits in (target + (i - range.lowerBound)).initialize(to: value(bits)) }
    }
  }
}

extension Tensor where Scalar: RealScalar {
  /// Element i is `location` + `scale` x for x the `quantile` of draw i, see `Key.withQuantiles`.
  @inline(always)
  static func quantiles(
    _ target: UnsafeMutablePointer<Scalar>, _ count: Int, location: Scalar, scale: Scalar, _ key: Key,
    _ quantile: @Sendable (SIMD8<Double>) -> SIMD8<Double>
  ) {
    fill(target, count) { range, target in
      key.withQuantiles(range, quantile) { x in
        for i in 0..<range.count { (target + i).initialize(to: location + scale * Scalar(x[i])) }
      }
    }
  }
}

extension Tensor where Scalar: RealScalar {
  /// Numbers that were computed in Double, each rounded once.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package init(rounding numbers: Tensor<Double>) {
    if let numbers = numbers as? Tensor {
      self = numbers
    } else {
      self = numbers.withUnsafeBufferPointer { source in
        let source = Shared(source)
        return Tensor.filled(numbers.shape) { range, target in
          for i in 0..<range.count { (target + i).initialize(to: Scalar(source.value[range.lowerBound + i])) }
        }
      }
    }
  }
}

extension Key {
  /// Calls `body` with the quantiles of the draws in `range`, of at most 4096 elements: of the centre p of the cell that a draw's
  /// leading 53 bits select. `quantile` is given p - 1/2, which is exact, so that neither tail loses anything.
  @inline(always)
  func withQuantiles(
    _ range: Range<Int>, _ quantile: (SIMD8<Double>) -> SIMD8<Double>, _ body: (UnsafeMutablePointer<Double>) -> Void
  ) {
    // Eight at a time, in place of the draws they come from.
    withUnsafeTemporaryAllocation(of: SIMD8<Double>.self, capacity: 512) { vectors in
      let x = UnsafeMutableRawPointer(vectors.baseAddress!).assumingMemoryBound(to: Double.self)
      forEachDraw(range) { i, bits in x[i - range.lowerBound] = centredCell(bits) }
      for i in range.count..<(range.count + 7) & -8 { x[i] = 0 }
      for i in 0..<(range.count + 7) / 8 { vectors[i] = quantile(vectors[i]) }
      body(x)
    }
  }

  /// Writes the element i of `range` for every i: the value that the first accepted attempt a = 0, 1, ... proposes from block i of
  /// the key number a. `propose` is given eight elements, a uniform number less 1/2 for each, and another from 0 to 1.
  @inline(always)
  func firstAccepted(
    _ range: Range<Int>, into target: UnsafeMutablePointer<Double>,
    _ propose: (_ elements: SIMD8<Int>, _ q: SIMD8<Double>, _ u: SIMD8<Double>) -> (
      value: SIMD8<Double>, isAccepted: SIMDMask<SIMD8<Int64>>
    )
  ) {
    var waiting = Array(range)
    var attempt = 0
    while !waiting.isEmpty {
      let key = self[attempt]
      var rejected = 0
      for start in stride(from: 0, to: waiting.count, by: 8) {
        let lanes = Swift.min(8, waiting.count - start)
        var elements = SIMD8(repeating: waiting[start])
        for lane in 0..<lanes { elements[lane] = waiting[start + lane] }
        let (first, second) = Philox.eightBlocks(
          counts: SIMD8<UInt64>(truncatingIfNeeded: elements), upper: key.stream, key: key.key)
        var (q, u) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
        for lane in 0..<8 { (q[lane], u[lane]) = (centredCell(first[lane]), 0.5 + centredCell(second[lane])) }
        let (value, isAccepted) = propose(elements, q, u)
        for lane in 0..<lanes {
          target[elements[lane] - range.lowerBound] = value[lane]
          // Never ahead of what is read.
          waiting[rejected] = elements[lane]
          if !isAccepted[lane] { rejected += 1 }
        }
      }
      waiting.removeSubrange(rejected...)
      attempt += 1
    }
  }
}

/// The centre of the cell of [0, 1) that the leading 53 bits select, less 1/2: exact, never 0, odd under a flip of all bits.
@inline(always)
func centredCell(_ bits: UInt64) -> Double { (Double(Int64(bits >> 11) - 1 << 52) + 0.5) * 0x1p-53 }
