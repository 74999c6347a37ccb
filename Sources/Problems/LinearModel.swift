import Tensors
import Transforms

/// The mean loss of a linear score: f(w) = sum_i phi(<a_i, w>, y_i) / n + ridge ||w||^2 / 2.
///
/// Least squares, logistic regression and their relatives differ in phi alone. The constants are exact: L is the largest curvature of
/// phi times the largest eigenvalue of A^T A / n, plus the ridge; mu is, for squares, the least curvature, and else the ridge.
public struct LinearModel<Scalar: RealScalar>: FiniteSum {
  /// What a score costs.
  public enum Loss: String, Sendable, Codable, CaseIterable {
    /// (z - y)^2 / 2: least squares.
    case squared
    /// log(1 + exp(-y z)) for labels y = -1 or 1: logistic regression.
    case logistic
    /// 1 / (1 + exp(y z)) for labels y = -1 or 1: bounded, hence not convex.
    case sigmoid

    /// The largest |phi''|.
    public var largestCurvature: Double {
      switch self {
      case .squared: 1
      case .logistic: 0.25
      // At s = 1/2 + 1/sqrt(12), of s (1 - s) (1 - 2 s).
      case .sigmoid: 1 / (6 * 3.squareRoot())
      }
    }
  }

  /// What a score costs.
  public let loss: Loss
  /// A, one sample a row, [n, d].
  public let design: Tensor<Scalar>
  /// y, [n].
  public let targets: Tensor<Scalar>
  /// Factor of ||w||^2 / 2.
  public let ridge: Double
  /// L.
  public let smoothness: Double
  /// mu.
  public let strongConvexity: Double
  /// The largest m that is known with ||grad f||^2 >= 2 m (f - f*) everywhere: for squares the least curvature that is not zero (to
  /// rounding), also where mu is zero; else mu.
  public let polyakLojasiewicz: Double

  /// The model on n samples of d features.
  public init(_ loss: Loss, design: Tensor<Scalar>, targets: Tensor<Scalar>, ridge: Double = 0) {
    guard design.rank == 2, targets.shape == [design.shape[0]] else {
      fatalError("LinearModel: design of shape \(design.shape) and targets of shape \(targets.shape), expected [n, d] and [n]")
    }
    (self.loss, self.design, self.targets, self.ridge) = (loss, design, targets, ridge)
    let curvatures = design.secondMoment.eigh().values.scalars.map { Double($0) }
    smoothness = loss.largestCurvature * (curvatures.last ?? 0) + ridge
    switch loss {
    case .squared:
      let rounding = Double(Scalar.ulpOfOne) * Double(curvatures.count) * (curvatures.last ?? 0)
      strongConvexity = max(curvatures.first ?? 0, 0) + ridge
      polyakLojasiewicz = ridge > 0 ? strongConvexity : curvatures.first { $0 > rounding } ?? 0
    case .logistic: (strongConvexity, polyakLojasiewicz) = (ridge, ridge)
    case .sigmoid: (strongConvexity, polyakLojasiewicz) = (0, 0)
    }
  }

  /// d, the number of features.
  public var dimension: Int { design.shape[1] }
  /// n, the number of samples.
  public var count: Int { design.shape[0] }

  /// <a_i, w> of each sample, [n].
  public func scores(at w: Tensor<Scalar>) -> Tensor<Scalar> { matmul(design, w) }

  /// The mean loss plus the ridge.
  public func value(at w: Tensor<Scalar>) -> Tensor<Scalar> { value(ofScores: scores(at: w), at: w) }

  /// f for scores that are known already.
  public func value(ofScores scores: Tensor<Scalar>, at w: Tensor<Scalar>) -> Tensor<Scalar> {
    losses(ofScores: scores).mean() + Scalar(ridge / 2) * w.squaredNorm()
  }

  /// A^T phi'(A w) / n + ridge w.
  public func gradient(at w: Tensor<Scalar>) -> Tensor<Scalar> {
    matmul(slopes(ofScores: scores(at: w)), design) * Scalar(1 / Double(count)) + Scalar(ridge) * w
  }

  /// The same over the samples named, each as often as it is.
  public func gradient(at w: Tensor<Scalar>, of indices: Tensor<Int32>) -> Tensor<Scalar> {
    let rows = design.gather(indices)
    let slopes = Self.slopes(loss, matmul(rows, w), targets.gather(indices))
    return matmul(slopes, rows) * Scalar(1 / Double(indices.count)) + Scalar(ridge) * w
  }

  /// phi'(<a_i, w>) a_i + ridge w, one a row.
  public func componentGradients(at w: Tensor<Scalar>) -> Tensor<Scalar> {
    slopes(ofScores: scores(at: w)).expandingDimensions(1) * design + Scalar(ridge) * w
  }

  /// A^T (phi''(A w) A v) / n + ridge v.
  public func hessianProduct(at w: Tensor<Scalar>, _ v: Tensor<Scalar>) -> Tensor<Scalar> {
    matmul(curvatures(ofScores: scores(at: w)) * matmul(design, v), design) * Scalar(1 / Double(count)) + Scalar(ridge) * v
  }

  /// A^T diag(phi''(A w)) A / n + ridge.
  public func hessian(at w: Tensor<Scalar>) -> Tensor<Scalar> {
    let weighted = curvatures(ofScores: scores(at: w)).expandingDimensions(1) * design
    return matmul(design, weighted, transposeA: true) * Scalar(1 / Double(count)) + Scalar(ridge) * .identity(dimension)
  }

  /// The largest |phi''| times ||a_i||^2, plus the ridge.
  public var componentSmoothness: [Double] {
    design.squaredNorm(1).scalars.map { loss.largestCurvature * Double($0) + ridge }
  }

  /// L_b: the gradient's Lipschitz constant along the coordinates of a block alone.
  public func smoothness(ofBlock block: Range<Int>) -> Double {
    let largest = design.slice(All(), block).secondMoment.eigh().values.scalars.last ?? 0
    return loss.largestCurvature * Double(largest) + ridge
  }
}

// MARK: The loss of one score

extension LinearModel {
  /// phi of each score, [n].
  public func losses(ofScores z: Tensor<Scalar>) -> Tensor<Scalar> {
    switch loss {
    case .squared: (z - targets).square() * 0.5
    case .logistic: (-targets * z).softplus()
    case .sigmoid: (-targets * z).sigmoid()
    }
  }

  /// phi' of each score, [n].
  public func slopes(ofScores z: Tensor<Scalar>) -> Tensor<Scalar> { Self.slopes(loss, z, targets) }

  private static func slopes(_ loss: Loss, _ z: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
    switch loss {
    case .squared: return z - y
    case .logistic: return -y * (-y * z).sigmoid()
    case .sigmoid:
      let s = (-y * z).sigmoid()
      return -y * s * (1 - s)
    }
  }

  /// phi'' of each score, [n].
  public func curvatures(ofScores z: Tensor<Scalar>) -> Tensor<Scalar> {
    let s = (-targets * z).sigmoid()
    return switch loss {
    case .squared: .ones(count)
    case .logistic: s * (1 - s)
    case .sigmoid: s * (1 - s) * (1 - 2 * s)
    }
  }
}

extension Tensor where Scalar: RealScalar {
  /// A^T A / n of n rows.
  fileprivate var secondMoment: Tensor { matmul(self, self, transposeA: true) * Scalar(1 / Double(shape[0])) }
}
