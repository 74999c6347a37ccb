import EdgeOfStability
import Foundation
import Tensors
import Testing

/// Against References/noise_regimes.py: the perceptron in NumPy, the network's gradients by JAX.
@Suite struct NoiseRegimesTests {
  private func numbers(_ first: Int, _ shape: [Int]) -> Tensor<Double> {
    Tensor(shape: shape, (first..<first + shape.reduce(1, *)).map { sin(1 + Double($0) + 0.3 * Double($0 * $0)) })
  }

  @Test func perceptronStepsOnWhatIsNotFitted() {
    let points = PerceptronPoints(signed: numbers(0, [5, 16]))
    let start = (0.1 * numbers(80, [16])).scalars
    var w = [SIMD8(start[0..<8]), SIMD8(start[8..<16])]
    points.descend(&w, draws: [0, 3, 4, 1, 2, 2, 1, 0], batchSize: 2, temperature: 0.7, margin: 0.05)
    let expected = [
      -0.05231131539598266, 0.7105534656993208, -1.041580181505437, 1.3009874628059654, -0.656435173640837, 0.3980166142516466,
      -0.6152964141779895, 0.49587725564787577, 0.6125366155544545, 0.7601039906120893, 0.09932827458775556, -0.5422945587728256,
      0.0961317992162069, 0.3076593951087746, -0.8168012712871818, -0.01364880566860216,
    ]
    for (value, expected) in zip(w.flatMap { vector in (0..<8).map { vector[$0] } }, expected) {
      #expect(abs(value - expected) < 1e-12)
    }
    let run = PerceptronRun(start: Tensor(expected))
    #expect(run.signal == expected[0] && abs(run.noise - 2.55427231953079) < 1e-12)
    // The least margin is that of the point 1.
    #expect(points.areFitted(by: w, margin: 0.2140218) && !points.areFitted(by: w, margin: 0.214022))
  }

  @Test func perceptronRunsUntilAllIsFitted() {
    let points = PerceptronPoints(count: 20, dimension: 8, chi: 1, key: Key(seed: 5))
    var run = PerceptronRun(start: .zeros(8))
    var looks = 0
    while !run.isFitted && looks < 100 {
      run.advance(on: points, steps: 50, batchSize: 4, temperature: 0.1, margin: 0.1, key: Key(seed: 6)[looks])
      looks += 1
    }
    #expect(run.isFitted && points.areFitted(by: run.w, margin: 0.1) && run.steps == 50 * looks)
    let before = run.w
    run.advance(on: points, steps: 50, batchSize: 4, temperature: 0.1, margin: 0.1, key: Key(seed: 7))
    #expect(run.w == before && run.steps == 50 * looks)
  }

  /// Of the square of |x_1|, a chi-square of chi + 1 degrees: mean chi + 1. The others have mean square 1.
  @Test(arguments: [0, 1, 2]) func densityAtTheBoundary(chi: Int) {
    let (count, dimension) = (4000, 8)
    let points = PerceptronPoints(count: count, dimension: dimension, chi: chi, key: Key(seed: 8))
    // Every point is drawn once with an infinite margin from 0: w is the sum of the rows.
    var w = [SIMD8<Double>(repeating: 0)]
    points.descend(&w, draws: (0..<Int32(count)).map { $0 }, batchSize: count, temperature: 1, margin: .infinity)
    let firstMoment = w[0][0] / Double(count) * Double(dimension).squareRoot()
    // E|x_1| of a chi distribution: sqrt(2) gamma((chi + 2)/2) / gamma((chi + 1)/2).
    let expected = 2.0.squareRoot() * tgamma(Double(chi + 2) / 2) / tgamma(Double(chi + 1) / 2)
    #expect(abs(firstMoment - expected) < 4 * 0.7 / Double(count).squareRoot())
  }

  @Test func networkStepsAndStops() {
    let (x, y) = (numbers(0, [4, 2]).converted(to: Float.self), Tensor<Float>([1, -1, -1, 1]))
    let starts = RampNetwork(
      w: numbers(10, [1, 3, 2]).converted(to: Float.self), a: numbers(20, [1, 3]).converted(to: Float.self))
    let initial = RampNetwork(w: starts.w.slice(0), a: starts.a.slice(0)).outputs(x).expandingDimensions(0)
    let (alphas, temperatures) = (Tensor<Float>([2]), Tensor<Float>([0.3]))
    var runs = LazyRuns(starts: starts, alphas: 1, temperatures: 1)
    for batch: [Int32] in [[0, 2], [3, 1], [2, 2]] {
      runs = runs.stepped(
        x, y, initial: initial, batches: Tensor(shape: [1, 2], batch), alphas: alphas, temperatures: temperatures)
    }
    expect(
      runs.networks.w,
      [-0.1971951511561474, -0.9520715983747745, -0.482933097421809, 1.0776856269770219, -1.1588687905788027, 1.4638379378064903])
    expect(runs.networks.a, [0.4536154047382105, -0.7331206624690195, -1.6038019334081377])
    expect(runs.relativeChange(from: starts), [0.40450581342282144])
    expect(
      runs.predictions(x, initial: initial, alphas: alphas),
      [-0.26724867243036754, -1.3900039903948795, -1.5348894566175968, 0.19674845452168221])
    #expect(runs.steps.scalars == [3])
    #expect(runs.stopped(x, y, initial: initial, alphas: alphas).isActive.scalars == [1])
    // Of the points 1 and 2 alone, all are fitted; a stopped run stands still.
    let fitted = runs.stopped(
      x.slice(1..<3), y.slice(1..<3), initial: initial.slice(All(), 1..<3), alphas: alphas)
    #expect(fitted.isActive.scalars == [0])
    let after = fitted.stepped(
      x, y, initial: initial, batches: Tensor(shape: [1, 2], [0, 0]), alphas: alphas, temperatures: temperatures)
    #expect(after.networks.w == runs.networks.w && after.steps.scalars == [3])
  }

  private func expect(_ values: Tensor<Float>, _ reference: [Double]) {
    #expect(values.count == reference.count)
    for (value, expected) in zip(values.scalars, reference) { #expect(abs(Double(value) - expected) < 2e-6) }
  }
}
