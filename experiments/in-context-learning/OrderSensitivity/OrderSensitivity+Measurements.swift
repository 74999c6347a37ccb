import Networks
import Notebook
import Optimizers
import Tensors

extension OrderSensitivity {
  /// The test tasks: demonstrations first, queries behind them.
  private static func testTasks(_ settings: Settings, _ notebook: Recorder) -> Examples<Float> {
    Examples(settings.tasks, of: settings.mostDemonstrations + settings.queries, settings, key: notebook.key("test"))
  }

  /// Results for all tasks, a few at a time.
  private static func inParts(
    _ name: String, tasks count: Int, copies: Int, _ settings: Settings, _ notebook: Recorder,
    of results: (Range<Int>) -> Tensor<Double>
  ) throws -> Tensor<Double> {
    let tasks = max(1, settings.copiesAtOnce / copies)
    let parts = (count + tasks - 1) / tasks
    var all: [Tensor<Double>] = []
    try notebook.steps(name, parts, state: &all, cadence: .every(parts)) { i, all in
      all.append(results(i * tasks..<min(count, (i + 1) * tasks)))
    }
    return .concatenate(all)
  }

  /// The order test: the first query of each task, with the demonstrations as given and in random orders. NaN stands for tasks that a
  /// learner is not given.
  static func recordOrders(_ learners: [Learner], _ settings: Settings, _ notebook: Recorder) throws {
    let (test, copies) = (testTasks(settings, notebook), settings.orders + 1)
    let queries = test.inputs.slice(All(), settings.mostDemonstrations)
    var (sensitivities, flipped): ([Tensor<Double>], [Tensor<Double>]) = ([], [])
    for learner in learners {
      for count in settings.demonstrations {
        let keys = notebook.key("orders")[count].split(settings.tasks)
        let answers = try inParts("\(learner.name), N = \(count)", tasks: learner.tasks, copies: copies, settings, notebook) {
          tasks in
          let places = tasks.flatMap { task in
            Array(0..<count) + (0..<settings.orders).flatMap { keys[task][$0].permutation(count) }
          }
          let orders = Tensor<Int32>(shape: [tasks.count * copies, count], places.map(Int32.init))
          let examples = test.part(0..<count).tasks(tasks).repeated(copies).ordered(by: orders)
          return learner.answers(examples, queries.slice(tasks).repeated(copies))
        }.reshaped(learner.tasks, copies, settings.classes)
        let missing = Tensor<Double>.full([settings.tasks - learner.tasks], .nan)
        sensitivities.append(.concatenate([sensitivity(answers.slice(All(), 1..<copies)), missing]))
        flipped.append(.concatenate([flips(answers), missing]))
      }
    }
    let axes = [
      Dimension("learner", learners.map(\.name), "what answers the query"),
      Dimension("demonstrations", settings.demonstrations, "demonstrations N"),
      Dimension("task", count: settings.tasks, "test task"),
    ]
    let arranged = { (values: [Tensor<Double>]) in Tensor.stack(values).reshaped(axes.map(\.count)) }
    try notebook.tensor(
      "order/sensitivity", arranged(sensitivities), "mean over classes of the standard deviation over orders", along: axes)
    try notebook.tensor(
      "order/flips", arranged(flipped), "share of orders with another likeliest class than as given", along: axes)
  }

  /// Answers to all queries: in context, and by full-batch gradient descent on the same demonstrations.
  static func recordAgreement(_ model: VectorTransformer<Float>, _ settings: Settings, _ notebook: Recorder) throws {
    let (test, rates, epochs) = (testTasks(settings, notebook), settings.tuningRates, settings.comparedEpochs)
    let queries = test.part(settings.mostDemonstrations..<settings.mostDemonstrations + settings.queries)
    let learner = inContext("ICL", model, settings)
    // Of the right class, [tasks, rates, epochs, queries].
    let isRight = { (answers: Tensor<Double>, labels: Tensor<Int32>) in (answers.argmax() .== labels).converted(to: Double.self) }
    var (inContextAccuracy, measured): ([Double], [Tensor<Double>]) = ([], [])
    for count in settings.demonstrations {
      let known = test.part(0..<count)
      let answers = learner.answers(known.repeated(settings.queries), queries.inputs.reshaped(-1, settings.dimension))
        .reshaped(settings.tasks, settings.queries, settings.classes)
      inContextAccuracy.append(isRight(answers, queries.labels).mean().scalar)
      for part in TunedPart.allCases {
        let tune = tuner(model, part, SGD<Float>(), .together)
        let measures = try inParts(
          "GD, \(part.rawValue), N = \(count), answers", tasks: settings.tasks(of: part), copies: rates.count, settings, notebook
        ) { tasks in
          let all = tasks.flatMap { _ in rates }
          let inputs = queries.inputs.slice(tasks).repeated(rates.count)
          let tuned = tune(known.tasks(tasks).repeated(rates.count), inputs, all, epochs)
          let (reference, labels) = (
            answers.slice(tasks).repeated(rates.count), queries.labels.slice(tasks).repeated(rates.count)
          )
          let measures = tuned.map { tuned in
            let agreement = Agreement(reference, tuned, top: settings.likeliest)
            return Tensor.stack([isRight(tuned, labels), agreement.overlap, agreement.cosine]).mean(2)
          }
          // [epochs, measures, copies] to [tasks, rates, epochs, measures].
          return Tensor.stack(measures).permuted(2, 0, 1).reshaped(tasks.count, rates.count, epochs.count, 3)
        }
        measured.append(measures.mean(0))
      }
    }
    let demonstrations = Dimension("demonstrations", settings.demonstrations, "demonstrations N")
    try notebook.tensor("answers/in context", Tensor(inContextAccuracy), "accuracy in context", along: [demonstrations])
    try notebook.tensor(
      "answers/gradient descent",
      Tensor.stack(measured).reshaped(settings.demonstrations.count, TunedPart.allCases.count, rates.count, epochs.count, 3),
      "accuracy, and agreement with answers in context",
      along: [
        demonstrations, Dimension("part", TunedPart.allCases.map(\.rawValue), "what is tuned"),
        Dimension("rate", rates, "learning rate"), Dimension("epoch", epochs, "epochs"),
        Dimension("measure", ["accuracy", "token overlap", "overlap cosine"], "of the answers"),
      ])
  }

  /// Queries', keys' and values' weights of the trained layers, and of linear attention that takes a step of gradient descent on the same
  /// tokens.
  static func recordWeights(_ model: VectorTransformer<Float>, _ settings: Settings, _ notebook: Recorder) throws {
    let axes = { (width: Int) in
      [
        Dimension("matrix", ["query", "key", "value"], "which weights"), Dimension("row", count: width, "row"),
        Dimension("column", count: width, "column"),
      ]
    }
    let trained = model.stack.blocks.map(\.attention).map { Tensor.stack([$0.query.weight, $0.key.weight, $0.value.weight]) }
    try notebook.tensor(
      "weights/trained", .stack(trained), "trained weights",
      along: [Dimension("layer", count: settings.layers, "layer")] + axes(settings.width))
    let key = notebook.key("construction")
    let start = Tensor<Double>.normal([settings.classes, settings.dimension], key: key.named("start"))
    let layer = constructedStep(start: start, rate: 0.5)
    try notebook.tensor(
      "constructed/weights", .stack([layer.query, layer.key, layer.value]), "constructed weights",
      along: axes(settings.dimension + settings.classes))
    try notebook.scalar(
      "constructed/error", constructionError(layer, start: start, rate: 0.5, key: key.named("tokens")),
      "largest distance of the constructed layer from a step of gradient descent")
  }
}
