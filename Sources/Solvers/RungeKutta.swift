import Tensors
import Transforms

/// An explicit Runge-Kutta method by its Butcher tableau.
public struct RungeKutta: Sendable, Hashable {
  /// Stage i begins at t + nodes[i] h.
  public var nodes: [Double]
  /// Stage i stands at y + h sum_j stages[i][j] k_j.
  public var stages: [[Double]]
  /// The step is h sum_j weights[j] k_j.
  public var weights: [Double]

  /// Order 1.
  public static let euler = RungeKutta(nodes: [0], stages: [[]], weights: [1])
  /// Order 2: the trapezoidal rule, explicit.
  public static let heun = RungeKutta(nodes: [0, 1], stages: [[], [1]], weights: [0.5, 0.5])
  /// Order 2.
  public static let midpoint = RungeKutta(nodes: [0, 0.5], stages: [[], [0.5]], weights: [0, 1])
  /// Order 4, Kutta's.
  public static let classical4 = RungeKutta(
    nodes: [0, 0.5, 0.5, 1], stages: [[], [0.5], [0, 0.5], [0, 0, 1]], weights: [1 / 6, 1 / 3, 1 / 3, 1 / 6])

  /// One step of size `h` of y' = f(t, y) from `y` at `t`.
  ///
  /// Plain tensor operations: it can be compiled, and differentiated.
  public func step<Scalar: RealScalar, State: TensorTree>(
    _ f: (Tensor<Scalar>, State) -> State, _ y: State, at t: Tensor<Scalar>, size h: Tensor<Scalar>
  ) -> State {
    y.adding(h, weights, slopes(f, y, at: t, size: h))
  }

  func slopes<Scalar: RealScalar, State: TensorTree>(
    _ f: (Tensor<Scalar>, State) -> State, _ y: State, at t: Tensor<Scalar>, size h: Tensor<Scalar>
  ) -> [State] {
    var slopes: [State] = []
    for i in nodes.indices { slopes.append(f(nodes[i] == 0 ? t : t + h * Scalar(nodes[i]), y.adding(h, stages[i], slopes))) }
    return slopes
  }

  /// `steps` equal steps of y' = f(t, y) over a range of times: the states from the first to the last, steps + 1 of them.
  ///
  ///     let orbit = RungeKutta.classical4.integrate({ (t: Tensor<Double>, y: Tensor<Double>) in -y }, from: y, over: 0...1, steps: 100)
  ///
  /// Outside a transform the step is compiled; inside one it is traced `steps` times, so that it has derivatives.
  public func integrate<Scalar: RealScalar, State: TensorTree>(
    _ f: @escaping (Tensor<Scalar>, State) -> State, from y: State, over times: ClosedRange<Double>, steps: Int
  ) -> [State] {
    guard steps >= 1 else { fatalError("RungeKutta.integrate: \(steps) steps") }
    let size = (times.upperBound - times.lowerBound) / Double(steps)
    let h = Tensor(Scalar(size))
    let plain = { (y: State, t: Tensor<Scalar>) in self.step(f, y, at: t, size: h) }
    let step = isTraced(f, y, times.lowerBound) ? plain : compile(plain)
    var states = [y]
    for i in 0..<steps { states.append(step(states[i], Tensor(Scalar(times.lowerBound + Double(i) * size)))) }
    return states
  }
}

/// Whether a transform is tracing the state or something that `f` captures: then the steps are part of its function.
private func isTraced<Scalar: RealScalar, State: TensorTree>(
  _ f: (Tensor<Scalar>, State) -> State, _ y: State, _ time: Double
) -> Bool {
  y.tensors.contains { $0.isTraced } || f(Tensor(Scalar(time)), y).tensors.contains { $0.isTraced }
}

extension TensorTree {
  /// y + h sum_j weights[j] slopes[j].
  func adding<Scalar: RealScalar>(_ h: Tensor<Scalar>, _ weights: [Double], _ slopes: [Self]) -> Self {
    let terms = zip(weights, slopes).filter { $0.0 != 0 }.map { (weight: $0.0, tensors: $0.1.tensors) }
    guard let first = terms.first else { return self }
    return replacingTensors(
      tensors.enumerated().map { i, y in
        let slope = terms.dropFirst().reduce(first.tensors[i] * first.weight) { $0 + $1.tensors[i] * $1.weight }
        return y + slope * AnyTensor(h).converted(to: y.scalarType)
      })
  }
}

/// `steps` equal steps of the Euler-Maruyama method for the Ito equation dy = drift(t, y) dt + diffusion(t, y) dW with independent noise
/// in every entry: the states from the first to the last (strong order 1/2; 1 where the diffusion is constant).
/// - Parameters:
///   - drift: of time and state; compiled.
///   - diffusion: of time and state, a tree like the state: what multiplies each entry's noise.
///   - y: the state at the lower end of `times`.
///   - times: first and last.
///   - steps: how many.
///   - key: step i draws from `key[i]`, and tensor j of the state from `key[i][j]`.
public func eulerMaruyama<Scalar: RealScalar, State: TensorTree>(
  drift: @escaping (Tensor<Scalar>, State) -> State, diffusion: @escaping (Tensor<Scalar>, State) -> State, from y: State,
  over times: ClosedRange<Double>, steps: Int, key: Key
) -> [State] {
  guard steps >= 1 else { fatalError("eulerMaruyama: \(steps) steps") }
  let size = (times.upperBound - times.lowerBound) / Double(steps)
  let plain = { (y: State, t: Tensor<Scalar>, noise: State) -> State in
    let (a, b) = (drift(t, y).tensors, diffusion(t, y).tensors)
    return y.replacingTensors(
      y.tensors.enumerated().map { i, y in y + a[i] * size + b[i] * noise.tensors[i] * size.squareRoot() })
  }
  let isInside = isTraced(drift, y, times.lowerBound) || isTraced(diffusion, y, times.lowerBound)
  let step = isInside ? plain : compile(plain)
  var states = [y]
  for i in 0..<steps {
    let noise = y.replacingTensors(
      y.tensors.enumerated().map { j, y in
        AnyTensor(Tensor<Scalar>.normal(y.shape, key: key[i][j])).converted(to: y.scalarType)
      })
    states.append(step(states[i], Tensor(Scalar(times.lowerBound + Double(i) * size)), noise))
  }
  return states
}
