import Foundation
import Optimizers
import Tensors
import Testing
import Transforms

@Suite struct RuleTests {
  @Test func everyReferenceHasARow() {
    #expect(Set(rows.map(\.name)) == Set(Reference.all.keys))
    #expect(rows.count == Reference.all.count)
  }

  /// Both sides round every operation once, 24 steps long, and no row is chaotic: 1e-12 is a thousand roundings.
  @Test(arguments: rows) func followsTheReference(_ row: Row) throws {
    let reference = try #require(Reference.all[row.name])
    func check<O: Optimizer<Double>>(_ optimizer: O) {
      for (run, expected) in zip(runs(of: optimizer, after: SmallProblem.kept), reference.points) {
        #expect(deviation(run.parameters.flattened.scalars, expected) < 1e-12, "against \(reference.reference)")
      }
    }
    check(row.make())
  }

  /// What a wrapper adds to steps it adds to updates.
  @Test(arguments: rows) func updatesAreSteps(_ row: Row) {
    func check<O: GradientOptimizer<Double>>(_ rule: O) {
      var (stepped, updated) = (Run(rule), Run(rule))
      for t in 0..<8 {
        let noise = SmallProblem.noise(at: t)
        stepped = stepped.advanced(rule, noise)
        let gradient = SmallProblem.objective(noise).gradient(at: updated.parameters)
        updated.parameters = rule.updated(updated.parameters, gradient: gradient, &updated.state)
      }
      #expect(deviation(updated.parameters.flattened.scalars, stepped.parameters.flattened.scalars) < 1e-14)
      for (a, b) in zip(updated.state.tensors, stepped.state.tensors) where a.scalarType == Double.scalarType {
        let pairs = zip(Tensor<Double>(a).scalars, Tensor<Double>(b).scalars).filter { $0 != $1 }
        #expect(deviation(pairs.map(\.0) + [1], pairs.map(\.1) + [1]) < 1e-13)
      }
    }
    if let rule = row.make() as? any GradientOptimizer<Double> { check(rule) }
  }

  @Test(arguments: rows) func compiledEqualsEager(_ row: Row) {
    func check<O: Optimizer<Double>>(_ optimizer: O) {
      let compiled = runs(of: optimizer, after: [6])[0]
      var eager = Run(optimizer)
      for t in 0..<6 { eager = eager.advanced(optimizer, SmallProblem.noise(at: t)) }
      #expect(eager.parameters == compiled.parameters)
      #expect(eager.state.tensors.map(\.shape) == compiled.state.tensors.map(\.shape))
    }
    check(row.make())
  }

  /// Sums over a batch may run in another order than sums over one: a few roundings.
  @Test(arguments: rows) func batchedRatesEqualALoop(_ row: Row) {
    func check<O: Optimizer<Double>>(_ optimizer: O) {
      let optimizers = [0.5, 1, 1.5].map { factor in
        var optimizer = optimizer
        optimizer.learningRate = optimizer.learningRate * factor
        return optimizer
      }
      var run = stacked(optimizers.map { Run($0) })
      let step = vmap(
        { (optimizer: O, run: Run<O>, noise: TensorList<Double>) in run.advanced(optimizer, noise) }, axes: [0, 0, nil])
      for t in 0..<5 { run = step(stacked(optimizers), run, SmallProblem.noise(at: t)) }
      for (i, optimizer) in optimizers.enumerated() {
        let alone = runs(of: optimizer, after: [5])[0].parameters
        let batched = run.parameters.map { $0.slice(i..<i + 1).reshaped(Array($0.shape.dropFirst())) }
        #expect(deviation(batched.flattened.scalars, alone.flattened.scalars) < 1e-13)
      }
    }
    check(row.make())
  }

  @Test(arguments: rows) func stateSurvivesACheckpoint(_ row: Row) throws {
    func check<O: Optimizer<Double>>(_ optimizer: O) throws {
      var run = Run(optimizer)
      for t in 0..<4 { run = run.advanced(optimizer, SmallProblem.noise(at: t)) }
      var read = run
      read.state = try PropertyListDecoder().decode([O.State].self, from: PropertyListEncoder().encode([run.state]))[0]
      for t in 4..<7 {
        run = run.advanced(optimizer, SmallProblem.noise(at: t))
        read = read.advanced(optimizer, SmallProblem.noise(at: t))
      }
      #expect(run.parameters == read.parameters)
    }
    try check(row.make())
  }

  /// Where there was no gradient nothing becomes NaN, neither then nor once there is one.
  @Test(arguments: rows) func zeroGradientsAreHarmless(_ row: Row) {
    func check<O: Optimizer<Double>>(_ optimizer: O) {
      let flat = Objective<Double>(workerGradients: { _ in 0 * SmallProblem.workerOffsets }) { (0 * $0).total + 1 }
      var run = Run(optimizer)
      // Once: AutoClip takes several zeros for what is usual.
      _ = optimizer.step(&run.parameters, &run.state, on: flat)
      #expect(run.parameters.flattened.scalars.allSatisfy { $0.isFinite })
      for t in 0..<3 { run = run.advanced(optimizer, SmallProblem.noise(at: t)) }
      #expect(run.parameters.flattened.scalars.allSatisfy { $0.isFinite })
      #expect(run.parameters != SmallProblem.start)
    }
    check(row.make())
  }
}

/// Trees as one with a batch axis.
private func stacked<Tree: TensorTree>(_ trees: [Tree]) -> Tree {
  let tensors = trees.map(\.tensors)
  return trees[0].replacingTensors(tensors[0].indices.map { leaf in AnyTensor.stack(tensors.map { $0[leaf] }) })
}
