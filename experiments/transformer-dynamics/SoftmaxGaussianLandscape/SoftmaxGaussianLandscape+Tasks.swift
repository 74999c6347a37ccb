import Datasets
import Networks
import Problems
import Tensors
import Transforms

extension SoftmaxGaussianLandscape {
  /// Sequences of tokens with a class each.
  package struct LabelledSequences: TensorTree, Codable {
    /// [sequences, length].
    package var tokens: Tensor<Int32>
    /// [sequences].
    package var labels: Tensor<Int32>
  }

  /// Where sequences come from.
  package struct SequenceTask: Sendable {
    /// Names the loops and traces.
    package var name: String
    package var vocabulary, length, classes: Int
    /// Text of as many random chains as there are classes; nil for pictures of paths.
    var chains: [MarkovText]?

    /// Which of four Markov chains a text comes from.
    static func text(_ settings: Settings, key: Key) -> SequenceTask {
      let task = settings.classifier
      return SequenceTask(
        name: "text", vocabulary: task.vocabulary, length: task.length, classes: task.classes,
        chains: (0..<task.classes).map {
          MarkovText(vocabulary: task.vocabulary, concentration: task.concentration, key: key[$0])
        })
    }

    /// Whether the two dots of a picture are the ends of one curve, a pixel a token.
    static func paths(side: Int) -> SequenceTask {
      SequenceTask(name: "paths", vocabulary: 3, length: side * side, classes: 2, chains: nil)
    }

    /// About `count` sequences, as many of each class.
    package func sample(_ count: Int, key: Key) -> LabelledSequences {
      let each = max(1, count / classes)
      let labels = (0..<classes).flatMap { [Int32](repeating: Int32($0), count: each) }
      let tokens =
        chains.map { chains in
          Tensor.concatenate(chains.enumerated().map { $1.sample(each, length: length, key: key[$0]) })
        }
        ?? .stack(
          labels.enumerated().map { i, label in
            Tensor(PathPicture(side: Int(Double(length).squareRoot()), isConnected: label == 1, key: key[i]).pixels)
          })
      return LabelledSequences(tokens: tokens, labels: Tensor(labels))
    }
  }

  /// Two curves of one pixel's width that do not touch: with a dot at both ends of one, or at one end of each.
  package struct PathPicture {
    /// Row by row: 0 for nothing, 1 for a curve, 2 for a dot.
    package var pixels: [Int32]
    private let side: Int

    /// - Parameter side: at least 8, so that there is room for both.
    package init(side: Int, isConnected: Bool, key: Key) {
      self.side = side
      pixels = []
      var attempt = 0
      repeat {
        pixels = [Int32](repeating: 0, count: side * side)
        let first = curve(key: key.named("first")[attempt])
        for place in first { pixels[place] = 1 }
        let second = curve(key: key.named("second")[attempt])
        for place in second { pixels[place] = 1 }
        let dots = isConnected ? [first.first, first.last] : [first.first, second.first]
        for place in dots.compactMap({ $0 }) { pixels[place] = 2 }
        attempt += 1
        if first.count == length, second.count == length { break }
      } while true
    }

    private var length: Int { side * 3 / 4 }

    /// A self-avoiding walk whose places touch no earlier one and no curve that is drawn; shorter than `length` when it is caught.
    private func curve(key: Key) -> [Int] {
      let u = Tensor<Double>.uniform([length], key: key).scalars
      let free = pixels.indices.filter { place in !box(place).contains { pixels[$0] != 0 } }
      guard !free.isEmpty else { return [] }
      var walk = [free[Int(u[0] * Double(free.count))]]
      while walk.count < length {
        let here = walk[walk.count - 1]
        let next = neighbours(here).filter { place in
          free.contains(place) && !walk.contains(place) && neighbours(place).allSatisfy { $0 == here || !walk.contains($0) }
        }
        guard !next.isEmpty else { break }
        walk.append(next[Int(u[walk.count] * Double(next.count))])
      }
      return walk
    }

    private func neighbours(_ place: Int) -> [Int] {
      let (row, column) = (place / side, place % side)
      return [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)].compactMap { row, column in
        (0..<side).contains(row) && (0..<side).contains(column) ? row * side + column : nil
      }
    }

    /// A place and the up to eight around it.
    private func box(_ place: Int) -> [Int] {
      let (row, column) = (place / side, place % side)
      return (max(0, row - 1)...min(side - 1, row + 1)).flatMap { row in
        (max(0, column - 1)...min(side - 1, column + 1)).map { row * side + $0 }
      }
    }
  }

  /// Embeddings of tokens and places, one pre-norm block, the mean over places and a linear layer.
  package struct Classifier: TensorTree, Codable {
    var tokens: Embedding<Float>
    /// [length, D].
    var positions: Tensor<Float>
    var attentionNorm, feedForwardNorm, lastNorm: LayerNorm<Float>
    var heads: Heads<Float>
    /// W_O, and the layers behind the attention.
    var output, expand, contract, head: Dense<Float>

    init(_ task: SequenceTask, _ kernel: Kernel, _ settings: Settings, key: Key) {
      let (width, heads) = (settings.classifier.width, settings.classifier.heads)
      tokens = Embedding(
        task.vocabulary, width, initializer: .normal(standardDeviation: 0.5), key: key.named("tokens"))
      positions = .normal([task.length, width], standardDeviation: 0.1, key: key.named("positions"))
      (attentionNorm, feedForwardNorm, lastNorm) = (LayerNorm(width), LayerNorm(width), LayerNorm(width))
      self.heads = Heads(width, heads: heads, headWidth: width / heads, kernel: kernel, key: key.named("heads"))
      output = Dense(width, width, hasBias: false, key: key.named("W_O"))
      expand = Dense(width, 2 * width, key: key.named("expand"))
      contract = Dense(2 * width, width, key: key.named("contract"))
      head = Dense(width, task.classes, key: key.named("head"))
    }

    /// Scores of the classes, [sequences, classes].
    func callAsFunction(_ sequences: Tensor<Int32>) -> Tensor<Float> {
      let x = tokens(sequences) + positions
      let normed = attentionNorm(x)
      let attended = matmul(heads.weights(normed), Heads.rows(normed, heads.value)).permuted(0, 2, 1, 3).reshaped(x.shape)
      let middle = x + output(attended)
      let result = middle + contract(expand(feedForwardNorm(middle)).relu())
      return head(lastNorm(result).mean(1))
    }
  }

  /// Classifying fresh sequences.
  struct Classification: Problem {
    let task: SequenceTask
    let kernel: Kernel
    let settings: Settings
    /// Sequences of the curves.
    let test: LabelledSequences

    init(_ task: SequenceTask, _ kernel: Kernel, _ settings: Settings, key: Key) {
      (self.task, self.kernel, self.settings) = (task, kernel, settings)
      test = task.sample(settings.classifier.test, key: key)
    }

    func initialParameters(key: Key) -> Classifier { Classifier(task, kernel, settings, key: key) }

    func batches(key: Key) -> (Int) -> LabelledSequences { { task.sample(settings.classifier.batchSize, key: key[$0]) } }

    func loss(_ classifier: Classifier, on batch: LabelledSequences) -> Tensor<Float> {
      crossEntropy(classifier(batch.tokens), labels: batch.labels)
    }

    func measures(of classifier: Classifier) -> [String: Tensor<Float>] {
      ["test accuracy": accuracy(classifier(test.tokens), labels: test.labels)]
    }
  }
}
