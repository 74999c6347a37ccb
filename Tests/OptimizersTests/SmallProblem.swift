import Foundation
import Optimizers
import Tensors
import Transforms

/// The problem of References/trajectories.py: 11 numbers in three tensors, a quadratic, a sine, and noise that changes from step to step.
enum SmallProblem {
  static let shapes = [[2, 3], [4], [1]]
  static let kept = [1, 2, 7, 24]

  /// A list of a function of the coordinate's number.
  static func list(_ value: (Double) -> Double) -> TensorList<Double> {
    var k = 0.0
    return TensorList(
      shapes.map { shape in
        let numbers = (0..<shape.reduce(1, *)).map { _ in
          defer { k += 1 }
          return value(k)
        }
        return Tensor(numbers).reshaped(shape)
      })
  }

  static let start = list { 1.5 * sin(3 * $0 + 1) }
  static func noise(at t: Int) -> TensorList<Double> { list { 0.5 * sin(1.7 * Double(t) + 2.3 * $0 + 0.37 * Double(t) * $0) } }

  /// What the gradients of four workers differ by: constants of mean 0, the workers along a new first axis.
  static let workerOffsets: TensorList<Double> = {
    let offsets = (0..<4).map { d in list { k in 0.4 * cos(1.3 * Double(d) + 0.9 * k) } }
    let mean = offsets.dropFirst().reduce(offsets[0], +) / 4
    return TensorList(shapes.indices.map { i in .stack(offsets.map { ($0 - mean).elements[i] }) })
  }()

  /// The workers' gradients of a loss.
  static func workers(of loss: @escaping (TensorList<Double>) -> Tensor<Double>) -> (TensorList<Double>) -> TensorList<Double> {
    { x in Objective(loss: loss).gradient(at: x) + workerOffsets }
  }

  static func objective(_ noise: TensorList<Double>) -> Objective<Double> {
    let curvature = list { pow(10, -1 + 0.2 * $0) }
    let (center, phase) = (list { cos($0) }, list { $0 })
    let loss = { (x: TensorList<Double>) in
      let wave = (2 * x + phase).map { $0.sin() }
      return (0.5 * curvature * (x - center).square() + 0.3 * wave).total + noise.dot(x) + 5
    }
    return Objective(workerGradients: workers(of: loss), loss: loss)
  }
}

/// A run on it.
struct Run<O: Optimizer<Double>>: TensorTree {
  var parameters = SmallProblem.start
  var state: O.State

  init(_ optimizer: O) { state = optimizer.initialState(for: SmallProblem.start, key: Key(seed: 1)) }

  /// The run one step later.
  func advanced(_ optimizer: O, _ noise: TensorList<Double>) -> Run {
    var run = self
    _ = optimizer.step(&run.parameters, &run.state, on: SmallProblem.objective(noise))
    return run
  }
}

/// The run after the steps number `steps`.
func runs<O: Optimizer<Double>>(of optimizer: O, after steps: [Int]) -> [Run<O>] {
  let step = compile { (optimizer: O, run: Run<O>, noise: TensorList<Double>) in run.advanced(optimizer, noise) }
  var (run, kept) = (Run(optimizer), [Run<O>]())
  for t in 0..<(steps.max() ?? 0) {
    run = step(optimizer, run, SmallProblem.noise(at: t))
    if steps.contains(t + 1) { kept.append(run) }
  }
  return kept
}

/// The largest difference of two lists of numbers over the largest of the second ones.
func deviation(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).map { abs($0 - $1) }.reduce(a.count == b.count ? 0 : .infinity) { $1.isNaN ? .infinity : max($0, $1) }
    / (b.map { abs($0) }.max() ?? 1)
}
