// e to the x, lane by lane.
//
// Promise: at most 1.01 ulp in Float and 0.97 ulp in Double (measured on every third float and 2 million doubles; see KernelTests),
// denormal results rounded once, 0 and infinity exactly where the true value rounds to them, NaN to NaN. The same bits in every
// lane and for every neighbour. Speed: 0.17 ns (Float) and 0.5 ns
// (Double) an element in L1, with the allocation of the result, on one core of an EPYC 9005.
//
// x = n ln2 + t with |t| <= ln2 / 2: adding 1.5 * 2^23 (2^52) rounds to an integer and leaves it in the low bits. ln2 is split in
// two, so that t is right to half an ulp (Cody and Waite). Then e^t = 1 + t + t^2 Q(t), Q minimax for the relative error of
// e^t: 2^-28 at degree 4, 2^-64 at degree 10 (Remez; the last addition rounds the sum of 1 and a number below 1/2, hence the
// accuracy). 2^n in two factors, because n runs from -150 to 128 and one factor would over- or underflow on the way.

extension SIMD16<Float> {
  /// e^x - 1 = 2^n (1 + p) - 1 for x within the range of the exponent: p = e^t - 1 and the integer n.
  @inline(always)
  func reducedExponential() -> (p: Self, n: SIMD16<Int32>) {
    let shifted = Self(repeating: 0x1.8p23).addingProduct(self, Self(repeating: 0x1.715476p0))
    let n = shifted - 0x1.8p23
    var t = addingProduct(n, Self(repeating: -0x1.62E43p-1))
    t = t.addingProduct(n, Self(repeating: 0x1.05C61p-29))
    var q = Self(repeating: 0x1.6A2434p-10)
    q = Self(repeating: 0x1.1239E2p-7).addingProduct(q, t)
    q = Self(repeating: 0x1.5558F2p-5).addingProduct(q, t)
    q = Self(repeating: 0x1.555492p-3).addingProduct(q, t)
    q = Self(repeating: 0x1.FFFFFCp-2).addingProduct(q, t)
    return (t.addingProduct(t * t, q), unsafeBitCast(shifted, to: SIMD16<Int32>.self) &- 0x4B40_0000)
  }

  /// 2^n for n from -126 to 127.
  @inline(always)
  static func powerOfTwo(_ n: SIMD16<Int32>) -> Self { unsafeBitCast((n &+ 127) &<< 23, to: Self.self) }
}

extension SIMD16<Float> {
  /// e to each lane.
  @inline(always)
  func exponential() -> Self {
    // Beyond these bounds the result is 0 or infinity anyway. NaN compares false and stays.
    let x = replacing(with: -104, where: self .< -104).replacing(with: 89, where: self .> 89)
    let (p, n) = x.reducedExponential()
    let half = n &>> 1
    return (1 + p) * .powerOfTwo(half) * .powerOfTwo(n &- half)
  }
}

extension SIMD8<Double> {
  /// e^x - 1 = 2^n (1 + p) - 1 for x within the range of the exponent: p = e^t - 1 and the integer n.
  @inline(always)
  func reducedExponential() -> (p: Self, n: SIMD8<Int64>) {
    let shifted = Self(repeating: 0x1.8p52).addingProduct(self, Self(repeating: 0x1.71547652B82FEp0))
    let n = shifted - 0x1.8p52
    var t = addingProduct(n, Self(repeating: -0x1.62E42FEFA39EFp-1))
    t = t.addingProduct(n, Self(repeating: -0x1.ABC9E3B39803Fp-56))
    var q = Self(repeating: 0x1.1E3D2AE1B9F58p-29)
    q = Self(repeating: 0x1.AF6BE7DB3DC11p-26).addingProduct(q, t)
    q = Self(repeating: 0x1.27E5B447B7C52p-22).addingProduct(q, t)
    q = Self(repeating: 0x1.71DDF020D45Ap-19).addingProduct(q, t)
    q = Self(repeating: 0x1.A01A01368ECE6p-16).addingProduct(q, t)
    q = Self(repeating: 0x1.A01A01B37E34Fp-13).addingProduct(q, t)
    q = Self(repeating: 0x1.6C16C16C3048Ep-10).addingProduct(q, t)
    q = Self(repeating: 0x1.111111110EC5Dp-7).addingProduct(q, t)
    q = Self(repeating: 0x1.5555555555503p-5).addingProduct(q, t)
    q = Self(repeating: 0x1.555555555555Bp-3).addingProduct(q, t)
    q = Self(repeating: 0x1p-1).addingProduct(q, t)
    return (t.addingProduct(t * t, q), unsafeBitCast(shifted, to: SIMD8<Int64>.self) &- 0x4338_0000_0000_0000)
  }

  /// 2^n for n from -1022 to 1023.
  @inline(always)
  static func powerOfTwo(_ n: SIMD8<Int64>) -> Self { unsafeBitCast((n &+ 1023) &<< 52, to: Self.self) }
}

extension SIMD8<Double> {
  /// e to each lane.
  @inline(always)
  func exponential() -> Self {
    // Beyond these bounds the result is 0 or infinity anyway. NaN compares false and stays.
    let x = replacing(with: -746, where: self .< -746).replacing(with: 710, where: self .> 710)
    let (p, n) = x.reducedExponential()
    let half = n &>> 1
    return (1 + p) * .powerOfTwo(half) * .powerOfTwo(n &- half)
  }
}
