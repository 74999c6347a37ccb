import Foundation
import Networks
import Tensors
import Testing
import Transforms

@Suite struct GaussianAttentionTests {
  let key = Key(seed: 43)

  private func normal(_ shape: [Int], _ name: String) -> Tensor<Double> { .normal(shape, key: key.named(name)) }

  /// As in References/gaussian_attention.py.
  private func filled(_ rows: Int, _ columns: Int, _ number: Int) -> Tensor<Double> {
    Tensor(shape: [rows, columns], (0..<rows * columns).map { sin(1.7 * Double(number) + 0.9 * Double($0)) })
  }

  @Test func fullAttentionIsItsDefinition() {
    let (n, d, c) = (9, 4, 3)
    let (q, v) = (normal([n, d], "q"), normal([n, c], "v"))
    var expected = Tensor<Double>.zeros([n, c])
    for i in 0..<n {
      for j in 0..<n {
        let distance = (0..<d).reduce(0) { $0 + pow(q[i, $1] - q[j, $1], 2) }
        for k in 0..<c { expected[i, k] += exp(-distance / 2) * v[j, k] }
      }
    }
    for rows in [nil, 1, 4] {
      #expect((GaussianAttention.full(q, v, rowsTogether: rows) - expected).abs().max().scalar < 1e-14)
    }
    // Norms of 1e4: their distances cancel, and must not become negative.
    let far = GaussianAttention.kernel(1e4 + 1e-6 * q, 1e4 + 1e-6 * q)
    #expect(far.max().scalar <= 1)
  }

  /// Few steps, so that the start and each step count. Numbers by References/gaussian_attention.py.
  @Test func approximationsAreTheReference() {
    let (q, landmarks, v) = (filled(6, 2, 0), filled(3, 2, 1), filled(6, 2, 2))
    let inverse = NewtonInverse(regularization: 0.05, steps: 3)
    let cases: [(NystromAttention<Double>, [Double])] = [
      (
        NystromAttention(gaussian: q, landmarks: landmarks, inverse: inverse),
        [
          -0.742321933093249, -0.577099272207648, -1.634776811381796, -1.007347208332565, 0.601612730575712, 0.757330161253190,
          0.402559514613548, 0.134102743874932, -1.484870204544499, -0.958896635574751, -0.402174999212121, -0.011174604331449,
        ]
      ),
      (
        NystromAttention(gaussian: q, landmarks: landmarks, inverse: inverse, isNormalized: true),
        [
          -0.620320228922691, -0.450933725762775, -1.276813616635810, -0.788836166839635, 0.326127931443234, 0.422938541180406,
          0.187013558533144, 0.051990575844313, -1.153673435727626, -0.737811938933840, -0.397789335521667, -0.110255944560563,
        ]
      ),
      (
        NystromAttention(softmax: q, landmarks: landmarks),
        [
          -0.301341565211978, -0.297564290315836, -0.578563494440033, -0.369338885912744, 0.257173090805178, 0.403945111956526,
          0.133089882016909, -0.001687071375215, -0.630636009506340, -0.441329650208506, -0.079154135814863, 0.100175584978211,
        ]
      ),
    ]
    for (attention, expected) in cases {
      let expected = Tensor(expected).reshaped(6, 2)
      #expect((attention(v) - expected).abs().max().scalar < 1e-12)
      #expect((matmul(attention.matrix, v) - expected).abs().max().scalar < 1e-12)
    }
  }

  /// With every token for a landmark and hardly a regularization nothing is left out.
  @Test func allTokensAsLandmarksAreTheFullMatrix() {
    let (q, v) = (2 * normal([7, 3], "q"), normal([7, 2], "v"))
    let attention = NystromAttention(gaussian: q, landmarks: q, inverse: NewtonInverse(regularization: 1e-12, steps: 40))
    #expect((attention(v) - GaussianAttention.full(q, v)).abs().max().scalar < 1e-9)
  }

  @Test func headsAreApart() {
    let (q, landmarks, v) = (normal([2, 3, 8, 4], "q"), normal([2, 3, 4, 4], "landmarks"), normal([2, 3, 8, 2], "v"))
    let all = NystromAttention(gaussian: q, landmarks: landmarks, isNormalized: true)(v)
    let full = GaussianAttention.full(q, v, rowsTogether: 3)
    for head in 0..<3 {
      let (q, v) = (q.row(1).row(head), v.row(1).row(head))
      let one = NystromAttention(gaussian: q, landmarks: landmarks.row(1).row(head), isNormalized: true)(v)
      #expect((all.row(1).row(head) - one).abs().max().scalar < 1e-12)
      #expect((full.row(1).row(head) - GaussianAttention.full(q, v)).abs().max().scalar < 1e-12)
    }
  }

  // MARK: The inverse

  @Test func residualsAreSquared() {
    let x = normal([6, 3], "x")
    let (inverse, a) = (NewtonInverse(), GaussianAttention.kernel(x, x))
    let matrix = inverse.regularized(a)
    var v = inverse.start(a)
    #expect(abs((v / matrix).max().scalar - 1.8 / pow(a.sum(-1).max().scalar, 2)) < 1e-14)
    for _ in 0..<8 {
      let residual = Tensor.identity(6) - matmul(matrix, v)
      v = inverse.improved(v, of: matrix)
      #expect((Tensor.identity(6) - matmul(matrix, v) - matmul(residual, residual)).abs().max().scalar < 1e-12)
    }
    #expect((matmul(inverse(a), matrix) - Tensor.identity(6)).abs().max().scalar < 1e-12)
  }

  @Test func gradientIsThatOfTheInverse() {
    let x = normal([5, 3], "x")
    let (a, weights) = (GaussianAttention.kernel(x, x), normal([5, 5], "weights"))
    let inverse = NewtonInverse()
    let analytic = grad { (a: Tensor<Double>) in (weights * inverse(a)).sum() }(a)
    let taped = grad { (a: Tensor<Double>) in (weights * inverse.taped(a)).sum() }(a)
    #expect((analytic - taped).abs().max().scalar < 1e-10 * taped.abs().max().scalar)
    // After two steps the inverse is none yet, and the rule is applied all the same.
    let early = NewtonInverse(steps: 2)
    let x2 = early(a)
    let rule = -matmul(matmul(x2.transposed(), weights), x2.transposed())
    #expect((grad { (a: Tensor<Double>) in (weights * early(a)).sum() }(a) - rule).abs().max().scalar < 1e-14)
    #expect((grad { (a: Tensor<Double>) in (weights * early.taped(a)).sum() }(a) - rule).abs().max().scalar > 1e-3)
  }

  @Test(arguments: [false, true]) func derivativesAreThoseOfDifferences(isNormalized: Bool) {
    let (n, m, d) = (6, 3, 2)
    let x = normal([(2 * n + m) * d], "all")
    func loss(_ x: Tensor<Double>) -> Tensor<Double> {
      let parts = x.split(sizes: [n * d, m * d, n * d])
      let attention = NystromAttention(
        gaussian: parts[0].reshaped(n, d), landmarks: parts[1].reshaped(m, d), isNormalized: isNormalized)
      return attention(parts[2].reshaped(n, d)).square().sum()
    }
    let direction = normal(x.shape, "direction")
    let difference = (loss(x + 1e-5 * direction) - loss(x - 1e-5 * direction)).scalar / 2e-5
    #expect(abs(grad(loss)(x).dot(direction).scalar - difference) < 1e-6 * (1 + abs(difference)))
    // Compiled, and for several at once.
    let several = Tensor.stack([x, x + direction])
    let gradients = compile(vmap(grad(loss)))(several)
    #expect((gradients.row(1) - grad(loss)(x + direction)).abs().max().scalar < 1e-9 * (1 + abs(difference)))
  }
}
