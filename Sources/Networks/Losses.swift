import Tensors

/// What becomes of the losses of single examples.
public enum Reduction: String, Sendable, Hashable {
  case mean, sum, none

  func callAsFunction<Scalar: RealScalar>(_ losses: Tensor<Scalar>) -> Tensor<Scalar> {
    switch self {
    case .mean: losses.mean()
    case .sum: losses.sum()
    case .none: losses
    }
  }
}

/// Minus the log-probability of the right class under softmax(logits).
/// - Parameters:
///   - logits: [..., classes].
///   - labels: [...], classes from 0 on. A label outside contributes as if its score were 0.
///   - smoothing: the share of the uniform distribution in the target (Szegedy et al. 2016).
///   - reduction: of the losses [...].
public func crossEntropy<Scalar: RealScalar>(
  _ logits: Tensor<Scalar>, labels: Tensor<Int32>, smoothing: Scalar = 0, reduction: Reduction = .mean
) -> Tensor<Scalar> {
  guard logits.rank >= 1, Array(logits.shape.dropLast()) == labels.shape else {
    fatalError("crossEntropy: logits of shape \(logits.shape) with labels of shape \(labels.shape)")
  }
  let classes = AnyTensor(Tensor<Int32>((0..<logits.shape[logits.rank - 1]).map(Int32.init)))
  let isRight = AnyTensor(labels).insertingAxis(labels.rank).equal(classes)
  // Log-sum-exp instead of log-softmax: only one [..., classes] of exponentials on the way back.
  let right = Tensor<Scalar>(isRight.select(AnyTensor(logits), .constant(0, Scalar.scalarType))).sum(-1)
  let target = smoothing == 0 ? right : right * (1 - smoothing) + logits.mean(-1) * smoothing
  return reduction(logits.logSumExp() - target)
}

/// The cross-entropy of softmax(logits) to target probabilities: -sum(p log softmax).
/// - Parameters:
///   - logits: [..., classes].
///   - probabilities: [..., classes].
///   - smoothing: the share of the uniform distribution that is mixed into them.
///   - reduction: of the losses [...].
public func crossEntropy<Scalar: RealScalar>(
  _ logits: Tensor<Scalar>, probabilities: Tensor<Scalar>, smoothing: Scalar = 0, reduction: Reduction = .mean
) -> Tensor<Scalar> {
  requireSameShape(logits, probabilities, "crossEntropy")
  let target =
    smoothing == 0 ? probabilities : probabilities * (1 - smoothing) + smoothing / Scalar(logits.shape[logits.rank - 1])
  return reduction(-(target * logits.logSoftmax()).sum(-1))
}

/// The squared difference, element by element (no factor 1/2).
public func meanSquaredError<Scalar: RealScalar>(
  _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>, reduction: Reduction = .mean
) -> Tensor<Scalar> {
  requireSameShape(prediction, target, "meanSquaredError")
  return reduction((prediction - target).square())
}

/// Binary cross-entropy: -t log sigmoid(z) - (1 - t) log(1 - sigmoid(z)), without overflow, for targets t in [0, 1].
public func logisticLoss<Scalar: RealScalar>(
  _ logits: Tensor<Scalar>, _ target: Tensor<Scalar>, reduction: Reduction = .mean
) -> Tensor<Scalar> {
  requireSameShape(logits, target, "logisticLoss")
  return reduction(logits.softplus() - target * logits)
}

/// max(0, 1 - s m), for signs s of -1 and 1 and margins m.
public func hingeLoss<Scalar: RealScalar>(
  _ margins: Tensor<Scalar>, signs: Tensor<Scalar>, reduction: Reduction = .mean
) -> Tensor<Scalar> {
  requireSameShape(margins, signs, "hingeLoss")
  return reduction((1 - signs * margins).relu())
}

/// d^2 / 2 for differences d of up to `delta`, and delta (|d| - delta / 2) beyond (Huber 1964).
public func huberLoss<Scalar: RealScalar>(
  _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>, delta: Scalar = 1, reduction: Reduction = .mean
) -> Tensor<Scalar> {
  requireSameShape(prediction, target, "huberLoss")
  let distance = (prediction - target).abs()
  // With c = min(d, delta): c^2 / 2 + delta (d - c), whose derivative is c sign(d).
  let near = distance.clamped(0, delta)
  return reduction(near.square() * 0.5 + (distance - near) * delta)
}

/// The share of rows [..., classes] whose largest score is the label's; the first of equal scores counts.
public func accuracy<Scalar: RealScalar>(_ logits: Tensor<Scalar>, labels: Tensor<Int32>) -> Tensor<Scalar> {
  guard logits.rank >= 1, Array(logits.shape.dropLast()) == labels.shape else {
    fatalError("accuracy: logits of shape \(logits.shape) with labels of shape \(labels.shape)")
  }
  let isRight = AnyTensor(logits.argmax()).equal(AnyTensor(labels))
  return Tensor<Scalar>(isRight.converted(to: Scalar.scalarType)).mean()
}

private func requireSameShape<Scalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ operation: String) {
  guard a.shape == b.shape else { fatalError("\(operation): shapes \(a.shape) and \(b.shape) differ") }
}
