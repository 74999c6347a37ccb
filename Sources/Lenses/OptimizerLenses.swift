import Tensors
import Transforms

/// An optimizer as a lens from state and parameters to parameters (Cruttwell et al. 2021, arXiv 2103.01931).
///
/// `get` says at which parameters the model is run, `put` makes new state and parameters of what arrives. Optimizers ADD: the minus comes
/// from the learning rate that closes the loss. p' below is what arrives, -eps times the gradient; with the rules that divide by its own
/// size eps cancels, and their step length is `rate`.
public typealias OptimizerLens<State, Parameters> = Lens<Wire<Pair<State, Parameters>>, Wire<Parameters>>

extension Lens {
  /// p + p'.
  public static func gradientDescent<P: TensorTree>() -> OptimizerLens<Unit, P>
  where Source == Wire<Pair<Unit, P>>, Target == Wire<P> {
    Lens {
      $0.second
    } put: { now, change in
      Pair(Unit(), now.second.adding(change))
    }
  }

  /// s = gamma s + p'; p + s. The state begins with zeros.
  /// - Parameter looksAhead: whether the model is run at p + gamma s, which makes it Nesterov's method.
  public static func momentum<P: TensorTree>(_ gamma: Double, looksAhead: Bool = false) -> OptimizerLens<P, P>
  where Source == Wire<Pair<P, P>>, Target == Wire<P> {
    Lens { now in
      looksAhead ? now.second.adding(gamma, now.first) : now.second
    } put: { now, change in
      let velocity = change.adding(gamma, now.first)
      return Pair(velocity, now.second.adding(velocity))
    }
  }

  /// g = g + p'^2; p + rate p' / (delta + sqrt(g)) (Duchi et al. 2011). The state begins with zeros.
  public static func adagrad<P: TensorTree>(rate: Double, delta: Double = 1e-7) -> OptimizerLens<P, P>
  where Source == Wire<Pair<P, P>>, Target == Wire<P> {
    Lens {
      $0.second
    } put: { now, change in
      let squares = now.first.combined(with: change) { $0 + $1 * $1 }
      let step = change.combined(with: squares) { $0 / ($1.sqrt() + delta) }
      return Pair(squares, now.second.adding(rate, step))
    }
  }

  /// m = beta1 m + (1 - beta1) p', v = beta2 v + (1 - beta2) p'^2; p + rate mhat / (delta + sqrt(vhat)), where the hats divide by what a
  /// running average that began with zeros has gathered (Kingma and Ba 2015). The step count is part of the state.
  public static func adam<P: TensorTree>(
    rate: Double, beta1: Double = 0.9, beta2: Double = 0.999, delta: Double = 1e-8
  ) -> OptimizerLens<Moments<P>, P> where Source == Wire<Pair<Moments<P>, P>>, Target == Wire<P> {
    Lens {
      $0.second
    } put: { now, change in
      let old = now.first
      let t = old.step + 1
      let first = change.scaled(by: 1 - beta1).adding(beta1, old.first)
      let second = old.second.combined(with: change) { $0 * beta2 + $1 * $1 * (1 - beta2) }
      let gathered = { (beta: Double) in 1 - (t * Double.log(beta)).exp() }
      let (mean, size) = (first.scaled(by: 1 / gathered(beta1)), second.scaled(by: 1 / gathered(beta2)))
      let step = mean.combined(with: size) { $0 / ($1.sqrt() + delta) }
      return Pair(Moments(first: first, second: second, step: t), now.second.adding(rate, step))
    }
  }
}

/// The state of Adam.
public struct Moments<P: TensorTree>: TensorTree {
  /// m.
  public var first: P
  /// v.
  public var second: P
  /// t.
  public var step: Tensor<Double>

  init(first: P, second: P, step: Tensor<Double>) { (self.first, self.second, self.step) = (first, second, step) }

  /// Zeros, before the first step on `parameters`.
  public init(before parameters: P) {
    self.init(first: parameters.zeros, second: parameters.zeros, step: Tensor(0))
  }
}

extension Moments: Encodable where P: Encodable {}
extension Moments: Decodable where P: Decodable {}
