import Tensors
import Transforms

/// A mirror map: the gradient of a convex potential phi, which takes weights to dual coordinates, and its inverse (Nemirovski and Yudin
/// 1983; Beck and Teboulle 2003). Mirror descent takes its steps in the dual: grad phi(w) <- grad phi(w) - eta g.
///
///     let map = MirrorMap.simplexEntropy
///     x = map.step(from: x, along: gradient, rate: 0.1)     // x exp(-0.1 g), normalized
///
/// The potential also measures distance, by ``divergence(_:_:)``: a step minimizes <g, x> + D(x, x_t) / eta.
public enum MirrorMap: Hashable, Sendable, Codable {
  /// phi = |w|^2 / 2: gradient descent.
  case euclidean
  /// phi = sum |w|^p / p, p > 1: grad = sign(w) |w|^(p-1).
  case norm(Double)
  /// phi = sum |w| ln |w|: grad = sign(w) (ln |w| + 1). Signs are frozen, and weights never reach 0.
  case negativeEntropy
  /// The negative entropy on the simplex of the last axis: grad = ln w + 1, whose inverse is normalized. Bregman's divergence is
  /// Kullback and Leibler's; steps are multiplicative weights.
  case simplexEntropy

  /// phi(w), of rank 0.
  public func potential<Scalar: RealScalar>(_ w: Tensor<Scalar>) -> Tensor<Scalar> {
    switch self {
    case .euclidean: w.squaredNorm() * 0.5
    case .norm(let p): w.abs().power(Scalar(p)).sum() / Scalar(p)
    case .negativeEntropy, .simplexEntropy: (w.abs() * w.abs().log()).sum()
    }
  }

  /// grad phi(w): dual coordinates.
  public func dual<Scalar: RealScalar>(_ w: Tensor<Scalar>) -> Tensor<Scalar> {
    switch self {
    case .euclidean: w
    case .norm(let p): w.sign() * w.abs().power(Scalar(p - 1))
    case .negativeEntropy: w.sign() * (w.abs().log() + 1)
    case .simplexEntropy: w.log() + 1
    }
  }

  /// The weights with these dual coordinates.
  /// - Parameter signs: of the weights, which the negative entropy needs since they are frozen: any weights of the same run will do. The
  ///   other maps do not look at them.
  public func primal<Scalar: RealScalar>(_ y: Tensor<Scalar>, signs: Tensor<Scalar>) -> Tensor<Scalar> {
    switch self {
    case .euclidean: y
    case .norm(let p): y.sign() * y.abs().power(Scalar(1 / (p - 1)))
    case .negativeEntropy: signs.sign() * (signs.sign() * y - 1).exp()
    case .simplexEntropy: y.softmax()
    }
  }

  /// One step of mirror descent: the weights with dual coordinates grad phi(w) - rate g. On the simplex a weight of 0 stays 0.
  public func step<Scalar: RealScalar>(
    from w: Tensor<Scalar>, along g: Tensor<Scalar>, rate: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    primal(dual(w) - rate * g, signs: w)
  }

  /// Bregman's divergence D(x, w) = phi(x) - phi(w) - <grad phi(w), x - w>, of rank 0; not negative where phi is convex, that is on one side
  /// of 0 for the negative entropy.
  public func divergence<Scalar: RealScalar>(_ x: Tensor<Scalar>, _ w: Tensor<Scalar>) -> Tensor<Scalar> {
    potential(x) - potential(w) - (dual(w) * (x - w)).sum()
  }
}
