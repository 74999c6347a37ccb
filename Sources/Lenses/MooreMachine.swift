/// A Moore machine: a coalgebra S -> p(S) of the polynomial p = Output y^Input on a finite set of states.
///
/// Every state shows an output, and every input leads on to a state. Propositions are sets of states; what the machine makes of them is
/// ``always(_:under:)``, the largest set that it never leaves (Spivak 2021, arXiv 2103.01189).
public struct MooreMachine<Output: Hashable>: Hashable {
  /// What each state shows.
  public var outputs: [Output]
  /// Where each state goes with each input.
  public var transitions: [[Int]]

  /// A machine of two tables, a row for each state.
  public init(outputs: [Output], transitions: [[Int]]) {
    guard outputs.count == transitions.count, transitions.allSatisfy({ $0.allSatisfy(outputs.indices.contains) }) else {
      fatalError(
        "MooreMachine: \(outputs.count) states with \(transitions.count) rows of transitions, or a transition to no state")
    }
    (self.outputs, self.transitions) = (outputs, transitions)
  }

  /// The number of states.
  public var count: Int { outputs.count }

  /// Whether no input leads out of a set of states: whether it is a subcoalgebra.
  /// - Parameter inputs: the inputs that may come; nil for all.
  public func isClosed(_ states: [Bool], under inputs: [Int]? = nil) -> Bool {
    outputs.indices.allSatisfy { !states[$0] || staysIn(states, from: $0, inputs) }
  }

  private func staysIn(_ states: [Bool], from state: Int, _ inputs: [Int]?) -> Bool {
    guard let inputs else { return transitions[state].allSatisfy { states[$0] } }
    return inputs.allSatisfy { states[transitions[state][$0]] }
  }

  /// The states where a proposition holds and always will, whatever inputs come: the largest closed subset, the greatest fixed point of
  /// X -> { s in the proposition : every input leads from s into X }.
  /// - Parameter inputs: the inputs that may come; nil for all.
  public func always(_ proposition: [Bool], under inputs: [Int]? = nil) -> [Bool] {
    var states = proposition
    while true {
      let kept = outputs.indices.map { states[$0] && staysIn(states, from: $0, inputs) }
      if kept == states { return states }
      states = kept
    }
  }

  /// The fewest inputs that lead from each state into a set; nil where none do.
  public func distances(to targets: [Bool]) -> [Int?] {
    var sources = [[Int]](repeating: [], count: count)
    for (state, next) in transitions.enumerated() { for target in Set(next) { sources[target].append(state) } }
    return Self.search(from: targets, along: sources)
  }

  /// Which states some sequence of inputs leads to, the empty one included.
  public func reachable(from state: Int) -> [Bool] {
    Self.search(from: outputs.indices.map { $0 == state }, along: transitions).map { $0 != nil }
  }

  /// The number of edges from a set to each state, breadth first.
  private static func search(from starts: [Bool], along edges: [[Int]]) -> [Int?] {
    var distance = starts.map { $0 ? 0 : Int?.none }
    var frontier = starts.indices.filter { starts[$0] }
    var steps = 0
    while !frontier.isEmpty {
      steps += 1
      var reached: [Int] = []
      for next in frontier.lazy.flatMap({ edges[$0] }) where distance[next] == nil {
        distance[next] = steps
        reached.append(next)
      }
      frontier = reached
    }
    return distance
  }

  /// The class of each state, numbered from 0, where two states are of one class when no sequence of inputs tells them apart by outputs:
  /// the largest bisimulation, by Moore's refinement.
  public var behaviours: [Int] {
    var classes = Self.numbered(outputs)
    while true {
      let refined = Self.numbered(zip(classes, transitions).map { own, next in [own] + next.map { classes[$0] } })
      if refined.max() == classes.max() { return classes }
      classes = refined
    }
  }

  /// Equal values get equal numbers, in the order of their first appearance.
  private static func numbered<Value: Hashable>(_ values: [Value]) -> [Int] {
    var numbers: [Value: Int] = [:]
    return values.map { value in
      let number = numbers[value] ?? numbers.count
      numbers[value] = number
      return number
    }
  }
}
