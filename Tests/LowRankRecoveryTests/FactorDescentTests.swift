import Foundation
import LowRankRecovery
import Tensors
import Testing

/// Every descent of the topic against References/factor_descents.py, an independent transcription in NumPy, for 50 steps.
@Suite struct FactorDescentTests {
  private static let references: [String: [Double]] = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "References/factor_descents.json")
    return (try? JSONDecoder().decode([String: [Double]].self, from: Data(contentsOf: file))) ?? [:]
  }()

  private func wave(_ shape: [Int], _ phase: Double) -> Tensor<Double> {
    let values = (0..<shape.reduce(1, *)).map { i -> Double in
      let x = Double(i)
      return 0.5 * sin(1 + 1.7 * x + 0.37 * x * x + phase)
    }
    return Tensor(shape: shape, values)
  }

  /// 50 steps of sums in another order: relative to the largest entry.
  private func expectEqual(_ measured: Tensor<Double>, _ name: String, within tolerance: Double = 1e-10) {
    guard let reference = Self.references[name], reference.count == measured.count else {
      Issue.record("no reference '\(name)' of \(measured.count) numbers")
      return
    }
    let scale = reference.reduce(0) { max($0, abs($1)) }
    let difference = zip(measured.scalars, reference).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(difference <= tolerance * scale, "\(name): \(difference) of \(scale)")
  }

  private var measurements: MeasurementMatrix {
    let a = wave([40, 6, 6], 0) / Double(40).squareRoot() * 2
    return MeasurementMatrix(shape: [6, 6], rows: ((a + a.transposed()) / 2).reshaped(40, 36))
  }

  private var target: Tensor<Double> {
    let v = wave([6, 2], 0.5)
    return matmul(v, v, transposeB: true)
  }

  private func repeated(_ x: Tensor<Double>, _ step: (Int, Tensor<Double>) -> Tensor<Double>) -> Tensor<Double> {
    (0..<50).reduce(x) { x, t in step(t, x) }
  }

  @Test(arguments: ["scaled", "undamped", "plain"]) func preconditionedDescents(name: String) {
    let preconditioners: [String: FactorPreconditioner] = [
      "scaled": .damped(Tensor(0.05)), "undamped": .damped(Tensor(0)), "plain": .none,
    ]
    guard let preconditioner = preconditioners[name] else { return }
    let normal = NormalMatrix(shape: [6, 6], matrix: matmul(measurements.rows, measurements.rows, transposeA: true))
    for sensing in [measurements, normal] as [any SensingOperator] {
      let problem = SensingProblem(target: target, sensing: sensing)
      expectEqual(repeated(0.3 * wave([6, 3], 0.3)) { preconditioner.step($1, problem, rate: 0.1) }, name)
    }
  }

  @Test func bestApproximation() throws {
    let problem = SensingProblem(target: target, sensing: measurements)
    let starts = try IncrementalRank.truncations(of: problem.sensing.normal(target), below: 3)
    let u = repeated(starts) { IncrementalRank.step($1, problem, rate: 0.1) }
    expectEqual(matmul(u, u, transposeB: true).row(0), "best")
  }

  private var robust: RobustProblem {
    let outliers = Tensor<Double>((0..<40).map { $0 % 7 == 0 ? 3 : 0 })
    return RobustProblem(sensing: measurements, measured: measurements.measure(target) + outliers)
  }

  @Test func spectralStart() throws {
    let b = try robust.spectralStart(columns: 3)
    expectEqual(matmul(b, b, transposeB: true), "spectral_start")
  }

  @Test func subgradientMethod() {
    let u = repeated(0.1 * wave([6, 3], 0.7)) { t, u in robust.subgradientStep(u, rate: Tensor(0.25 * pow(0.97, Double(t)))) }
    expectEqual(u, "subgradient")
  }

  @Test func squaredLoss() {
    expectEqual(repeated(0.1 * wave([6, 3], 0.7)) { robust.squaredLossStep($1, rate: 0.1) }, "squared")
  }

  @Test func tubalProduct() {
    let (a, b) = (wave([5, 3, 4], 0.1), wave([5, 4, 2], 0.2))
    expectEqual(Tubal.product(a, b), "t_product", within: 1e-12)
    expectEqual(Tubal.transpose(a), "t_transpose", within: 0)
    expectEqual(Tubal.singularValues(a), "t_singular_values", within: 1e-12)
    #expect((Tubal.product(a, Tubal.identity(4, tubes: 5)) - a).abs().max().scalar < 1e-15)
  }

  @Test func tubalAngles() {
    let basis = qr(Tubal.realFourierSlices(wave([5, 4, 2], 0.4))).q
    let left = Tubal.decomposition(wave([5, 4, 3], 0.6)).left
    expectEqual(TubalFactorization.largestSine(of: left, from: basis), "t_sines", within: 1e-12)
  }

  @Test func tubalDescent() {
    let a = wave([30, 5, 4, 4], 0.8) / Double(30).squareRoot()
    let rows = ((a + Tubal.transpose(a)) / 2).reshaped(30, 80)
    let x = wave([5, 4, 2], 0.4)
    let problem = TubalProblem(
      target: Tubal.product(x, Tubal.transpose(x)), sensing: MeasurementMatrix(shape: [5, 4, 4], rows: rows))
    expectEqual(repeated(0.2 * wave([5, 4, 3], 0.6)) { problem.step($1, rate: 0.05) }, "tubal")
  }

  /// Runs beside each other, of several draws, are what they are alone; columns of zeros stay zero.
  @Test func batchedRunsAreTheRunsAlone() {
    let draws = (0..<2).map { GaussianSensing(side: 6, count: 40, symmetrized: true, key: Key(seed: 3)[$0]) }
    let factors = wave([2, 3, 6, 2], 0.2)
    let all = SensingProblem(target: target, sensing: MeasurementMatrix(stacking: draws.map { $0.measurementMatrix() }))
    let product = all.gradient(factors.paddedColumns(to: 4))
    #expect(product.slice(All(), All(), All(), 2...).norm().scalar == 0)
    for draw in 0..<2 {
      let one = SensingProblem(target: target, sensing: draws[draw].normalMatrix())
      for run in 0..<3 {
        let alone = one.gradient(factors.row(draw).row(run))
        let beside = product.row(draw).row(run).slice(All(), ..<2)
        #expect((beside - alone).norm().scalar <= 1e-13 * alone.norm().scalar)
      }
    }
  }
}
