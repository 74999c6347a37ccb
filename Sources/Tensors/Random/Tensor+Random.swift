extension Tensor where Scalar: RealScalar {
  /// Independent uniform numbers in `range`, from the leading bits of draw i (53 for Double, 24 for Float).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func uniform(_ shape: [Int], in range: Range<Scalar> = 0..<1, key: Key) -> Tensor {
    let (low, width) = (range.lowerBound, range.upperBound - range.lowerBound)
    let bits = UInt64(Scalar.significandBitCount + 1)
    let scale = Scalar(sign: .plus, exponent: Scalar.Exponent(-Int(bits)), significand: 1)
    // Rounding of the product and the sum can reach the upper bound.
    let last = range.upperBound.nextDown
    return drawn(shape, key) { Swift.min(last, low + width * (Scalar($0 >> (64 - bits)) * scale)) }
  }

  /// Independent normal numbers: `mean` + `standardDeviation` z, where z is the normal quantile, in Double, at the centre of the
  /// cell that the leading 53 bits of draw i select. |z| is at most 8.3.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func normal(
    _ shape: [Int], mean: Scalar = 0, standardDeviation: Scalar = 1, key: Key
  ) -> Tensor {
    var result = Tensor(uninitialized: shape)
    let target = Shared(result.mutablePointer)
    Threads.forEachBlock(of: result.count, size: 4096) { range in
      // Quantiles eight at a time, in place of the draws they come from.
      withUnsafeTemporaryAllocation(of: SIMD8<Double>.self, capacity: 512) { vectors in
        let q = UnsafeMutableRawPointer(vectors.baseAddress!).assumingMemoryBound(to: Double.self)
        key.forEachDraw(range) { i, bits in
          q[i - range.lowerBound] = (Double(Int64(bits >> 11) - 1 << 52) + 0.5) * 0x1p-53
        }
        for i in range.count..<(range.count + 7) & -8 { q[i] = 0 }
        for i in 0..<(range.count + 7) / 8 { vectors[i] = normalQuantile(halfPlus: vectors[i]) }
        for i in 0..<range.count {
          (target.value + range.lowerBound + i).initialize(to: mean + standardDeviation * Scalar(q[i]))
        }
      }
    }
    return result
  }

  /// Independent directions, uniform on the unit sphere of the last axis.
  public static func unitVectors(_ shape: [Int], key: Key) -> Tensor {
    guard let dimension = shape.last, dimension > 0 else {
      fatalError("Tensor.unitVectors: shape \(shape) has no last axis to be a direction")
    }
    var result = normal(shape, key: key)
    result.withUnsafeMutableBufferPointer { x in
      for start in stride(from: 0, to: x.count, by: dimension) {
        let row = start..<start + dimension
        let norm = row.reduce(0.0) { $0 + Double(x[$1]) * Double(x[$1]) }.squareRoot()
        for i in row { x[i] = Scalar(Double(x[i]) / norm) }
      }
    }
    return result
  }
}

extension Tensor where Scalar == UInt32 {
  /// Independent random bits: the lower half of draw i.
  public static func bits(_ shape: [Int], key: Key) -> Tensor {
    drawn(shape, key) { UInt32(truncatingIfNeeded: $0) }
  }
}

extension Tensor {
  /// Element i from the 64 bits of draw i.
  @inline(__always)
  fileprivate static func drawn(_ shape: [Int], _ key: Key, _ value: @escaping @Sendable (UInt64) -> Scalar) -> Tensor {
    var result = Tensor(uninitialized: shape)
    let target = Shared(result.mutablePointer)
    Threads.forEachBlock(of: result.count, size: 4096) { range in
      key.forEachDraw(range) { i, bits in (target.value + i).initialize(to: value(bits)) }
    }
    return result
  }
}

extension Key {
  /// A uniformly random order of `0..<count`: the indices sorted by their draws (by the index if two draws are equal).
  public func permutation(_ count: Int) -> [Int] {
    var draws: [(bits: UInt64, index: Int)] = []
    draws.reserveCapacity(count)
    forEachDraw(0..<count) { draws.append(($1, $0)) }
    draws.sort { $0 < $1 }
    return draws.map(\.index)
  }
}
