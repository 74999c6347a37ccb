import RealModule
import Tensors
import Transforms

/// What an adaptive integrator returns, complete or not.
public struct AdaptiveSolution<State: TensorTree> {
  /// The states at the given times; fewer when it gave up.
  public var states: [State]
  /// Steps that counted.
  public var accepted: Int
  /// Steps that were repeated with a smaller size.
  public var rejected: Int
  /// Whether all times were reached: else the step became too small (a singularity, a stiff equation) or `maximumSteps` were used up.
  public var isComplete: Bool
}

/// Integrates y' = f(t, y) with Dormand and Prince's pair of orders 5 and 4 and its interpolant of order 4 (J. Comput. Appl. Math. 6,
/// 1980; Shampine, Math. Comp. 46, 1986).
///
/// A step is accepted when the root mean square of error / (absolute + relative max(|y|, |y'|)) is at most 1.
/// - Parameters:
///   - f: of time and state, a tree of tensors; compiled.
///   - y: the state at the first time.
///   - times: at which states are wanted, ascending; the first is the start's.
///   - relativeTolerance: per step.
///   - absoluteTolerance: per step.
///   - maximumSteps: tried ones.
public func dormandPrince<Scalar: RealScalar, State: TensorTree>(
  _ f: @escaping (Tensor<Scalar>, State) -> State, from y: State, at times: [Double], relativeTolerance: Double = 1e-6,
  absoluteTolerance: Double = 1e-9, maximumSteps: Int = 100_000
) -> AdaptiveSolution<State> {
  guard let start = times.first, let end = times.last, zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else {
    fatalError("dormandPrince: times must ascend, and there must be one")
  }
  let attempt = compile { (y: State, slope: State, t: Tensor<Scalar>, h: Tensor<Scalar>) in
    Attempt(f, y, slope, t, h, relativeTolerance, absoluteTolerance)
  }
  let interpolate = compile { (y: State, slopes: [State], h: Tensor<Scalar>, weights: Tensor<Scalar>) in
    y.replacingTensors(
      y.tensors.enumerated().map { i, y in
        slopes.enumerated().reduce(y) { sum, slope in
          sum + slope.element.tensors[i] * AnyTensor((weights.row(slope.offset) * h)).converted(to: y.scalarType)
        }
      })
  }
  var solution = AdaptiveSolution(states: [y], accepted: 0, rejected: 0, isComplete: times.count == 1)
  var (t, y, slope) = (start, y, f(Tensor(Scalar(start)), y))
  var h = firstStep(y, slope, end - start, relativeTolerance, absoluteTolerance)
  while solution.states.count < times.count, solution.accepted + solution.rejected < maximumSteps {
    h = min(h, end - t)
    guard h > abs(t) * Double(Scalar.ulpOfOne) * 4 || h == end - t else { break }
    let next = attempt(y, slope, Tensor(Scalar(t)), Tensor(Scalar(h)))
    let error = Double(next.error.scalar)
    guard error <= 1 else {
      // An error that is not finite counts as a large one.
      solution.rejected += 1
      h *= error.isFinite ? max(0.2, 0.9 * .pow(error, -0.2)) : 0.1
      continue
    }
    solution.accepted += 1
    let reached = h == end - t ? end : t + h
    while solution.states.count < times.count, times[solution.states.count] <= reached {
      let place = (times[solution.states.count] - t) / h
      let weights = Tensor(Tableau.interpolation(place).map { Scalar($0) })
      solution.states.append(place >= 1 ? next.state : interpolate(y, next.slopes, Tensor(Scalar(h)), weights))
    }
    (t, y, slope) = (reached, next.state, next.slopes[6])
    h *= min(10, 0.9 * .pow(max(error, 1e-10), -0.2))
  }
  solution.isComplete = solution.states.count == times.count
  return solution
}

/// A first step size: one at which the slope moves the state by a hundredth of its size.
private func firstStep<State: TensorTree>(
  _ y: State, _ slope: State, _ whole: Double, _ relative: Double, _ absolute: Double
) -> Double {
  let (size, speed) = (y.magnitude, slope.magnitude)
  let guess = size > 1e-5 && speed > 1e-5 ? 0.01 * size / speed : 1e-6 + absolute
  return min(whole, guess * min(1, .pow(relative, 0.2) * 10))
}

/// A step that was tried.
private struct Attempt<State: TensorTree, Scalar: RealScalar>: TensorTree {
  var state: State
  /// Seven; the last is the next step's first.
  var slopes: [State]
  /// In units of the tolerance.
  var error: Tensor<Scalar>

  init(
    _ f: (Tensor<Scalar>, State) -> State, _ y: State, _ slope: State, _ t: Tensor<Scalar>, _ h: Tensor<Scalar>,
    _ relative: Double,
    _ absolute: Double
  ) {
    var slopes = [slope]
    for i in 1..<6 { slopes.append(f(t + h * Scalar(Tableau.method.nodes[i]), y.adding(h, Tableau.method.stages[i], slopes))) }
    let state = y.adding(h, Tableau.method.weights, slopes)
    slopes.append(f(t + h, state))
    let zeros = y.mapTensors { $0 * 0 }
    let errors = zeros.adding(h, Tableau.error, slopes).tensors
    var (sum, count) = (Tensor<Scalar>(0), 0)
    for (i, error) in errors.enumerated() {
      let error = Tensor<Scalar>(error.converted(to: Scalar.scalarType))
      let old = Tensor<Scalar>(y.tensors[i].converted(to: Scalar.scalarType)).abs()
      let new = Tensor<Scalar>(state.tensors[i].converted(to: Scalar.scalarType)).abs()
      sum = sum + (error / (maximum(old, new) * Scalar(relative) + Scalar(absolute))).squaredNorm()
      count += error.count
    }
    self.state = state
    self.slopes = slopes
    error = (sum * (1 / Scalar(max(1, count)))).sqrt()
  }
}

private enum Tableau {
  static let method = RungeKutta(
    nodes: [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1],
    stages: [
      [], [1 / 5], [3 / 40, 9 / 40], [44 / 45, -56 / 15, 32 / 9],
      [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
      [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    ],
    weights: [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84])

  /// Order 5 less order 4.
  static let error: [Double] = [-71 / 57600, 0, 71 / 16695, -71 / 1920, 17253 / 339200, -22 / 525, 1 / 40]

  /// What the seven slopes are multiplied with at the share `place` of a step (Shampine's coefficients): polynomials of degree 4
  /// without a constant term.
  static func interpolation(_ place: Double) -> [Double] {
    coefficients.map { row in row.reversed().reduce(0) { ($0 + $1) * place } }
  }

  private static let coefficients: [[Double]] = [
    [1, -8_048_581_381 / 2_820_520_608, 8_663_915_743 / 2_820_520_608, -12_715_105_075 / 11_282_082_432],
    [0, 0, 0, 0],
    [0, 131_558_114_200 / 32_700_410_799, -68_118_460_800 / 10_900_136_933, 87_487_479_700 / 32_700_410_799],
    [0, -1_754_552_775 / 470_086_768, 14_199_869_525 / 1_410_260_304, -10_690_763_975 / 1_880_347_072],
    [0, 127_303_824_393 / 49_829_197_408, -318_862_633_887 / 49_829_197_408, 701_980_252_875 / 199_316_789_632],
    [0, -282_668_133 / 205_662_961, 2_019_193_451 / 616_988_883, -1_453_857_185 / 822_651_844],
    [0, 40_617_522 / 29_380_423, -110_615_467 / 29_380_423, 69_997_945 / 29_380_423],
  ]
}
