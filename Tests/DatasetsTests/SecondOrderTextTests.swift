import Datasets
import Foundation
import Tensors
import Testing

@Suite struct SecondOrderTextTests {
  private let key = Key(seed: 5)

  private func entropy(_ p: [Double]) -> Double { -p.reduce(0) { $0 + ($1 > 0 ? $1 * log($1) : 0) } }

  /// With P(1 | 00) = 1/2, P(1 | 01) = 1/4, P(1 | 10) = 1/2, P(1 | 11) = 1/3, balance of the pairs gives mu(01) = mu(10),
  /// mu(00) = mu(10) and mu(11) = 3/8 mu(01): shares 8, 8, 8, 3 of 27.
  @Test func twoTokensByHand() {
    let text = SecondOrderMarkovText(transitions: Tensor(shape: [2, 2, 2], [0.5, 0.5, 0.75, 0.25, 0.5, 0.5, 2.0 / 3, 1.0 / 3]))
    let shares = [8.0 / 27, 8.0 / 27, 8.0 / 27, 3.0 / 27]
    #expect(zip(text.stationary.scalars, shares).allSatisfy { abs($0 - $1) < 1e-13 })
    let half = log(2.0)
    let rate = 16 / 27.0 * half + 8 / 27.0 * entropy([0.75, 0.25]) + 3 / 27.0 * entropy([2.0 / 3, 1.0 / 3])
    #expect(abs(text.entropyRate - rate) < 1e-13)
    let second = 16 / 27.0 * half + 11 / 27.0 * entropy([8 / 11.0, 3 / 11.0])
    #expect(abs(text.leastLoss(predictions: 1) - second) < 1e-13)
    #expect(abs(text.leastLoss(predictions: 4) - (second + 3 * rate) / 4) < 1e-13)
  }

  /// 0 0 1 1 0 0 1 1 ...: every pair has one successor, and the pairs come round after four steps.
  @Test func periodicText() {
    let text = SecondOrderMarkovText(transitions: Tensor(shape: [2, 2, 2], [0, 1, 0, 1, 1, 0, 1, 0]))
    #expect(text.stationary.scalars.allSatisfy { abs($0 - 0.25) < 1e-13 })
    #expect(text.entropyRate == 0 && abs(text.leastLoss(predictions: 1) - log(2)) < 1e-13)
    let tokens = text.sample(20, length: 9, key: key)
    for i in 0..<20 { for t in 2..<9 { #expect(tokens[i, t] == 1 - tokens[i, t - 2]) } }
  }

  @Test func samplesFollowTheTransitions() {
    let (vocabulary, sequences, length) = (4, 4000, 7)
    let text = SecondOrderMarkovText(vocabulary: vocabulary, concentration: 0.5, key: key)
    let tokens = text.sample(sequences, length: length, key: key.named("text"))
    var counts = [Double](repeating: 0, count: 64)
    var pairs = [Double](repeating: 0, count: 16)
    for i in 0..<sequences {
      let row = (0..<length).map { Int(tokens[i, $0]) }
      pairs[row[0] * 4 + row[1]] += 1
      for t in 2..<length { counts[(row[t - 2] * 4 + row[t - 1]) * 4 + row[t]] += 1 }
    }
    for pair in 0..<16 {
      let total = counts[pair * 4..<pair * 4 + 4].reduce(0, +)
      for next in 0..<4 where total > 0 {
        let p = text.transitions[pair / 4, pair % 4, next]
        #expect(abs(counts[pair * 4 + next] / total - p) <= 5 * (p * (1 - p) / total).squareRoot())
      }
      // The first pair is stationary, and so is every later one.
      let share = text.stationary[pair / 4, pair % 4]
      let deviation = (share * (1 - share) / Double(sequences)).squareRoot()
      #expect(abs(pairs[pair] / Double(sequences) - share) <= 5 * deviation)
    }
    #expect(text.sample(3, length: length, key: key.named("text")).scalars[...] == tokens.scalars.prefix(3 * length))
  }
}
