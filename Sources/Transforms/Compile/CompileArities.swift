import Tensors

// `compile` for functions of two to five arguments, and of two results; see Arities.swift for why they are written out.

/// As `compile`, of a function with two results.
public func compile<First: TensorTree, Result: TensorTree, Other: TensorTree>(
  onPlan: ((Plan) -> Void)? = nil, _ function: @escaping (First) -> (Result, Other)
) -> (First) -> (Result, Other) {
  let compiled = CompiledFunction(onPlan) { (a: First) in Pair(function(a)) }
  return { a in compiled(a).pair }
}

/// As `compile` of one argument.
public func compile<First: TensorTree, Second: TensorTree, Result: TensorTree>(
  onPlan: ((Plan) -> Void)? = nil, _ function: @escaping (First, Second) -> Result
) -> (First, Second) -> Result {
  let compiled = CompiledFunction(onPlan, function)
  return { a, b in compiled(a, b) }
}

/// As `compile`, of a function with two results.
public func compile<First: TensorTree, Second: TensorTree, Result: TensorTree, Other: TensorTree>(
  onPlan: ((Plan) -> Void)? = nil, _ function: @escaping (First, Second) -> (Result, Other)
) -> (First, Second) -> (Result, Other) {
  let compiled = CompiledFunction(onPlan) { (a: First, b: Second) in Pair(function(a, b)) }
  return { a, b in compiled(a, b).pair }
}

/// As `compile` of one argument.
public func compile<First: TensorTree, Second: TensorTree, Third: TensorTree, Result: TensorTree>(
  onPlan: ((Plan) -> Void)? = nil, _ function: @escaping (First, Second, Third) -> Result
) -> (First, Second, Third) -> Result {
  let compiled = CompiledFunction(onPlan, function)
  return { a, b, c in compiled(a, b, c) }
}

/// As `compile`, of a function with two results.
public func compile<First: TensorTree, Second: TensorTree, Third: TensorTree, Result: TensorTree, Other: TensorTree>(
  onPlan: ((Plan) -> Void)? = nil, _ function: @escaping (First, Second, Third) -> (Result, Other)
) -> (First, Second, Third) -> (Result, Other) {
  let compiled = CompiledFunction(onPlan) { (a: First, b: Second, c: Third) in Pair(function(a, b, c)) }
  return { a, b, c in compiled(a, b, c).pair }
}

/// As `compile` of one argument.
public func compile<First: TensorTree, Second: TensorTree, Third: TensorTree, Fourth: TensorTree, Result: TensorTree>(
  onPlan: ((Plan) -> Void)? = nil, _ function: @escaping (First, Second, Third, Fourth) -> Result
) -> (First, Second, Third, Fourth) -> Result {
  let compiled = CompiledFunction(onPlan, function)
  return { a, b, c, d in compiled(a, b, c, d) }
}

/// As `compile`, of a function with two results.
public func compile<
  First: TensorTree, Second: TensorTree, Third: TensorTree, Fourth: TensorTree, Result: TensorTree, Other: TensorTree
>(
  onPlan: ((Plan) -> Void)? = nil, _ function: @escaping (First, Second, Third, Fourth) -> (Result, Other)
) -> (First, Second, Third, Fourth) -> (Result, Other) {
  let compiled = CompiledFunction(onPlan) { (a: First, b: Second, c: Third, d: Fourth) in Pair(function(a, b, c, d)) }
  return { a, b, c, d in compiled(a, b, c, d).pair }
}

/// As `compile` of one argument.
public func compile<
  First: TensorTree, Second: TensorTree, Third: TensorTree, Fourth: TensorTree, Fifth: TensorTree, Result: TensorTree
>(
  onPlan: ((Plan) -> Void)? = nil, _ function: @escaping (First, Second, Third, Fourth, Fifth) -> Result
) -> (First, Second, Third, Fourth, Fifth) -> Result {
  let compiled = CompiledFunction(onPlan, function)
  return { a, b, c, d, e in compiled(a, b, c, d, e) }
}

/// As `compile`, of a function with two results.
public func compile<
  First: TensorTree, Second: TensorTree, Third: TensorTree, Fourth: TensorTree, Fifth: TensorTree, Result: TensorTree,
  Other: TensorTree
>(
  onPlan: ((Plan) -> Void)? = nil, _ function: @escaping (First, Second, Third, Fourth, Fifth) -> (Result, Other)
) -> (First, Second, Third, Fourth, Fifth) -> (Result, Other) {
  let compiled = CompiledFunction(onPlan) { (a: First, b: Second, c: Third, d: Fourth, e: Fifth) in Pair(function(a, b, c, d, e))
  }
  return { a, b, c, d, e in compiled(a, b, c, d, e).pair }
}
