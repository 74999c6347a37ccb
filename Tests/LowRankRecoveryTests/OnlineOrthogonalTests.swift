import LowRankRecovery
import Tensors
import Testing

/// Against References/online_orthogonal.py.
@Suite struct OnlineOrthogonalTests {
  typealias Paper = OnlineOrthogonalFW
  let n = 5
  let b = 9
  private var truth: Tensor<Double> { qr(Fixture.wave(n, n, 0)).q }
  private var start: Tensor<Double> { qr(Fixture.wave(n, n, 1)).q }

  /// Samples whose codes are cubes of the wave.
  private func samples(_ count: Int, _ phase: Double) -> Tensor<Double> {
    let wave = Fixture.wave(n, count, phase)
    return matmul(truth, wave * wave * wave)
  }

  @Test(arguments: [true, false]) func stepsAreThePapers(isAveraging: Bool) throws {
    var iterate = Paper.Iterate(d: start, g: .zeros([n, n]))
    var rows: [Double] = []
    for t in 0..<50 {
      iterate = iterate.step(
        samples(b, 0.3 * Double(t)), rho: Tensor(isAveraging ? Paper.rho(t) : 1), gamma: Tensor(Paper.gamma(t)))
      guard t % 10 == 9 else { continue }
      rows += [
        Paper.gap(iterate.d, samples(40, 2)).scalar, Paper.recoveryError(iterate.d, truth).scalar,
        try thinSVD(iterate.d).s.min().scalar,
      ]
    }
    Fixture.expectEqual(
      rows,
      isAveraging
        ? [
          0.00017740880058728526, 0.5839885734051246, 0.7810362828478418, 8.92611862317056e-05, 0.5780257701197185,
          0.9561861196939097, 5.85126757267347e-05, 0.5989532679838423, 0.9799048726162235, 4.51159965602463e-05,
          0.6111055908002704, 0.9854887865879516, 3.738404193863844e-05, 0.6204017849374752, 0.9877413004844383,
        ]
        : [
          0.0001783826507770203, 0.5841611038208406, 0.7803505195305411, 0.00010134898818700382, 0.5789798221205897,
          0.9499552166982642, 8.570060219896015e-05, 0.6017195626937335, 0.9673809123903213, 7.705968934777676e-05,
          0.623987511367305, 0.971585392648815, 7.341596126580639e-05, 0.6389941585867465, 0.9716277309634519,
        ], floor: 1e-14)
  }

  @Test func powerIterationIsThePapers() {
    let stored = samples(40, 2)
    let d = (0..<5).reduce(start) { d, _ in Paper.powerStep(d, stored) }
    Fixture.expectEqual(
      [Paper.recoveryError(d, truth).scalar, d[0, 0], d[3, 2]], [0.518562013933962, 0.035964561893308024, 0.316798146658527])
  }

  /// Signs and order of the columns are not determined.
  @Test func recoveryIsUpToSignedPermutation() {
    let order = Tensor<Int32>([2, 0, 4, 1, 3])
    let moved = truth.gather(order, axis: 1) * Tensor([1, -1, 1, -1, -1])
    #expect(Paper.recoveryError(moved, truth).scalar < 1e-14)
    #expect(Paper.recoveryError(start, truth).scalar > 0.1)
  }

  /// The share and the size of the coefficients, to five standard errors.
  @Test func samplesAreSparse() {
    let codes = matmul(
      truth, Paper.samples(20_000, of: truth, theta: Tensor(0.3), key: Key(seed: 4)), transposeA: true)
    let nonzero = (codes.abs() .> 1e-12).converted(to: Double.self).mean().scalar
    let power: Double = codes.square().mean().scalar
    // Variances of a Bernoulli number and of a squared coefficient, over 100,000 of them.
    let deviations: [Double] = [0.3 * 0.7, 3 * 0.3 - 0.09].map { ($0 / 1e5).squareRoot() }
    #expect(abs(nonzero - 0.3) < 5 * deviations[0])
    #expect(abs(power - 0.3) < 5 * deviations[1])
  }
}
