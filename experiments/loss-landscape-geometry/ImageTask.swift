import Datasets
import Networks
import Notebook
import Optimizers
import Problems
import Tensors
import Training
import Transforms

/// What the papers on permutations and paths train: perceptrons on noisy 8 x 8 images of ten classes with two prototypes each (or on
/// MNIST), by Adam with a rate that falls to 0. All networks of one width train side by side in one compiled step.
package struct ImageTask: Codable, Sendable {
  @Setting("low-pass prototypes of each class") package var prototypes = 2
  @Setting("standard deviation of the noise on every pixel, beside prototypes of mean square 1") package var noise = 1.0
  @Setting("training images") package var training = 4000
  @Setting("test images") package var test = 2000
  @Setting("whether MNIST takes the place of the prototypes when it is in the data folder: its test file, a fifth held out")
  package var prefersMNIST = false
  @Setting("images of a step") package var batchSize = 100
  @Setting("learning rate of Adam, which falls to 0 along half a cosine") package var rate = 2e-3
  @Setting("steps") package var steps = 800
  package init() {}

  /// What proves in a second that it runs.
  package static var smoke: ImageTask {
    var task = ImageTask()
    (task.training, task.test, task.steps) = (400, 200, 40)
    return task
  }

  /// Networks with hidden layers of these widths; the images are the same for all.
  package func problem(hidden: [Int], _ notebook: Recorder) throws -> Classification<Float> {
    let key = notebook.key("images")
    if prefersMNIST, let real = try MNIST.testImages(10_000, classes: Array(0...9)) {
      notebook.uses(DataSource(name: MNIST.name, count: real.images.labels.count, sha256: real.sha256))
      let points = real.images.points(as: Float.self)
      let split = Splits.trainTest(points.count, testShare: 0.2, key: key)
      return Classification(
        training: points.selected(split.train), test: points.selected(split.test), hidden: hidden, batchSize: batchSize)
    }
    return .prototypes(
      perClass: prototypes, noise: noise, training: training, test: test, hidden: hidden, batchSize: batchSize, key: key)
  }

  /// One network for each key, which decides its start and the order of its batches.
  /// - Parameter name: of the loop and its traces.
  package func train(
    _ name: String, _ problem: Classification<Float>, keys: [Key], _ notebook: Recorder
  ) throws -> [MLP<Float>] {
    let adam = Adam<Float>().scheduled(.cosine(steps: steps))
    let grid = TrainingGrid(problem, adam, rates: [rate], keys: keys)
    let runs = try notebook.train(name, grid, steps: steps, cadence: .even(8, of: steps))
    return keys.indices.map { grid.parameters(of: runs, seed: $0, rate: 0) }
  }
}

extension Classification {
  /// The loss of a network on the held-out points, as a compiled function.
  package func compiledTestLoss() -> (MLP<Scalar>) -> Double {
    let loss = compile { (network: MLP<Scalar>) in crossEntropy(network(test.inputs), labels: test.labels) }
    return { Double(loss($0).scalar) }
  }

  /// The share of the held-out points that a network knows.
  package func testAccuracy(_ network: MLP<Scalar>) -> Double {
    Double(accuracy(network(test.inputs), labels: test.labels).scalar)
  }
}
