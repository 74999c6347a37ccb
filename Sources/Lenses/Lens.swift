/// A lens (A, A') -> (B, B'): a value goes forwards, a change of the result comes back as a change of the argument.
///
///     get: A -> B          put: A x B' -> A'
///
/// Lenses are what a training step is made of: a layer with its reverse derivative, a loss, an optimizer, a learning rate. They compose
/// (``then(_:)``) and stand side by side (``beside(_:)``), and the composition law of `put` is the chain rule:
///
///     let layer = Lens(reverseDerivativeOf: { (x: Tensor<Double>) in matmul(weights, x).tanh() })
///     let network = layer.then(Lens(reverseDerivativeOf: { ($0 - 1).square().sum() }))
///     let gradient = network.put(x, Tensor(1))
///
/// These are the lenses of Cruttwell et al. (2021, arXiv 2103.01931), simply typed, without the put-get laws of lenses
/// for records. A composite runs `get` again for `put`, as the law is written; inside `compile` the two are found equal and run once.
public struct Lens<Source: Interface, Target: Interface> {
  /// Forwards.
  public let get: (Source.Value) -> Target.Value
  /// Backwards: the value that went in, and a change of what came out.
  public let put: (Source.Value, Target.Change) -> Source.Change

  /// A lens of two functions.
  public init(
    get: @escaping (Source.Value) -> Target.Value, put: @escaping (Source.Value, Target.Change) -> Source.Change
  ) {
    (self.get, self.put) = (get, put)
  }

  /// This lens, then `next`: get = next.get . get, and put(a, c') = put(a, next.put(get a, c')).
  public func then<Next: Interface>(_ next: Lens<Target, Next>) -> Lens<Source, Next> {
    Lens<Source, Next> {
      next.get(get($0))
    } put: { a, change in
      put(a, next.put(get(a), change))
    }
  }

  /// This lens and `other`, side by side: each looks at its half.
  public func beside<A: Interface, B: Interface>(_ other: Lens<A, B>) -> Lens<Both<Source, A>, Both<Target, B>> {
    Lens<Both<Source, A>, Both<Target, B>> {
      Pair(get($0.first), other.get($0.second))
    } put: { value, change in
      Pair(put(value.first, change.first), other.put(value.second, change.second))
    }
  }
}

extension Lens where Source == Target {
  /// Values and changes pass through.
  public static var identity: Lens {
    Lens {
      $0
    } put: {
      $1
    }
  }
}

extension Lens where Target == Closed {
  /// The end of a wire, which answers every value with a change: how a learning rate closes the wire of a loss.
  public static func answering(_ change: @escaping (Source.Value) -> Source.Change) -> Lens {
    Lens { _ in
      Unit()
    } put: { value, _ in
      change(value)
    }
  }
}
