import Tensors

// The transforms for functions of two, three and four arguments.
//
// One function with a parameter pack would serve all, but Swift 6.3 infers no pack through a function that is returned and called
// at once, as in grad(f)(x, y), nor through a transform of a transform, as in vmap(grad(f)).

/// As `valueAndGrad` of one argument.
public func valueAndGrad<Parameters: TensorTree, Second, Scalar: RealScalar>(
  _ function: @escaping (Parameters, Second) -> Tensor<Scalar>
) -> (Parameters, Second) -> ValueAndGradient<Parameters, Scalar> {
  { parameters, b in valueAndGrad { function($0, b) }(parameters) }
}

/// As `grad` of one argument.
public func grad<Parameters: TensorTree, Second, Scalar: RealScalar>(
  _ function: @escaping (Parameters, Second) -> Tensor<Scalar>
) -> (Parameters, Second) -> Parameters {
  { parameters, b in grad { function($0, b) }(parameters) }
}

/// As `hvp` of one argument.
public func hvp<Parameters: TensorTree, Second, Scalar: RealScalar>(
  _ function: @escaping (Parameters, Second) -> Tensor<Scalar>
) -> (Parameters, Parameters, Second) -> Parameters {
  { parameters, direction, b in hvp { function($0, b) }(parameters, direction) }
}

/// As `vmap` of one argument.
public func vmap<First: TensorTree, Second: TensorTree, Result: TensorTree>(
  _ function: @escaping (First, Second) -> Result, axes: [Int?]? = nil, resultAxis: Int = 0
) -> (First, Second) -> Result {
  { a, b in applyBatched(function, axes, resultAxis, a, b) }
}

/// As `valueAndGrad` of one argument.
public func valueAndGrad<Parameters: TensorTree, Second, Third, Scalar: RealScalar>(
  _ function: @escaping (Parameters, Second, Third) -> Tensor<Scalar>
) -> (Parameters, Second, Third) -> ValueAndGradient<Parameters, Scalar> {
  { parameters, b, c in valueAndGrad { function($0, b, c) }(parameters) }
}

/// As `grad` of one argument.
public func grad<Parameters: TensorTree, Second, Third, Scalar: RealScalar>(
  _ function: @escaping (Parameters, Second, Third) -> Tensor<Scalar>
) -> (Parameters, Second, Third) -> Parameters {
  { parameters, b, c in grad { function($0, b, c) }(parameters) }
}

/// As `hvp` of one argument.
public func hvp<Parameters: TensorTree, Second, Third, Scalar: RealScalar>(
  _ function: @escaping (Parameters, Second, Third) -> Tensor<Scalar>
) -> (Parameters, Parameters, Second, Third) -> Parameters {
  { parameters, direction, b, c in hvp { function($0, b, c) }(parameters, direction) }
}

/// As `vmap` of one argument.
public func vmap<First: TensorTree, Second: TensorTree, Third: TensorTree, Result: TensorTree>(
  _ function: @escaping (First, Second, Third) -> Result, axes: [Int?]? = nil, resultAxis: Int = 0
) -> (First, Second, Third) -> Result {
  { a, b, c in applyBatched(function, axes, resultAxis, a, b, c) }
}

/// As `valueAndGrad` of one argument.
public func valueAndGrad<Parameters: TensorTree, Second, Third, Fourth, Scalar: RealScalar>(
  _ function: @escaping (Parameters, Second, Third, Fourth) -> Tensor<Scalar>
) -> (Parameters, Second, Third, Fourth) -> ValueAndGradient<Parameters, Scalar> {
  { parameters, b, c, d in valueAndGrad { function($0, b, c, d) }(parameters) }
}

/// As `grad` of one argument.
public func grad<Parameters: TensorTree, Second, Third, Fourth, Scalar: RealScalar>(
  _ function: @escaping (Parameters, Second, Third, Fourth) -> Tensor<Scalar>
) -> (Parameters, Second, Third, Fourth) -> Parameters {
  { parameters, b, c, d in grad { function($0, b, c, d) }(parameters) }
}

/// As `hvp` of one argument.
public func hvp<Parameters: TensorTree, Second, Third, Fourth, Scalar: RealScalar>(
  _ function: @escaping (Parameters, Second, Third, Fourth) -> Tensor<Scalar>
) -> (Parameters, Parameters, Second, Third, Fourth) -> Parameters {
  { parameters, direction, b, c, d in hvp { function($0, b, c, d) }(parameters, direction) }
}

/// As `vmap` of one argument.
public func vmap<First: TensorTree, Second: TensorTree, Third: TensorTree, Fourth: TensorTree, Result: TensorTree>(
  _ function: @escaping (First, Second, Third, Fourth) -> Result, axes: [Int?]? = nil, resultAxis: Int = 0
) -> (First, Second, Third, Fourth) -> Result {
  { a, b, c, d in applyBatched(function, axes, resultAxis, a, b, c, d) }
}
