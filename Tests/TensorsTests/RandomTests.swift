import Foundation
import Tensors
import Testing

@Suite struct RandomTests {
  struct Row: Sendable {
    let key: Key
    let uniform: [Double]
    let normal: [Double]
    let permutation: [Int]

    init(_ key: Key, uniform: [Double], normal: [Double], permutation: [Int]) {
      (self.key, self.uniform, self.normal, self.permutation) = (key, uniform, normal, permutation)
    }
  }

  /// Printed by References/random.py, an independent transcription.
  static let rows = [
    Row(
      Key(seed: 0),
      uniform: [0.8805201978886142, 0.6054818538799213, 0.36209111566940344, 0.037094080749417335, 0.3194457679100915],
      normal: [1.1775912390542735, 0.26756224953310015, -0.35287489660161825, -1.7854511916772375, -0.46924918026737267],
      permutation: [3, 5, 4, 2, 6, 7, 1, 8, 0]),
    Row(
      Key(seed: 42)[7],
      uniform: [0.7767532224279033, 0.8126009588421428, 0.2042677274202731, 0.5615853099649867, 0.6703226724511236],
      normal: [0.7612737849816614, 0.8875217114395333, -0.8264736581729899, 0.15498977271089392, 0.4408043347764355],
      permutation: [6, 2, 3, 8, 4, 0, 7, 1, 5]),
    Row(
      Key(seed: 42).named("init"),
      uniform: [0.7050295838749839, 0.34603973674534605, 0.9325692359590992, 0.9349749151475939, 0.7561776570978399],
      normal: [0.5389217740302306, -0.39603464067964733, 1.4952027805848203, 1.5139040779660065, 0.6940598347914984],
      permutation: [1, 6, 8, 5, 0, 4, 7, 2, 3]),
    Row(
      Key(seed: 42).named("weights of layer 3")[1],
      uniform: [0.41077193355638975, 0.9803470211001785, 0.4662879006266759, 0.9021565542348244, 0.44784503318772273],
      normal: [-0.22555972659608764, 2.0609694177069886, -0.08460452536012883, 1.2939378432513098, -0.1311077551794689],
      permutation: [8, 0, 4, 2, 5, 7, 3, 6, 1]),
  ]

  @Test(arguments: rows) func knownNumbers(_ row: Row) {
    #expect(Tensor<Double>.uniform([5], key: row.key).scalars == row.uniform)
    // A float is the leading 24 bits of the same draw.
    #expect(Tensor<Float>.uniform([5], key: row.key).scalars == row.uniform.map { Float(($0 * 0x1p24).rounded(.down) * 0x1p-24) })
    for (ours, theirs) in zip(Tensor<Double>.normal([5], key: row.key).scalars, row.normal) {
      // Python rounds p to 53 bits, which moves the quantile by 2^-54 over the density.
      let rounding = 0x1p-54 / (0.3989 * exp(-theirs * theirs / 2))
      #expect(abs(ours - theirs) <= 4 * theirs.ulp + rounding)
    }
    #expect(Tensor<Float>.normal([5], key: row.key).scalars == Tensor<Double>.normal([5], key: row.key).scalars.map { Float($0) })
    #expect(row.key.permutation(9) == row.permutation)
  }

  @Test func aPrefixIsAPrefix() {
    let key = Key(seed: 5)
    let long = Tensor<Double>.normal([10_007], key: key).scalars
    for count in [1, 2, 15, 16, 17, 4095, 4097] {
      #expect(Tensor<Double>.normal([count], key: key).scalars[...] == long.prefix(count))
      #expect(
        Tensor<Double>.uniform([count], key: key).scalars[...] == Tensor<Double>.uniform([5000], key: key).scalars.prefix(count))
    }
  }

  @Test func keysAreDistinct() {
    let root = Key(seed: 1)
    var keys: Set<Key> = [root, Key(seed: 2)]
    let names = ["", "a", "b", "ab", "abcdefg", "abcdefgh", "abcdefg\0", "é", "1"]
    keys.formUnion(names.map(root.named))
    keys.formUnion(root.split(100))
    keys.formUnion(root.named("a").split(100))
    keys.insert(root.named("a").named("b"))
    #expect(keys.count == 2 + names.count + 200 + 1)
    #expect(root.split(3)[2] == root[2])
  }

  /// Largest distance between the empirical distribution and `cumulative`; above 1.95 / sqrt(n) with probability 0.001.
  static func kolmogorovSmirnov(_ x: [Double], _ cumulative: (Double) -> Double) -> Double {
    let n = Double(x.count)
    return x.sorted().enumerated().reduce(0) { worst, item in
      let p = cumulative(item.element)
      return max(worst, abs(p - Double(item.offset) / n), abs(p - Double(item.offset + 1) / n))
    }
  }

  @Test(arguments: 0..<4) func normalDistribution(seed: UInt64) {
    let count = 100_000
    let x = Tensor<Double>.normal([count], key: Key(seed: seed))
    let scale = 1 / Double(count).squareRoot()
    // Moments within 4 standard errors: of x 1, of x^2 sqrt(2), of x^3 sqrt(15), of x^4 sqrt(96).
    #expect(abs(x.mean().scalar) < 4 * scale)
    #expect(abs((x * x).mean().scalar - 1) < 4 * 2.0.squareRoot() * scale)
    #expect(abs((x * x * x).mean().scalar) < 4 * 15.0.squareRoot() * scale)
    #expect(abs((x * x * x * x).mean().scalar - 3) < 4 * 96.0.squareRoot() * scale)
    #expect(Self.kolmogorovSmirnov(x.scalars) { 0.5 * erfc(-$0 / 2.0.squareRoot()) } < 1.95 * scale)
  }

  @Test(arguments: 0..<4) func uniformDistribution(seed: UInt64) {
    let x = Tensor<Float>.uniform([100_000], in: -1..<3, key: Key(seed: seed))
    #expect(x.min().scalar >= -1 && x.max().scalar < 3)
    #expect(Self.kolmogorovSmirnov(x.scalars.map { Double($0) }) { ($0 + 1) / 4 } < 1.95 / 100_000.0.squareRoot())
  }

  /// Streams of different keys, and lags within one, are uncorrelated: 4 standard errors.
  @Test func streamsAreIndependent() {
    let count = 50_000
    let key = Key(seed: 9)
    let streams = (key.split(4) + [key, key.named("a"), key.named("b"), Key(seed: 10)]).map {
      Tensor<Double>.normal([count], key: $0)
    }
    let bound = 4 / Double(count).squareRoot()
    for (i, x) in streams.enumerated() {
      for y in streams[..<i] { #expect(abs((x * y).mean().scalar) < bound) }
      let scalars = x.scalars
      for lag in [1, 2, 3, 16] {
        #expect(abs(zip(scalars, scalars.dropFirst(lag)).reduce(0) { $0 + $1.0 * $1.1 } / Double(count)) < bound)
      }
    }
  }

  /// Phi(quantile(p)) = p in all three of the quantile's ranges, and odd symmetry.
  @Test func quantileInvertsTheDistribution() {
    for exponent in stride(from: 1.0, to: 53, by: 0.25) {
      let p = exp2(-exponent)
      let z = normalQuantile(halfPlus: SIMD8(repeating: p - 0.5))[0]
      let back = 0.5 * erfc(-z / 2.0.squareRoot())
      // dp/p = z phi/Phi dz/z, up to z^2 times the relative error of z; p - 0.5 is rounded by 2^-54.
      #expect(abs(back - p) <= p * 1e-14 * max(1, z * z) + 0x1p-53, "p = 2^-\(exponent)")
      #expect(normalQuantile(halfPlus: SIMD8(repeating: 0.5 - p))[0] == -z)
    }
  }

  @Test func unitVectorsAreOnTheSphere() {
    let x = Tensor<Double>.unitVectors([1000, 3], key: Key(seed: 4))
    for i in 0..<1000 { #expect(abs(x.row(i).norm().scalar - 1) < 1e-15) }
    // Each coordinate of a uniform direction in three dimensions is uniform on [-1, 1] (Archimedes).
    #expect(Self.kolmogorovSmirnov((0..<1000).map { x[$0, 2] }) { ($0 + 1) / 2 } < 1.95 / 1000.0.squareRoot())
  }

  @Test func permutationsPermute() {
    for count in [0, 1, 2, 1000] { #expect(Key(seed: 6).permutation(count).sorted() == Array(0..<count)) }
    // Every order of three about equally often: chi-squared with 5 degrees of freedom is above 20.5 with probability 0.001.
    let orders = Dictionary(grouping: Key(seed: 6).split(6000).map { $0.permutation(3) }) { $0 }.values.map { Double($0.count) }
    #expect(orders.count == 6 && orders.reduce(0) { $0 + ($1 - 1000) * ($1 - 1000) / 1000 } < 20.5)
  }
}
