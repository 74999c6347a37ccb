import Foundation
import Optimizers
import Tensors
import Testing
import Transforms

@Suite struct WrapperTests {
  @Test func averageIsThatOfTheIterates() throws {
    let expected = try #require(Reference.all["averaged"]?.average)
    let sgd = SGD<Double>(learningRate: 0.05)
    // PyTorch's weights lag by a step, so that its average begins with the second iterate.
    for (run, expected) in zip(runs(of: sgd.averaged(from: 2), after: SmallProblem.kept), expected) {
      #expect(deviation(run.state.average.flattened.scalars, expected) < 1e-13)
    }
    // From the start, or from the third iterate on.
    let iterates = [SmallProblem.start] + runs(of: sgd, after: Array(1...6)).map(\.parameters)
    for first in [0, 1, 3] {
      let mean = iterates[first...].dropFirst().reduce(iterates[first], +) / Double(iterates.count - first)
      let average = runs(of: sgd.averaged(from: first), after: [6])[0].state.average
      #expect(deviation(average.flattened.scalars, mean.flattened.scalars) < 1e-14)
    }
    #expect(runs(of: sgd.averaged(from: 3), after: [2])[0].state.average == iterates[2])
    // An optimizer that is no update rule is averaged too.
    let sam = runs(of: sgd.sharpnessAware().averaged(), after: [1])[0]
    #expect(sam.state.average == sam.parameters)
  }

  @Test(arguments: [("autoclip", 100), ("autoclip-bounded", 5)]) func autoClipRemembersItsThreshold(
    _ name: String, _ capacity: Int
  ) throws {
    let thresholds = try #require(Reference.all[name]?.threshold)
    let rule = SGD<Double>(learningRate: 0.05).preceded(by: AutoClip(percentile: 30, capacity: capacity))
    for (run, threshold) in zip(runs(of: rule, after: SmallProblem.kept), thresholds) {
      #expect(abs(run.state.transform.threshold.scalar - threshold) < 1e-13 * threshold)
      #expect(run.state.transform.norm.scalar > 0)
    }
  }

  @Test func autoClipAtTheEndsAndInFloat() {
    func thresholds(_ percentile: Double) -> [Double] {
      let clip = AutoClip<Float>(percentile: percentile)
      var state = clip.initialState(for: TensorList([Tensor([0])]), key: Key(seed: 0))
      return [3, 4, 2, 9].map { (norm: Float) in
        _ = clip.apply(TensorList([Tensor([norm])]), at: TensorList([Tensor([0])]), &state)
        return state.threshold.scalar
      }
    }
    #expect(thresholds(100) == [3, 4, 4, 9])
    #expect(thresholds(0) == [3, 3, 2, 2])
    #expect(thresholds(50) == [3, 3.5, 3, 3.5])
  }

  @Test func noiseIsFreshAndAnneals() {
    let noise = GradientNoise<Double>(variance: 0.3)
    let zeros = TensorList<Double>([.zeros([200, 100]), .zeros([20000])])
    var state = noise.initialState(for: zeros, key: Key(seed: 5))
    let step = compile { (gradient: TensorList<Double>, state: GradientNoise<Double>.State) in
      var state = state
      return (noise.apply(gradient, at: gradient, &state), state)
    }
    var draws: [TensorList<Double>] = []
    for t in 0...100 {
      let (drawn, next) = step(zeros, state)
      if [0, 1, 100].contains(t) {
        draws.append(drawn)
        // 20000 draws know their deviation to 0.5%.
        let deviation = (0.3 / pow(1 + Double(t), 0.55)).squareRoot()
        for tensor in drawn.elements {
          #expect(abs(tensor.square().mean().scalar.squareRoot() / deviation - 1) < 0.025)
          #expect(abs(tensor.mean().scalar) < 0.035 * deviation)
        }
        let correlation = drawn.elements[0].reshaped([-1]).dot(drawn.elements[1]).scalar / (20000 * deviation * deviation)
        #expect(abs(correlation) < 0.035)
      }
      state = next
    }
    let overlap = draws[0].dot(draws[1]).scalar / (draws[0].norm * draws[1].norm).scalar
    #expect(abs(overlap) < 0.025)
    // What a step draws depends on the key and the step alone.
    var again = noise.initialState(for: zeros, key: Key(seed: 5))
    again.step = Tensor(100)
    #expect(noise.apply(zeros, at: zeros, &again) == draws[2])
    let silent = SGD<Double>(learningRate: 0.05).preceded(by: GradientNoise(variance: 0))
    #expect(runs(of: silent, after: [3])[0].parameters == runs(of: SGD<Double>(learningRate: 0.05), after: [3])[0].parameters)
  }

  @Test func noiseDiffersAlongABatch() {
    let noise = GradientNoise<Double>(variance: 1)
    let zeros = TensorList<Double>([.zeros([8])])
    let draw = vmap { (key: Key) in
      var state = noise.initialState(for: zeros, key: key)
      return noise.apply(zeros, at: zeros, &state)
    }
    let both = draw(Key.batch([Key(seed: 1), Key(seed: 2)])).elements[0]
    for (i, seed) in [1, 2].enumerated() {
      var state = noise.initialState(for: zeros, key: Key(seed: UInt64(seed)))
      #expect(both.row(i) == noise.apply(zeros, at: zeros, &state).elements[0])
    }
  }

  /// f forgets what it began with and is Adam's corrected second moment.
  @Test(arguments: [0.0, 1]) func fisherIsTheCorrectedSecondMoment(_ initial: Double) {
    let rule = FAdam<Double>(initialFisher: initial)
    var (state, adam) = (Run(rule).state, Moments(SmallProblem.start))
    for t in 0..<30 {
      let g = SmallProblem.noise(at: t + 1)
      _ = rule.update(&state, gradient: g, at: SmallProblem.start)
      adam.v = 0.999 * adam.v + 0.001 * g.square()
      let corrected = adam.v / (1 - pow(0.999, Double(t + 1)))
      #expect(deviation((state.v / corrected).flattened.scalars, [Double](repeating: 1, count: 11)) < 1e-12)
    }
  }

  @Test func scheduledDecayFollowsTheRate() {
    // theta shrinks by 1 - eta lambda, eta halved from the second step on; the gradient is 0.
    let rule = SGD<Double>(learningRate: 0.1).decoupledDecay(0.5).scheduled(.staircase(factor: 0.5, at: [1]))
    var (parameters, state) = (SmallProblem.start, Run(rule).state)
    let flat = Objective<Double> { (0 * $0).total }
    for _ in 0..<2 { _ = rule.step(&parameters, &state, on: flat) }
    let expected = (0.95 * 0.975) * SmallProblem.start
    #expect(deviation(parameters.flattened.scalars, expected.flattened.scalars) < 1e-15)
  }

  @Test func samReportsTheLossBeforeTheStep() {
    let rule = SGD<Double>(learningRate: 0.1).sharpnessAware(radius: 1)
    var run = Run(rule)
    let objective = SmallProblem.objective(SmallProblem.noise(at: 0))
    let before = objective.loss(run.parameters)
    #expect(rule.step(&run.parameters, &run.state, on: objective) == before)
  }

  /// A tensor without a gradient, or of norm 0, among others.
  @Test func layerwiseRulesLeaveDeadTensorsAlone() {
    let parameters = TensorList<Double>([Tensor([1, 2]), Tensor([0, 0])])
    let gradient = TensorList<Double>([Tensor([0, 0]), Tensor([3, 4])])
    let novoGrad = NovoGrad<Double>(learningRate: 1)
    var state = novoGrad.initialState(for: parameters, key: Key(seed: 0))
    let step = novoGrad.update(&state, gradient: gradient, at: parameters)
    #expect(step.elements[0].scalars == [0, 0])
    #expect(deviation(step.elements[1].scalars, [-0.6, -0.8]) < 1e-8)
    let lars = LARS<Double>(learningRate: 1, weightDecay: 0)
    var momentum = lars.initialState(for: parameters, key: Key(seed: 0))
    #expect(lars.update(&momentum, gradient: gradient, at: parameters).elements.map(\.scalars) == [[0, 0], [-3, -4]])
  }
}
