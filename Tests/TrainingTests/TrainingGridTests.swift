import Datasets
import Foundation
import Networks
import Optimizers
import Problems
import Tensors
import Testing
import Training
import Transforms

@Suite struct TrainingGridTests {
  private let problem = Classification<Double>.teacher(
    training: 60, test: 30, hidden: [8], batchSize: 20, key: Key(seed: 1).named("problem"))
  private let keys = Key(seed: 2).split(2)
  private let rates = [1e-3, 1e-2, 1e-1]

  /// One network after the other, eagerly, from the same keys.
  private func alone(_ key: Key, rate: Double, steps: Int) -> (model: MLP<Double>, loss: Double) {
    let adam = Adam<Double>(learningRate: rate)
    var model = problem.initialParameters(key: key.named("parameters"))
    var state = adam.initialState(for: model)
    let batches = problem.batches(key: key.named("batches"))
    var loss = Double.nan
    for i in 0..<steps { loss = adam.step(&model, &state) { problem.loss($0, on: batches(i)) }.scalar }
    return (model, loss)
  }

  @Test func aGridIsItsRunsOneByOne() {
    let grid = TrainingGrid(problem, Adam<Double>(), rates: rates, keys: keys)
    var runs = grid.start()
    let first = keys.map {
      problem.loss(problem.initialParameters(key: $0.named("parameters")), on: problem.batches(key: $0.named("batches"))(0))
    }
    for (s, loss) in first.enumerated() { #expect(abs(grid.losses(of: runs)[s, 1] - loss.scalar) < 1e-12) }
    for i in 0..<5 { grid.step(i, &runs) }
    let measures = grid.measures(of: runs)
    #expect(measures["test accuracy"]?.shape == [2, 3])
    for (s, key) in keys.enumerated() {
      for (r, rate) in rates.enumerated() {
        let (model, loss) = alone(key, rate: rate, steps: 5)
        // Sums of products in another order: some roundings of numbers near 1.
        let difference = TensorList<Double>(of: grid.parameters(of: runs, seed: s, rate: r)) - TensorList(of: model)
        #expect(difference.norm.scalar < 1e-12, "seed \(s), rate \(rate)")
        #expect(abs(grid.losses(of: runs)[s, r] - loss) < 1e-12)
        #expect(
          abs((measures["training loss"]?[s, r] ?? .nan) - (problem.measures(of: model)["training loss"]?.scalar ?? 0)) < 1e-12)
      }
    }
  }

  /// Data and what a rule knows of them differ between seeds; each seed is as if it were alone.
  @Test func everySeedCanHaveAProblemOfItsOwn() {
    let problems = keys.map { key in
      LogisticRegression<Double>(
        training: LinearDesign(dimension: 4, key: key).separable(40, margin: 0.1, key: key.named("points")), batchSize: 8)
    }
    let rules = [0.5, 2].map { PolyakStep(FixedMetric(TensorList([Tensor<Double>.full([4], $0)])), penalty: .quadratic(0.1)) }
    let rates = [0.5, 1]
    let grid = TrainingGrid(problems: problems, optimizers: rules, rates: rates, keys: keys)
    var runs = grid.start()
    for i in 0..<5 { grid.step(i, &runs) }
    for seed in 0..<2 {
      let alone = TrainingGrid(problems[seed], rules[seed], rates: rates, keys: [keys[seed]])
      var run = alone.start()
      for i in 0..<5 { alone.step(i, &run) }
      for rate in 0..<2 {
        let difference = grid.parameters(of: runs, seed: seed, rate: rate) - alone.parameters(of: run, seed: 0, rate: rate)
        #expect(difference.norm().scalar < 1e-12)
        #expect(abs(grid.losses(of: runs)[seed, rate] - alone.losses(of: run)[0, rate]) < 1e-12)
        let (all, one) = (grid.measures(of: runs)["training loss"], alone.measures(of: run)["training loss"])
        #expect(abs((all?[seed, rate] ?? .nan) - (one?[0, rate] ?? 0)) < 1e-12)
      }
    }
  }

  @Test func aRunThatDivergesLeavesTheOthersAlone() {
    let calm = TrainingGrid(problem, SGD<Double>(), rates: [0.1], keys: keys)
    let wild = TrainingGrid(problem, SGD<Double>(), rates: [0.1, 1e200], keys: keys)
    var (calmRuns, wildRuns) = (calm.start(), wild.start())
    for i in 0..<4 {
      calm.step(i, &calmRuns)
      wild.step(i, &wildRuns)
    }
    for seed in 0..<2 {
      #expect(wild.losses(of: wildRuns)[seed, 0] == calm.losses(of: calmRuns)[seed, 0])
      #expect(!wild.losses(of: wildRuns)[seed, 1].isFinite)
    }
  }

  @Test func runsGoOnFromACheckpoint() throws {
    let grid = TrainingGrid(problem, Adam<Double>().scheduled(.cosine(steps: 6)), rates: rates, keys: keys)
    var runs = grid.start()
    for i in 0..<3 { grid.step(i, &runs) }
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    var restored = try PropertyListDecoder().decode(type(of: runs), from: encoder.encode(runs))
    for i in 3..<6 {
      grid.step(i, &runs)
      grid.step(i, &restored)
    }
    #expect(TensorList<Double>(of: runs.parameters) == TensorList(of: restored.parameters))
    #expect(grid.losses(of: runs) == grid.losses(of: restored))
  }

  @Test func theGradientsOfTheWorkersHaveTheBatchGradientAsTheirMean() {
    let model = problem.initialParameters(key: keys[0])
    let batch = problem.batches(key: keys[1])(0)
    let parts = problem.workerGradients(model, on: batch, workers: 4)
    let mean = parts.map { TensorList<Double>(of: $0).map { $0.mean(0) } }
    let whole = TensorList<Double>(of: grad { problem.loss($0, on: batch) }(model))
    #expect((mean.map { ($0 - whole).norm.scalar } ?? .nan) < 1e-14)
  }
}
