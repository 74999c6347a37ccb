import Tensors
import Transforms

/// Estimates of a product X^T Y = sum over i of x_i y_i^T, rows of x [n, a] and y [n, b], from `count` of its n terms (winner-take-all
/// column-row sampling; Liu et al. 2023, arXiv 2305.15265). Terms are drawn with probabilities p_i proportional to weights, best to |x_i| |y_i|.
///
///     let sampling = ColumnRowSampling(.winnersTakeAll, count: 100)
///     let estimate = sampling.product(x, y, key: key)
public struct ColumnRowSampling: Sendable, Hashable, Codable {
  /// Which terms are taken.
  public enum Rule: String, CaseIterable, Sendable, Hashable, Codable {
    /// Independent draws with replacement, divided by count p_i: without bias (Drineas, Kannan and Mahoney 2006).
    case independent = "CRS"
    /// The c likeliest terms as they are; the others estimated by count - c draws from what is left of p. Without bias, and c is such that
    /// (1 - P_c) / (count - c) is least, P_c the probability of the c likeliest.
    case winnersTakeAll = "WTA-CRS"
    /// The likeliest terms as they are, and no others: biased.
    case deterministic
  }

  /// Which terms are taken.
  public var rule: Rule
  /// How many, k.
  public var count: Int

  /// A way to estimate products.
  public init(_ rule: Rule, count: Int) {
    guard count > 0 else { fatalError("ColumnRowSampling: \(count) terms") }
    (self.rule, self.count) = (rule, count)
  }

  /// The chosen terms, [k], with what each is multiplied by.
  public struct Terms<Scalar: RealScalar>: TensorTree {
    /// Places in 0..<n.
    public var indices: Tensor<Int32>
    /// 1 for a term that is taken as it is.
    public var factors: Tensor<Scalar>
  }

  /// Terms for weights [n] that are not negative, at least one of them not 0. The shapes do not depend on the weights, so that it can be
  /// traced: c is a number in a tensor.
  public func terms<Scalar: RealScalar>(weights: Tensor<Scalar>, key: Key) -> Terms<Scalar> {
    guard count <= weights.count else { fatalError("ColumnRowSampling: \(count) of \(weights.count) terms") }
    let order = weights.argsort(descending: true)
    guard rule != .deterministic else { return Terms(indices: order.slice(0..<count), factors: .ones([count])) }
    let sorted = order.sortedProbabilities(of: weights)
    let (winners, tail) = self.winners(sorted)
    let below = sorted.cumulativeSum()
    // A number u of the tail's interval [1 - tail, 1), and the term whose interval holds it; by rounding perhaps one of probability 0.
    let u = Tensor<Scalar>.uniform([count], key: key)
    let drawn = below.searchSorted(below.slice(weights.count - 1) - tail * (1 - u), fromRight: true)
    let lastPossible = (sorted .> 0).converted(to: Int32.self).sum() - 1
    let slots = Tensor<Int32>((0..<Int32(count)).map { $0 })
    let isWinner = slots .< winners
    let inTail = Tensor.where(drawn .< winners, winners, Tensor.where(drawn .> lastPossible, lastPossible, drawn))
    let places = Tensor.where(isWinner, slots, inTail)
    let draws = (Int32(count) - winners).converted(to: Scalar.self)
    let factors = tail / (draws * sorted.gather(places))
    return Terms(indices: order.gather(places), factors: .where(isWinner, 1, factors))
  }

  /// c, and the probability 1 - P_c of all other terms, for probabilities in descending order.
  public func winners<Scalar: RealScalar>(_ sorted: Tensor<Scalar>) -> (count: Tensor<Int32>, tail: Tensor<Scalar>) {
    // 1 - P_c for c = 0..<k, summed from the end, where the small ones are.
    let tails = sorted.cumulativeSum(reversed: true).slice(0..<count)
    guard rule == .winnersTakeAll else { return (Tensor(0), tails.slice(0)) }
    let rest = Tensor<Scalar>((0..<count).map { Scalar(count - $0) })
    let c = (tails / rest).argmin()
    return (c, tails.gather(c))
  }

  /// An estimate of X^T Y, [a, b].
  public func product<Scalar: RealScalar>(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>, key: Key) -> Tensor<Scalar> {
    let terms = terms(weights: x.norm(-1) * y.norm(-1), key: key)
    return matmul(
      x.gather(terms.indices) * terms.factors.expandingDimensions(1), y.gather(terms.indices), transposeA: true)
  }

  /// The expected squared Frobenius distance of ``product(_:_:key:)`` from X^T Y. With S the sum of all |x_i| |y_i| it is
  /// (S² (1 - P_c)² - |rest|²) / (k - c), where the rest is the sum of the terms that are not winners; |rest|² for the deterministic rule.
  public func expectedError<Scalar: RealScalar>(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
    let weights = x.norm(-1) * y.norm(-1)
    let order = weights.argsort(descending: true)
    let winners = rule == .deterministic ? (Tensor(Int32(count)), Tensor(0)) : winners(order.sortedProbabilities(of: weights))
    let isLeft = (Tensor<Int32>((0..<Int32(weights.count)).map { $0 }) .>= winners.0).converted(to: Scalar.self)
    let rest = matmul(x.gather(order) * isLeft.expandingDimensions(1), y.gather(order), transposeA: true).squaredNorm()
    guard rule != .deterministic else { return rest }
    let total = weights.sum() * winners.1
    return (total.square() - rest) / (Int32(count) - winners.0).converted(to: Scalar.self)
  }
}

extension Tensor<Int32> {
  /// Weights in this order, divided by their sum.
  fileprivate func sortedProbabilities<Real: RealScalar>(of weights: Tensor<Real>) -> Tensor<Real> {
    let sorted = weights.gather(self)
    return sorted / sorted.sum()
  }
}

extension Dense {
  /// The layer as it is, [..., inputs] to [..., outputs], with an estimate in place of the weights' gradient: forwards it chooses `sampling`
  /// rows h of the input by |h| times a guess of the norm of their outputs' gradient, and these rows alone are kept for the way back.
  /// The gradients of the input and the bias are exact.
  ///
  /// The true norms are not known before the way back. There they take the place of the gradient of `gradientNorms`: differentiate with
  /// respect to it to guess better when the same rows come again.
  /// - Parameters:
  ///   - x: [..., inputs].
  ///   - sampling: the rule and the number of rows.
  ///   - gradientNorms: [...], a guess for each row; ones if nothing is known.
  ///   - key: of the draws.
  public func callAsFunction(
    _ x: Tensor<Scalar>, sampling: ColumnRowSampling, gradientNorms: Tensor<Scalar>, key: Key
  ) -> Tensor<Scalar> {
    let product = customVJP { (input: SampledProduct<Scalar>.Input) in
      let terms = sampling.terms(weights: input.rows.norm(-1) * input.gradientNorms, key: input.key)
      return SampledProduct.Output(
        product: matmul(input.rows, input.weight),
        kept: input.rows.gather(terms.indices) * terms.factors.expandingDimensions(1), indices: terms.indices)
    } vjp: { input, output, cotangent in
      let gradient = cotangent.product
      return SampledProduct.Input(
        rows: matmul(gradient, input.weight, transposeB: true),
        weight: matmul(output.kept, gradient.gather(output.indices), transposeA: true),
        gradientNorms: gradient.norm(-1), key: input.key)
    }
    let rows = x.reshaped(-1, weight.shape[0])
    let input = SampledProduct.Input(rows: rows, weight: weight, gradientNorms: gradientNorms.reshaped(rows.shape[0]), key: key)
    var y = product(input).product.reshaped(x.shape.dropLast() + [weight.shape[1]])
    if scales.multiplier != 1 { y = y * Scalar(scales.multiplier) }
    if let bias { y = y + bias }
    return y
  }
}

/// Arguments and results of the product of a dense layer.
private enum SampledProduct<Scalar: RealScalar> {
  struct Input: TensorTree {
    var rows, weight, gradientNorms: Tensor<Scalar>
    var key: Key
  }

  struct Output: TensorTree {
    var product: Tensor<Scalar>
    /// The chosen rows times their factors: what the way back needs of the input.
    var kept: Tensor<Scalar>
    var indices: Tensor<Int32>
  }
}
