import Datasets
import Foundation
import Networks
import Optimizers
import Problems
import Tensors
import Transforms

/// Sequences of uniform tokens, to be told whether more than half of the tokens are even.
struct EvenTokens: Problem {
  private let tokens: Tensor<Int32>
  private let testTokens: Tensor<Int32>
  private let settings: SuperpositionalDescent.Settings

  init(_ settings: SuperpositionalDescent.Settings, key: Key) {
    let sequences = { (count: Int, name: String) in
      Tensor<Int32>.integers([count, settings.length], in: 0..<Int32(settings.vocabulary), key: key.named(name))
    }
    (tokens, testTokens) = (sequences(settings.trainingCount, "training"), sequences(settings.testCount, "test"))
    self.settings = settings
  }

  private func labels(_ tokens: Tensor<Int32>) -> Tensor<Int32> {
    ((1 - tokens % 2).sum(-1) .> Int32(settings.length / 2)).converted(to: Int32.self)
  }

  func initialParameters(key: Key) -> AttentionClassifier {
    AttentionClassifier(
      vocabulary: settings.vocabulary, width: settings.width, blocks: settings.blocks, hidden: settings.hidden, key: key)
  }

  func batches(key: Key) -> (Int) -> Tensor<Int32> {
    let minibatches = Minibatches(count: settings.trainingCount, size: settings.batchSize, key: key)
    return { Tensor(minibatches[$0].map { Int32($0) }) }
  }

  func loss(_ model: AttentionClassifier, on batch: Tensor<Int32>) -> Tensor<Float> {
    let sequences = tokens.gather(batch)
    return crossEntropy(model(sequences), labels: labels(sequences))
  }

  func measures(of model: AttentionClassifier) -> [String: Tensor<Float>] {
    let (seen, unseen) = (model(tokens), model(testTokens))
    return [
      "training loss": crossEntropy(seen, labels: labels(tokens)), "test loss": crossEntropy(unseen, labels: labels(testTokens)),
      "test accuracy": accuracy(unseen, labels: labels(testTokens)),
    ]
  }
}

/// Embedding, attention with one head and a residual, the mean over places, a perceptron with one hidden layer.
struct AttentionClassifier: TensorTree, Codable {
  private var embedding: Embedding<Float>
  private var attention: [MultiHeadAttention<Float>]
  private var classifier: MLP<Float>

  init(vocabulary: Int, width: Int, blocks: Int, hidden: Int, key: Key) {
    embedding = Embedding(vocabulary, width, initializer: .normal(standardDeviation: 1), key: key.named("embedding"))
    attention = (0..<blocks).map { MultiHeadAttention(width, heads: 1, key: key.named("attention")[$0]) }
    classifier = MLP([width, hidden, 2], initializer: .he(), key: key.named("classifier"))
  }

  /// Tokens [sequences, length] to scores [sequences, 2].
  func callAsFunction(_ tokens: Tensor<Int32>) -> Tensor<Float> {
    classifier(attention.reduce(embedding(tokens)) { $0 + $1($0) }.mean(-2))
  }
}

/// Adam as the paper prints it, for comparison: theta <- theta - eta m / sqrt(v + epsilon), without bias correction.
struct UncorrectedAdam: GradientOptimizer {
  var learningRate = Tensor<Float>(1e-3)

  func initialState(for parameters: TensorList<Float>, key: Key) -> Moments<Float> { Moments(parameters) }

  func update(
    _ state: inout Moments<Float>, gradient g: TensorList<Float>, at parameters: TensorList<Float>
  ) -> TensorList<Float> {
    state.m = 0.9 * state.m + (1 - 0.9) * g
    state.v = 0.999 * state.v + (1 - 0.999) * g.square()
    return -learningRate * (state.m / (state.v + 1e-8).sqrt())
  }
}

/// The rule, with a look at its perturbation Q at every step.
struct ObservedSuperposition: GradientOptimizer {
  var rule: SuperpositionalGradient<Float>

  var learningRate: Tensor<Float> {
    get { rule.learningRate }
    set { rule.learningRate = newValue }
  }

  struct State: TensorTree, Codable {
    var moments: Moments<Float>
    /// ||lambda Q|| over the norm of the whole update, of the last step.
    var share = Tensor<Float>(0)
    /// max |Q| / |g| over all steps and coordinates.
    var largestRatio = Tensor<Float>(0)
    /// max |Q| over all steps and the coordinates that no qubit stands for.
    var largestBeyond = Tensor<Float>(0)
  }

  func initialState(for parameters: TensorList<Float>, key: Key) -> State {
    State(moments: rule.initialState(for: parameters, key: key))
  }

  func update(_ state: inout State, gradient g: TensorList<Float>, at parameters: TensorList<Float>) -> TensorList<Float> {
    let q = rule.perturbation(gradient: g, at: parameters)
    let update = rule.update(&state.moments, gradient: g, at: parameters)
    state.share = learningRate * rule.strength * q.norm / update.norm
    for (q, g) in zip(q.elements, g.elements) {
      // Tokens that a batch does not have get no gradient.
      state.largestRatio = maximum(state.largestRatio, Tensor.where(g .== 0, 0, q / g).abs().max())
      if rule.qubits < q.count {
        state.largestBeyond = maximum(state.largestBeyond, q.reshaped([-1]).slice(rule.qubits..<q.count).abs().max())
      }
    }
    return update
  }
}

/// The 2^n amplitudes of n qubits, at first all |0>; qubit i is bit i of an amplitude's index.
struct Qubits {
  /// Real and imaginary part.
  private var amplitudes: [SIMD2<Double>]
  private let count: Int

  init(count: Int) {
    self.count = count
    amplitudes = [SIMD2<Double>](repeating: .zero, count: 1 << count)
    amplitudes[0] = SIMD2(1, 0)
  }

  /// H = [[1, 1], [1, -1]] / sqrt(2).
  mutating func hadamard(_ qubit: Int) {
    pairs(qubit) { (($0 + $1) * 0.5.squareRoot(), ($0 - $1) * 0.5.squareRoot()) }
  }

  /// exp(-i angle Y / 2).
  mutating func rotateY(_ qubit: Int, by angle: Double) {
    let (c, s) = (cos(angle / 2), sin(angle / 2))
    pairs(qubit) { (c * $0 - s * $1, s * $0 + c * $1) }
  }

  /// exp(-i angle Z / 2).
  mutating func rotateZ(_ qubit: Int, by angle: Double) {
    let (c, s) = (cos(angle / 2), sin(angle / 2))
    pairs(qubit) { (SIMD2(c * $0.x + s * $0.y, c * $0.y - s * $0.x), SIMD2(c * $1.x - s * $1.y, c * $1.y + s * $1.x)) }
  }

  /// The target is flipped where the control is 1.
  mutating func controlledNot(from control: Int, to target: Int) {
    for i in amplitudes.indices where i >> control & 1 == 1 && i >> target & 1 == 0 { amplitudes.swapAt(i, i | 1 << target) }
  }

  /// P(0) - P(1).
  func expectationOfZ(_ qubit: Int) -> Double {
    amplitudes.enumerated().reduce(0) { $0 + ($1.offset >> qubit & 1 == 0 ? 1 : -1) * ($1.element * $1.element).sum() }
  }

  /// A gate of one qubit: of the amplitudes where it is 0 and 1.
  private mutating func pairs(_ qubit: Int, _ gate: (SIMD2<Double>, SIMD2<Double>) -> (SIMD2<Double>, SIMD2<Double>)) {
    for i in amplitudes.indices where i >> qubit & 1 == 0 {
      (amplitudes[i], amplitudes[i | 1 << qubit]) = gate(amplitudes[i], amplitudes[i | 1 << qubit])
    }
  }
}
