import Datasets
import Foundation
import Tensors
import Testing

/// Chains and sequences along trees, against enumeration and counting.
@Suite struct MarkovTreeTests {
  private static let key = Key(seed: 11)

  @Test func stationaryLaws() {
    // By hand: the shares of what goes into each state from each. And a chain that leaves its states once in 10^12 steps.
    let chains = Tensor(
      shape: [2, 3, 3], [0.4, 0.3, 0.3, 0.8, 0, 0.2, 0, 0.6, 0.4] + [0.5, 0.25, 0.25, 0.25, 0.5, 0.25, 0.25, 0.25, 0.5])
    let laws = stationaryLaw(of: chains).scalars
    let known = [0.4, 0.3, 0.3, 1.0 / 3, 1.0 / 3, 1.0 / 3]
    #expect(zip(laws, known).allSatisfy { abs($0 - $1) < 1e-15 })
    let slow = stationaryLaw(of: Tensor(shape: [2, 2], [1 - 1e-12, 1e-12, 2e-12, 1 - 2e-12])).scalars
    #expect(abs(slow[0] - 2.0 / 3) < 1e-15, "elimination without a subtraction")
    let separate = stationaryLaw(of: Tensor<Double>.identity(2)).scalars
    #expect(separate.contains { !$0.isFinite })
  }

  @Test func shapesOfTrees() {
    #expect(MarkovTree.chain(4).parents == [nil, 0, 1, 2])
    #expect(MarkovTree.pairs(5).parents == [nil, 0, nil, 2, nil])
    #expect(MarkovTree.pairs(5).edges.map(\.child) == [1, 3])
    let trees = Self.key.split(2000).map { (MarkovTree.random(4, key: $0), MarkovTree.random(4, isForest: true, key: $0)) }
    #expect(trees.allSatisfy { $0.0.edges.count == 3 })
    for choice in [nil, 0, 1, 2] {
      let share = Double(trees.count { $0.1.parents[3] == choice }) / 2000
      #expect(abs(share - 0.25) < 5 * (0.25 * 0.75 / 2000).squareRoot())
      let rooted = Double(trees.count { $0.0.parents[3] == choice }) / 2000
      #expect(choice == nil ? rooted == 0 : abs(rooted - 1.0 / 3) < 5 * (2.0 / 9 / 2000).squareRoot())
    }
  }

  @Test func dependenceIsThatOfTheEnumeratedLaw() {
    let tree = MarkovTree([nil, 0, 0, 2, nil, 4, 1])
    let chains = InContextMarkovTree<Double>.transitions(
      2, vocabulary: 2, concentration: 0.7, uniformShare: 0.01, key: Self.key)
    let information = tree.chiSquaredInformation(transitions: chains)
    let laws = stationaryLaw(of: chains)
    for chain in 0..<2 {
      // The joint law of every two positions, summed over all 2^7 sequences.
      var joint = [[[Double]]](repeating: [[Double]](repeating: [0, 0, 0, 0], count: 7), count: 7)
      for bits in 0..<128 {
        let s = (0..<7).map { bits >> $0 & 1 }
        let probability = tree.parents.enumerated().reduce(1.0) { product, node in
          product * (node.element.map { chains[chain, s[$0], s[node.offset]] } ?? laws[chain, s[node.offset]])
        }
        for i in 0..<7 { for j in 0..<7 { joint[i][j][2 * s[i] + s[j]] += probability } }
      }
      for i in 0..<7 {
        for j in 0..<7 where i != j {
          let sum = (0..<4).reduce(0.0) { $0 + joint[i][j][$1] * joint[i][j][$1] / (laws[chain, $1 / 2] * laws[chain, $1 % 2]) }
          #expect(abs(information[chain, i, j] - (sum - 1)) < 1e-12, "chain \(chain), positions \(i) and \(j)")
        }
        #expect(information[chain, i, i] == 0)
      }
    }
  }

  @Test func sequencesFollowTheTree() {
    let (tree, count) = (MarkovTree([nil, 0, 0, 1, nil]), 5_000)
    let pi = InContextMarkovTree<Double>.transitions(1, vocabulary: 3, concentration: 1, uniformShare: 0.1, key: Self.key)
    let drawn = InContextMarkovTree(tree, transitions: pi.broadcast(to: [count, 3, 3]), key: Self.key.named("sequences"))
    let mu = stationaryLaw(of: pi).scalars
    let rows = (0..<count).map { drawn.tokens.row($0).scalars.map(Int.init) }
    let share = { (condition: ([Int]) -> Bool) in Double(rows.count { condition($0) }) / Double(count) }
    func agrees(_ measured: Double, _ expected: Double) -> Bool {
      abs(measured - expected) < 5 * (expected * (1 - expected) / Double(count)).squareRoot()
    }
    for a in 0..<3 {
      for i in 0..<5 { #expect(agrees(share { $0[i] == a }, mu[a]), "every position has the stationary law") }
      #expect(agrees(share { $0[5] == a }, 1.0 / 3), "the query is uniform")
      for b in 0..<3 {
        for (child, parent) in tree.edges {
          let both = share { $0[parent] == a && $0[child] == b }
          #expect(agrees(both, mu[a] * pi[0, a, b]), "edge \(parent) to \(child)")
        }
        #expect(agrees(share { $0[0] == a && $0[4] == b }, mu[a] * mu[b]), "roots are independent")
        // Given the token of their parent, siblings are independent.
        let siblings = (0..<3).reduce(0.0) { $0 + mu[$1] * pi[0, $1, a] * pi[0, $1, b] }
        #expect(agrees(share { $0[1] == a && $0[2] == b }, siblings))
      }
    }
    for i in 0..<50 { for b in 0..<3 { #expect(drawn.targets[i, b] == pi[0, rows[i][5], b]) } }
  }

  @Test func posteriorCounts() {
    let tree = MarkovTree([nil, 0, 1, 0, nil, 4])
    let pi = InContextMarkovTree<Double>.transitions(40, vocabulary: 3, concentration: 0.1, uniformShare: 0.01, key: Self.key)
    #expect(pi.sum(2).scalars.allSatisfy { abs($0 - 1) < 1e-14 } && pi.min().scalar >= 0.01 / 3)
    let drawn = InContextMarkovTree(tree, transitions: pi, key: Self.key)
    let posterior = drawn.posterior(concentration: 0.1)
    for i in 0..<40 {
      var counts = [0.1, 0.1, 0.1]
      for (child, parent) in [(1, 0), (2, 1), (3, 0), (5, 4)] where drawn.tokens[i, parent] == drawn.tokens[i, 6] {
        counts[Int(drawn.tokens[i, child])] += 1
      }
      for b in 0..<3 { #expect(abs(posterior[i, b] - counts[b] / counts.reduce(0, +)) < 1e-15) }
    }
  }
}
