import Datasets
import Foundation
import Tensors
import Testing

@Suite struct TokenTextTests {
  private let key = Key(seed: 8)

  @Test func zipf() {
    let text = ZipfText(vocabulary: 4, exponent: 1)
    // 1, 1/2, 1/3, 1/4 over 25/12.
    #expect(zip(text.probabilities, [12.0, 6, 4, 3]).allSatisfy { abs($0 - $1 / 25) < 1e-15 })
    #expect(abs(text.entropy + [12.0, 6, 4, 3].reduce(0) { $0 + $1 / 25 * log($1 / 25) }) < 1e-15)
    let tokens = text.sample(100, length: 1000, key: key)
    #expect(tokens.shape == [100, 1000])
    for (k, p) in text.probabilities.enumerated() {
      let share = Double(tokens.scalars.count { $0 == k }) / 100_000
      #expect(abs(share - p) < 5 * (p * (1 - p) / 100_000).squareRoot())
    }
  }

  @Test func markov() {
    // Stationary (4, 3, 3)/10 by hand: the shares of what goes into each token from each.
    let chain = MarkovText(transitions: Tensor(shape: [3, 3], [0.4, 0.3, 0.3, 0.8, 0, 0.2, 0, 0.6, 0.4]))
    let known = [4.0 / 10, 3.0 / 10, 3.0 / 10]
    #expect(zip(chain.stationary, known).allSatisfy { abs($0 - $1) < 1e-15 })
    func entropy(_ p: [Double]) -> Double { -p.reduce(0) { $0 + $1 * log($1) } }
    let rate = 0.4 * entropy([0.4, 0.3, 0.3]) + 0.3 * entropy([0.8, 0.2]) + 0.3 * entropy([0.6, 0.4])
    #expect(abs(chain.entropyRate - rate) < 1e-15)

    let tokens = chain.sample(5000, length: 8, key: key)
    var counts = [[Double]](repeating: [0, 0, 0], count: 3)
    for i in 0..<5000 {
      for t in 1..<8 { counts[Int(tokens[i, t - 1])][Int(tokens[i, t])] += 1 }
    }
    #expect(counts[1][1] == 0 && counts[2][0] == 0, "never")
    for i in 0..<3 {
      let total = counts[i].reduce(0, +)
      for j in 0..<3 {
        let p = chain.transitions[i, j]
        #expect(abs(counts[i][j] / total - p) <= 5 * (p * (1 - p) / total).squareRoot())
      }
      let first = Double((0..<5000).count { tokens[$0, 0] == i }) / 5000
      #expect(abs(first - known[i]) < 5 * (0.25 / 5000.0).squareRoot(), "the first token is stationary")
    }
    #expect(chain.sample(3, length: 8, key: key).scalars[...] == tokens.scalars.prefix(24))
  }

  @Test func randomChains() {
    let chain = MarkovText(vocabulary: 30, concentration: 0.1, key: key)
    let after = matmul(Tensor(chain.stationary), chain.transitions)
    #expect(zip(after.scalars, chain.stationary).allSatisfy { abs($0 - $1) < 1e-14 }, "a step changes nothing")
    #expect(chain.entropyRate > 0 && chain.entropyRate < log(30))
    #expect(MarkovText(transitions: Tensor(shape: [1, 1], [1])).stationary == [1])
  }

  @Test func zipfChain() {
    let (vocabulary, count) = (64, 20_000)
    let z = ZipfText(vocabulary: vocabulary).probabilities
    let chain = MarkovText.zipf(vocabulary: vocabulary, successors: 4, unigramShare: 0.3, key: key)
    for i in 0..<vocabulary {
      // What is above 0.3 z are whole quarters of 0.7, four in all.
      let quarters = (0..<vocabulary).map { (chain.transitions[i, $0] - 0.3 * z[$0]) / 0.175 }
      #expect(quarters.allSatisfy { abs($0 - $0.rounded()) < 1e-12 && $0 > -1e-12 } && abs(quarters.reduce(0, +) - 4) < 1e-12)
    }
    #expect(chain.start == z && chain.stationary != z)
    let tokens = chain.sample(count, length: 2, key: key.named("text"))
    for k in 0..<4 {
      let share = Double((0..<count).count { tokens[$0, 0] == k }) / Double(count)
      #expect(abs(share - z[k]) < 5 * (z[k] * (1 - z[k]) / Double(count)).squareRoot(), "the first token is drawn from z")
    }
  }
}

@Suite struct SplitTests {
  private let key = Key(seed: 2)
  private let labels = Tensor<Int32>((0..<1000).map { Int32($0 % 10) })

  private func isPartition(_ parts: [[Int]], of count: Int) -> Bool { parts.flatMap(\.self).sorted() == Array(0..<count) }

  @Test func trainAndTest() {
    let (train, test) = Splits.trainTest(103, testShare: 0.2, key: key)
    #expect(test.count == 21 && isPartition([train, test], of: 103))
    #expect(train != train.sorted() && Splits.trainTest(5, testShare: 0, key: key).test.isEmpty)
  }

  @Test func clients() {
    let uniform = Splits.uniform(1000, clients: 7, key: key)
    #expect(isPartition(uniform, of: 1000) && uniform.allSatisfy { (142...143).contains($0.count) })
    let shards = Splits.shards(labels, clients: 20, shardsPerClient: 2, key: key)
    #expect(isPartition(shards, of: 1000) && shards.allSatisfy { $0.count == 50 })
    // Forty shards of 25 from classes of 100: no shard has two classes.
    #expect(shards.allSatisfy { Set($0.map { labels[$0] }).count <= 2 })
    let skewed = Splits.dirichlet(labels, clients: 8, concentration: 0.1, key: key)
    let even = Splits.dirichlet(labels, clients: 8, concentration: 1000, key: key)
    #expect(isPartition(skewed, of: 1000) && isPartition(even, of: 1000))
    // The largest share of a client in a class, averaged: 1/8 when even; of Dirichlet(0.1) weights mostly one client's.
    func largestShare(_ parts: [[Int]]) -> Double {
      (0..<10).reduce(0.0) { sum, k in
        sum + (parts.map { Double($0.count { labels[$0] == k }) / 100 }.max() ?? 0) / 10
      }
    }
    #expect(largestShare(even) < 0.2 && largestShare(skewed) > 0.5)
  }

  @Test func minibatches() {
    let batches = Minibatches(count: 10, size: 3, key: key)
    #expect(batches.batchesPerEpoch == 3)
    let first = (0..<3).map { batches[$0] }
    #expect(Set(first.flatMap(\.self)).count == 9 && first.allSatisfy { $0.count == 3 })
    let later = batches[7]
    #expect(later == Minibatches(count: 10, size: 3, key: key)[7], "whatever was asked before")
    #expect(batches[1] == first[1], "back in an earlier epoch")
    #expect((3..<6).map { batches[$0] } != first, "another order in the next epoch")
    let all = Minibatches(count: 10, size: 4, dropsLast: false, key: key)
    #expect(all.batchesPerEpoch == 3 && isPartition((0..<3).map { all[$0] }, of: 10) && all[2].count == 2)
    #expect(Minibatches(count: 2, size: 4, dropsLast: false, key: key)[5].count == 2)
  }

  @Test func standardization() {
    let x = Tensor<Double>(shape: [4, 3], [1, 7, 1e8, 2, 7, 1e8 + 1, 3, 7, 1e8 + 2, 6, 7, 1e8 + 1])
    let fit = Standardization(fitting: x)
    // Exact but for the roots: column means 3, 7 and 1e8 + 1; squares 14/4, 0 and 1/2.
    #expect(fit.mean.scalars == [3, 7, 1e8 + 1])
    let deviations = [3.5, 1, 0.5].map { $0.squareRoot() }
    #expect(fit.standardDeviation.scalars == deviations)
    let y = fit.applied(to: x)
    #expect(y[0, 0] == -2 / deviations[0] && y[3, 1] == 0 && y[2, 2] == 1 / deviations[2])
    #expect(fit.applied(to: Tensor(shape: [1, 3], [3, 9, 1e8])).scalars[1] == 2)
    // Rounding in the mean of a constant column that no binary number is: still constant.
    let constant = Standardization(fitting: Tensor<Float>.full([1001, 1], 0.1))
    #expect(constant.standardDeviation.scalars == [1])
  }

  @Test func selection() {
    let points: LabelledPoints<Double> = PlanarShapes.twoMoons(10, key: key)
    let some = points.selected([7, 0, 7])
    #expect(some.count == 3 && some.inputs.row(0) == points.inputs.row(7) && some.labels.scalars == [1, 0, 1])
    #expect(some.signs.scalars == [1, -1, 1] && points.selected([]).count == 0)
  }
}
