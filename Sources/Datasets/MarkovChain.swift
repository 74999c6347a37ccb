import Tensors

/// The stationary law of Markov chains, mu with mu P = mu, by the state reduction of Grassmann, Taksar and Heyman ("Regenerative
/// analysis and steady state distributions for Markov chains", Operations Research 33, 1985): elimination without a subtraction,
/// so that every share is right to a few roundings even for chains that hardly mix. Transitions may be traced.
/// - Parameter transitions: P, [..., states, states], rows that sum to 1; from every state every other must be reachable.
/// - Returns: mu, [..., states]; NaN where some state cannot be reached.
public func stationaryLaw<Scalar: RealScalar>(of transitions: Tensor<Scalar>) -> Tensor<Scalar> {
  guard let states = transitions.shape.last, states > 0, transitions.rank >= 2, transitions.shape[transitions.rank - 2] == states
  else { fatalError("stationaryLaw: transitions of shape \(transitions.shape) are no square matrices") }
  let chains = Array(transitions.shape.dropLast(2))
  var p = transitions.reshaped(-1, states, states)
  // The rates into the last state of those that are left, per visit of it.
  var rates: [Tensor<Scalar>] = []
  for n in stride(from: states - 1, to: 0, by: -1) {
    let leaving = p.slice(All(), n, 0..<n)
    let entering = p.slice(All(), 0..<n, n) / leaving.sum(1, keepingAxes: true)
    p = p.slice(All(), 0..<n, 0..<n) + entering.expandingDimensions(2) * leaving.expandingDimensions(1)
    rates.append(entering)
  }
  var shares = Tensor<Scalar>.ones(p.shape[0], 1)
  for entering in rates.reversed() {
    shares = .concatenate([shares, (shares * entering).sum(1, keepingAxes: true)], axis: 1)
  }
  return (shares / shares.sum(1, keepingAxes: true)).reshaped(chains + [states])
}
