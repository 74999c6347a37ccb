import Tensors
import Transforms

/// A model with a flat vector of parameters and its loss, so that training sets, parameters and points can all be batch axes.
package enum GapModel: Hashable, Sendable {
  /// Two classes ±1, a linear score without offset.
  case logistic(features: Int)
  /// Two classes ±1, one hidden layer of tanh units.
  case network(features: Int, hidden: Int)
  /// Several classes, one linear score for each, targets one-hot.
  case softmax(features: Int, classes: Int)

  package var parameterCount: Int {
    switch self {
    case .logistic(let features): features
    case .network(let features, let hidden): (features + 2) * hidden + 1
    case .softmax(let features, let classes): features * classes
    }
  }

  /// The mean loss over points x, [n, features], with targets [n, outputs].
  package func loss(_ theta: Tensor<Double>, _ x: Tensor<Double>, _ targets: Tensor<Double>) -> Tensor<Double> {
    switch self {
    case .logistic: return (-targets.squeezed(1) * matmul(x, theta)).softplus().mean()
    case .network(let features, let hidden):
      let parts = theta.split(sizes: [features * hidden, hidden, hidden, 1])
      let units = (matmul(x, parts[0].reshaped(features, hidden)) + parts[1]).tanh()
      return (-targets.squeezed(1) * (matmul(units, parts[2]) + parts[3])).softplus().mean()
    case .softmax(let features, let classes):
      return -(targets * matmul(x, theta.reshaped(features, classes)).logSoftmax()).sum(-1).mean()
    }
  }
}

/// A finite population from which training sets are drawn with replacement, so that its means are the exact expectations.
package struct GapPopulation: Sendable {
  package let model: GapModel
  /// [size, features]
  package let x: Tensor<Double>
  /// [size, outputs]
  package let targets: Tensor<Double>
  package var size: Int { x.shape[0] }

  /// Points with targets, [size, features] and [size, outputs].
  package init(model: GapModel, x: Tensor<Double>, targets: Tensor<Double>) {
    (self.model, self.x, self.targets) = (model, x, targets)
  }

  /// `sets` independent samples of `count` points: x [sets, count, features] and targets.
  package func samples(_ sets: Int, of count: Int, key: Key) -> (x: Tensor<Double>, targets: Tensor<Double>) {
    let indices = Tensor<Int32>.integers([sets, count], in: 0..<Int32(size), key: key)
    return (x.gather(indices), targets.gather(indices))
  }

  /// mu(theta), the mean gradient, and Tr C(theta), the trace of the covariance of the gradients of single examples.
  package func moments(_ theta: Tensor<Double>) -> (mu: Tensor<Double>, trace: Double) {
    let model = model
    let sums = compile { (theta: Tensor<Double>, x: Tensor<Double>, targets: Tensor<Double>) in
      let gradients = vmap(grad(model.loss), axes: [nil, 0, 0])(theta, x.expandingDimensions(1), targets.expandingDimensions(1))
      return (gradients.sum(0), gradients.squaredNorm())
    }
    var (gradient, square) = (Tensor<Double>.zeros([model.parameterCount]), 0.0)
    for start in stride(from: 0, to: size, by: 5000) {
      let rows = start..<min(size, start + 5000)
      let (g, s) = sums(theta, x.slice(rows), targets.slice(rows))
      gradient += g
      square += s.scalar
    }
    let mu = gradient / Double(size)
    return (mu, square / Double(size) - mu.squaredNorm().scalar)
  }

  /// mu . grad Tr C, by a central difference along mu of total length 2h.
  package func drift(_ theta: Tensor<Double>, h: Double = 1e-3) -> Double {
    let mu = moments(theta).mu
    let length = mu.norm().scalar
    let shift = (h / length) * mu
    return (moments(theta + shift).trace - moments(theta - shift).trace) / (2 * h) * length
  }

  /// How much the gap L_test - L_A grows in the step theta' = theta - eta g_A, for `sets` training sets A of `count` points and as many
  /// independent test sets of the same size: [sets, etas].
  package func gapGrowth(_ theta: Tensor<Double>, sets: Int, count: Int, etas: [Double], key: Key) -> Tensor<Double> {
    let (a, test) = (samples(sets, of: count, key: key.named("A")), samples(sets, of: count, key: key.named("test")))
    let gradient = vmap(grad(model.loss), axes: [nil, 0, 0])(theta, a.x, a.targets)
    let gap = { (theta: Tensor<Double>, axis: Int?) in
      let loss = vmap(model.loss, axes: [axis, 0, 0])
      return loss(theta, test.x, test.targets) - loss(theta, a.x, a.targets)
    }
    let before = gap(theta, nil)
    return .stack(etas.map { gap(theta - $0 * gradient, 0) - before }, axis: 1)
  }

  /// Test loss after `steps` full-batch steps minus that after as many steps of SGD, each on its own part of the training set, for `sets`
  /// training sets of `count` points: [sets, etas]. Both are evaluated on the same test points.
  package func descentDifference(
    _ theta: Tensor<Double>, sets: Int, count: Int, steps: Int, etas: [Double],
    test: (x: Tensor<Double>, targets: Tensor<Double>), key: Key
  ) -> Tensor<Double> {
    let a = samples(sets, of: count, key: key)
    let parts = zip(a.x.split(axis: 1, into: steps), a.targets.split(axis: 1, into: steps))
    let gradient = vmap(grad(model.loss))
    let testLoss = vmap(model.loss, axes: [0, nil, nil])
    let start = theta.broadcast(to: [sets, theta.count])
    return .stack(
      etas.map { eta in
        let full = (0..<steps).reduce(start) { theta, _ in theta - eta * gradient(theta, a.x, a.targets) }
        let stochastic = parts.reduce(start) { theta, part in theta - eta * gradient(theta, part.0, part.1) }
        return testLoss(full, test.x, test.targets) - testLoss(stochastic, test.x, test.targets)
      }, axis: 1)
  }
}
