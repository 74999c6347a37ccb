import Tensors
import Transforms

/// The generalized Gauss-Newton matrix of loss(outputs(parameters)) times a vector (Schraudolph 2002): J^T H J v, J the Jacobian of the
/// outputs and H the Hessian of the loss with respect to them. With the negative logarithm of a softmax as the loss it is the Fisher
/// matrix. Positive semidefinite for a convex loss.
///
/// One pass forwards and one back; where several products at the same parameters are compiled together, they share the outputs.
/// - Parameters:
///   - outputs: of the parameters, what the loss looks at.
///   - loss: a number, of the outputs.
///   - parameters: where.
///   - vector: v, a tree like the parameters.
public func gaussNewtonProduct<Parameters: TensorTree, Scalar: RealScalar>(
  _ outputs: (Parameters) -> Tensor<Scalar>, loss: @escaping (Tensor<Scalar>) -> Tensor<Scalar>, at parameters: Parameters,
  along vector: Parameters
) -> Parameters {
  let forwards = jvp(outputs, at: parameters, along: vector)
  let curvature = jvp(grad(loss), at: forwards.value, along: forwards.tangent).tangent
  return vjp(outputs, at: parameters).pullback(curvature)
}
