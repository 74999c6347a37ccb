import Tensors

/// The latent tree of an in-context Markov tree: which earlier position the token of a position depends on (Nichani, Damian and
/// Lee, "How transformers learn causal structure with gradient descent", 2024, Section 2). With several roots it is a forest.
public struct MarkovTree: Sendable, Hashable, Codable {
  /// p(i) < i of every position, nil for roots.
  public let parents: [Int?]

  /// Stops unless every parent is an earlier position.
  public init(_ parents: [Int?]) {
    for (i, parent) in parents.enumerated() {
      guard let parent else { continue }
      guard 0..<i ~= parent else { fatalError("MarkovTree: \(parent) is no earlier position than \(i)") }
    }
    self.parents = parents
  }

  /// Every position depends on the one before it.
  public static func chain(_ length: Int) -> MarkovTree { MarkovTree((0..<length).map { $0 == 0 ? nil : $0 - 1 }) }

  /// x1 y1 x2 y2 ...: every second position depends on the one before it.
  public static func pairs(_ length: Int) -> MarkovTree { MarkovTree((0..<length).map { $0 % 2 == 0 ? nil : $0 - 1 }) }

  /// Every position but the first depends on an earlier one, all of them equally likely.
  /// - Parameter isForest: whether a position may depend on none, as likely as on any one
  ///   earlier position, as in the paper's code.
  public static func random(_ length: Int, isForest: Bool = false, key: Key) -> MarkovTree {
    let u = Tensor<Double>.uniform([length], key: key).scalars
    return MarkovTree(
      u.enumerated().map { i, u in
        let place = isForest ? Int(u * Double(i + 1)) - 1 : i == 0 ? -1 : Int(u * Double(i))
        return place < 0 ? nil : place
      })
  }

  /// Positions with a parent, and that parent.
  public var edges: [(child: Int, parent: Int)] {
    parents.enumerated().compactMap { child, parent in parent.map { (child, $0) } }
  }

  /// I(i, j) = sum_ab Pr(s_i = a, s_j = b)² / (mu_a mu_b) - 1, the chi-squared mutual information of two positions, of chains
  /// with these transitions. Largest, of all j < i, at the parent of i (data processing inequality).
  /// - Parameter transitions: pi, [chains, states, states].
  /// - Returns: [chains, positions, positions], symmetric, with 0 on the diagonal.
  public func chiSquaredInformation<Scalar: RealScalar>(transitions: Tensor<Scalar>) -> Tensor<Scalar> {
    let law = stationaryLaw(of: transitions)
    let independent = law.expandingDimensions(2) * law.expandingDimensions(1)
    let diagonal = Tensor<Scalar>.identity(law.shape[1]) * law.expandingDimensions(1)
    // Pr(s_j = b, s_i = a) at [b, a] for j < i: that of j and the parent of i, and a transition more.
    var joint: [[Tensor<Scalar>]] = []
    for (i, parent) in parents.enumerated() {
      joint.append(
        (0..<i).map { j in
          guard let parent else { return independent }
          let before =
            j == parent ? diagonal : j < parent ? joint[parent][j] : joint[j][parent].permuted(0, 2, 1)
          return matmul(before, transitions)
        })
    }
    let none = Tensor<Scalar>.zeros(law.shape[0])
    let entries = parents.indices.map { i in
      Tensor.stack(
        parents.indices.map { j in i == j ? none : (joint[max(i, j)][min(i, j)].square() / independent).sum(1, 2) - 1 }, axis: 1)
    }
    return .stack(entries, axis: 1)
  }
}

/// Sequences that are drawn along one latent tree, each with transitions of its own, and end with a query: s_i ~ mu at the roots,
/// else s_i ~ pi(s_p(i), .), a last token that is uniform, and pi(last, .) for the target (Nichani, Damian and Lee 2024, Section
/// 2).
///
/// Keys and transitions may be traced: a compiled training step draws its sequences itself.
public struct InContextMarkovTree<Scalar: RealScalar>: Sendable {
  /// Of the positions in front of the query.
  public let tree: MarkovTree
  /// pi, [sequences, vocabulary, vocabulary].
  public let transitions: Tensor<Scalar>
  /// [sequences, positions of the tree + 1].
  public let tokens: Tensor<Int32>

  /// One sequence for each of the transitions, [sequences, vocabulary, vocabulary].
  public init(_ tree: MarkovTree, transitions: Tensor<Scalar>, key: Key) {
    (self.tree, self.transitions) = (tree, transitions)
    let (sequences, vocabulary) = (transitions.shape[0], transitions.shape[2])
    let u = Tensor<Scalar>.uniform([sequences, tree.parents.count + 1], key: key)
    let law = stationaryLaw(of: transitions).cumulativeSum()
    let rows = transitions.cumulativeSum()
    var tokens: [Tensor<Int32>] = []
    for (i, parent) in tree.parents.enumerated() {
      let sums = parent.map { Self.rows(rows, at: tokens[$0]) } ?? law
      // The last sum is 1 but for rounding: what no other sum is above belongs to the last token.
      tokens.append((sums.slice(All(), 0..<vocabulary - 1) .<= u.slice(All(), i..<i + 1)).countTrue(1))
    }
    let last = (u.slice(All(), tree.parents.count) * Scalar(vocabulary)).floor().converted(to: Int32.self)
    self.tokens = .stack(tokens + [last], axis: 1)
  }

  /// Transitions whose rows have a Dirichlet distribution, mixed with a share of the uniform one so that every state can be
  /// reached. The key must be known.
  public static func transitions(
    _ count: Int, vocabulary: Int, concentration: Double, uniformShare: Double, key: Key
  ) -> Tensor<Scalar> {
    let drawn = Tensor<Scalar>.dirichlet([count, vocabulary, vocabulary], concentration: Scalar(concentration), key: key)
    return drawn * Scalar(1 - uniformShare) + Scalar(uniformShare / Double(vocabulary))
  }

  /// pi(last, .), [sequences, vocabulary].
  public var targets: Tensor<Scalar> { Self.rows(transitions, at: query) }

  /// What Bayes predicts who knows the tree: the tokens that follow the query's token along edges, counted, plus `concentration`,
  /// over their sum; [sequences, vocabulary]. Exact but for what the roots say about the transitions.
  public func posterior(concentration: Double) -> Tensor<Scalar> {
    let vocabulary = transitions.shape[2]
    let children = tree.edges.map { tokens.slice(All(), $0.child) }
    let follows = tree.edges.map { (tokens.slice(All(), $0.parent) .== query).converted(to: Scalar.self) }
    let counts = zip(children, follows).reduce(Tensor<Scalar>(Scalar(concentration))) {
      $0 + Tensor<Scalar>.oneHot($1.0, classes: vocabulary) * $1.1.expandingDimensions(1)
    }
    return counts / counts.sum(1, keepingAxes: true)
  }

  /// The last token, [sequences].
  private var query: Tensor<Int32> { tokens.slice(All(), tree.parents.count) }

  /// Of every sequence the row of its matrix that belongs to its token, [sequences, vocabulary].
  private static func rows(_ matrices: Tensor<Scalar>, at tokens: Tensor<Int32>) -> Tensor<Scalar> {
    (Tensor<Scalar>.oneHot(tokens, classes: matrices.shape[1]).expandingDimensions(2) * matrices).sum(1)
  }
}
