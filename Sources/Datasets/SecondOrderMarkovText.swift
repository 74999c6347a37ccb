import Foundation
import Tensors

/// Tokens of which each depends on the two before it: text that cannot be foretold from the last token alone, with a known entropy rate.
public struct SecondOrderMarkovText: Sendable {
  /// [a, b, c]: the probability that c follows b where b followed a.
  public let transitions: Tensor<Double>
  /// [a, b]: the share of the pair a b among the pairs of neighbours of a long text; also the law of a sequence's first two tokens.
  public let stationary: Tensor<Double>
  /// Of the first token, of the second after each first one, and of the third after each pair.
  private let first, second, third: [Double]

  /// The source with these transitions, rows of probabilities along the last axis. Where the pairs fall into classes that do not reach
  /// each other, the stationary law is that of texts whose first pair is uniform.
  public init(transitions: Tensor<Double>) {
    let vocabulary = transitions.shape.first ?? 0
    guard vocabulary > 0, transitions.shape == [vocabulary, vocabulary, vocabulary] else {
      fatalError("SecondOrderMarkovText: transitions of shape \(transitions.shape) are no cube")
    }
    guard transitions.min().scalar >= 0, (transitions.sum(2) - 1).abs().max().scalar <= 1e-9 else {
      fatalError("SecondOrderMarkovText: a row of the transitions is no distribution")
    }
    self.transitions = transitions
    let law = Self.stationary(transitions)
    stationary = law
    let pairs = (0..<vocabulary).map { law.row($0).scalars }
    let shares = pairs.map { $0.reduce(0, +) }
    first = runningSums(shares)
    // Tokens that never come first have no second one.
    second = zip(pairs, shares).flatMap { pair, share in runningSums(pair.map { share > 0 ? $0 / share : 0 }) }
    let rows = transitions.scalars
    third = stride(from: 0, to: rows.count, by: vocabulary).flatMap { runningSums(Array(rows[$0..<$0 + vocabulary])) }
  }

  /// A random source: what follows a pair has a Dirichlet distribution, the nearer to certain the smaller the concentration.
  public init(vocabulary: Int, concentration: Double, key: Key) {
    self.init(transitions: .dirichlet([vocabulary, vocabulary, vocabulary], concentration: concentration, key: key))
  }

  /// The entropy of a token given the two before it, in nats, averaged over a long text.
  public var entropyRate: Double { Self.entropy(transitions, weights: stationary) }

  /// The least mean cross-entropy of the tokens of a sequence after its first one, in nats: of the second token only the first is known.
  /// - Parameter predictions: how many tokens are foretold, one fewer than the sequence has.
  public func leastLoss(predictions: Int) -> Double {
    let shares = stationary.sum(1)
    let known = shares.expandingDimensions(1)
    let conditional = Tensor.where(known .> 0, stationary / known, Tensor(0))
    let beginning = Self.entropy(conditional, weights: shares)
    return (beginning + Double(predictions - 1) * entropyRate) / Double(predictions)
  }

  /// Tokens [sequences, length].
  public func sample(_ sequences: Int, length: Int, key: Key) -> Tensor<Int32> {
    let vocabulary = transitions.shape[0]
    let u = Tensor<Double>.uniform([sequences, length], key: key).scalars
    var tokens: [Int32] = []
    tokens.reserveCapacity(u.count)
    for i in u.indices {
      let (sums, row) =
        switch i % length {
        case 0: (first, 0)
        case 1: (second, Int(tokens[i - 1]))
        default: (third, Int(tokens[i - 2]) * vocabulary + Int(tokens[i - 1]))
        }
      tokens.append(Int32(place(of: u[i], in: sums[row * vocabulary..<(row + 1) * vocabulary])))
    }
    return Tensor(shape: [sequences, length], tokens)
  }

  /// mu(b, c) = sum_a mu(a, b) P(c | a, b), by power iteration from the uniform law, each step averaged with the law before it so that
  /// periodic sources settle too. (Elimination over the pairs would cost the sixth power of the vocabulary.)
  private static func stationary(_ transitions: Tensor<Double>) -> Tensor<Double> {
    let vocabulary = transitions.shape[0]
    var law = Tensor<Double>.full([vocabulary, vocabulary], 1 / Double(vocabulary * vocabulary))
    for _ in 0..<100_000 {
      let next = (law.expandingDimensions(2) * transitions).sum(0)
      let change = (next - law).abs().sum().scalar
      law = 0.5 * (law + next)
      law = law / law.sum()
      if change < 1e-14 * Double(vocabulary) { break }
    }
    return law
  }

  /// -sum_i w_i sum_c p(i, c) log p(i, c).
  private static func entropy(_ p: Tensor<Double>, weights: Tensor<Double>) -> Double {
    let logarithms = Tensor.where(p .> 0, p, Tensor(1)).log()
    return -((p * logarithms).sum(-1) * weights).sum().scalar
  }
}
