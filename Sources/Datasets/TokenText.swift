import Foundation
import Tensors

/// Tokens drawn independently of each other with probabilities that fall as a power of their rank: p_k proportional to
/// (k + 1)^-exponent for k in 0..<vocabulary.
public struct ZipfText: Sendable {
  /// The probability of each token, falling.
  public let probabilities: [Double]
  private let cumulative: [Double]

  /// - Parameter exponent: about 1 for words of natural language.
  public init(vocabulary: Int, exponent: Double = 1) {
    guard vocabulary > 0 else { fatalError("ZipfText: a vocabulary of \(vocabulary) tokens") }
    let weights = (1...vocabulary).map { pow(Double($0), -exponent) }
    let sum = weights.reduce(0, +)
    probabilities = weights.map { $0 / sum }
    cumulative = runningSums(probabilities)
  }

  /// The entropy of a token in nats: no model's cross-entropy is below it.
  public var entropy: Double { -probabilities.reduce(0) { $0 + ($1 > 0 ? $1 * log($1) : 0) } }

  /// Tokens [sequences, length].
  public func sample(_ sequences: Int, length: Int, key: Key) -> Tensor<Int32> {
    Tensor<Double>.uniform([sequences, length], key: key).map { Int32(place(of: $0, in: cumulative[...])) }
  }
}

/// Tokens of which each depends on the one before: text with structure whose entropy rate is known exactly.
public struct MarkovText: Sendable {
  /// Row i holds the probabilities of what follows token i: [vocabulary, vocabulary].
  public let transitions: Tensor<Double>
  /// The share of each token in a long text.
  public let stationary: [Double]
  /// The probabilities of a sequence's first token.
  public let start: [Double]
  private let cumulative: [Double]

  /// The chain with these transitions, from each of which every token must be reachable in some steps.
  /// - Parameter start: the probabilities of a sequence's first token; nil for the stationary ones.
  public init(transitions: Tensor<Double>, start: [Double]? = nil) {
    let states = transitions.shape.first ?? 0
    guard states > 0, transitions.shape == [states, states] else {
      fatalError("MarkovText: transitions of shape \(transitions.shape) are no square matrix")
    }
    let rows = (0..<states).map { transitions.row($0).scalars }
    for (i, row) in rows.enumerated() where !row.allSatisfy({ $0 >= 0 }) || abs(row.reduce(0, +) - 1) > 1e-9 {
      fatalError("MarkovText: row \(i) of the transitions is no distribution")
    }
    self.transitions = transitions
    stationary = stationaryLaw(of: transitions).scalars
    guard stationary.allSatisfy(\.isFinite) else { fatalError("MarkovText: not every token can be reached from every other") }
    self.start = start ?? stationary
    guard self.start.count == states, abs(self.start.reduce(0, +) - 1) <= 1e-9 else {
      fatalError("MarkovText: the start is no distribution over \(states) tokens")
    }
    cumulative = rows.flatMap(runningSums)
  }

  /// A random chain: what follows a token has a Dirichlet distribution, the nearer to certain the smaller the concentration.
  public init(vocabulary: Int, concentration: Double, key: Key) {
    self.init(transitions: .dirichlet([vocabulary, vocabulary], concentration: concentration, key: key))
  }

  /// Text like a natural language's: z_k proportional to 1 / (k + 1); what follows a token is drawn from z with probability
  /// `unigramShare`, else it is one of the token's `successors`, equally likely, each of which was drawn from z. The first token of a
  /// sequence is drawn from z.
  public static func zipf(vocabulary: Int, successors: Int = 4, unigramShare: Double = 0.3, key: Key) -> MarkovText {
    let zipf = ZipfText(vocabulary: vocabulary)
    let successor = Tensor<Double>.oneHot(zipf.sample(vocabulary, length: successors, key: key), classes: vocabulary).mean(1)
    return MarkovText(
      transitions: unigramShare * Tensor(zipf.probabilities) + (1 - unigramShare) * successor, start: zipf.probabilities)
  }

  /// The entropy of the next token given this one, in nats, averaged over a long text: the least cross-entropy of any model.
  public var entropyRate: Double {
    let states = stationary.count
    return transitions.scalars.enumerated().reduce(0) { sum, item in
      item.element > 0 ? sum - stationary[item.offset / states] * item.element * log(item.element) : sum
    }
  }

  /// Tokens [sequences, length].
  public func sample(_ sequences: Int, length: Int, key: Key) -> Tensor<Int32> {
    let states = stationary.count
    let start = runningSums(start)
    let u = Tensor<Double>.uniform([sequences, length], key: key).scalars
    var tokens: [Int32] = []
    tokens.reserveCapacity(u.count)
    for i in u.indices {
      let previous = i % length == 0 ? nil : Int(tokens[i - 1])
      let row = previous.map { cumulative[$0 * states..<($0 + 1) * states] } ?? start[...]
      tokens.append(Int32(place(of: u[i], in: row)))
    }
    return Tensor(shape: [sequences, length], tokens)
  }
}

private func runningSums(_ values: [Double]) -> [Double] {
  var sum = 0.0
  return values.map {
    sum += $0
    return sum
  }
}

/// How many of the `sums` but the last are at most `u`, by bisection: the index whose interval holds u. The last sum, which is 1 but
/// for its rounding, counts as 1; an index of probability 0 is never the answer.
private func place(of u: Double, in sums: ArraySlice<Double>) -> Int {
  var (low, high) = (sums.startIndex, sums.endIndex - 1)
  while low < high {
    let middle = (low + high) / 2
    if sums[middle] <= u { low = middle + 1 } else { high = middle }
  }
  // Past the last sum by rounding: back over what has no probability.
  while low > sums.startIndex, sums[low] == sums[low - 1] { low -= 1 }
  return low - sums.startIndex
}
