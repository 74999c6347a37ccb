import Tensors

/// An error e(x, y) of an output x against a target y, element by element, whose derivative in x can be inverted in y: for every x and
/// slope g there is a target y with de/dx(x, y) = g. That is what back-propagation needs to pass targets on (Fong, Spivak and Tuyéras
/// 2019, arXiv 1711.10455, main theorem).
public struct ErrorFunction<Scalar: RealScalar> {
  /// As in a legend.
  public let name: String
  /// e(x, y).
  public let value: (_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar>
  /// de/dx(x, y).
  public let slope: (_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar>
  /// f_x(g): the y with de/dx(x, y) = g.
  public let target: (_ x: Tensor<Scalar>, _ slope: Tensor<Scalar>) -> Tensor<Scalar>

  /// An error with its slope and the inverse of the slope in the target.
  public init(
    _ name: String, value: @escaping (Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>,
    slope: @escaping (Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>,
    target: @escaping (Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>
  ) {
    (self.name, self.value, self.slope, self.target) = (name, value, slope, target)
  }
}

extension ErrorFunction {
  /// (x - y)^2 / 2, whose targets are x - g.
  public static var quadratic: ErrorFunction {
    ErrorFunction("quadratic") {
      ($0 - $1).square() * 0.5
    } slope: {
      $0 - $1
    } target: {
      $0 - $1
    }
  }

  /// -y ln x - (1 - y) ln(1 - x) for x in (0, 1), whose targets are x - x (1 - x) g.
  public static var crossEntropy: ErrorFunction {
    ErrorFunction("cross-entropy") { x, y in
      -(y * x.log() + (1 - y) * (1 - x).log())
    } slope: { x, y in
      (x - y) / (x * (1 - x))
    } target: { x, g in
      x - x * (1 - x) * g
    }
  }

  /// cosh(x - y), whose targets are x - asinh(g).
  public static var hyperbolicCosine: ErrorFunction {
    ErrorFunction("hyperbolic cosine") {
      (($0 - $1).exp() + ($1 - $0).exp()) * 0.5
    } slope: {
      (($0 - $1).exp() - ($1 - $0).exp()) * 0.5
    } target: { x, g in
      // asinh(g) is odd; of |g| nothing cancels.
      x - g.sign() * (g.abs() + (g.square() + 1).sqrt()).log()
    }
  }

  /// |x - y|, the error that back-propagation does not compose for: its slope is only ever -1, 0 or 1, and has no inverse. The target
  /// x - g, which is the quadratic's, stands in for it.
  public static var absolute: ErrorFunction {
    ErrorFunction("absolute") {
      ($0 - $1).abs()
    } slope: {
      ($0 - $1).sign()
    } target: {
      $0 - $1
    }
  }
}
