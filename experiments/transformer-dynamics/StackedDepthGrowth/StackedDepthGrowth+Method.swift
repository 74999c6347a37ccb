import Datasets
import Networks
import Notebook
import Optimizers
import Tensors
import Transforms

extension StackedDepthGrowth {
  /// How a model came to be; what grew is named by its operator.
  package enum Method: Int, CaseIterable {
    case small, scratch, stack, direct, zero, random

    package var growth: DepthGrowth? {
      switch self {
      case .small, .scratch: nil
      case .stack: .stack
      case .direct: .direct
      case .zero: .zero
      case .random: .random
      }
    }

    package var label: String { growth?.rawValue ?? (self == .small ? "small model" : "from scratch") }

    /// The loop that trains it.
    package var loop: String {
      switch self {
      case .small: "small"
      case .scratch: "scratch"
      case .stack: "stack"
      case .direct, .zero, .random: "others"
      }
    }
  }

  /// A model in training.
  package struct Run: TensorTree, Codable {
    package var model: Transformer<Float>
    package var moments: Moments<Float>

    /// At the start, with a fresh state of Adam.
    package init(_ model: Transformer<Float>, _ adam: Adam<Float>) {
      (self.model, moments) = (model, adam.initialState(for: model))
    }

    func stepped(_ adam: Adam<Float>, on batch: Tensor<Int32>) -> Run {
      var run = self
      adam.step(&run.model, &run.moments) { $0.nextTokenLoss(batch) }
      return run
    }
  }

  /// Text, and what trains models on it and records their losses.
  struct Trainer {
    let text: SecondOrderMarkovText
    private let settings: Settings
    private let notebook: Recorder
    private let adam: Adam<Float>
    /// Of the seeds.
    private let weights, batches, growth: [Key]
    private let step: (Run, Tensor<Int32>) -> Run
    private let evaluate: (Transformer<Float>) -> Tensor<Float>

    init(_ settings: Settings, _ notebook: Recorder) {
      (self.settings, self.notebook) = (settings, notebook)
      let key = notebook.key("text")
      let text = SecondOrderMarkovText(
        vocabulary: settings.vocabulary, concentration: settings.concentration, key: key.named("source"))
      let test = text.sample(settings.evaluation, length: settings.length + 1, key: key.named("evaluation"))
      let adam = Adam<Float>(learningRate: settings.rate)
      (self.text, self.adam) = (text, adam)
      weights = notebook.key("weights").split(settings.seeds)
      batches = notebook.key("batches").split(settings.seeds)
      growth = notebook.key("growth").split(settings.seeds)
      step = compile { (runs: Run, batches: Tensor<Int32>) in
        vmap { (run: Run, batch: Tensor<Int32>) in run.stepped(adam, on: batch) }(runs, batches)
      }
      evaluate = compile(vmap { (model: Transformer<Float>) in model.nextTokenLoss(test) })
    }

    private func configuration(_ depth: Int) -> Transformer<Float>.Configuration {
      Transformer<Float>.Configuration(
        vocabulary: settings.vocabulary, contextLength: settings.length, width: settings.width, heads: settings.heads,
        depth: depth)
    }

    /// A model with fresh weights for each seed.
    func fresh(_ depth: Int) -> [Transformer<Float>] { weights.map { Transformer(configuration(depth), key: $0) } }

    /// The models of all seeds, grown; embeddings, last norm and scores stay.
    func grown(_ models: [Transformer<Float>], by factor: Int, _ growth: DepthGrowth) -> [Transformer<Float>] {
      zip(models, self.growth).map { model, key in
        var grown = model
        grown.stack = model.stack.grown(by: factor, growth, configuration(model.stack.blocks.count).shape, key: key)
        return grown
      }
    }

    /// Trains models of one shape side by side, and records the loss of evaluation.
    /// - Parameters:
    ///   - loop: names the loop and the group of its trace.
    ///   - models: of all seeds, for each method.
    ///   - first: how many steps were made before the models grew: their batches come next.
    /// - Returns: the models of all seeds of the first method.
    @discardableResult
    func train(
      _ loop: String, _ models: KeyValuePairs<Method, [Transformer<Float>]>, after first: Int = 0, steps: Int
    ) throws -> [Transformer<Float>] {
      let loss = try notebook.trace(
        "\(loop)/loss", "mean cross-entropy on the evaluation text",
        along: [
          Dimension("method", models.map(\.key.label), "how the model came to be"),
          Dimension("seed", count: settings.seeds, "weights and batches"),
        ], units: "nat")
      let closeSteps = first == 0 ? 0 : settings.closeSteps
      let cadence = first == 0 ? settings.interval : settings.closeInterval
      var runs = models.flatMap(\.value).map { Run($0, adam) }.stacked()
      try notebook.steps(loop, steps, state: &runs, cadence: .every(cadence)) { i, runs in
        let batch = Tensor.stack(batches.map { text.sample(settings.batch, length: settings.length + 1, key: $0[first + i]) })
        runs = step(runs, .concatenate(models.map { _ in batch }))
      } measure: { runs, record in
        if record.step <= closeSteps || record.step % settings.interval == 0 || record.step == steps {
          record(loss, evaluate(runs.model).scalars.map(Double.init))
        }
      }
      return (0..<settings.seeds).map { runs.element($0).model }
    }
  }
}
