import Tensors
import Transforms

/// A learner A -> B with parameters P (Fong, Spivak and Tuyéras 2019, arXiv 1711.10455): a function with parameters
/// that learns from a pair of an input and a target, and asks the learner before it for another input.
///
///     implement: P x A -> B        update: P x A x B -> P        request: P x A x B -> A
///
/// It is the parametric lens with get = implement and put = (update, request) (Fong and Johnson 2019, arXiv 1903.03671): changes are
/// targets, and new parameters. Composition and product of learners are those of parametric lenses, and need no code of their own.
public typealias Learner<Parameters, Input, Output> = ParametricLens<Wire<Parameters>, Wire<Input>, Wire<Output>>

extension ParametricLens {
  /// A learner of its three functions.
  public init<P, A, B>(
    implement: @escaping (P, A) -> B, update: @escaping (P, A, B) -> P, request: @escaping (P, A, B) -> A
  ) where Parameters == Wire<P>, Source == Wire<A>, Target == Wire<B> {
    self.init(get: implement) { p, a, b in Pair(update(p, a, b), request(p, a, b)) }
  }

  /// The output for an input.
  public func implement(_ p: Parameters.Value, _ a: Source.Value) -> Target.Value
  where Target.Value == Target.Change { get(p, a) }

  /// New parameters, after the pair (a, b).
  public func update(_ p: Parameters.Value, _ a: Source.Value, _ b: Target.Value) -> Parameters.Value
  where Parameters.Value == Parameters.Change, Target.Value == Target.Change { put(p, a, b).first }

  /// The input that the learner would rather have had, with the parameters as they were.
  public func request(_ p: Parameters.Value, _ a: Source.Value, _ b: Target.Value) -> Source.Value
  where Source.Value == Source.Change, Target.Value == Target.Change { put(p, a, b).second }
}

extension ParametricLens {
  /// The functor L_(eps, e) of back-propagation: a function with parameters becomes the learner that descends its error.
  ///
  /// With E(p, a, b) = sum_j e(I(p, a)_j, b_j): update p - eps grad_p E; request f_a(grad_a E) element by element, where f_x inverts the
  /// slope of e in the target. L(f ; g) = L(f) ; L(g), which is back-propagation (arXiv 1711.10455, main theorem).
  /// - Parameters:
  ///   - function: I.
  ///   - rate: eps.
  ///   - error: e. The tensors of input and output are of its scalar type.
  public init<P: TensorTree, A: TensorTree, B: TensorTree, Scalar: RealScalar>(
    descending function: @escaping (P, A) -> B, rate: Double, error: ErrorFunction<Scalar>
  ) where Parameters == Wire<P>, Source == Wire<A>, Target == Wire<B> {
    let reverse = Learner<P, A, B>(reverseDerivativeOf: function)
    self.init(get: function) { p, a, b in
      let slope = function(p, a).combined(with: b) { AnyTensor(error.slope(Tensor($0), Tensor($1))) }
      let gradient = reverse.put(p, a, slope)
      let request = a.combined(with: gradient.second) { AnyTensor(error.target(Tensor($0), Tensor($1))) }
      return Pair(p.adding(-rate, gradient.first), request)
    }
  }
}
