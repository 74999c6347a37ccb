import Tensors

/// What removing each weight alone costs in the quadratic model of curvature F: w_i^2 / (2 [F^-1]_ii), the optimal brain surgeon's
/// saliency (Hassibi and Stork 1992).
public func surgeonSaliencies<Scalar: RealScalar>(
  of weights: Tensor<Scalar>, _ inverse: some InverseFisher<Scalar>
) -> Tensor<Scalar> {
  weights.square() / (2 * inverse.diagonal())
}

/// The weights, those of a set Q removed in one shot and the others moved to where the quadratic model is least:
/// w - F^-1_(:,Q) ([F^-1]_QQ)^-1 w_Q with F = lambda I + (1/m) sum g g^T.
///
/// For the kept weights K that is w_K + F_KK^-1 F_KQ w_Q, and F_KQ = G_K^T G_Q / m: one product with the inverse Fisher matrix of the
/// gradients without Q, and no matrix larger than m x m.
/// - Parameters:
///   - weights: [d].
///   - isRemoved: [d], 1 in Q and 0 elsewhere.
///   - gradients: [m, d].
///   - damping: lambda.
public func removing<Scalar: RealScalar>(
  _ isRemoved: Tensor<Scalar>, from weights: Tensor<Scalar>, gradients: Tensor<Scalar>, damping: Double
) -> Tensor<Scalar> {
  let isKept = 1 - isRemoved
  let window = GradientWindow(gradients: gradients * isKept)
  let pull = matmul(matmul(gradients, weights * isRemoved), window.gradients) / Scalar(gradients.shape[0])
  return weights * isKept + DynamicInverseFisher(window, damping: damping)(pull)
}
