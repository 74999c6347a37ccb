/// The distributions whose element i is a function of draw i alone, as values: what draws with a known key and draws in a traced
/// function have in common. Parameters are Doubles, which hold a `Float` exactly.
enum Distribution: Sendable, Hashable {
  case uniform(low: Double, high: Double)
  case normal(mean: Double, standardDeviation: Double)
  case exponential(rate: Double)
  case laplace(mean: Double, scale: Double)
  case gumbel(location: Double, scale: Double)
  case bernoulli(probability: Double)
  case rademacher
  /// The centre of the cell that the leading 53 bits select, less 1/2.
  case centredCell
  case integers(Range<Int32>)
  case permutation
  case bits

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func fill<Scalar: RealScalar>(_ target: UnsafeMutablePointer<Scalar>, _ count: Int, _ key: Key) {
    typealias T = Tensor<Scalar>
    switch self {
    case .uniform(let low, let high):
      let (low, high) = (Scalar(low), Scalar(high))
      let width = high - low
      let bits = UInt64(Scalar.significandBitCount + 1)
      let scale = Scalar(sign: .plus, exponent: Scalar.Exponent(-Int(bits)), significand: 1)
      // Rounding of the product and the sum can reach the upper bound.
      let last = high.nextDown
      T.drawn(target, count, key) { Swift.min(last, low + width * (Scalar($0 >> (64 - bits)) * scale)) }
    case .normal(let mean, let deviation):
      T.quantiles(target, count, location: Scalar(mean), scale: Scalar(deviation), key) { normalQuantile(halfPlus: $0) }
    case .exponential(let rate):
      T.quantiles(target, count, location: 0, scale: 1 / Scalar(rate), key) { exponentialQuantile(of: 0.5 + $0, rest: 0.5 - $0) }
    case .laplace(let mean, let scale):
      T.quantiles(target, count, location: Scalar(mean), scale: Scalar(scale), key) { q in
        let twice = 2 * q.replacing(with: -q, where: q .< 0)
        let magnitude = exponentialQuantile(of: twice, rest: 1 - twice)
        return magnitude.replacing(with: -magnitude, where: q .< 0)
      }
    case .gumbel(let location, let scale):
      T.quantiles(target, count, location: Scalar(location), scale: Scalar(scale), key) { q in
        -exponentialQuantile(of: 0.5 - q, rest: 0.5 + q).naturalLogarithm()
      }
    case .bernoulli(let probability):
      let threshold = probability - 0.5
      T.drawn(target, count, key) { Tensors.centredCell($0) < threshold ? 1 : 0 }
    case .rademacher: T.drawn(target, count, key) { $0 >> 63 == 1 ? 1 : -1 }
    case .centredCell: T.drawn(target, count, key) { Scalar(Tensors.centredCell($0)) }
    case .integers, .permutation, .bits: fatalError("Distribution: \(self) of real numbers")
    }
  }

  func fill(_ target: UnsafeMutablePointer<Int32>, _ count: Int, _ key: Key) {
    switch self {
    case .bernoulli(let probability):
      Tensor<Int32>.drawn(target, count, key) { Tensors.centredCell($0) < probability - 0.5 ? 1 : 0 }
    case .integers(let range):
      let (low, width) = (Int(range.lowerBound), UInt64(range.count))
      Tensor<Int32>.drawn(target, count, key) { Int32(low + Int($0.multipliedFullWidth(by: width).high)) }
    case .permutation:
      // The one kernel that allocates: its numbers are those of `Key.permutation`.
      for (i, index) in key.permutation(count).enumerated() { target[i] = Int32(index) }
    default: fatalError("Distribution: \(self) of integers")
    }
  }

  func fill(_ target: UnsafeMutablePointer<UInt32>, _ count: Int, _ key: Key) {
    Tensor<UInt32>.drawn(target, count, key) { UInt32(truncatingIfNeeded: $0) }
  }
}

extension Tensor {
  /// Draws with a key, known or not.
  static func draw(
    _ distribution: Distribution, _ shape: [Int], _ key: Key, _ fill: (UnsafeMutablePointer<Scalar>, Int) -> Void
  ) -> Tensor {
    if let unknown = key.unknown {
      guard unknown.tensor.rank == 1 else { fatalError("Tensor: draws from a batch of keys; use vmap") }
      return Tensor(Draw(distribution: distribution, shape: shape, scalarType: Scalar.scalarType)(unknown.tensor))
    }
    var result = Tensor(uninitialized: shape)
    fill(result.mutablePointer, result.count)
    return result
  }
}

extension Tensor where Scalar: RealScalar {
  static func draw(_ distribution: Distribution, _ shape: [Int], _ key: Key) -> Tensor {
    draw(distribution, shape, key) { distribution.fill($0, $1, key) }
  }
}

extension Tensor<Int32> {
  static func draw(_ distribution: Distribution, _ shape: [Int], _ key: Key) -> Tensor {
    draw(distribution, shape, key) { distribution.fill($0, $1, key) }
  }

  /// A uniformly random order of `0..<count`, that of `Key.permutation`.
  public static func permutation(_ count: Int, key: Key) -> Tensor { draw(.permutation, [count], key) }
}
