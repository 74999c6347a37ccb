import Foundation
import Optimizers
import Tensors
import Testing
import Transforms

/// The problem of References/objective_rules.py.
private struct Rows {
  let a = Tensor(shape: [12, 3], (0..<36).map { sin(1.3 * Double($0) + 0.2) })
  let t = Tensor(shape: [12, 2], (0..<24).map { 2 * cos(0.7 * Double($0)) })

  static let start = TensorList([
    Tensor(shape: [3, 2], (0..<6).map { 0.5 * sin(Double($0) + 1) }), Tensor([0.3, -0.2]),
  ])

  /// 10 mean log cosh(A W + b - T) over the rows.
  func loss(_ x: TensorList<Double>, _ rows: Range<Int>) -> Tensor<Double> {
    let e = matmul(a.slice(rows, All()), x.elements[0]) + x.elements[1] - t.slice(rows, All())
    return 10 * ((2 * e).softplus() - e - log(2)).mean()
  }

  func objective(_ step: Int) -> Objective<Double> {
    let begin = 6 * (step % 2)
    return Objective { x in
      let each = (0..<3).map { worker in
        grad { (x: TensorList<Double>) in self.loss(x, begin + 2 * worker..<begin + 2 * worker + 2) }(x)
      }
      return TensorList(x.elements.indices.map { i in .stack(each.map { $0.elements[i] }) })
    } loss: {
      self.loss($0, begin..<begin + 6)
    }
  }
}

private struct ReferencePath: Decodable {
  var path: [[Double]]
  var flags: [Double]

  static func load(_ name: String) throws -> ReferencePath {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "References/objective_rules.json")
    return try #require(try JSONDecoder().decode([String: ReferencePath].self, from: Data(contentsOf: file))[name])
  }
}

@Suite struct ObjectiveRulesTests {
  // Some tens of operations a step on numbers of size 1 over 24 steps that do not amplify errors much.
  let tolerance = 1e-9

  /// Each step against the reference, eager and compiled; `flag` is looked at beside the parameters.
  private func check<Rule: Optimizer>(
    _ name: String, _ rule: Rule, start: TensorList<Double> = Rows.start, objective: @escaping (Int) -> Objective<Double>,
    flag: ((Rule.State) -> Double)? = nil
  ) throws where Rule.Scalar == Double {
    let reference = try ReferencePath.load(name)
    let compiled = (0..<2).map { parity in
      compile { (x: TensorList<Double>, state: Rule.State) in
        var (x, state) = (x, state)
        _ = rule.step(&x, &state, on: objective(parity))
        return (x, state)
      }
    }
    for isCompiled in [false, true] {
      var x = start
      var state = rule.initialState(for: x, key: Key(seed: 3))
      for (t, expected) in reference.path.enumerated() {
        if isCompiled {
          (x, state) = compiled[t % 2](x, state)
        } else {
          _ = rule.step(&x, &state, on: objective(t))
        }
        let error = zip(x.elements.flatMap(\.scalars), expected).map { abs($0 - $1) }.max() ?? .nan
        #expect(error < tolerance, "\(name), step \(t), compiled: \(isCompiled)")
        if let flag { #expect(abs(flag(state) - reference.flags[t]) < tolerance, "\(name), step \(t)") }
      }
    }
  }

  @Test(arguments: ["smb", "smb-independent", "smb-schedule"]) func modelBuilding(name: String) throws {
    let rule = StochasticModelBuilding<Double>(
      learningRate: 0.6, sufficientDecrease: 0.3, usesIndependentBatch: name == "smb-independent",
      automaticSchedule: name == "smb-schedule" ? .init(batches: 4) : nil)
    try check(name, rule, objective: Rows().objective) { $0.isModelStep.elements[0].scalar }
  }

  /// What the state says of model steps: they minimize the model, are shorter than the trial, and descend.
  @Test func modelStepsMinimizeTheModel() {
    let rule = StochasticModelBuilding<Double>(learningRate: 0.6, sufficientDecrease: 0.3)
    var x = Rows.start
    var state = rule.initialState(for: x, key: Key(seed: 0))
    var modelSteps = 0
    for t in 0..<24 {
      _ = rule.step(&x, &state, on: Rows().objective(t))
      for group in 0..<2 where state.isModelStep.elements[group].scalar == 1 {
        modelSteps += 1
        #expect(state.residuals.elements[group].scalar < 1e-12)
        #expect(state.lengthRatios.elements[group].scalar <= 0.99 * (1 + 1e-12))
        #expect(state.cosines.elements[group].scalar > 0)
      }
    }
    #expect(modelSteps > 4)
  }

  @Test func polyakSteps() throws {
    let objective = Rows().objective
    try check("sps", PolyakStep(FixedMetric<Double>()), objective: objective) { $0.slack.scalar }
    try check("psps-adagrad", PolyakStep(AdaGradMetric<Double>()), objective: objective) { $0.slack.scalar }
    try check("psps-adam", PolyakStep(AdamMetric<Double>()), objective: objective) { $0.slack.scalar }
    try check("psps-l1", PolyakStep(AdaGradMetric<Double>(), penalty: .linear(0.3)), objective: objective) { $0.slack.scalar }
    try check("psps-l2", PolyakStep(AdamMetric<Double>(), penalty: .quadratic(0.3)), objective: objective) { $0.slack.scalar }
  }

  @Test func polyakStepInHutchinsonsMetric() throws {
    let c = (0..<8).map { exp(sin(2 * Double($0))) }
    let weights = [Tensor(shape: [3, 2], Array(c[..<6])), Tensor(Array(c[6...]))]
    let objective = Objective<Double> { x in
      zip(weights, x.elements).map { c, w in (c * (0.5 * (w.exp() + (-w).exp()) - 1)).sum() }.reduce(Tensor(0)) { $0 + $1 }
    }
    let metric = HutchinsonMetric(from: Rows.start.zeros + 0.5, decay: 0.9)
    try check("psps-hutchinson", PolyakStep(metric), start: Rows.start + 1, objective: { _ in objective })
  }

  /// Off the diagonal the signs matter: the mean over many probes is the diagonal, one probe is not, and each step draws its own.
  @Test func probesAreRandom() {
    let h = Tensor(shape: [3, 3], [2.0, 1, 0.5, 1, 3, -1, 0.5, -1, 4])
    let objective = Objective<Double> { x in 0.5 * (x.elements[0] * matmul(h, x.elements[0])).sum() }
    let x = TensorList([Tensor([1.0, 2, 3])])
    let mean = HutchinsonMetric.diagonal(of: objective, at: x, probes: 4000, key: Key(seed: 1)).elements[0]
    // Standard deviation of one probe at most 1.5.
    #expect((mean - Tensor([2, 3, 4])).abs().max().scalar < 5 * 1.5 / 4000.0.squareRoot())
    let metric = HutchinsonMetric(from: x.zeros, decay: 0)
    var state = metric.initialState(for: x, key: Key(seed: 2))
    let draws = (0..<20).map { _ in
      metric.diagonal(&state, gradient: x, at: x, on: objective).elements[0].scalars
    }
    // Up to their sign there are four probes of three signs.
    #expect(Set(draws).count > 2)
  }

  @Test func varianceReduction() throws {
    let objective = Rows().objective
    let sgd = VarianceReduced(SGD<Double>(learningRate: 0.5))
    try check("vr-sgd", sgd, objective: objective) { sgd.ratios(of: $0).elements[0].scalars[0] }
    try check("vr-momentum", VarianceReduced(Momentum<Double>(learningRate: 0.1)), objective: objective)
    try check("vr-adam", VarianceReduced(Adam<Double>(learningRate: 0.05), smoothing: 0.9), objective: objective)
  }

  @Test func entropySGD() throws {
    let objective = Rows().objective
    try check(
      "entropy-paper",
      EntropySGD<Double>(learningRate: 0.8, innerSteps: 4, innerRate: 0.1, noise: 0, coupling: 0.7, form: .paper),
      objective: objective)
    try check(
      "entropy-absorbed",
      EntropySGD<Double>(innerSteps: 6, innerRate: 0.2, noise: 0, coupling: 0.3, averaging: .uniform), objective: objective)
    try check(
      "entropy-code",
      EntropySGD<Double>(
        learningRate: 0.9, innerSteps: 4, innerRate: 0.1, noise: 0, coupling: 0.3, scoping: 0.1, averaging: .exponential(0.25),
        form: .officialCode, weightDecay: 0.01, momentum: 0.8, damping: 0.1),
      objective: objective)
  }

  /// On a flat loss without coupling x' walks: its variance after one step is h e^2, in the code's form 2 h e^2.
  @Test(arguments: [EntropySGD<Double>.Form.paper, .officialCode]) func langevinNoise(form: EntropySGD<Double>.Form) {
    let rule = EntropySGD<Double>(innerSteps: 2, innerRate: 0.25, noise: 0.4, coupling: 0, form: form)
    var x = TensorList([Tensor<Double>.zeros([20_000])])
    var state = rule.initialState(for: x, key: Key(seed: 4))
    _ = rule.step(&x, &state, on: Objective { 0 * $0.total })
    let variance = state.explorer.elements[0].square().mean().scalar
    let expected = (form == .paper ? 1 : 2) * 0.25 * 0.16
    // The mean of 20,000 squares: 1% standard error.
    #expect(abs(variance / expected - 1) < 0.05)
    #expect(x.elements[0].norm().scalar == 0)
  }
}
