import Datasets
import Optimizers
import Tensors
import Transforms

extension ClippingBias {
  /// x <- x - eta min(1, c/||g||) g
  typealias ClippedSGD = Transformed<SGD<Double>, ClipByNorm<Double>>

  /// The rules of many runs, each with its own threshold and rate.
  static func clippedSGD(thresholds: [Double], rates: [Double]) -> ClippedSGD {
    var rules = SGD<Double>().preceded(by: ClipByNorm(1))
    rules.transform.threshold = Tensor(thresholds)
    rules.learningRate = Tensor(rates)
    return rules
  }

  /// One step of every run: `x` and `gradients` have an axis of runs in front.
  static func advance(_ rules: ClippedSGD, _ x: Tensor<Double>, gradients: Tensor<Double>) -> Tensor<Double> {
    vmap { (rule: ClippedSGD, x: Tensor<Double>, g: Tensor<Double>) in
      var state = rule.initialState(for: x)
      return rule.updated(x, gradient: g, &state)
    }(rules, x, gradients)
  }

  /// Noise of mean 0 and standard deviation sigma that is sigma sqrt((1-p)/p) with probability p, else -sigma sqrt(p/(1-p)): for small p
  /// almost always a small push to the left, rarely a large one to the right, which is clipped.
  struct TwoPointNoise {
    let probability: Tensor<Double>
    let rare: Tensor<Double>
    let usual: Tensor<Double>
    private let sigma: Double

    init(probability p: Tensor<Double>, sigma: Double) {
      self.sigma = sigma
      probability = p
      rare = sigma * ((1 - p) / p).sqrt()
      usual = -sigma * (p / (1 - p)).sqrt()
    }

    func sample(key: Key) -> Tensor<Double> {
      .where(Tensor.bernoulli(probabilities: probability, key: key) .> 0, rare, usual)
    }

    /// The root x of p clip(x + rare, c) + (1-p) clip(x + usual, c), for each p, by bisection; for c >= sigma it is one point, between
    /// -sigma and sigma.
    func fixedPoint(threshold c: Double) -> Tensor<Double> {
      var low = Tensor.full(usual.shape, -sigma)
      var high = Tensor.full(usual.shape, sigma)
      // More halvings leave the digits as they are.
      for _ in 0..<60 {
        let x = (low + high) / 2
        let drift = probability * (x + rare).clamped(-c, c) + (1 - probability) * (x + usual).clamped(-c, c)
        let isBelow = drift .< 0
        low = .where(isBelow, x, low)
        high = .where(isBelow, high, x)
      }
      return (low + high) / 2
    }
  }

  /// Clipped SGD on f = x²/2 with the worst two-point noise and with Gaussian noise, for every threshold, rate and chain at once.
  struct NoisyChains {
    static let noises = ["two-point", "Gaussian"]

    /// Where the chains are.
    struct State: TensorTree, Codable {
      /// [noises x thresholds x rates x chains]
      var x: Tensor<Double>
      /// Of x over the second half.
      var sum: Tensor<Double>
    }

    let start: State
    /// Of the slowest rate; a chain of a larger rate goes on after its end, unheard.
    let steps: Int
    let step: (State, Tensor<Double>, Key) -> State
    private let halves: Tensor<Double>
    private let shape: [Int]

    init(_ noise: Noise) {
      let shape = [noise.simulated.count, noise.rates.count, noise.chains]
      let grid = noise.simulated.flatMap { c in noise.rates.flatMap { eta in (0..<noise.chains).map { _ in (c: c, eta: eta) } } }
      let count = grid.count
      let both = grid + grid
      let rules = ClippingBias.clippedSGD(thresholds: both.map(\.c), rates: both.map(\.eta))
      let sigma = noise.sigma
      let worst = TwoPointNoise(
        probability: Tensor(grid.map { sigma * sigma / (4 * $0.c * $0.c) }), sigma: sigma)
      let halves = Tensor(both.map { (noise.time / $0.eta / 2).rounded() })
      start = State(x: .zeros([2 * count]), sum: .zeros([2 * count]))
      steps = Int(2 * halves.max().scalar)
      step = compile { (state: State, i: Tensor<Double>, key: Key) in
        let xi = Tensor.concatenate([
          worst.sample(key: key.named("two-point")),
          .normal([count], standardDeviation: sigma, key: key.named("Gaussian")),
        ])
        let x = ClippingBias.advance(rules, state.x, gradients: state.x + xi)
        return State(x: x, sum: state.sum + Tensor.where((i .>= halves) .& (i .< 2 * halves), x, 0))
      }
      self.halves = halves
      self.shape = [2] + shape
    }

    /// The mean of x over the second half of each chain, [noises, thresholds, rates, chains].
    func means(of state: State) -> Tensor<Double> { (state.sum / halves).reshaped(shape) }
  }

  /// Clipped SGD on the mean logistic loss with one sample a step, for every threshold, rate and seed at once.
  struct LogisticRuns {
    /// Where the runs are.
    struct State: TensorTree, Codable {
      /// [thresholds x rates x seeds, features]
      var x: Tensor<Double>
      /// Of x over the second half.
      var sum: Tensor<Double>
    }

    let start: State
    /// State, whether x counts in the sum (1 or 0), and the key of the step.
    let step: (State, Tensor<Double>, Key) -> State
    private let norms: (Tensor<Double>) -> Tensor<Double>

    init(_ points: LabelledPoints<Double>, _ logistic: Logistic) {
      let grid = logistic.thresholds.flatMap { c in
        logistic.rates.flatMap { eta in (0..<logistic.seeds).map { _ in (c: c, eta: eta) } }
      }
      let rules = ClippingBias.clippedSGD(thresholds: grid.map(\.c), rates: grid.map(\.eta))
      let (inputs, signs) = (points.inputs, points.signs)
      let zeros = Tensor<Double>.zeros([grid.count, inputs.shape[1]])
      start = State(x: zeros, sum: zeros)
      step = compile { (state: State, weight: Tensor<Double>, key: Key) in
        let samples = Tensor<Int32>.integers([grid.count], in: 0..<Int32(points.count), key: key)
        let gradients = vmap { (x: Tensor<Double>, a: Tensor<Double>, y: Tensor<Double>) in
          grad { (-y * $0.dot(a)).softplus() }(x)
        }(state.x, inputs.gather(samples), signs.gather(samples))
        let x = ClippingBias.advance(rules, state.x, gradients: gradients)
        return State(x: x, sum: state.sum + weight * x)
      }
      norms = compile(
        vmap { (x: Tensor<Double>) in grad { (-signs * matmul(inputs, $0)).softplus().mean() }(x).norm() })
    }

    /// The norm of the gradient of the whole loss at each row of `x`.
    func gradientNorms(at x: Tensor<Double>) -> Tensor<Double> { norms(x) }
  }
}
