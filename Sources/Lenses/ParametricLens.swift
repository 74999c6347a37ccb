/// A lens with parameters: a lens from P x A. A morphism of Para(Lens) (Cruttwell et al. 2021, arXiv 2103.01931).
///
/// Layers, losses and whole training steps are parametric lenses. Composition keeps the parameters of both, ``reparametrized(by:)``
/// puts a lens in front of the parameters, an optimizer for instance:
///
///     let step = model.reparametrized(by: adam).then(loss).then(.learningRate(0.01))
///     // step.put: ((state and parameters, label), input) -> the new state and parameters.
///
/// A learner is one whose changes are targets instead of gradients: see ``Learner``.
public struct ParametricLens<Parameters: Interface, Source: Interface, Target: Interface> {
  /// The lens from parameters and input together.
  public let lens: Lens<Both<Parameters, Source>, Target>

  /// A lens from parameters and input.
  public init(_ lens: Lens<Both<Parameters, Source>, Target>) { self.lens = lens }

  /// A parametric lens of two functions.
  public init(
    get: @escaping (Parameters.Value, Source.Value) -> Target.Value,
    put: @escaping (Parameters.Value, Source.Value, Target.Change) -> Pair<Parameters.Change, Source.Change>
  ) {
    lens = Lens {
      get($0.first, $0.second)
    } put: {
      put($0.first, $0.second, $1)
    }
  }

  /// Forwards.
  public func get(_ parameters: Parameters.Value, _ input: Source.Value) -> Target.Value { lens.get(Pair(parameters, input)) }

  /// Backwards: a change of the parameters, and one of the input.
  public func put(
    _ parameters: Parameters.Value, _ input: Source.Value, _ change: Target.Change
  ) -> Pair<Parameters.Change, Source.Change> {
    lens.put(Pair(parameters, input), change)
  }

  /// This lens, then `next`, with the parameters of both. What `next` sends back is what this one is put with; both with the parameters
  /// as they were.
  public func then<Q: Interface, Next: Interface>(
    _ next: ParametricLens<Q, Target, Next>
  ) -> ParametricLens<Both<Parameters, Q>, Source, Next> {
    ParametricLens<Both<Parameters, Q>, Source, Next> { parameters, input in
      next.get(parameters.second, get(parameters.first, input))
    } put: { parameters, input, change in
      let middle = next.put(parameters.second, get(parameters.first, input), change)
      let start = put(parameters.first, input, middle.second)
      return Pair(Pair(start.first, middle.first), start.second)
    }
  }

  /// This lens, then one without parameters.
  public func then<Next: Interface>(_ next: Lens<Target, Next>) -> ParametricLens<Parameters, Source, Next> {
    ParametricLens<Parameters, Source, Next>(lens.then(next))
  }

  /// This lens and `other`, side by side.
  public func beside<Q: Interface, A: Interface, B: Interface>(
    _ other: ParametricLens<Q, A, B>
  ) -> ParametricLens<Both<Parameters, Q>, Both<Source, A>, Both<Target, B>> {
    ParametricLens<Both<Parameters, Q>, Both<Source, A>, Both<Target, B>> { parameters, input in
      Pair(get(parameters.first, input.first), other.get(parameters.second, input.second))
    } put: { parameters, input, change in
      let left = put(parameters.first, input.first, change.first)
      let right = other.put(parameters.second, input.second, change.second)
      return Pair(Pair(left.first, right.first), Pair(left.second, right.second))
    }
  }

  /// The same with other parameters, from which a lens makes the old ones: how an optimizer comes in front of a model.
  public func reparametrized<Q: Interface>(by change: Lens<Q, Parameters>) -> ParametricLens<Q, Source, Target> {
    ParametricLens<Q, Source, Target>(change.beside(Lens<Source, Source>.identity).then(lens))
  }

  /// Parameters and input change places: what is learned becomes the input, as in deep dreaming.
  public var exchanged: ParametricLens<Source, Parameters, Target> {
    ParametricLens<Source, Parameters, Target> { input, parameters in
      get(parameters, input)
    } put: { input, parameters, change in
      let changes = put(parameters, input, change)
      return Pair(changes.second, changes.first)
    }
  }
}

extension ParametricLens where Target == Source {
  /// Any number of lenses one after the other, their parameters in an array.
  public static func chain<P>(_ links: [ParametricLens<Wire<P>, Source, Source>]) -> ParametricLens
  where Parameters == Wire<[P]> {
    // The parameters of the links so far, and those of the next.
    let split = Lens<Wire<[P]>, Wire<Pair<[P], P>>> {
      Pair(Array($0.dropLast()), $0[$0.count - 1])
    } put: {
      $1.first + [$1.second]
    }
    let none = ParametricLens { _, a in
      a
    } put: { _, _, change in
      Pair([], change)
    }
    return links.reduce(none) { chain, link in chain.then(link).reparametrized(by: split) }
  }
}

extension ParametricLens where Parameters == Closed, Source == Target {
  /// No parameters; values and changes pass through.
  public static var identity: ParametricLens {
    ParametricLens { _, a in
      a
    } put: { _, _, change in
      Pair(Unit(), change)
    }
  }
}
