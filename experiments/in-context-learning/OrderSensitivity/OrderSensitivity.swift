import Networks
import Notebook
import Optimizers
import Tensors
import Training
import Transforms

/// Revisiting the Hypothesis: Do pretrained Transformers Learn In-Context by Gradient Descent? (Shen, Mishra and Khashabi, ICML 2024).
///
/// **Shows**: constructions with which a transformer's layers are steps of gradient descent do not match real models. What a model learns
/// in context depends on the order of the demonstrations, full-batch gradient descent on them does not, and stochastic gradient descent
/// depends on it in another way; the constructed weights are mostly zeros; and answers in context differ from those of a tuned model.
///
/// **Here**: instead of a language model, a small causal transformer that learned to classify in context: vectors of 8 classes, whose
/// prototypes are new in every prompt. A demonstration is two tokens, (x, 0) and then (x, y), so that the loss at every first one trains
/// every number of demonstrations. Fine-tuning sees each demonstration as a query of its own, (x, 0) without others. A prompt of one token
/// has nothing to choose its attention among: of "keys and values", the values alone get a gradient. Learning rates are chosen on other
/// tasks. Left out: language models and their data.
package enum OrderSensitivity: Experiment {
  package static let paper = Paper(
    slug: "icl-order-sensitivity",
    title: "Revisiting the Hypothesis: Do pretrained Transformers Learn In-Context by Gradient Descent?",
    authors: ["Lingfeng Shen", "Aayush Mishra", "Daniel Khashabi"], year: 2023, arxiv: "2310.08540",
    shows: """
      In-context learning depends on the order of the demonstrations, full-batch gradient descent does not, and stochastic gradient \
      descent does so differently. The weights with which attention would be gradient descent are far sparser than trained ones, and \
      the answers of both differ.
      """,
    fidelity: .mechanism)

  package struct Settings: Codable, Sendable {
    @Setting("dimension of x") package var dimension = 8
    @Setting("classes of a task") package var classes = 8
    @Setting("standard deviation of x around the prototype of its class, our choice") package var noise = 0.5
    @Setting("demonstrations N in front of a query, ascending") package var demonstrations = [2, 4, 8, 16]
    @Setting("width of the transformer") package var width = 64
    @Setting("its heads") package var heads = 4
    @Setting("its layers") package var layers = 3
    @Setting("steps of Adam that train it") package var steps = 2500
    @Setting("their prompts") package var batchSize = 64
    @Setting("their learning rate") package var rate = 1e-3
    @Setting("test tasks") package var tasks = 100
    @Setting("of them those on which all parameters are tuned, which takes longest") package var tasksOfAll = 20
    @Setting("random orders K of the demonstrations of a task, beside the given one") package var orders = 20
    @Setting("learning rates of fine-tuning") package var tuningRates = [1e-3, 1e-2, 1e-1]
    @Setting("other tasks, on which the rates of the order test are chosen") package var tuningTasks = 32
    @Setting("queries of a task, for the choice of rates and for the comparison of answers") package var queries = 8
    @Setting("epochs of fine-tuning in the order test, our choice") package var orderEpochs = 1
    @Setting("epochs of full-batch fine-tuning in the comparison of answers") package var comparedEpochs = [1, 2, 5, 10, 20, 50]
    @Setting("likeliest classes k that are compared") package var likeliest = 2
    @Setting("copies of the model that are tuned side by side") package var copiesAtOnce = 21
    @Setting("whether a transformer without positions is trained too") package var alsoWithoutPositions = false
    package init() {}

    func tasks(of part: TunedPart) -> Int { part == .all ? min(tasks, tasksOfAll) : tasks }
    var mostDemonstrations: Int { demonstrations.max() ?? 0 }

    func transformer<Scalar: RealScalar>(hasPositions: Bool, key: Key) -> VectorTransformer<Scalar> {
      VectorTransformer(
        inputs: dimension + classes, outputs: classes, contextLength: hasPositions ? 2 * mostDemonstrations + 1 : nil,
        TransformerShape(width: width, heads: heads, depth: layers), key: key)
    }
  }

  package static func settings(for preset: Preset) -> Settings {
    var settings = Settings()
    switch preset {
    case .smoke:
      (settings.width, settings.layers, settings.steps, settings.batchSize) = (16, 2, 20, 8)
      (settings.demonstrations, settings.tasks, settings.tasksOfAll, settings.orders) = ([2, 4], 4, 3, 3)
      (settings.tuningTasks, settings.comparedEpochs) = (2, [1, 2])
    case .quick: break
    case .full:
      // Four times the places of `quick`: the 20 000 steps of 64 prompts that they would deserve take half a day on two cores.
      (settings.width, settings.layers, settings.batchSize) = (128, 6, 32)
      (settings.demonstrations, settings.alsoWithoutPositions) = ([2, 4, 8, 16, 32, 64], true)
    }
    return settings
  }

  // MARK: Run

  package static func run(_ settings: Settings, into notebook: Recorder) throws {
    let model = try train("transformer", hasPositions: true, settings, notebook)
    try recordWeights(model, settings, notebook)
    var learners = [inContext("ICL", model, settings)]
    if settings.alsoWithoutPositions {
      let other = try train("transformer without positions", hasPositions: false, settings, notebook)
      learners.append(inContext("ICL without positions", other, settings))
    }
    var rates: [(learner: String, rate: Double)] = []
    for part in TunedPart.allCases {
      for (name, tuner) in tuners(model, part, settings) {
        let rate = bestRate(tuner, settings, notebook)
        rates.append(("\(name), \(part.rawValue)", rate))
        learners.append(
          Learner(name: "\(name), \(part.rawValue)", tasks: settings.tasks(of: part)) { examples, queries in
            let rates = [Double](repeating: rate, count: queries.shape[0])
            return tuner(examples, queries.expandingDimensions(1), rates, [settings.orderEpochs])[0].squeezed(1)
          })
      }
    }
    try notebook.tensor(
      "order/rate", Tensor(rates.map(\.rate)), "learning rate with the least loss on other tasks",
      along: [Dimension("tuned", rates.map(\.learner), "fine-tuning")])
    try recordOrders(learners, settings, notebook)
    try recordAgreement(model, settings, notebook)
  }

  /// What answers queries, [copies, dimension], from examples, with probabilities [copies, classes].
  struct Learner {
    var name: String
    /// How many test tasks it is given.
    var tasks: Int
    var answers: (Examples<Float>, Tensor<Float>) -> Tensor<Double>
  }

  /// The algorithms of the order test. Gradient descent twice: with its sums in an order of their own, and in that of the examples.
  private static func tuners(
    _ model: VectorTransformer<Float>, _ part: TunedPart, _ settings: Settings
  ) -> [(name: String, tuner: Tuner)] {
    let template: VectorTransformer<Double> = settings.transformer(hasPositions: model.positions != nil, key: Key(seed: 0))
    let exact = template.replacingTensors(model.tensors.map { $0.converted(to: .double) })
    let descent = tuner(exact, part, SGD<Double>(), .together)
    return [
      ("GD", { descent($0.inCanonicalOrder, $1, $2, $3) }), ("GD summed as given", descent),
      ("SGD", tuner(model, part, SGD<Float>(), .oneByOne)), ("Adam", tuner(model, part, Adam<Float>(), .oneByOne)),
    ]
  }

  /// Cross-entropy at every place, new tasks at every step.
  private static func train(
    _ name: String, hasPositions: Bool, _ settings: Settings, _ notebook: Recorder
  ) throws -> VectorTransformer<Float> {
    let draw = { Examples<Float>($0, of: settings.mostDemonstrations + 1, settings, key: $1) }
    let test = draw(4 * settings.batchSize, notebook.key("curves"))
    let problem = FreshTasks<VectorTransformer<Float>, Float>(
      start: { settings.transformer(hasPositions: hasPositions, key: $0) },
      observing: { model in
        let scores = scores(model, test, settings)
        let (last, labels) = (
          scores.slice(All(), settings.mostDemonstrations), test.labels.slice(All(), settings.mostDemonstrations)
        )
        return ["test loss": crossEntropy(scores, labels: test.labels), "last accuracy": accuracy(last, labels: labels)]
      }
    ) { model, key in
      let examples = draw(settings.batchSize, key)
      return crossEntropy(scores(model, examples, settings), labels: examples.labels)
    }
    let grid = TrainingGrid(problem, Adam<Float>(), rates: [settings.rate], keys: [notebook.key(name)])
    let runs = try notebook.train(name, grid, steps: settings.steps, cadence: .even(50, of: settings.steps))
    return grid.parameters(of: runs, seed: 0, rate: 0)
  }

  /// Answers in context.
  static func inContext(_ name: String, _ model: VectorTransformer<Float>, _ settings: Settings) -> Learner {
    let answer = compile { (examples: Examples<Float>, queries: Tensor<Float>) in
      let count = examples.labels.shape[1]
      // The class of the query is not told: any will do.
      let prompts = Examples(
        inputs: .concatenate([examples.inputs, queries.expandingDimensions(1)], axis: 1),
        labels: .concatenate([examples.labels, examples.labels.slice(All(), 0..<1)], axis: 1))
      return scores(model, prompts, settings).slice(All(), count).softmax()
    }
    return Learner(name: name, tasks: settings.tasks) { answer($0, $1).converted(to: Double.self) }
  }

  /// The rate with the least cross-entropy on the queries of other tasks, at the largest number of demonstrations.
  private static func bestRate(_ tuner: Tuner, _ settings: Settings, _ notebook: Recorder) -> Double {
    let (count, rates) = (settings.mostDemonstrations, settings.tuningRates)
    let tasks = Examples<Float>(settings.tuningTasks, of: count + settings.queries, settings, key: notebook.key("tuning"))
      .repeated(rates.count)
    let queries = tasks.part(count..<count + settings.queries)
    let all = (0..<settings.tuningTasks).flatMap { _ in rates }
    let answers = tuner(tasks.part(0..<count), queries.inputs, all, [settings.orderEpochs])[0]
    let right = (answers * .oneHot(queries.labels, classes: settings.classes)).sum(-1)
    let losses = (-right.log()).reshaped(settings.tuningTasks, rates.count, settings.queries).mean(0, 2).scalars
    return rates[losses.indices.filter { losses[$0].isFinite }.min { losses[$0] < losses[$1] } ?? 0]
  }
}
