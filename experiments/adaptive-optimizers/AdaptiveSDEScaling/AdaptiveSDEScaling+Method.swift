import Notebook
import Optimizers
import Tensors
import Transforms

extension AdaptiveSDEScaling {
  package struct Hyperparameters: Codable, Sendable {
    @Setting("learning rate eta") package var rate = 0.03
    @Setting("b1 of Adam") package var beta1 = 0.9
    @Setting("b2") package var beta2 = 0.999
    @Setting("epsilon") package var epsilon = 1e-8
    @Setting("standard deviation sigma of the gradient noise") package var noise = 30.0
    @Setting("v at the start over the stationary sigma^2") package var secondMoment = 16.0
    package init() {}

    init(rate: Double, beta1: Double, beta2: Double, epsilon: Double) {
      (self.rate, self.beta1, self.beta2, self.epsilon) = (rate, beta1, beta2, epsilon)
    }

    /// For a batch `kappa` times as large. Whatever the rule, the noise falls by sqrt(kappa) and v starts from kappa times less
    /// (sigma^2 is part of it).
    func scaled(by kappa: Double, _ rule: ScalingRule) -> Hyperparameters {
      var scaled = self
      scaled.noise = noise / kappa.squareRoot()
      switch rule {
      case .squareRoot, .linear:
        scaled.rate = rate * (rule == .linear ? kappa : kappa.squareRoot())
        scaled.beta1 = 1 - kappa * (1 - beta1)
        scaled.beta2 = 1 - kappa * (1 - beta2)
        scaled.epsilon = epsilon / kappa.squareRoot()
      case .rateOnly:
        scaled.rate = rate * kappa.squareRoot()
      }
      return scaled
    }
  }

  enum ScalingRule: String, CaseIterable {
    case squareRoot = "square root"
    case linear
    case rateOnly = "rate alone"
  }

  enum Method: String, CaseIterable { case rmsprop, adam }

  /// The state of all chains, each tensor [chains, dimensions] but the step.
  struct Chains: TensorTree, Codable {
    var theta: Tensor<Double>
    var m: Tensor<Double>
    var v: Tensor<Double>
    /// k = 0, 1, ...
    var step: Tensor<Double>

    /// theta_0 = 1, m_0 = 0.
    init(count: Int, dimensions: Int, secondMoment: Double) {
      theta = .full([count, dimensions], 1)
      m = .zeros(count, dimensions)
      v = .full([count, dimensions], secondMoment)
      step = Tensor(0)
    }
  }

  /// Something that moves the chains.
  struct Process {
    /// v_0.
    var secondMoment: Double
    /// Base steps for a step of the process, or its inverse where steps are finer.
    var baseSteps = 1
    var stepsPerBaseStep = 1
    var step: (Chains, Key) -> Chains

    func steps(inBaseSteps count: Int) -> Int { count * stepsPerBaseStep / baseSteps }
  }

  /// f(theta) = |theta|^2 / 2, its gradient seen through normal noise sigma z with z ~ N(0, S), S of unit diagonal.
  struct NoisyQuadratic {
    /// S = L L^T; nil in one dimension, where S = 1.
    let factor: Tensor<Double>?

    /// A random correlation matrix.
    init(dimensions d: Int, key: Key) {
      let rows = Tensor<Double>.unitVectors([d, 2 * d], key: key)
      factor = d == 1 ? nil : matmul(rows, rows, transposeB: true).cholesky()
    }

    /// z, of the shape of theta.
    private func noise(_ theta: Tensor<Double>, _ key: Key) -> Tensor<Double> {
      let z = Tensor<Double>.normal(theta.shape, key: key)
      return factor.map { matmul(z, $0, transposeB: true) } ?? z
    }

    /// RMSprop or Adam in the paper's order: theta moves with the OLD v. With eta = h.rate and so on,
    ///
    ///     RMSprop: theta <- theta - eta g / (sqrt(v_k) + eps);  v_{k+1} = b2 v_k + (1 - b2) g^2
    ///     Adam:    m_{k+1} = b1 m_k + (1 - b1) g;  mhat = m_{k+1} / (1 - b1^(k+1)),  vhat = v_k / (1 - b2^k)
    ///
    /// At k = 0 vhat is infinite, and Adam stays where it is.
    func process(_ method: Method, _ h: Hyperparameters, baseSteps: Int) -> Process {
      Process(secondMoment: h.secondMoment * h.noise * h.noise, baseSteps: baseSteps) { chains, key in
        updated(chains, gradient: chains.theta + h.noise * noise(chains.theta, key), method, h)
      }
    }

    private func updated(_ old: Chains, gradient g: Tensor<Double>, _ method: Method, _ h: Hyperparameters) -> Chains {
      var new = old
      let k = old.step
      switch method {
      case .rmsprop:
        let rule = RMSprop<Double>(learningRate: h.rate, beta: h.beta2, epsilon: h.epsilon, usesPreviousMoment: true)
        var state = rule.initialState(for: old.theta)
        state.v = TensorList(of: old.v)
        new.theta = rule.updated(old.theta, gradient: g, &state)
        new.v = state.v.elements[0]
      case .adam:
        new.m = h.beta1 * old.m + (1 - h.beta1) * g
        let mHat = new.m / (1 - Tensor(h.beta1).power(k + 1))
        let vHat = old.v / (1 - Tensor(h.beta2).power(k))
        new.theta = old.theta - h.rate * mHat / (vHat.sqrt() + h.epsilon)
        new.v = h.beta2 * old.v + (1 - h.beta2) * g.square()
      }
      new.step = k + 1
      return new
    }

    /// SVAG(l) of RMSprop: g = ((1 + q) g1 + (1 - q) g2) / 2 with q = sqrt(2 l^2 - 1) has the mean of g1 and l times its noise;
    /// the square-root rule for kappa = 1 / l^2 makes of l^2 steps what was one.
    func svag(_ base: Hyperparameters, l: Int) -> Process {
      let q = Double(2 * l * l - 1).squareRoot()
      let h = base.scaled(by: 1 / Double(l * l), .squareRoot)
      return Process(secondMoment: h.secondMoment * h.noise * h.noise, stepsPerBaseStep: l * l) { chains, key in
        let samples = (0..<2).map { chains.theta + base.noise * noise(chains.theta, key[$0]) }
        return updated(chains, gradient: (1 + q) / 2 * samples[0] + (1 - q) / 2 * samples[1], .rmsprop, h)
      }
    }

    /// RMSprop's limit, in time t = k eta^2 with s0 = sigma eta, e0 = eps eta, c = (1 - b2) / eta^2, u = v / sigma^2:
    ///
    ///     d theta = -P^-1 (grad f dt + s0 S^(1/2) dW),  P = s0 sqrt(u) + e0;  du = c (diag S - u) dt
    ///
    /// by Euler-Maruyama with dt = eta^2 / `stepsPerBaseStep`. The chains' v holds u.
    func equation(_ h: Hyperparameters, stepsPerBaseStep: Int) -> Process {
      let dt = h.rate * h.rate / Double(stepsPerBaseStep)
      let (s0, e0, c) = (h.noise * h.rate, h.epsilon * h.rate, (1 - h.beta2) / (h.rate * h.rate))
      return Process(secondMoment: h.secondMoment, stepsPerBaseStep: stepsPerBaseStep) { old, key in
        var new = old
        let dW = dt.squareRoot() * noise(old.theta, key)
        new.theta = old.theta - (dt * old.theta + s0 * dW) / (s0 * old.v.sqrt() + e0)
        new.v = old.v + c * dt * (1 - old.v)
        return new
      }
    }
  }
}
