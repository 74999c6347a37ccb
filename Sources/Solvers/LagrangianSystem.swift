import Tensors
import Transforms

/// The first-order conditions of min f(x) subject to c(x) = 0, as functions of x and the multipliers in one vector z = (x, lambda), with
/// derivatives by differentiation, compiled.
public struct LagrangianSystem {
  /// Length of x.
  public let dimension: Int
  /// Length of lambda.
  public let constraintCount: Int

  /// f at x.
  public let objective: (Tensor<Double>) -> Tensor<Double>
  /// c at x.
  public let constraints: (Tensor<Double>) -> Tensor<Double>
  /// R(z) = (grad_x L, c), the gradient of L(z) = f(x) + lambda . c(x).
  public let residual: (Tensor<Double>) -> Tensor<Double>
  /// K(z) = [[B, G^T], [G, 0]], the Hessian of L(z): B that of L in x, G the Jacobian of c.
  public let matrix: (Tensor<Double>) -> Tensor<Double>
  /// The exact augmented Lagrangian L + eta1 ||c||^2 / 2 + eta2 ||G grad_x L||^2 / 2 at z, penalties (eta1, eta2), and its gradient.
  public let merit: (_ z: Tensor<Double>, _ penalties: Tensor<Double>) -> (value: Tensor<Double>, gradient: Tensor<Double>)

  /// The system of traceable functions.
  /// - Parameters:
  ///   - dimension: length of x.
  ///   - constraintCount: length of c.
  ///   - objective: f, of rank 0.
  ///   - constraints: c.
  public init(
    dimension n: Int, constraintCount m: Int, objective f: @escaping (Tensor<Double>) -> Tensor<Double>,
    constraints c: @escaping (Tensor<Double>) -> Tensor<Double>
  ) {
    (dimension, constraintCount) = (n, m)
    let lagrangian = { (z: Tensor<Double>) in f(z.slice(0..<n)) + z.slice(n..<n + m).dot(c(z.slice(0..<n))) }
    let augmented = { (z: Tensor<Double>, penalties: Tensor<Double>) in
      let x = z.slice(0..<n)
      let slope = grad(lagrangian)(z).slice(0..<n)
      let (value, image) = jvp(c, at: x, along: slope)
      let squares = Tensor.stack([value.squaredNorm(), image.squaredNorm()])
      return lagrangian(z) + 0.5 * penalties.dot(squares)
    }
    objective = compile { (x: Tensor<Double>) in f(x) }
    constraints = compile { (x: Tensor<Double>) in c(x) }
    residual = compile(grad(lagrangian))
    matrix = compile(hessian(lagrangian))
    merit = compile { (z: Tensor<Double>, penalties: Tensor<Double>) in
      let result = valueAndGrad(augmented)(z, penalties)
      return (result.value, result.gradient)
    }
  }

  /// K with a multiple of the identity added to B where B's least curvature along the constraints is below `least`.
  func regularizedMatrix(at z: Tensor<Double>, leastCurvature least: Double) throws -> Tensor<Double> {
    let (n, k) = (dimension, matrix(z))
    let (b, g) = (k.slice(0..<n, 0..<n), k.slice(n..<n + constraintCount, 0..<n))
    let across = matmul(g.pseudoInverse(), g)
    let along = .identity(n) - across
    // Directions across the constraints are moved out of the way.
    let (values, _) = try eigh(matmul(matmul(along, b), along) + (1 + b.norm()) * across)
    let shift = least - (values.min().scalar)
    return shift > 0 ? k.adding(to: 0..<n, 0..<n, value: shift * .identity(n)) : k
  }
}
