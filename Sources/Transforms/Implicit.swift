import Tensors

/// How implicit differentiation solves its linear system.
public enum ImplicitMethod: Sendable, Hashable {
  /// The whole Jacobian and elimination with pivoting: exact, for up to some hundred numbers.
  case direct
  /// So many steps of conjugate gradients, on the normal equations unless the Jacobian is symmetric: products only. Differentiating
  /// once more differentiates through the steps.
  case conjugateGradients(iterations: Int)
}

/// The fixed point x = f(x, p) as a differentiable function of p.
///
///     let root = implicitFixedPoint(of: { x, p in (x * p).cos() }, like: Tensor(0.0)) { p in iterate(p) }
///     grad(root)(p)
///
/// The derivative solves dx = df/dx dx + df/dp dp at the solution: how it was found does not matter, and `solve` is not traced but
/// called with known numbers, so that it may loop until it converges; inside `vmap` for one element after the other, inside `compile`
/// each time the plan runs. What shall be differentiated must be part of p: tensors that the functions capture are constants.
/// - Parameters:
///   - f: of x and p, written with tensors.
///   - example: any x, for its shapes.
///   - method: of solving the linear system.
///   - solve: x for p.
public func implicitFixedPoint<X: TensorTree, P: TensorTree>(
  of f: @escaping (X, P) -> X, like example: X, method: ImplicitMethod = .direct, solve: @escaping (P) -> X
) -> (P) -> X {
  let residual = { (x: X, p: P) in x.replacingTensors(zip(x.tensors, f(x, p).tensors).map { $0 - $1 }) }
  return implicitRoot(of: residual, like: example, method: method, solve: solve)
}

/// The minimum over x of a scalar function of x and p as a differentiable function of p; see `implicitFixedPoint`. The Hessian in x must
/// be invertible at the solution, and positive definite for conjugate gradients.
public func implicitMinimum<X: TensorTree, P: TensorTree, Scalar: RealScalar>(
  of objective: @escaping (X, P) -> Tensor<Scalar>, like example: X, method: ImplicitMethod = .direct, solve: @escaping (P) -> X
) -> (P) -> X {
  implicit(of: { x, p in grad(objective)(x, p) }, like: example, method: method, isSymmetric: true, solve: solve)
}

/// The solution x of F(x, p) = 0, for F with as many numbers as x, as a differentiable function of p; see `implicitFixedPoint`.
public func implicitRoot<X: TensorTree, P: TensorTree>(
  of function: @escaping (X, P) -> X, like example: X, method: ImplicitMethod = .direct, solve: @escaping (P) -> X
) -> (P) -> X {
  implicit(of: function, like: example, method: method, isSymmetric: false, solve: solve)
}

private func implicit<X: TensorTree, P: TensorTree>(
  of function: @escaping (X, P) -> X, like example: X, method: ImplicitMethod, isSymmetric: Bool, solve: @escaping (P) -> X
) -> (P) -> X {
  let types = Set(example.tensors.map(\.scalarType))
  guard types.count == 1, let scalarType = types.first, scalarType == .float || scalarType == .double else {
    fatalError(
      "implicit differentiation: the unknown holds tensors of \(types.map(\.rawValue).sorted()); one real type is needed")
  }
  let signatures = example.tensors.map(\.signature)
  return { p in
    let parameters = p.tensors
    let call = SolverCall(
      definition: SolverCall.Definition(
        outputs: signatures, solve: { solve(p.replacingTensors($0)).tensors },
        jvp: { inputs, outputs, tangents in
          let (x, p) = (example.replacingTensors(outputs), p.replacingTensors(inputs))
          // F_x dx = -F_p dp.
          let right = Transforms.jvp({ function(x, $0) }, at: p, along: p.replacingTensors(tangents)).tangent
          let system = ImplicitSystem(function: { function($0, p) }, x: x, isSymmetric: isSymmetric)
          return system.solve(right.tensors.map { -$0 }, isTransposed: false, method, scalarType)
        },
        vjp: { inputs, outputs, cotangents in
          let (x, p) = (example.replacingTensors(outputs), p.replacingTensors(inputs))
          // -F_p^T F_x^-T g.
          let system = ImplicitSystem(function: { function($0, p) }, x: x, isSymmetric: isSymmetric)
          let w = system.solve(cotangents.map { -$0 }, isTransposed: true, method, scalarType)
          return Transforms.vjp({ function(x, $0) }, at: p).pullback(x.replacingTensors(w)).tensors
        }))
    return example.replacingTensors(call.apply(parameters))
  }
}

/// The Jacobian of a function of x, at x, as a linear system.
private struct ImplicitSystem<X: TensorTree> {
  let function: (X) -> X
  let x: X
  let isSymmetric: Bool

  func solve(_ right: [AnyTensor], isTransposed: Bool, _ method: ImplicitMethod, _ type: ScalarType) -> [AnyTensor] {
    type == .float
      ? solve(right, isTransposed, method, Float.self) : solve(right, isTransposed, method, Double.self)
  }

  private func solve<Scalar: RealScalar>(
    _ right: [AnyTensor], _ isTransposed: Bool, _ method: ImplicitMethod, _ type: Scalar.Type
  ) -> [AnyTensor] {
    let b: Tensor<Scalar> = x.replacingTensors(right).raveled()
    switch method {
    case .direct:
      let jacobian = forwardJacobian { (v: Tensor<Scalar>) in function(x.unraveled(v)).raveled() }(x.raveled())
      return x.unraveled((isTransposed ? jacobian.transposed() : jacobian).solve(b)).tensors
    case .conjugateGradients(let iterations):
      return x.unraveled(conjugateGradients(b, isTransposed, iterations)).tensors
    }
  }

  /// A fixed number of steps, which can be traced; steps after the exact solution change nothing.
  private func conjugateGradients<Scalar: RealScalar>(
    _ b: Tensor<Scalar>, _ isTransposed: Bool, _ iterations: Int
  ) -> Tensor<Scalar> {
    func forward(_ v: Tensor<Scalar>) -> Tensor<Scalar> { jvp(function, at: x, along: x.unraveled(v)).tangent.raveled() }
    let pullback = vjp(function, at: x).pullback
    func backward(_ v: Tensor<Scalar>) -> Tensor<Scalar> { pullback(x.unraveled(v)).raveled() }
    func adjoint(_ v: Tensor<Scalar>) -> Tensor<Scalar> { isTransposed ? forward(v) : backward(v) }
    func product(_ v: Tensor<Scalar>) -> Tensor<Scalar> { isTransposed ? backward(v) : forward(v) }

    let tiny = Scalar.leastNormalMagnitude
    var solution = b * 0
    var residual = isSymmetric ? b : adjoint(b)
    var direction = residual
    var energy = residual.squaredNorm()
    for _ in 0..<iterations {
      let image = isSymmetric ? forward(direction) : adjoint(product(direction))
      let step = energy / maximum(direction.dot(image), Tensor(tiny))
      solution = solution + direction * step
      residual = residual - image * step
      let next = residual.squaredNorm()
      direction = residual + direction * (next / maximum(energy, Tensor(tiny)))
      energy = next
    }
    return solution
  }
}

/// A function that is run and never traced, with derivatives of its own.
private struct SolverCall: Primitive {
  typealias Rule = (_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ directions: [AnyTensor]) -> [AnyTensor]

  /// The functions, which have no equality but identity.
  final class Definition: @unchecked Sendable {
    // Unchecked, as in `CustomCall`: called by the transform that traces them, or by the plan that runs.
    let outputs: [Signature]
    let solve: ([AnyTensor]) -> [AnyTensor]
    let jvp, vjp: Rule

    init(outputs: [Signature], solve: @escaping ([AnyTensor]) -> [AnyTensor], jvp: @escaping Rule, vjp: @escaping Rule) {
      self.outputs = outputs
      self.solve = solve
      self.jvp = jvp
      self.vjp = vjp
    }

    func checked(_ inputs: [AnyTensor]) -> [AnyTensor] {
      let results = solve(inputs)
      guard results.map(\.signature) == outputs else {
        fatalError("implicit differentiation: the solver returned \(results.map(\.signature)), but the example is \(outputs)")
      }
      return results
    }
  }

  let definition: Definition

  static func == (a: SolverCall, b: SolverCall) -> Bool { a.definition === b.definition }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(definition)) }

  var name: String { "solver" }

  func outputs(_ inputs: [Signature]) -> [Signature] { definition.outputs }

  func apply(_ inputs: [AnyTensor]) -> [AnyTensor] {
    inputs.contains(where: \.isTraced) ? record(inputs) : definition.checked(inputs)
  }

  /// For a plan: the one kernel that allocates.
  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    Kernel { [definition] pointers, results, _ in
      let arguments = inputs.enumerated().map { i, signature in
        let copy = AnyTensor(uninitialized: signature)
        copy.memory.copyMemory(from: pointers[i], byteCount: signature.byteCount)
        return copy
      }
      for (i, result) in definition.checked(arguments).enumerated() {
        results[i].copyMemory(from: result.memory, byteCount: result.signature.byteCount)
        withExtendedLifetime(result) {}
      }
    }
  }

  func jvp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ tangents: [AnyTensor?]) -> [AnyTensor?] {
    definition.jvp(inputs, outputs, zip(inputs, tangents).map { $1 ?? .zeros($0.signature) })
  }

  func vjp(_ inputs: [AnyTensor], _ outputs: [AnyTensor], _ cotangents: [AnyTensor?], needed: [Bool]) -> [AnyTensor?] {
    definition.vjp(inputs, outputs, zip(outputs, cotangents).map { $1 ?? .zeros($0.signature) })
  }
}
