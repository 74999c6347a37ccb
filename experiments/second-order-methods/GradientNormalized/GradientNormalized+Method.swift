import Diagnostics
import Optimizers
import Problems
import Tensors
import Transforms

extension GradientNormalized {
  /// A method: a rule of regularization with what it takes for the Hessian.
  struct Method {
    let name: String
    let rule: RegularizedNewton
    let hessian: ((Tensor<Double>) -> Tensor<Double>)?

    /// - Parameters:
    ///   - rule: by default gradient-normalized smoothness, in the metric of the contest.
    ///   - hessian: compiled; nil for zero.
    init(_ name: String, _ rule: RegularizedNewton = .gradientNormalized(), hessian: ((Tensor<Double>) -> Tensor<Double>)?) {
      (self.name, self.rule) = (name, rule)
      self.hessian = hessian.map { hessian in compile { (x: Tensor<Double>) in hessian(x) } }
    }

    func measured(in metric: Tensor<Double>?) -> Method {
      var rule = rule
      rule.metric = metric
      return Method(name: name, rule: rule, compiled: hessian)
    }

    private init(name: String, rule: RegularizedNewton, compiled: ((Tensor<Double>) -> Tensor<Double>)?) {
      (self.name, self.rule, hessian) = (name, rule, compiled)
    }
  }

  /// Methods on one function from one start.
  struct Contest {
    let start: Tensor<Double>
    /// f*.
    let minimum: Double
    let methods: [Method]
    private let slope: (Tensor<Double>) -> (value: Tensor<Double>, gradient: Tensor<Double>)

    init(
      _ function: some SmoothFunction<Double>, start: Tensor<Double>, minimum: Double, metric: Tensor<Double>? = nil,
      methods: [Method]
    ) {
      (self.start, self.minimum) = (start, minimum)
      self.methods = methods.map { $0.measured(in: metric) }
      slope = compile { (x: Tensor<Double>) in (function.value(at: x), function.gradient(at: x)) }
    }

    func objective(_ method: Method) -> RegularizedNewton.Objective {
      let zero = Tensor<Double>.zeros(start.count, start.count)
      return RegularizedNewton.Objective(slope: slope, hessian: method.hessian ?? { _ in zero })
    }
  }

  /// (3): labels of a random plane, some flipped; exact Hessian, empirical Fisher matrix, zero.
  static func noisyRegression(_ settings: Logistic, key: Key) -> Contest {
    let design = Tensor<Double>.normal([settings.count, settings.dimension], key: key.named("design"))
    let plane = Tensor<Double>.normal([settings.dimension], key: key.named("plane"))
    let isFlipped = Tensor<Double>.uniform([settings.count], key: key.named("flips")) .< settings.noise
    let labels = matmul(design, plane).sign() * .where(isFlipped, -1, 1)
    let model = LinearModel(.logistic, design: design, targets: labels)
    let fisher = { (x: Tensor<Double>) in
      let gradients = model.componentGradients(at: x)
      return matmul(gradients, gradients, transposeA: true) / Double(model.count)
    }
    return Contest(
      model, start: .zeros(settings.dimension), minimum: model.minimum()?.value ?? .nan,
      methods: [.init("exact", hessian: model.hessian), .init("Fisher", hessian: fisher), .init("zero", hessian: nil)])
  }

  /// The largest entry of H_GN - H - grad grad^T / mu at random points, H by differentiation.
  static func largestDifference(_ f: LogSumExp<Double>, points: Int, key: Key) -> Double {
    let differences = (0..<points).map { i in
      let x = Tensor<Double>.normal([f.dimension], key: key[i])
      let slope = f.gradient(at: x)
      let exact = Transforms.hessian { f.value(at: $0) }(x)
      return (f.gaussNewton(at: x) - exact - slope.outer(slope) / f.temperature).abs().max().scalar
    }
    return quantile(differences, 1)
  }
}
