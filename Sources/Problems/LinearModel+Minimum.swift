import Tensors
import Transforms

extension LinearModel {
  /// Where the model is least: by orthogonal factorization for squares (the shortest point, where there are many), else by Newton's method
  /// with halved steps, until the gradient is rounding error.
  ///
  /// - Returns: nil where there is none to be found: the sigmoid loss, or separable data without a ridge, whose infimum is at infinity.
  public func minimum() -> KnownMinimum<Scalar>? {
    switch loss {
    case .squared: return known(at: leastSquaresPoint())
    case .logistic:
      guard let w = newtonPoint() else { return nil }
      // A plane that separates the classes is better the steeper it is.
      let isSeparable = ridge == 0 && (targets * scores(at: w)).min().scalar > 0
      return isSeparable ? nil : known(at: w)
    case .sigmoid: return nil
    }
  }

  private func known(at w: Tensor<Scalar>) -> KnownMinimum<Scalar> {
    KnownMinimum(point: w, value: Double(value(at: w).scalar))
  }

  private func leastSquaresPoint() -> Tensor<Scalar> {
    guard ridge > 0 else { return design.leastSquares(targets) }
    let rows = Tensor.identity(dimension) * Scalar((ridge * Double(count)).squareRoot())
    return Tensor.concatenate([design, rows]).leastSquares(.concatenate([targets, .zeros(dimension)]))
  }

  private func newtonPoint() -> Tensor<Scalar>? {
    var w = Tensor<Scalar>.zeros(dimension)
    let scale = Double(gradient(at: w).norm().scalar)
    var last = Double.infinity
    for _ in 0..<100 {
      let slope = gradient(at: w)
      let size = Double(slope.norm().scalar)
      guard size > 8 * Double(Scalar.ulpOfOne) * scale else { return w }
      // What no step makes smaller any more is rounding error, if it is small.
      let isRounding = size < 1e3 * Double(Scalar.ulpOfOne) * scale
      if size >= last, isRounding { return w }
      last = size
      let direction = -hessian(at: w).solve(slope)
      guard Double(direction.norm().scalar).isFinite else { return nil }
      guard let next = halved(from: w, along: direction, slope: Double(slope.dot(direction).scalar)) else {
        return isRounding ? w : nil
      }
      w = next
    }
    return nil
  }

  /// The first of the steps 1, 1/2, 1/4, ... with a sufficient decrease.
  private func halved(from w: Tensor<Scalar>, along direction: Tensor<Scalar>, slope: Double) -> Tensor<Scalar>? {
    let start = Double(value(at: w).scalar)
    // Near the minimum the decrease is smaller than the rounding of a value.
    let rounding = 8 * Double(Scalar.ulpOfOne) * abs(start)
    var step = 1.0
    while step > 1e-10 {
      let next = w + Scalar(step) * direction
      if Double(value(at: next).scalar) <= start + 1e-4 * step * slope + rounding { return next }
      step /= 2
    }
    return nil
  }
}
