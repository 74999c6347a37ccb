import ConvergenceTheory
import Foundation
import Optimizers
import Problems
import Tensors
import Testing
import Transforms

/// A few dozen operations on numbers of order one, against References/online_and_mirror.py.
private let rounding = 1e-12

private func wave(_ count: Int, _ width: Int, _ phase: Double) -> Tensor<Double> {
  Tensor(shape: [count, width], (0..<count * width).map { sin(phase + 1.3 * Double($0)) })
}

private func deviation(_ a: [Double], _ b: [Double]) -> Double {
  a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}

@Suite struct LastIterateTests {
  @Test(arguments: [
    (StepSize.constant(1), [0.025327835418084737, 0.007621015588242462]),
    (.linear(1), [0.009731668539749522, 0.004208176258052992]),
  ])
  func hardInstanceIsTheReferences(schedule: StepSize, expected: [Double]) {
    let instance = HardInstance(horizon: 12)
    var run = HardRun(dimension: 12)
    for t in 1...12 { run.step(instance, rate: schedule.rate(t, of: 12), isLast: t == 12) }
    #expect(deviation([instance.value(run.last), instance.value(run.average(over: 12))], expected) < rounding)
  }

  @Test func tiesGoToTheFirst() {
    #expect(HardInstance(horizon: 5).maximum([0, 0, 0, 0, 0]).index == 0)
    #expect(HardInstance(horizon: 5).maximum([1, 0, 0, 0, 0]).index == 1)
    // Only h_T is free of a coordinate that is as large as this everywhere.
    #expect(HardInstance(horizon: 5).maximum([1, 1, 1, 1, 1]).index == 5)
  }

  /// Far from the minimum a long run of exact steps gets there, and nowhere below.
  @Test func minimaAreLeast() {
    let key = Key(seed: 1)
    let problems = [
      StochasticProblem.lasso(.init(), key: key), .strong(.init(), key: key), .simplex(.init(), isEntropic: true, key: key),
      .simplex(.init(), isEntropic: false, key: key),
    ]
    for problem in problems {
      var x = problem.start
      for _ in 0..<1500 { x = problem.step(x, problem.gradient(x), Tensor(0.3)) }
      let gap = problem.value(x).scalar - problem.minimum
      #expect(gap > -1e-12 && gap < 1e-2, "\(problem.name): \(gap)")
      #expect(problem.value(problem.start).scalar > problem.minimum + 0.1)
    }
  }

  @Test func stepSizes() {
    #expect(abs(StepSize.linear(2).rate(1, of: 100) - 0.2) < 1e-15 && abs(StepSize.linear(2).rate(100, of: 100) - 0.002) < 1e-15)
    #expect(StepSize.squareRoot(1).rate(4, of: 100) == 0.5 && StepSize.constant(1).rate(4, of: 100) == 0.1)
    #expect(StepSize.harmonic(2).rate(3, of: 100) == 0.25 && StepSize.inverseTime(2).rate(4, of: 100) == 0.125)
  }
}

@Suite struct OptimisticMirrorDescentTests {
  /// Last point, V, and the sum of the losses.
  @Test(arguments: [
    (true, [0.9841633665262776, 0.1766430988204837, 0.014821728197505138, 36.51098651534108, -3.440908925968717]),
    (false, [0.996332998459562, 0.08554877189975559, 0.0014013589911943437, 14.407870802182364, -4.2979288810787635]),
  ])
  func isTheReferences(isOptimistic: Bool, expected: [Double]) {
    let gradients = wave(15, 3, 0.4) * -0.7 - Tensor([0.5, 0, 0])
    var learner = OptimisticDescent(dimension: 3, isOptimistic: isOptimistic)
    var (point, losses) = ([0.0], 0.0)
    for t in 0..<15 {
      let rate = 1 / (0.2 + learner.surprise).squareRoot()
      let g = gradients.row(t).scalars
      point = learner.point(rate: rate)
      losses += zip(g, point).reduce(0) { $0 + $1.0 * $1.1 }
      learner.learn(g, rate: rate)
    }
    #expect(deviation(point + [learner.surprise, losses], expected) < rounding)
  }

  /// The least of x^T A x / 2 - b.x on the ball: inside the gradient vanishes, on the sphere it points inwards along x.
  @Test(arguments: [0.1, 1, 10]) func smallSystemsAreSolved(scale: Double) {
    var system = SmallSystem(dimension: 3, diagonal: 0.5)
    for i in 0..<4 { system.add(wave(4, 3, 0.7).row(i).scalars, weight: 1) }
    let b = wave(1, 3, 1.1).scalars.map { scale * $0 }
    let x = system.solution(b, inBall: 1)
    let residual = zip(b, system.product(x)).map { $0 - $1 }
    let norm = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let multiplier = zip(residual, x).reduce(0) { $0 + $1.0 * $1.1 } / (norm * norm)
    #expect(norm <= 1 + 1e-14 && multiplier > -1e-13)
    #expect(norm > 1 - 1e-12 || abs(multiplier) < 1e-12)
    #expect(deviation(residual, x.map { multiplier * $0 }) < 1e-12 * scale.rounded(.up))
  }
}

@Suite struct PlasticityGeometryTests {
  @Test(arguments: [
    (
      MirrorMap.euclidean,
      [
        0.29874839202372183, 0.13489286443410164, -0.22658102557184712, -0.25611318229215496, 0.08956107305491325,
        0.3040281465572559, 0.07309327309102728,
      ]
    ),
    (
      .norm(3),
      [
        0.34614496389806754, 0.3220124637356954, -0.27856273896622474, -0.3353837601640711, -0.08958891059338814,
        0.35022867474507824, 0.2958948877729228,
      ]
    ),
    (
      .negativeEntropy,
      [
        0.27813875542325067, -0.038400923744350494, -0.2718083340539344, -0.1315612644034854, 0.1993363087921107,
        0.25549351081625793, -0.0889245957800357,
      ]
    ),
  ])
  func dualDescentIsTheReferences(map: MirrorMap, expected: [Double]) {
    let start = wave(1, 7, 2) * 0.3
    var state = PlasticityGeometry.DualDescent(map, start: start, rates: 2)
    for rate in [0.05, 0.04, 0.02, 0] {
      state = state.stepped(
        map, inputs: wave(4, 7, 0.2).expandingDimensions(0), labels: Tensor([1.0, -1, -1, 1]).expandingDimensions(0),
        signs: start.expandingDimensions(1), rates: Tensor([rate, 0]).reshaped(-1, 1), momentum: 0.9)
    }
    let weights = map.primal(state.dual, signs: start.expandingDimensions(1)).row(0)
    #expect(deviation(weights.row(0).scalars, expected) < rounding)
    // The other rate of the batch is 0.
    #expect(deviation(weights.row(1).scalars, start.scalars) < rounding)
  }

  @Test func residualIsThatOfTheProjection() {
    let rows = Tensor<Double>(shape: [2, 3], [1, 0, 0, 1, 1, 0])
    #expect(abs(PlasticityGeometry.outside(Tensor([3, 0, 4]), of: rows) - 0.8) < 1e-15)
    #expect(PlasticityGeometry.outside(Tensor([3, 5, 0]), of: rows) < 1e-15)
  }
}
