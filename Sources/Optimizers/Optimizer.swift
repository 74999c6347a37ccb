import Tensors
import Transforms

/// A method that improves parameters, step by step, given a loss.
///
///     let adam = Adam<Float>(learningRate: 3e-3)
///     var state = adam.initialState(for: model, key: key)
///     for batch in batches { let loss = adam.step(&model, &state) { crossEntropy($0(batch.x), labels: batch.y) } }
///
/// An optimizer is a value: its learning rate is a tensor, its other constants are numbers. It is a tree, as its state is, so that a
/// step can be compiled, and a grid of rates trains at once by `vmap` over optimizers whose rates are one tensor. What a rule
/// composes with (schedules, clipping, noise, decay, averaging) is a wrapper around it.
public protocol Optimizer<Scalar>: TensorTree {
  /// The type of the numbers.
  associatedtype Scalar: RealScalar
  /// What a rule remembers between steps.
  associatedtype State: TensorTree & Codable

  /// What multiplies the whole step; a schedule multiplies it. Rank 0. Rules without a rate scale their step by it, by default 1.
  var learningRate: Tensor<Scalar> { get set }

  /// The state before the first step.
  /// - Parameter key: of the rule's random numbers; rules that draw none ignore it.
  func initialState(for parameters: TensorList<Scalar>, key: Key) -> State

  /// One step.
  /// - Returns: the loss before it.
  func step(
    _ parameters: inout TensorList<Scalar>, _ state: inout State, on objective: Objective<Scalar>
  ) -> Tensor<Scalar>
}

/// An optimizer that needs one gradient a step, and nothing else: an update rule.
public protocol GradientOptimizer<Scalar>: Optimizer {
  /// One application of the rule.
  /// - Parameters:
  ///   - state: goes on by one step.
  ///   - gradient: of the loss at `parameters`.
  /// - Returns: what is added to the parameters.
  func update(
    _ state: inout State, gradient: TensorList<Scalar>, at parameters: TensorList<Scalar>
  ) -> TensorList<Scalar>
}

extension GradientOptimizer {
  /// The update of the gradient, added.
  public func step(
    _ parameters: inout TensorList<Scalar>, _ state: inout State, on objective: Objective<Scalar>
  ) -> Tensor<Scalar> {
    let (loss, gradient) = objective.valueAndGradient(at: parameters)
    parameters = parameters + update(&state, gradient: gradient, at: parameters)
    return loss
  }

  /// The model after one application of the rule; the state goes on.
  public func updated<Model: TensorTree>(_ model: Model, gradient: Model, _ state: inout State) -> Model {
    let parameters = TensorList<Scalar>(of: model)
    return model.replacing(parameters + update(&state, gradient: TensorList(of: gradient), at: parameters))
  }
}

extension Optimizer {
  /// The state before the first step of a model, any tree of tensors.
  public func initialState<Model: TensorTree>(for model: Model, key: Key = Key(seed: 0)) -> State {
    initialState(for: TensorList(of: model), key: key)
  }

  /// One step on a model, any tree of tensors.
  /// - Returns: the loss before it.
  @discardableResult
  public func step<Model: TensorTree>(
    _ model: inout Model, _ state: inout State, loss: @escaping (Model) -> Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let template = model
    var parameters = TensorList<Scalar>(of: model)
    let value = step(&parameters, &state, on: Objective { loss(template.replacing($0)) })
    model = model.replacing(parameters)
    return value
  }
}

/// The loss of one step as a function of the parameters, with its derivatives.
public struct Objective<Scalar: RealScalar> {
  /// The loss, of rank 0.
  public let loss: (TensorList<Scalar>) -> Tensor<Scalar>
  /// The gradients of the workers that share the batch, one behind the other along a new first axis of each tensor; their mean is the
  /// gradient of the loss. Nil where a problem does not say how its batch is shared.
  public let workerGradients: ((TensorList<Scalar>) -> TensorList<Scalar>)?

  /// The objective of a loss.
  public init(
    workerGradients: ((TensorList<Scalar>) -> TensorList<Scalar>)? = nil, loss: @escaping (TensorList<Scalar>) -> Tensor<Scalar>
  ) {
    self.loss = loss
    self.workerGradients = workerGradients
  }

  /// The loss and its gradient.
  public func valueAndGradient(at parameters: TensorList<Scalar>) -> (value: Tensor<Scalar>, gradient: TensorList<Scalar>) {
    let result = valueAndGrad(loss)(parameters)
    return (result.value, result.gradient)
  }

  /// The gradient alone.
  public func gradient(at parameters: TensorList<Scalar>) -> TensorList<Scalar> { grad(loss)(parameters) }

  /// The Hessian of the loss times a direction.
  public func hessianProduct(_ direction: TensorList<Scalar>, at parameters: TensorList<Scalar>) -> TensorList<Scalar> {
    hvp(loss)(parameters, direction)
  }
}

/// The state of a rule that remembers nothing.
public struct NoState: TensorTree, Codable {
  /// Nothing.
  public init() {}
}

/// 1 - beta^t: what a running average of rate `beta` that began with 0 has gathered after `t` steps, without cancellation.
func gathered<Scalar: RealScalar>(_ beta: Double, after t: Tensor<Scalar>) -> Tensor<Scalar> {
  // beta = 0 remembers nothing: all is gathered at once.
  beta == 0 ? Tensor(1) : -(t * Scalar(Double.log(beta))).expm1()
}
