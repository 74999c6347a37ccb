import Datasets
import Notebook
import Tensors

extension SupervisedDictionary {
  /// Points in columns with a label each, scaled so that `norm` is the largest singular value of X over X'.
  package struct Sample: Sendable {
    /// X, [p, n]; X', [q, n]; y, [n].
    package var data, covariates, labels: Tensor<Double>
    package var norm: Double

    package init(data: Tensor<Double>, covariates: Tensor<Double>, labels: Tensor<Double>, norm: Double) {
      (self.data, self.covariates, self.labels, self.norm) = (data, covariates, labels, norm)
    }

    /// The share of points whose score has the label's sign.
    func accuracy(_ a: Tensor<Double>, _ gamma: Tensor<Double>) -> Double {
      let isPositive = (matmul(a, data) + matmul(gamma, covariates)) .> 0
      return (isPositive .== (labels .> 0.5)).converted(to: Double.self).mean().scalar
    }

    /// The columns in a range.
    func columns(_ range: Range<Int>) -> Sample {
      Sample(
        data: data.slice(All(), range), covariates: covariates.slice(All(), range), labels: labels.slice(range), norm: norm)
    }
  }

  /// X = W0 H0 / sqrt(p) + noise, X' normal, both scaled; y_i = 1 with probability sigma(a^T x_i + g^T x'_i), |a| given.
  ///
  /// a is W0 beta0 for discrepancy 0, the (r + 1)-th left singular vector of the training X for 1, and between them in between.
  /// - Returns: as many points again for testing as for training.
  static func synthetic(
    _ settings: Synthetic, covariates q: Int, discrepancy: Double = 0, key: Key
  ) throws -> (training: Sample, test: Sample) {
    let (p, n, r) = (settings.dimension, settings.points, settings.rank)
    let normal = { (shape: [Int], name: String) in Tensor<Double>.normal(shape, key: key.named(name)) }
    let w = normal([p, r], "W0")
    var data = matmul(w, normal([r, 2 * n], "H0")) / Double(p).squareRoot() + settings.noise * normal([p, 2 * n], "noise")
    var covariates = normal([q, 2 * n], "covariates")
    let training = Tensor.concatenate([data, covariates]).slice(All(), 0..<n)
    let scale = settings.norm / squaredSpectralNorm(training).scalar.squareRoot()
    (data, covariates) = (scale * data, scale * covariates)

    let shared = matmul(w, normal([r], "beta0"))
    let other = try thinSVD(data.slice(All(), 0..<n)).u.slice(All(), r)
    let direction = (1 - discrepancy) / shared.norm() * shared + discrepancy * other
    let a = settings.signal / direction.norm() * direction
    let scores = matmul(a, data) + matmul(settings.covariateSignal * normal([q], "gamma0"), covariates)
    let labels = Tensor<Double>.bernoulli(probabilities: scores.sigmoid(), key: key.named("labels"))
    let all = Sample(data: data, covariates: covariates, labels: labels, norm: settings.norm)
    return (all.columns(0..<n), all.columns(n..<2 * n))
  }

  /// Images of twos (label 0) and fives (label 1), less the mean training image, scaled: those of MNIST when they are there, else drawn.
  static func digits(_ settings: Images, key: Key, _ notebook: Recorder) throws -> (training: Sample, test: Sample, side: Int) {
    let n = settings.points
    var images = DrawnDigits.sample(2 * n, classes: [2, 5], side: settings.side, key: key)
    if settings.prefersMNIST, let real = try MNIST.testImages(2 * n, classes: [2, 5]), real.images.labels.count == 2 * n {
      images = real.images
      notebook.uses(DataSource(name: MNIST.name, count: 2 * n, sha256: real.sha256))
    }
    var data = images.pixels.transposed()
    data -= data.slice(All(), 0..<n).mean(1, keepingAxes: true)
    data *= settings.norm / squaredSpectralNorm(data.slice(All(), 0..<n)).scalar.squareRoot()
    let all = Sample(
      data: data, covariates: .zeros([0, 2 * n]), labels: Tensor(images.labels.map { $0 == 5 ? 1 : 0 }), norm: settings.norm)
    return (all.columns(0..<n), all.columns(n..<2 * n), images.side)
  }
}
