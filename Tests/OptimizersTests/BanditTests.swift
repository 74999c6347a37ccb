import Optimizers
import Tensors
import Testing

@Suite struct BanditTests {
  /// The run of References/bandits.py, whose probabilities come from a bisection.
  @Test(arguments: [false, true]) func tsallisINFHasTheReferencesProbabilities(hasOfficialStart: Bool) {
    var bandit = TsallisINF(arms: 4, hasOfficialStart: hasOfficialStart)
    let costs = [[9.0, 5, 30, 2], [1, 7, 3, 4]]
    var (chosen, last): ([Int], [Double]) = ([], [])
    for (i, uniform) in [0.1, 0.9, 0.3, 0.6, 0.2, 0.75].enumerated() {
      last = bandit.probabilities
      chosen.append(bandit.choose(uniform))
      bandit.observe(costs[(i + 1) % 2][chosen[i]])
    }
    #expect(chosen == [0, 3, 1, 2, 0, 3])
    let expected = [0.363348541915, 0.212541510642, 0.054482218928, 0.369627728515]
    #expect(zip(last, expected).allSatisfy { abs($0 - $1) < 1e-9 }, "\(last)")
  }

  /// Costs of 100 and more, one arm at half of them: it is drawn most in the end.
  @Test func tsallisINFFindsTheBestArm() {
    var bandit = TsallisINF(arms: 5)
    let uniforms = Tensor<Double>.uniform([2, 2000], key: Key(seed: 1))
    var late = 0
    for t in 0..<2000 {
      let arm = bandit.choose(uniforms[0, t])
      bandit.observe((arm == 3 ? 100 : 200) * (0.5 + uniforms[1, t]))
      if t >= 1500, arm == 3 { late += 1 }
      #expect(abs(bandit.probabilities.reduce(0, +) - 1) < 1e-12)
    }
    #expect(late > 350, "\(late) of 500")
  }

  /// The best of three arms changes with the context: costs are polynomials of it, which the regression can represent.
  @Test func chebyshevBanditUsesItsContext() {
    var bandit = ChebyshevBandit(arms: 3, degree: 3, contexts: 0...2)
    let uniforms = Tensor<Double>.uniform([3, 1500], key: Key(seed: 2))
    var late = 0
    for t in 0..<1500 {
      let context = 2 * uniforms[0, t]
      let costs = [10 * context, 20 - 10 * context, 12]
      let arm = bandit.choose(in: context, uniforms[1, t])
      bandit.observe(costs[arm] + uniforms[2, t])
      if t >= 1000, costs[arm] <= (costs.min() ?? 0) + 2 { late += 1 }
    }
    #expect(late > 425, "\(late) of 500")
  }
}
