import Networks
import Tensors
import Transforms

extension OrderSensitivity {
  /// Classification tasks, each with prototypes of its own: x is the prototype of its class and noise.
  package struct Examples<Scalar: RealScalar>: TensorTree {
    /// x, [tasks, examples, dimension].
    package var inputs: Tensor<Scalar>
    /// [tasks, examples].
    package var labels: Tensor<Int32>

    package init(inputs: Tensor<Scalar>, labels: Tensor<Int32>) { (self.inputs, self.labels) = (inputs, labels) }

    /// Standard normal prototypes, classes with even odds. The key may be traced.
    init(_ tasks: Int, of count: Int, _ settings: Settings, key: Key) {
      labels = .integers([tasks, count], in: 0..<Int32(settings.classes), key: key.named("labels"))
      let prototypes = Tensor<Double>.normal([tasks, settings.classes, settings.dimension], key: key.named("prototypes"))
      let errors = Tensor<Double>.normal(
        [tasks, count, settings.dimension], standardDeviation: settings.noise, key: key.named("noise"))
      inputs = (matmul(.oneHot(labels, classes: settings.classes), prototypes) + errors).converted(to: Scalar.self)
    }

    /// Some examples of every task.
    func part(_ range: Range<Int>) -> Examples {
      Examples(inputs: inputs.slice(All(), range), labels: labels.slice(All(), range))
    }

    /// Some tasks.
    func tasks(_ range: Range<Int>) -> Examples { Examples(inputs: inputs.slice(range), labels: labels.slice(range)) }

    /// Every task several times, one copy after the other.
    func repeated(_ times: Int) -> Examples { Examples(inputs: inputs.repeated(times), labels: labels.repeated(times)) }

    /// The examples of every task in an order of its own, [tasks, examples].
    package func ordered(by places: Tensor<Int32>) -> Examples {
      let (tasks, count) = (labels.shape[0], labels.shape[1])
      let rows = places + Tensor<Int32>.arange(tasks, by: Int32(count)).expandingDimensions(1)
      return Examples(
        inputs: inputs.reshaped(tasks * count, inputs.shape[2]).gather(rows), labels: labels.flattened().gather(rows))
    }

    /// The same sets of examples, listed in an order that does not depend on the one they had: by the first coordinate of x.
    package var inCanonicalOrder: Examples { ordered(by: inputs.slice(All(), All(), 0).argsort()) }

    /// Prompts (x_1, 0), (x_1, y_1), (x_2, 0), ..., (x_n, 0) with one-hot y: the class of every example is asked for before it is told,
    /// and that of the last is not told. [tasks, 2 n - 1, dimension + classes].
    package func prompts(classes: Int) -> Tensor<Scalar> {
      let asked = inputs.padded(axis: 2, low: 0, high: classes)
      let told = Tensor.concatenate([inputs, .oneHot(labels, classes: classes)], axis: 2)
      let (tasks, count) = (labels.shape[0], labels.shape[1])
      return Tensor.stack([asked, told], axis: 2).reshaped(tasks, 2 * count, asked.shape[2]).slice(All(), 0..<2 * count - 1)
    }
  }

  /// Scores of the class of every example of a prompt from the examples in front of it, [tasks, examples, classes].
  static func scores<Scalar: RealScalar>(
    _ model: VectorTransformer<Scalar>, _ examples: Examples<Scalar>, _ settings: Settings
  ) -> Tensor<Scalar> {
    model(examples.prompts(classes: settings.classes)).slice(All(), Every(2))
  }

  // MARK: Comparing answers

  /// The mean over classes of the standard deviation over orders, [tasks], of probabilities [tasks, orders, classes].
  package static func sensitivity(_ probabilities: Tensor<Double>) -> Tensor<Double> {
    probabilities.variance(1).sqrt().mean(-1)
  }

  /// The share of answers, [tasks], whose likeliest class is not that of the first order, of probabilities [tasks, orders, classes].
  package static func flips(_ probabilities: Tensor<Double>) -> Tensor<Double> {
    let answers = probabilities.argmax()
    let (first, others) = (answers.slice(All(), 0..<1), answers.slice(All(), 1..<answers.shape[1]))
    return (others .!= first).converted(to: Double.self).mean(-1)
  }

  /// How much two learners agree about their k likeliest classes, each of [..., classes].
  package struct Agreement {
    /// Token overlap: the share of the k that are common to both, [...].
    package var overlap: Tensor<Double>
    /// The cosine of the probabilities of all classes that are among the k likeliest of one or the other, [...].
    package var cosine: Tensor<Double>

    package init(_ a: Tensor<Double>, _ b: Tensor<Double>, top k: Int) {
      let classes = a.shape[a.rank - 1]
      let chosen = { (p: Tensor<Double>) in Tensor<Double>.oneHot(p.topK(k).indices, classes: classes).sum(-2) }
      let (first, second) = (chosen(a), chosen(b))
      let either = maximum(first, second)
      overlap = (first * second).sum(-1) / Double(k)
      let lengths = ((a.square() * either).sum(-1) * (b.square() * either).sum(-1)).sqrt()
      cosine = (a * b * either).sum(-1) / lengths
    }
  }

  // MARK: The construction

  /// Linear attention that takes a step of gradient descent on (1 / 2N) sum |W_0 x_i - y_i|², for tokens (x, y) (von Oswald et al. 2023):
  /// W_K = W_Q = diag(I, 0), W_V = [[0, 0], [W_0, -I]], P = eta I; the layer itself divides by N.
  package static func constructedStep(start: Tensor<Double>, rate: Double) -> LinearSelfAttention<Double> {
    let (classes, dimension) = (start.shape[0], start.shape[1])
    let width = dimension + classes
    let inputs = Tensor<Double>.identity(dimension).padded([(0, classes), (0, classes)])
    let residuals = Tensor.concatenate([start, -Tensor.identity(classes)], axis: 1)
    return LinearSelfAttention(
      query: inputs, key: inputs, value: residuals.padded(axis: 0, low: dimension, high: 0), output: .identity(width) * rate)
  }

  /// The largest distance of what the constructed layer adds to the y of random tokens from -(W_1 - W_0) x for the step's W_1.
  package static func constructionError(
    _ layer: LinearSelfAttention<Double>, start: Tensor<Double>, rate: Double, key: Key
  )
    -> Double
  {
    let (classes, dimension) = (start.shape[0], start.shape[1])
    let context = Tensor<Double>.normal([16, dimension + classes], key: key)
    let (x, y) = (context.slice(All(), 0..<dimension), context.slice(All(), dimension..<dimension + classes))
    let change = matmul(matmul(x, start, transposeB: true) - y, x, transposeA: true) * (-rate / 16)
    let expected = context - matmul(x, change, transposeB: true).padded(axis: 1, low: dimension, high: 0)
    return (layer(context, context: context) - expected).abs().max().scalar
  }
}

extension VectorTransformer {
  /// The projections to keys and values of all layers.
  package var keysAndValues: [Dense<Scalar>] {
    get { stack.blocks.flatMap { [$0.attention.key, $0.attention.value] } }
    set {
      for i in stack.blocks.indices {
        (stack.blocks[i].attention.key, stack.blocks[i].attention.value) = (newValue[2 * i], newValue[2 * i + 1])
      }
    }
  }
}
