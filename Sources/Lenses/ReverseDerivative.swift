import Tensors
import Transforms

// The functor R from differentiable functions to lenses: R[f ; g] = R[f] ; R[g] is the chain rule (Cockett et al. 2020, "Reverse
// derivative categories", arXiv 1910.07065).

extension Lens {
  /// R[f]: get = f, and put(x, y') = J_f(x)^T y', the pullback of `vjp`.
  public init<A: TensorTree, B: TensorTree>(reverseDerivativeOf function: @escaping (A) -> B)
  where Source == Wire<A>, Target == Wire<B> {
    self.init(get: function) { x, change in vjp(function, at: x).pullback(change) }
  }
}

extension ParametricLens {
  /// R[f] of a function with parameters: changes of parameters and input.
  public init<P: TensorTree, A: TensorTree, B: TensorTree>(reverseDerivativeOf function: @escaping (P, A) -> B)
  where Parameters == Wire<P>, Source == Wire<A>, Target == Wire<B> {
    self.init(Lens(reverseDerivativeOf: { function($0.first, $0.second) }))
  }
}

extension Lens {
  /// The end of a training step: whatever the loss, the change -rate comes back. Optimizers add what arrives.
  public static func learningRate<Scalar: RealScalar>(_ rate: Double) -> Lens
  where Source == Wire<Tensor<Scalar>>, Target == Closed {
    .answering { .full($0.shape, Scalar(-rate)) }
  }
}
