import Tensors
import Transforms

/// Gradient descent that carries along how its parameters depend on the initial ones, by forward-mode differentiation of the whole
/// training (Belrose and Scherlis 2024, arXiv 2412.07003). With g_t the gradient of the loss of step t and H_t its Hessian, both at
/// theta_t, from J = I and V = 0,
///
///     v <- mu v + g_t(theta);    theta <- theta - eta v
///     V <- mu V + H_t J;         J <- J - eta V
///
/// H_t J is a Hessian-vector product for each column of J, all at once by `vmap`: no Hessian is formed. Memory is twice J. The
/// sequence of losses (of batches, say) is the same for all columns, and not differentiated.
///
///     let step = compile { (state: DifferentiatedDescent<Float>, x: Tensor<Float>, y: Tensor<Int32>) in
///       state.stepped(rate: 0.1) { grad { loss($0, x, y) }($0) }
///     }
public struct DifferentiatedDescent<Scalar: RealScalar>: TensorTree, Codable {
  /// theta, [P].
  public var parameters: Tensor<Scalar>
  /// v, [P].
  public var velocity: Tensor<Scalar>
  /// What an infinitesimal perturbation of theta_0 along each direction has become, one a row, [directions, P]: of all axes, J^T.
  public var perturbations: Tensor<Scalar>
  /// The same of v: of all axes, V^T.
  public var velocityPerturbations: Tensor<Scalar>

  /// Before the first step.
  /// - Parameters:
  ///   - parameters: theta_0, [P]; see `raveled` for the vector of a tree.
  ///   - directions: of the perturbations, [directions, P]; nil for all axes.
  public init(at parameters: Tensor<Scalar>, along directions: Tensor<Scalar>? = nil) {
    let perturbations = directions ?? .identity(parameters.count)
    guard parameters.rank == 1, perturbations.rank == 2, perturbations.shape[1] == parameters.count else {
      fatalError("DifferentiatedDescent: directions of shape \(perturbations.shape) at parameters of shape \(parameters.shape)")
    }
    self.parameters = parameters
    self.perturbations = perturbations
    velocity = .zeros(parameters.shape)
    velocityPerturbations = .zeros(perturbations.shape)
  }

  /// d theta_t / d theta_0, [P, P], when the directions are the axes: column j belongs to the initial parameter j.
  public var jacobian: Tensor<Scalar> { perturbations.transposed() }

  /// One step of gradient descent with heavy-ball momentum.
  /// - Parameters:
  ///   - rate: eta.
  ///   - momentum: mu.
  ///   - gradient: g_t, [P] to [P], written with tensors.
  public func stepped(
    rate: Scalar, momentum: Scalar = 0, gradient: @escaping (Tensor<Scalar>) -> Tensor<Scalar>
  ) -> DifferentiatedDescent {
    var next = self
    let parameters = parameters
    let product = vmap { (direction: Tensor<Scalar>) in jvp(gradient, at: parameters, along: direction).tangent }(perturbations)
    next.velocity = momentum * velocity + gradient(parameters)
    next.parameters = parameters - rate * next.velocity
    next.velocityPerturbations = momentum * velocityPerturbations + product
    next.perturbations = perturbations - rate * next.velocityPerturbations
    return next
  }
}
