import Datasets
import Networks
import Notebook
import Optimizers
import Tensors
import Training
import Transforms

extension MesaGradientDescent {
  /// Sines, learned in context on features that are learned with the rest: by a layer of linear attention, and by one step of gradient
  /// descent, from zero, on the linear model of the features.
  static func studySines(_ settings: Settings, _ notebook: Recorder) throws {
    let features = settings.sine[settings.sine.count - 1]
    let embedding = { (key: Key) in MLP<Float>([1] + settings.sine, activation: .gelu, initializer: .leCun(), key: key) }
    try trainOnSines("sines, attention", settings, notebook) { key in
      Embedded(
        embedding: embedding(key.named("embedding")),
        learner: LinearTransformer([
          LinearSelfAttention(features + 1, initializer: .normal(standardDeviation: settings.deviation), key: key)
        ]))
    }
    try trainOnSines("sines, GD", settings, notebook) { key in
      Embedded(
        embedding: embedding(key.named("embedding")),
        learner: TunedDescent(rates: Tensor([1]), curvatures: nil, repeats: 1))
    }
  }

  private static func trainOnSines<Learner: InContextLearner>(
    _ name: String, _ settings: Settings, _ notebook: Recorder, start: @escaping (Key) -> Embedded<Learner>
  ) throws {
    let draw = { (count: Int, key: Key) in
      InContextRegression<Float>(
        count, length: settings.contextLength + 1, dimension: 1, inputs: .uniform(5), response: .sine, key: key)
    }
    let test = draw(settings.testTasks, notebook.key("sines"))
    let tasks = FreshTasks<Embedded<Learner>, Float>(start: start, observing: { ["test loss": $0.loss(on: test)] }) {
      $0.loss(on: draw(settings.batchSize, $1))
    }
    let grid = TrainingGrid(
      tasks, Adam<Float>().preceded(by: ClipByNorm(settings.clip)), rates: [settings.rate],
      keys: notebook.key("sine learners").split(settings.seeds))
    try notebook.train(name, grid, steps: settings.sineSteps, cadence: .even(50, of: settings.sineSteps))
  }
}
