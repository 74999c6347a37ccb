import Foundation
import Tensors
import Transforms

extension TrainabilityFractal {
  /// phi of the hidden layer, scaled to keep the second moment of a normal input about 1.
  package enum Nonlinearity: String, Codable, Hashable, Sendable {
    /// tanh(sqrt2 z)
    case tanh
    /// sqrt2 relu(z)
    case relu
    /// z
    case identity

    /// The factor of z: sqrt2 relu(z) = relu(sqrt2 z).
    var gain: Double { self == .identity ? 1 : 2.squareRoot() }

    func callAsFunction<Scalar: RealScalar>(scaled z: Tensor<Scalar>) -> Tensor<Scalar> {
      switch self {
      case .tanh: z.tanh()
      case .relu: z.relu()
      case .identity: z
      }
    }
  }

  /// What a step is taken on, the same for all pixels: inputs [points, n] and targets [points, 1].
  package struct Points<Scalar: RealScalar>: TensorTree {
    package var x, y: Tensor<Scalar>

    package init(x: Tensor<Scalar>, y: Tensor<Scalar>) {
      (self.x, self.y) = (x, y)
    }
  }

  /// What is trained at every pixel of a block: the pixels are the last axis of every tensor.
  ///
  /// With pixels last all elementwise work runs along them, also for two weights and for one point, and the points, which all pixels share,
  /// make the hidden layers of a block one product. At 8 x 8 weights and 72 points that is a fifth faster than `vmap` over single networks
  /// (1.1 against 1.4 microseconds of one processor for a step of a pixel).
  package protocol Learners: TensorTree {
    associatedtype Scalar: RealScalar
    /// [pixels]
    func losses(on points: Points<Scalar>) -> Tensor<Scalar>
    /// One step of gradient descent with rates [2, pixels], of the first and the second parameter or layer.
    func stepped(along gradient: Self, rates: Tensor<Scalar>) -> Self
  }

  /// f(x) = phi(x W0 / sqrt n) W1 / n, the mean-field scaling.
  package struct TwoLayerNetworks<Scalar: RealScalar>: Learners {
    /// W0, [inputs, units, pixels].
    package var hidden: Tensor<Scalar>
    /// W1, [units, pixels].
    package var output: Tensor<Scalar>
    package var phi: Nonlinearity

    package init(hidden: Tensor<Scalar>, output: Tensor<Scalar>, phi: Nonlinearity) {
      (self.hidden, self.output, self.phi) = (hidden, output, phi)
    }

    /// Mean squared errors.
    package func losses(on points: Points<Scalar>) -> Tensor<Scalar> {
      let (n, pixels) = (output.shape[0], output.shape[1])
      // Factors go to the few numbers of the inputs.
      let x = points.x * Scalar(phi.gain / Double(n).squareRoot())
      let a = phi(scaled: matmul(x, hidden.reshaped([n, n * pixels])).reshaped([x.shape[0], n, pixels]))
      let f = (a * output).sum(1) * Scalar(1 / Double(n))
      return (f - points.y).square().mean(0)
    }

    package func stepped(along gradient: Self, rates: Tensor<Scalar>) -> Self {
      Self(
        hidden: hidden - rates.row(0) * gradient.hidden, output: output - rates.row(1) * gradient.output, phi: phi)
    }
  }

  /// The control: w^T H w / 2 with H = [[1, .6], [.6, 2]] and one learning rate for each coordinate.
  package struct Quadratics<Scalar: RealScalar>: Learners {
    /// w, [2, pixels].
    package var weights: Tensor<Scalar>

    package init(weights: Tensor<Scalar>) { self.weights = weights }

    package func losses(on points: Points<Scalar>) -> Tensor<Scalar> {
      let (a, b) = (weights.row(0), weights.row(1))
      return (a * a + 1.2 * (a * b) + 2 * (b * b)) * 0.5
    }

    package func stepped(along gradient: Self, rates: Tensor<Scalar>) -> Self {
      Self(weights: weights - rates * gradient.weights)
    }
  }

  /// Gradient descent of a block of pixels, and what is kept of the losses l_t = loss_t / loss_0: [pixels] each.
  package struct Runs<Model: Learners>: TensorTree {
    package var models: Model
    package var rates: Tensor<Model.Scalar>
    package var initialLosses: Tensor<Model.Scalar>
    /// sum l_t, sum 1 / l_t, and the sum of the last l_t.
    package var sum, inverseSum, tailSum: Tensor<Model.Scalar>

    package init(_ models: Model, rates: Tensor<Model.Scalar>, on points: Points<Model.Scalar>) {
      (self.models, self.rates) = (models, rates)
      initialLosses = models.losses(on: points)
      sum = .zeros(initialLosses.shape)
      (inverseSum, tailSum) = (sum, sum)
    }

    /// - Parameter tailWeight: 1 in the last steps, which decide the outcome, else 0.
    package func stepped(on points: Points<Model.Scalar>, tailWeight: Tensor<Model.Scalar>, cap: Double) -> Self {
      let (losses, pullback) = vjp({ $0.losses(on: points) }, at: models)
      let ratios = losses / initialLosses
      // Not a number compares false, so it is set to the cap too.
      let l = Tensor.where(ratios .<= Model.Scalar(cap), ratios, Model.Scalar(cap))
      var next = self
      next.models = models.stepped(along: pullback(.ones(losses.shape)), rates: rates)
      next.sum = sum + l
      next.inverseSum = inverseSum + 1 / l
      next.tailSum = tailSum + tailWeight * l
      return next
    }

    /// -sum l_t where the mean of the last `tail` losses is below the first loss, else sum 1 / l_t.
    package func intensities(tail: Int) -> Tensor<Model.Scalar> {
      Tensor.where(tailSum .< Model.Scalar(tail), -sum, inverseSum)
    }
  }

  /// Trains the models of a batch of pixels, [blocks] of them as the leading axis, and gives their intensities.
  ///
  /// `vmap` over blocks, compiled: the plan keeps a block in the second-level cache and gives each thread blocks of its own. `onPlan` is
  /// shown the plan of a step.
  package static func trainer<Model: Learners>(
    _ settings: Settings, steps: Int, onPlan: ((Plan) -> Void)? = nil, points: @escaping (Int) -> Points<Model.Scalar>
  ) -> (_ models: Model, _ rates: Tensor<Model.Scalar>) -> Tensor<Double> {
    let tail = min(settings.tail, steps)
    let cap = settings.cap
    let begin = compile { (models: Model, rates: Tensor<Model.Scalar>, points: Points<Model.Scalar>) in
      vmap({ Runs($0, rates: $1, on: $2) }, axes: [0, 0, nil])(models, rates, points)
    }
    let step = compile(onPlan: onPlan) { (runs: Runs<Model>, points: Points<Model.Scalar>, tailWeight: Tensor<Model.Scalar>) in
      vmap({ $0.stepped(on: $1, tailWeight: $2, cap: cap) }, axes: [0, nil, nil])(runs, points, tailWeight)
    }
    return { models, rates in
      var runs = begin(models, rates, points(0))
      for t in 0..<steps { runs = step(runs, points(t), Tensor(t >= steps - tail ? 1 : 0)) }
      return runs.intensities(tail: tail).converted(to: Double.self).reshaped([-1])
    }
  }
}
