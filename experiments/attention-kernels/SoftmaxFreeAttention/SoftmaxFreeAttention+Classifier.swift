import Datasets
import Networks
import Notebook
import Optimizers
import Tensors
import Transforms

/// What the attention of the trained classifiers is. All have one vector a token for query and key.
package enum TokenAttention: String, CaseIterable, Codable, Sendable {
  case softmax
  case gaussian = "Gaussian"
  case soft = "SOFT"
  case normalizedSoft = "SOFT++"
}

/// A block of the paper's model: attention and a 3 x 3 depthwise convolution of the values, then a perceptron, both behind a norm.
package struct SoftmaxFreeBlock: TensorTree, Codable {
  var attentionNorm: LayerNorm<Float>
  var query, value, output: Dense<Float>
  /// [r, r, d, d], shared by the heads; only SOFT's landmarks need it and the norm behind it.
  var landmarkFilter: Tensor<Float>
  var landmarkNorm: LayerNorm<Float>
  /// [3, 3, 1, width].
  var localFilter: Tensor<Float>
  var feedForwardNorm: LayerNorm<Float>
  var expand, contract: Dense<Float>

  init(_ training: SoftmaxFreeAttention.Training, key rng: Key) {
    let (width, ratio) = (training.width, training.ratio)
    let dimension = width / training.heads
    func dense(_ name: String, _ inputs: Int, _ outputs: Int) -> Dense<Float> {
      Dense(inputs, outputs, initializer: .glorot(), key: rng.named(name))
    }
    attentionNorm = LayerNorm(width)
    query = dense("query", width, width)
    value = dense("value", width, width)
    output = dense("output", width, width)
    landmarkFilter = Initializer.leCun().tensor([ratio, ratio, dimension, dimension], key: rng.named("landmarks"))
    landmarkNorm = LayerNorm(dimension)
    localFilter = Initializer.leCun().tensor([3, 3, 1, width], key: rng.named("local"))
    feedForwardNorm = LayerNorm(width)
    expand = dense("expand", width, 4 * width)
    contract = dense("contract", 4 * width, width)
  }

  /// x [batch, side, side, width] to the same shape.
  func callAsFunction(_ x: Tensor<Float>, _ attention: TokenAttention, heads: Int) -> Tensor<Float> {
    let (batch, side, width) = (x.shape[0], x.shape[1], x.shape[3])
    let (n, d) = (side * side, width / heads)
    let normed = attentionNorm(x)
    let split = { (x: Tensor<Float>) in x.reshaped(batch, n, heads, d).permuted(0, 2, 1, 3) }
    let values = value(normed)
    let (q, v) = (split(query(normed)) * (1 / Float(d).squareRoot().squareRoot()), split(values))
    let attended =
      switch attention {
      case .softmax: matmul(matmul(q, q, transposeB: true).softmax(), v)
      case .gaussian: GaussianAttention.full(q, v)
      case .soft: NystromAttention(gaussian: q, landmarks: landmarks(q, side: side))(v)
      case .normalizedSoft: NystromAttention(gaussian: q, landmarks: landmarks(q, side: side), isNormalized: true)(v)
      }
    let local = conv2d(values, localFilter, padding: .same, groups: width)
    let middle = x + output(attended.permuted(0, 2, 1, 3).reshaped(batch, side, side, width) + local)
    return middle + contract(expand(feedForwardNorm(middle)).gelu())
  }

  /// GELU(norm(convolution)) of windows of r x r tokens, [batch, heads, n / r², d] of q [batch, heads, n, d].
  private func landmarks(_ q: Tensor<Float>, side: Int) -> Tensor<Float> {
    let (batch, heads, d) = (q.shape[0], q.shape[1], q.shape[3])
    let ratio = landmarkFilter.shape[0]
    let images = q.reshaped(batch * heads, side, side, d)
    let windows = conv2d(images, landmarkFilter, stride: ImageExtents(ratio, ratio), padding: .valid)
    return landmarkNorm(windows).gelu().reshaped(batch, heads, -1, d)
  }
}

/// A vision transformer: patches, positions, blocks, the mean over tokens, scores of the classes.
package struct ShapeClassifier: TensorTree, Codable {
  /// [patch, patch, 1, width].
  var patches: Tensor<Float>
  /// [tokens a side, tokens a side, width].
  var positions: Tensor<Float>
  var blocks: [SoftmaxFreeBlock]
  var lastNorm: LayerNorm<Float>
  var head: Dense<Float>
  var heads: Int

  init(_ training: SoftmaxFreeAttention.Training, key rng: Key) {
    let (side, width) = (training.side / training.patch, training.width)
    patches = Initializer.leCun().tensor([training.patch, training.patch, 1, width], key: rng.named("patches"))
    positions = Initializer.normal(standardDeviation: 0.02).tensor([side, side, width], key: rng.named("positions"))
    blocks = (0..<training.blocks).map { SoftmaxFreeBlock(training, key: rng.named("blocks")[$0]) }
    lastNorm = LayerNorm(width)
    head = Dense(width, DrawnShape.allCases.count, key: rng.named("head"))
    heads = training.heads
  }

  /// Scores [batch, classes] of images [batch, side * side].
  func scores(_ pixels: Tensor<Float>, _ attention: TokenAttention) -> Tensor<Float> {
    let patch = patches.shape[0]
    let side = positions.shape[0] * patch
    let images = pixels.reshaped(-1, side, side, 1)
    let tokens = conv2d(images, patches, stride: ImageExtents(patch, patch), padding: .valid) + positions
    let last = blocks.reduce(tokens) { $1($0, attention, heads: heads) }
    return head(lastNorm(last).mean(1, 2))
  }
}

extension SoftmaxFreeAttention {
  /// Each kind of attention from the same start, on the same batches.
  static func train(_ training: Training, _ notebook: Recorder) throws {
    struct Run: TensorTree, Codable {
      var model: ShapeClassifier
      var memory: AdamW<Float>.State
      /// Of the last batch, before its step.
      var loss: Tensor<Float>
    }
    let key = notebook.key("training")
    let adam = AdamW<Float>(learningRate: training.rate, weightDecay: training.decay)
    let points = { (count: Int, name: String) in
      DrawnShapes.sample(count, side: training.side, key: key.named(name)).points(as: Float.self)
    }
    let (images, tests) = (points(training.images, "images"), points(training.tests, "tests"))
    let batches = Minibatches(count: images.count, size: training.batch, key: key.named("batches"))
    let accuracies = try training.models.map { attention in
      let step = compile { (run: Run, pixels: Tensor<Float>, labels: Tensor<Int32>) -> Run in
        let result = valueAndGrad { (model: ShapeClassifier) in
          crossEntropy(model.scores(pixels, attention), labels: labels)
        }(run.model)
        var next = run
        next.model = adam.updated(run.model, gradient: result.gradient, &next.memory)
        next.loss = result.value
        return next
      }
      let classify = compile { (model: ShapeClassifier, pixels: Tensor<Float>) in model.scores(pixels, attention).argmax() }
      let start = ShapeClassifier(training, key: key.named("start"))
      var run = Run(model: start, memory: adam.initialState(for: start), loss: Tensor(.nan))
      let loss = try notebook.trace("\(attention.rawValue)/loss", "cross-entropy of the last batch before its step, in nats")
      let stepped = { (run: Run, t: Int) -> Run in
        let batch = images.selected(batches[t])
        return step(run, batch.inputs, batch.labels)
      }
      run.loss = stepped(run, 0).loss
      try notebook.steps(attention.rawValue, training.steps, state: &run, cadence: .every(1)) { t, run in
        run = stepped(run, t)
      } measure: { run, record in
        record(loss, Double(run.loss.scalar))
      }
      let right = stride(from: 0, to: tests.count, by: training.batch).map { first in
        let batch = tests.selected(Array(first..<min(tests.count, first + training.batch)))
        return (classify(run.model, batch.inputs) .== batch.labels).converted(to: Double.self).sum().scalar
      }
      return right.reduce(0, +) / Double(tests.count)
    }
    try notebook.tensor(
      "accuracy", Tensor(accuracies), "share of test images whose shape is told",
      along: [Dimension("attention", training.models.map(\.rawValue), "kind of attention")])
  }
}
