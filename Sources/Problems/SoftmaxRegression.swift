import Tensors
import Transforms

/// Classification by linear scores: f(W) = mean_i (logsumexp(W a_i) - (W a_i)_(y_i)) + ridge ||W||^2 / 2, the weights W of [classes, features]
/// as one vector, row after row.
public struct SoftmaxRegression<Scalar: RealScalar>: FiniteSum {
  /// A, one sample a row, [n, features].
  public let design: Tensor<Scalar>
  /// y, [n], from 0.
  public let labels: Tensor<Int32>
  /// K.
  public let classes: Int
  /// Factor of ||W||^2 / 2.
  public let ridge: Double
  /// Half the largest eigenvalue of A^T A / n, plus the ridge: no covariance of a one-hot vector exceeds 1/2 (Boehning 1992).
  public let smoothness: Double

  /// The regression on n samples.
  public init(design: Tensor<Scalar>, labels: Tensor<Int32>, classes: Int, ridge: Double = 0) {
    guard design.rank == 2, labels.shape == [design.shape[0]] else {
      fatalError("SoftmaxRegression: design of shape \(design.shape), labels of \(labels.shape), expected [n, features] and [n]")
    }
    (self.design, self.labels, self.classes, self.ridge) = (design, labels, classes, ridge)
    let moment = matmul(design, design, transposeA: true) * Scalar(1 / Double(design.shape[0]))
    smoothness = Double(moment.eigh().values.scalars.last ?? 0) / 2 + ridge
  }

  /// The ridge.
  public var strongConvexity: Double { ridge }
  /// classes times features.
  public var dimension: Int { classes * design.shape[1] }
  /// n.
  public var count: Int { design.shape[0] }
  /// ||a_i||^2 / 2 plus the ridge.
  public var componentSmoothness: [Double] { design.squaredNorm(1).scalars.map { Double($0) / 2 + ridge } }

  /// The mean cross-entropy plus the ridge.
  public func value(at w: Tensor<Scalar>) -> Tensor<Scalar> {
    let scores = scores(design, w)
    let right = scores.takeAlongAxis(labels.expandingDimensions(1), axis: 1).reshaped(count)
    return (scores.logSumExp(axis: 1) - right).mean() + Scalar(ridge / 2) * w.squaredNorm()
  }

  /// (softmax - one-hot)^T A / n + ridge W.
  public func gradient(at w: Tensor<Scalar>) -> Tensor<Scalar> { gradient(design, labels, at: w) }

  /// The same over the samples named.
  public func gradient(at w: Tensor<Scalar>, of indices: Tensor<Int32>) -> Tensor<Scalar> {
    gradient(design.gather(indices), labels.gather(indices), at: w)
  }

  /// One sample a row.
  public func componentGradients(at w: Tensor<Scalar>) -> Tensor<Scalar> {
    let slopes = slopes(design, labels, at: w)
    let products = slopes.expandingDimensions(2) * design.expandingDimensions(1)
    return products.reshaped(count, dimension) + Scalar(ridge) * w
  }

  /// By the covariance of the one-hot label under the softmax of each sample.
  public func hessianProduct(at w: Tensor<Scalar>, _ v: Tensor<Scalar>) -> Tensor<Scalar> {
    let (pi, along) = (scores(design, w).softmax(), scores(design, v))
    let weighted = pi * (along - (pi * along).sum(1, keepingAxes: true))
    return matmul(weighted, design, transposeA: true).reshaped(dimension) * Scalar(1 / Double(count)) + Scalar(ridge) * v
  }

  private func scores(_ rows: Tensor<Scalar>, _ w: Tensor<Scalar>) -> Tensor<Scalar> {
    matmul(rows, w.reshaped(classes, design.shape[1]), transposeB: true)
  }

  /// softmax - one-hot of each sample.
  private func slopes(_ rows: Tensor<Scalar>, _ labels: Tensor<Int32>, at w: Tensor<Scalar>) -> Tensor<Scalar> {
    scores(rows, w).softmax() - .oneHot(labels, classes: classes)
  }

  private func gradient(_ rows: Tensor<Scalar>, _ labels: Tensor<Int32>, at w: Tensor<Scalar>) -> Tensor<Scalar> {
    let mean = matmul(slopes(rows, labels, at: w), rows, transposeA: true) * Scalar(1 / Double(rows.shape[0]))
    return mean.reshaped(dimension) + Scalar(ridge) * w
  }
}
