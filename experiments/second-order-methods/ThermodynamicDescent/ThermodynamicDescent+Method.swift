import Datasets
import Networks
import Notebook
import Optimizers
import Solvers
import Tensors
import Transforms

/// Systems A x = b with A = J^T J / rows + damping I and a normal b, each with its time step.
struct LinearSystems {
  /// A, [systems, d, d].
  let matrix: Tensor<Double>
  /// b, [systems, 1, d].
  let right: Tensor<Double>
  /// A^-1 b, [systems, 1, d].
  let solution: Tensor<Double>
  /// Ascending, [systems, d].
  let eigenvalues: Tensor<Double>
  /// The solution in the eigenvectors, [systems, d].
  let modes: Tensor<Double>
  /// dt, [systems, 1, 1].
  let step: Tensor<Double>

  init(_ settings: ThermodynamicDescent.Linear, key: Key) {
    let d = settings.dimension
    let j = Tensor<Double>.normal([settings.systems, settings.rows, d], key: key.named("J"))
    matrix = matmul(j, j, transposeA: true) / Double(settings.rows) + settings.damping * .identity(d)
    right = .normal([settings.systems, 1, d], key: key.named("b"))
    solution = matrix.solve(right.transposed()).transposed()
    let (values, vectors) = matrix.eigh()
    eigenvalues = values
    modes = matmul(solution, vectors).squeezed(1)
    step = settings.step / values.max(-1).reshaped(-1, 1, 1)
  }
}

/// (theta - theta*)^T A (theta - theta*) / 2 with theta* = 0 and a normal start.
struct QuadraticProblem {
  let matrix: Tensor<Double>
  let start: Tensor<Double>
  let largestEigenvalue = 1.0
  let smallestEigenvalue, meanEigenvalue: Double
  /// Steps of the device from x with a gradient and dt: twenty, and one.
  private let advance: [(Tensor<Double>, Tensor<Double>, Tensor<Double>) -> Tensor<Double>]

  init(_ settings: ThermodynamicDescent.Quadratic, key: Key) {
    let eigenvalues = Tensor<Double>.geomspace(1 / settings.condition, 1, count: settings.dimension)
    let q = Tensor<Double>.orthogonal([settings.dimension, settings.dimension], key: key.named("Q"))
    matrix = matmul(q * eigenvalues, q, transposeB: true)
    start = .normal([settings.dimension], key: key.named("start"))
    smallestEigenvalue = 1 / settings.condition
    meanEigenvalue = eigenvalues.mean().scalar
    let matrix = matrix
    advance = [20, 1].map { steps in
      compile { x, gradient, dt in
        (0..<steps).reduce(x) { x, _ in
          ornsteinUhlenbeckStep(x, { matmul($0, matrix) }, gradient, step: dt, temperature: Tensor(0), key: Key(seed: 0))
        }
      }
    }
  }

  /// Of one point, or of each row.
  func gradient(_ theta: Tensor<Double>) -> Tensor<Double> { matmul(theta, matrix) }

  func relativeLoss(_ theta: Tensor<Double>) -> Tensor<Double> {
    (theta * gradient(theta)).sum(-1) / start.dot(gradient(start))
  }

  /// x(t) of the device from x(0) = 0, without noise.
  func relaxed(_ gradient: Tensor<Double>, time: Double, step: Double) -> Tensor<Double> {
    // Ten steps at least, and a whole number of them.
    let count = max(10, Int((time * largestEigenvalue / step).rounded(.up)))
    let dt = Tensor(time / Double(count))
    var x = gradient * 0
    for _ in 0..<count / 20 { x = advance[0](x, gradient, dt) }
    for _ in 0..<count % 20 { x = advance[1](x, gradient, dt) }
    return x
  }
}

/// How a step is made from the gradient.
enum DeviceMethod {
  case gradientDescent
  case adam
  /// Natural gradient by some iterations of conjugate gradients.
  case conjugateGradients
  case device(time: Double, isWarm: Bool, delay: Int, feedsAdam: Bool)

  static func all(_ settings: ThermodynamicDescent.Digits) -> [DeviceMethod] {
    let devices = settings.times.flatMap { time in
      [true, false].map { DeviceMethod.device(time: time, isWarm: $0, delay: 0, feedsAdam: false) }
    }
    let (shortest, middle) = (settings.times[0], settings.times[settings.times.count / 2])
    return [.gradientDescent, .adam, .conjugateGradients] + devices
      + [.device(time: middle, isWarm: true, delay: 0, feedsAdam: true)]
      + settings.delays.map { .device(time: shortest, isWarm: true, delay: $0, feedsAdam: false) }
  }

  var name: String {
    switch self {
    case .gradientDescent: return "SGD"
    case .adam: return "Adam"
    case .conjugateGradients: return "NGD-CG"
    case .device(let time, let isWarm, let delay, let feedsAdam):
      let start = isWarm ? "warm" : "cold"
      return feedsAdam
        ? "TNGD-Adam, t = \(time.brief)" : "TNGD, t = \(time.brief), \(start)" + (delay > 0 ? ", delay \(delay)" : "")
    }
  }
}

/// A network on digits, its parameters one vector.
struct DigitsProblem {
  /// What a method has when a step begins.
  struct Run: Codable {
    var parameters: Tensor<Float>
    var moments: Adam<Float>.State
    /// The device's state x.
    var device: Tensor<Float>
    /// An estimate of the eigenvector of the largest eigenvalue, from step to step.
    var leading: Tensor<Float>
    /// Parameters of the last steps, the oldest first: what a delayed device sees.
    var past: [Tensor<Float>] = []
  }

  private struct Batch: TensorTree {
    var inputs: Tensor<Float>
    var labels: Tensor<Int32>
  }

  private let settings: ThermodynamicDescent.Digits
  private let all: Batch
  private let template: MLP<Float>
  private let adam: Adam<Float>
  private let gradient: (Tensor<Float>, Batch) -> Tensor<Float>
  private let product: (Tensor<Float>, Batch, Tensor<Float>) -> Tensor<Float>
  /// x after ten steps of the device with a gradient g.
  private let relax: (Tensor<Float>, Batch, DeviceInput) -> Tensor<Float>
  private static let block = 10

  private struct DeviceInput: TensorTree {
    var x, g, step: Tensor<Float>
    var key: Key
  }

  init(_ images: LabelledImages, _ settings: ThermodynamicDescent.Digits) {
    self.settings = settings
    all = Batch(inputs: images.pixels.converted(to: Float.self), labels: Tensor(images.labels.map { Int32($0) }))
    let template = MLP<Float>([settings.side * settings.side, settings.hidden, 10], initializer: .he(), key: Key(seed: 0))
    self.template = template
    adam = Adam<Float>(learningRate: settings.adamRate)
    let damping = Float(settings.damping)
    let curvature = { (theta: Tensor<Float>, batch: Batch, v: Tensor<Float>) -> Tensor<Float> in
      gaussNewtonProduct(
        { template.unraveled($0)(batch.inputs) }, loss: { crossEntropy($0, labels: batch.labels) }, at: theta, along: v)
        + damping * v
    }
    gradient = compile { (theta: Tensor<Float>, batch: Batch) in
      grad { (theta: Tensor<Float>) in crossEntropy(template.unraveled(theta)(batch.inputs), labels: batch.labels) }(theta)
    }
    product = compile(curvature)
    let temperature = Tensor(Float(1 / settings.beta))
    relax = compile { (theta: Tensor<Float>, batch: Batch, input: DeviceInput) in
      (0..<Self.block).reduce(input.x) { x, i in
        ornsteinUhlenbeckStep(
          x, { curvature(theta, batch, $0) }, input.g, step: input.step, temperature: temperature, key: input.key[i])
      }
    }
  }

  func start(key: Key) -> Run {
    let network = MLP<Float>(
      [settings.side * settings.side, settings.hidden, 10], initializer: .he(), key: key.named("weights"))
    let parameters: Tensor<Float> = network.raveled()
    return Run(
      parameters: parameters, moments: adam.initialState(for: parameters), device: parameters * 0,
      leading: .unitVectors(parameters.shape, key: key.named("leading")))
  }

  /// One step; all methods see the same batches, and all devices the same noise.
  func advance(_ run: inout Run, by method: DeviceMethod, _ step: Int, key: Key) {
    let rate = Float(settings.rate)
    switch method {
    case .gradientDescent: run.parameters -= rate * gradient(run.parameters, batch(step, key))
    case .adam:
      run.parameters = adam.updated(
        run.parameters, gradient: gradient(run.parameters, batch(step, key)), &run.moments)
    case .conjugateGradients:
      let (theta, batch) = (run.parameters, batch(step, key))
      let direction = conjugateGradient(
        { product(theta, batch, $0) }, gradient(theta, batch), tolerance: 0, maximumIterations: settings.solverIterations)
      run.parameters -= rate * direction.solution
    case .device(let time, let isWarm, let delay, let feedsAdam):
      run.past = Array((run.past + [run.parameters]).suffix(delay + 1))
      let seen = run.past[0]
      let batch = batch(step - (run.past.count - 1), key)
      relax(&run, time: time, isWarm: isWarm, at: seen, batch, key: key.named("noise")[step])
      run.parameters =
        feedsAdam
        ? adam.updated(run.parameters, gradient: run.device, &run.moments) : run.parameters - rate * run.device
    }
  }

  /// x(t) on the device, from zero or from where it stopped before.
  private func relax(
    _ run: inout Run, time: Double, isWarm: Bool, at theta: Tensor<Float>, _ batch: Batch, key: Key
  ) {
    // The norm of A by power iteration that goes on from step to step; from below, which leaves steps far from 2 / |A|.
    var norm = 0.0
    for _ in 0..<4 {
      let image = product(theta, batch, run.leading)
      norm = Double(image.norm().scalar)
      run.leading = image / Float(norm)
    }
    let g = gradient(theta, batch)
    let blocks = max(1, Int((time * norm / (settings.step * Double(Self.block))).rounded(.up)))
    let dt = Tensor(Float(time / Double(blocks * Self.block)))
    if !isWarm { run.device = run.device * 0 }
    for i in 0..<blocks { run.device = relax(theta, batch, DeviceInput(x: run.device, g: g, step: dt, key: key[i])) }
  }

  private func batch(_ step: Int, _ key: Key) -> Batch {
    let places = Tensor(key.named("batch")[step].choice(settings.batch, from: all.labels.count).map { Int32($0) })
    return Batch(inputs: all.inputs.gather(places), labels: all.labels.gather(places))
  }

  func measure(_ parameters: Tensor<Float>) -> (loss: Double, accuracy: Double) {
    let logits = template.unraveled(parameters)(all.inputs)
    let isRight = logits.argmax() .== all.labels
    return (
      Double(crossEntropy(logits, labels: all.labels).scalar), isRight.converted(to: Double.self).mean().scalar
    )
  }
}
