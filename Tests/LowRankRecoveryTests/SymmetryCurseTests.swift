import Foundation
import LowRankRecovery
import Tensors
import Testing

/// Against References/symmetry_curse.py, an independent transcription in NumPy.
@Suite struct SymmetryCurseTests {
  /// 0.5 sin(1 + 1.7 i + 0.37 i² + phase): full-rank inputs that need no random numbers.
  private func wave(_ rows: Int, _ columns: Int, _ phase: Double) -> Tensor<Double> {
    let values = (0..<rows * columns).map { i -> Double in
      let x = Double(i)
      return 0.5 * sin(1 + 1.7 * x + 0.37 * x * x + phase)
    }
    return Tensor(shape: [rows, columns], values)
  }

  private var problem: SensingProblem {
    let v = wave(6, 2, 0)
    return SensingProblem(target: matmul(v, v, transposeB: true))
  }

  /// 50 steps carry the rounding of a few hundred operations: 1e-12 of the value is generous to it and to nothing else.
  private func expectEqual(_ measured: [Double], _ reference: [Double]) {
    #expect(measured.count == reference.count)
    for (a, b) in zip(measured, reference) { #expect(abs(a - b) <= 1e-12 * b, "\(a) instead of \(b)") }
  }

  @Test func symmetricDescentIsThePapers() {
    var run = SymmetricDescent(x: wave(6, 3, 0.3))
    var losses: [Double] = []
    for t in 0...50 {
      if t % 10 == 0 { losses.append(run.loss(problem)) }
      run.step(problem, rate: 0.1)
    }
    expectEqual(
      losses,
      [
        1.5624646590012279, 0.7234452471328094, 0.4827443074172566, 0.2856753654215221, 0.1517998678291994,
        0.07736876708589153,
      ])
  }

  @Test func asymmetricDescentWithRebalancingIsThePapers() throws {
    var run = AsymmetricDescent(f: wave(6, 3, 0.6), g: wave(6, 3, 0.9) / 3)
    var losses: [Double] = []
    for t in 0...50 {
      if t % 10 == 0 { losses.append(run.loss(problem)) }
      if t == 20 { try run.rebalance(0.7) }
      run.step(problem, rate: 0.1)
    }
    expectEqual(
      losses,
      [
        0.784176094894601, 0.43501432599218604, 0.20954684649451472, 0.09072957882875092, 0.05308890910861938,
        0.03301013533394985,
      ])
  }

  @Test func rebalancingKeepsTheProductAndMakesFOrthogonal() throws {
    var run = AsymmetricDescent(f: wave(6, 3, 0.6), g: wave(6, 3, 0.9))
    let product = matmul(run.f, run.g, transposeB: true)
    try run.rebalance(0.7)
    #expect((matmul(run.f, run.g, transposeB: true) - product).norm().scalar < 1e-14)
    #expect((matmul(run.f, run.f, transposeA: true) - 0.49 * Tensor.identity(3)).norm().scalar < 1e-14)
  }

  /// F^T F - G^T G changes only by terms of second order in the step size.
  @Test func imbalanceIsNearlyConserved() {
    func change(rate: Double) -> Double {
      var run = AsymmetricDescent(f: wave(6, 3, 0.6), g: wave(6, 3, 0.9) / 3)
      let imbalance = { (run: AsymmetricDescent) in
        matmul(run.f, run.f, transposeA: true) - matmul(run.g, run.g, transposeA: true)
      }
      let before = imbalance(run)
      run.step(problem, rate: rate)
      return (imbalance(run) - before).norm().scalar
    }
    #expect(abs(change(rate: 1e-2) / change(rate: 1e-3) - 100) < 1)
  }

  /// The spare direction alone, M = 0: s = x² obeys s' = s (1 - eta s)², near 1/(1/s_0 + 2 eta t).
  @Test func spareDirectionFollowsItsRecursion() {
    let nothing = SensingProblem(target: .zeros([1, 1]))
    var run = SymmetricDescent(x: Tensor(shape: [1, 1], [0.5]))
    var s = 0.25
    for _ in 0..<10_000 {
      run.step(nothing, rate: 0.1)
      s *= (1 - 0.1 * s) * (1 - 0.1 * s)
    }
    #expect(abs(run.x[0, 0] * run.x[0, 0] / s - 1) < 1e-12)
    #expect(abs(s * (4 + 2 * 0.1 * 10_000) - 1) < 0.01)
  }

  @Test(arguments: [false, true]) func sensingAppliesItsMeasurements(isSymmetrized: Bool) {
    let (side, count) = (3, 7)
    let key = Key(seed: 5)
    let sensing = GaussianSensing(side: side, count: count, symmetrized: isSymmetrized, key: key)
    let x = wave(side, side, 0.2)
    var expected = Tensor<Double>.zeros([side, side])
    for i in 0..<count {
      var a =
        Tensor<Double>.normal([count, side * side], key: key[0]).row(i).reshaped([side, side]) / Double(count).squareRoot()
      if isSymmetrized { a = (a + a.transposed()) / 2 }
      expected += (a * x).sum() * a
    }
    for form in [sensing.measurementMatrix(), sensing.normalMatrix()] as [any SensingOperator] {
      #expect((form.normal(x) - expected).norm().scalar < 1e-14 * expected.norm().scalar * 10)
    }
  }

  @Test func symmetrizedMeasurementsCannotSeeAnAntisymmetricPart() {
    let sensing = GaussianSensing(side: 4, count: 50, symmetrized: true, key: Key(seed: 1)).normalMatrix()
    let x = wave(4, 4, 0.1)
    #expect(sensing.normal(x - x.transposed()).norm().scalar < 1e-14)
  }
}
