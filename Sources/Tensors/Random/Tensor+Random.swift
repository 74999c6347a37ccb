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
    quantiles(shape, location: mean, scale: standardDeviation, key) { normalQuantile(halfPlus: $0) }
  }
}

extension Tensor where Scalar == UInt32 {
  /// Independent random bits: the lower half of draw i.
  public static func bits(_ shape: [Int], key: Key) -> Tensor {
    drawn(shape, key) { UInt32(truncatingIfNeeded: $0) }
  }
}
