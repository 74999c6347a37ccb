extension Tensor where Scalar: RealScalar {
  /// Independent uniform numbers in `range`, from the leading bits of draw i (53 for Double, 24 for Float).
  public static func uniform(_ shape: [Int], in range: Range<Scalar> = 0..<1, key: Key) -> Tensor {
    draw(.uniform(low: Double(range.lowerBound), high: Double(range.upperBound)), shape, key)
  }

  /// Independent normal numbers: `mean` + `standardDeviation` z, where z is the normal quantile, in Double, at the centre of the
  /// cell that the leading 53 bits of draw i select. |z| is at most 8.3.
  public static func normal(
    _ shape: [Int], mean: Scalar = 0, standardDeviation: Scalar = 1, key: Key
  ) -> Tensor {
    draw(.normal(mean: Double(mean), standardDeviation: Double(standardDeviation)), shape, key)
  }
}

extension Tensor where Scalar == UInt32 {
  /// Independent random bits: the lower half of draw i.
  public static func bits(_ shape: [Int], key: Key) -> Tensor {
    draw(.bits, shape, key) { Distribution.bits.fill($0, $1, key) }
  }
}
