/// A learner of finite sets A = 0..<a, B = 0..<b, P = 0..<p as tables: one that can be compared, and turned into a machine.
public struct FiniteLearner: Hashable, Sendable {
  /// The numbers of inputs, outputs and parameters.
  public struct Sizes: Hashable, Sendable {
    /// |A|.
    public var inputs: Int
    /// |B|.
    public var outputs: Int
    /// |P|.
    public var parameters: Int

    /// The sizes of a learner A -> B.
    public init(inputs: Int, outputs: Int, parameters: Int) {
      (self.inputs, self.outputs, self.parameters) = (inputs, outputs, parameters)
    }
  }

  /// Of A, B and P.
  public let sizes: Sizes
  /// I(p, a), at [p][a].
  public let implement: [[Int]]
  /// U(p, a, b), at [p][a][b].
  public let update: [[[Int]]]
  /// r(p, a, b), at [p][a][b].
  public let request: [[[Int]]]

  /// The tables of a learner.
  public init(tabulating learner: Learner<Int, Int, Int>, _ sizes: Sizes) {
    let (a, b, p) = (0..<sizes.inputs, 0..<sizes.outputs, 0..<sizes.parameters)
    self.sizes = sizes
    implement = p.map { p in a.map { learner.implement(p, $0) } }
    update = p.map { p in a.map { a in b.map { learner.update(p, a, $0) } } }
    request = p.map { p in a.map { a in b.map { learner.request(p, a, $0) } } }
  }

  /// The learner of the tables.
  public var learner: Learner<Int, Int, Int> {
    Learner {
      implement[$0][$1]
    } update: {
      update[$0][$1][$2]
    } request: {
      request[$0][$1][$2]
    }
  }

  /// Composed as learners; the parameters (p, q) are number p |Q| + q.
  public func then(_ next: FiniteLearner) -> FiniteLearner {
    let count = next.sizes.parameters
    let pairing = Lens<Wire<Int>, Wire<Pair<Int, Int>>> {
      Pair($0 / count, $0 % count)
    } put: {
      $1.first * count + $1.second
    }
    return FiniteLearner(
      tabulating: learner.then(next.learner).reparametrized(by: pairing),
      Sizes(inputs: sizes.inputs, outputs: next.sizes.outputs, parameters: sizes.parameters * count))
  }
}

// MARK: As machines

/// What a learner is at one moment: a lens (A, A) -> (B, B), a position of the internal hom [A y^A, B y^B].
///
/// As a map of polynomials it has I(p, -) on positions, and r(p, a, -) on the directions at a.
public typealias LearnerPosition = PolynomialMap

extension FiniteLearner {
  /// The learner as a coalgebra of [A y^A, B y^B] (Spivak 2021, arXiv 2103.01189): states are parameters, a state shows
  /// the lens (I(p, -), r(p, -, -)), and inputs are training pairs, (a, b) being number a |B| + b.
  public var machine: MooreMachine<LearnerPosition> {
    MooreMachine(
      outputs: zip(implement, request).map { LearnerPosition(positions: $0, directions: $1) },
      transitions: update.map { $0.flatMap { $0 } })
  }

  /// The learner whose coalgebra a machine is.
  public init(_ machine: MooreMachine<LearnerPosition>, inputs: Int, outputs: Int) {
    self.init(
      tabulating: Learner { p, a in
        machine.outputs[p].positions[a]
      } update: { p, a, b in
        machine.transitions[p][a * outputs + b]
      } request: { p, a, b in
        machine.outputs[p].directions[a][b]
      }, Sizes(inputs: inputs, outputs: outputs, parameters: machine.count))
  }
}

extension MooreMachine<LearnerPosition> {
  /// The coalgebra of [A y^A, C y^C] on the pairs of states, by the composition map [A y^A, B y^B] (x) [B y^B, C y^C] -> [A y^A, C y^C]:
  /// the lenses are composed, and the training pair (a, c) goes back to the pairs (a, b') and (b, c), with b what the first lens makes of
  /// a and b' what the second sends back for c.
  /// - Parameters:
  ///   - middle: |B|.
  ///   - outputs: |C|.
  public func composed(with next: MooreMachine, middle: Int, outputs: Int) -> MooreMachine {
    let states = self.outputs.indices.flatMap { p in next.outputs.indices.map { (p, $0) } }
    return MooreMachine(
      outputs: states.map { p, q in self.outputs[p].then(next.outputs[q]) },
      transitions: states.map { p, q in
        self.outputs[p].positions.enumerated().flatMap { a, b in
          (0..<outputs).map { c in
            let sent = next.outputs[q].directions[b][c]
            return transitions[p][a * middle + sent] * next.count + next.transitions[q][b * outputs + c]
          }
        }
      })
  }
}
