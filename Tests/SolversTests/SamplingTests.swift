import Foundation
import Solvers
import Tensors
import Testing

@Suite struct SamplingTests {
  /// The matrix of References/sensitivities.py.
  let a = Tensor<Double>(
    shape: [12, 3],
    (0..<36).map { (k: Int) -> Double in
      let (i, j) = (k / 3, k % 3)
      return sin(1 + Double(i * (j + 1))) * (i == 2 ? 5 : 1)
    })

  /// Printed by References/sensitivities.py.
  static let references: [Double: [Double]] = [
    1: [
      0.271854180, 0.172416796, 0.539884599, 0.110834338, 0.172256415, 0.167429878, 0.122832270, 0.157886522, 0.139083434,
      0.097028379, 0.130009334, 0.112565841,
    ],
    1.5: [
      0.373021947, 0.219152687, 0.771125893, 0.095827807, 0.217233352, 0.189751401, 0.113431765, 0.177291122, 0.148339890,
      0.091010877, 0.143256533, 0.096535118,
    ],
    3: [
      0.675358060, 0.366219647, 0.985324012, 0.082023484, 0.338269223, 0.195830990, 0.083736687, 0.256356304, 0.166028031,
      0.059627395, 0.188844038, 0.081296104,
    ],
    4: [
      0.810791705, 0.443865046, 0.997817395, 0.072399933, 0.399264970, 0.177276164, 0.065815455, 0.314380559, 0.172961740,
      0.038835960, 0.217329903, 0.070421864,
    ],
  ]

  @Test(arguments: references.keys.sorted()) func sensitivitiesAreSciPys(p: Double) throws {
    let reference = Tensor<Double>(try #require(Self.references[p]))
    let exact = lpSensitivities(a, p: p)
    // For p = 1 convergence is slow where a residual vanishes by chance.
    let errors = (exact / reference - 1).abs()
    #expect(errors.max().scalar < (p == 1 ? 1e-3 : 1e-7) && errors.median().scalar < (p == 1 ? 1e-5 : 1e-8), "p = \(p)")
    // A net comes from below; 4000 directions of a hemisphere are some 0.02 apart.
    let net = lpSensitivities(a, p: p, over: Tensor<Double>.unitVectors([4000, 3], key: Key(seed: 1)))
    #expect((net / reference).max().scalar < 1 + 1e-6 && (net / reference).min().scalar > 0.96, "p = \(p)")
  }

  @Test func leverageScoresAreTheDiagonalOfTheProjection() throws {
    let projection = matmul(a, try pseudoInverse(a))
    let scores = leverageScores(a)
    #expect((scores - projection.diagonal()).abs().max().scalar < 1e-14)
    #expect((lpSensitivities(a, p: 2) - scores).abs().max().scalar < 1e-13)
  }

  /// Two copies of the identity and a row of zeros: 1/2 for every p, and 0.
  @Test(arguments: [1, 1.3, 2, 3.5]) func copiesShareTheirSensitivity(p: Double) {
    let rows = Tensor.concatenate([Tensor<Double>.identity(4), .identity(4), .zeros([1, 4])])
    let expected = Tensor.concatenate([Tensor<Double>.full([8], 0.5), .zeros([1])])
    #expect((lpSensitivities(rows, p: p) - expected).abs().max().scalar < 1e-9)
  }

  @Test func probabilitiesAddUpAndAreCapped() {
    let weights = [100.0, 50, 1, 2, 3, 4, 0]
    for count in [0.5, 1.5, 2, 3.7, 6, 9] {
      let q = RowSampling(weights: weights, count: count).probabilities.scalars
      #expect(abs(q.reduce(0, +) - min(count, 6)) < 1e-12, "\(count) rows")
      let constant = q[2] / weights[2]
      let expected: [Double] = weights.map { min(1, constant * $0) }
      if count < 6 { #expect(zip(q, expected).allSatisfy { abs($0 - $1) < 1e-12 }, "\(count) rows") }
    }
  }

  /// E[what a row counts] = 1: five standard errors of 4000 draws.
  @Test func drawsKeepSumsOnAverage() {
    let sampling = RowSampling(weights: [8, 4, 2, 1, 1], count: 3)
    let mean = sampling.draw(4000, key: Key(seed: 2)).mean(0)
    let errors = ((1 / sampling.probabilities - 1) / 4000).sqrt()
    #expect(((mean - 1).abs() - 5 * errors).max().scalar < 1e-12)
  }
}
