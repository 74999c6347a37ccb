import Tensors

/// Whole Jacobians and Hessians, from products with a basis: one product each, all at once by `vmap`.

/// The Jacobian of a function at `x`, of shape result + argument, a row at a time: for functions with few results.
public func reverseJacobian<Scalar: RealScalar>(
  _ function: @escaping (Tensor<Scalar>) -> Tensor<Scalar>
) -> (Tensor<Scalar>) -> Tensor<Scalar> {
  { x in
    let (y, pullback) = vjp(function, at: x)
    let basis = Tensor<Scalar>.identity(y.count).reshaped([y.count] + y.shape)
    return vmap(pullback)(basis).reshaped(y.shape + x.shape)
  }
}

/// The Jacobian of a function at `x`, of shape result + argument, a column at a time: for functions of few numbers.
public func forwardJacobian<Scalar: RealScalar>(
  _ function: @escaping (Tensor<Scalar>) -> Tensor<Scalar>
) -> (Tensor<Scalar>) -> Tensor<Scalar> {
  { x in
    let basis = Tensor<Scalar>.identity(x.count).reshaped([x.count] + x.shape)
    let columns = vmap({ jvp(function, at: x, along: $0).tangent }, resultAxis: -1)(basis)
    return columns.reshaped(Array(columns.shape.dropLast()) + x.shape)
  }
}

/// The matrix of second derivatives of a scalar function at `x`, of shape argument + argument.
public func hessian<Scalar: RealScalar>(
  _ function: @escaping (Tensor<Scalar>) -> Tensor<Scalar>
) -> (Tensor<Scalar>) -> Tensor<Scalar> {
  forwardJacobian(grad(function))
}

/// The product of the Hessian of a scalar function, with respect to its first argument, with a direction; the Hessian is never formed.
///
///     hvp(loss)(model, direction, images, labels)
///
/// The function may have up to three more arguments of any type.
public func hvp<Parameters: TensorTree, Scalar: RealScalar>(
  _ function: @escaping (Parameters) -> Tensor<Scalar>
) -> (Parameters, Parameters) -> Parameters {
  { parameters, direction in jvp(grad(function), at: parameters, along: direction).tangent }
}

extension TensorTree {
  /// All tensors of the tree, one after the other, as one vector.
  ///
  /// With `unraveled`, it turns a function of a tree into a function of a vector, which has a Jacobian and a Hessian:
  ///
  ///     hessian { loss(model.unraveled($0)) }(model.raveled())
  public func raveled<Scalar: RealScalar>(as type: Scalar.Type = Scalar.self) -> Tensor<Scalar> {
    let parts = tensors.map { Tensor<Scalar>($0).reshaped([-1]) }
    return parts.isEmpty ? .zeros(0) : .concatenate(parts)
  }

  /// The same tree with the numbers of a vector.
  public func unraveled<Scalar: RealScalar>(_ vector: Tensor<Scalar>) -> Self {
    var start = 0
    let result = mapTensors { tensor in
      let count = tensor.shape.reduce(1, *)
      defer { start += count }
      return AnyTensor(vector).slice(axis: 0, start..<start + count).reshaped(tensor.shape)
    }
    guard vector.shape == [start] else {
      fatalError("unraveled: a vector of shape \(vector.shape) into a tree of \(start) numbers")
    }
    return result
  }
}
