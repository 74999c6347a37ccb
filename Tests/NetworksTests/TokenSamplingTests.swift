import Networks
import Tensors
import Testing
import Transforms

@Suite struct TokenSamplingTests {
  private let scores = Tensor<Double>([0, 2, -1, 1, 0.5])

  /// Shares among many draws against the softmax, within four standard deviations.
  @Test(arguments: [(1.0, nil), (0.5, nil), (2.0, 3)] as [(Double, Int?)])
  func sharesAreTheSoftmax(temperature: Double, top: Int?) {
    var sampling = TokenSampling()
    (sampling.temperature, sampling.top) = (temperature, top)
    let draws = 20_000
    let tokens = sampling(scores.expandingDimensions(0).broadcast(to: [draws, 5]), key: Key(seed: 1)).scalars
    let kept = scores.scalars.enumerated().sorted { $0.element > $1.element }.prefix(top ?? 5).map(\.offset)
    let weights = scores.scalars.enumerated().map { kept.contains($0) ? Double.exp($1 / temperature) : 0 }
    for (token, weight) in weights.enumerated() {
      let p = weight / weights.reduce(0, +)
      let share = Double(tokens.count { $0 == Int32(token) }) / Double(draws)
      #expect(abs(share - p) <= 4 * (p * (1 - p) / Double(draws)).squareRoot())
    }
  }

  @Test func greedyTakesTheBest() {
    #expect(TokenSampling.greedy(scores, key: Key(seed: 1)).scalars == [1])
  }

  /// Each token follows from those before it, of which the context sees the last.
  @Test func textsAreContinuedTokenByToken() {
    let sizes = Transformer<Double>.Configuration(vocabulary: 7, contextLength: 4, width: 6, heads: 2, depth: 1)
    let model = Transformer<Double>(sizes, key: Key(seed: 2))
    let prompt = Tensor<Int32>(shape: [2, 3], [1, 2, 3, 4, 5, 6])
    let text = model.continuing(prompt, by: 3, .greedy, key: Key(seed: 3))
    #expect(text.shape == [2, 6] && text.slice(All(), 0..<3) == prompt)
    for place in 3..<6 {
      let scores = model(text.slice(All(), max(0, place - 4)..<place))
      #expect(scores.slice(All(), scores.shape[1] - 1).argmax() == text.slice(All(), place))
    }
    let drawn = model.continuing(prompt, by: 3, key: Key(seed: 3))
    #expect(drawn == model.continuing(prompt, by: 3, key: Key(seed: 3)))
  }
}
