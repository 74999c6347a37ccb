import Datasets
import Problems
import Tensors
import Testing
import Transforms

@Suite struct ProblemTests {
  @Test(arguments: [TestFunction<Double>.rosenbrock(), .beale(), .quadratic(curvatures: [1, 10], start: [1, 1])])
  func aTestFunctionIsZeroAndFlatAtItsMinimum(function: TestFunction<Double>) {
    let result = valueAndGrad { (x: Tensor<Double>) in function.loss(x, on: WholeBatch()) }(function.minimum)
    #expect(abs(result.value.scalar) < 1e-28)
    #expect(result.gradient.norm().scalar < 1e-12)
    #expect(function.loss(function.start, on: WholeBatch()).scalar > 0.1)
    #expect(function.measures(of: function.minimum)["distance"]?.scalar == 0)
  }

  @Test func testFunctionsHaveTheirPublishedValues() {
    // Rosenbrock at (-1.2, 1): 24.2. Beale at (0, 0): 1.5^2 + 2.25^2 + 2.625^2.
    #expect(abs(TestFunction<Double>.rosenbrock().loss(Tensor([-1.2, 1]), on: WholeBatch()).scalar - 24.2) < 1e-13)
    #expect(abs(TestFunction<Double>.beale().loss(Tensor([0, 0]), on: WholeBatch()).scalar - 14.203125) < 1e-13)
  }

  @Test func logisticRegressionIsItsFormula() {
    let points = LinearDesign(dimension: 3, key: Key(seed: 3)).separable(7, margin: 0.1, as: Double.self, key: Key(seed: 4))
    let problem = LogisticRegression(training: points, decay: 0.5, batchSize: 100)
    let w = Tensor([0.3, -1, 0.2])
    var expected = 0.25 * (0.09 + 1 + 0.04)
    for i in 0..<7 {
      let score = (0..<3).reduce(0) { $0 + points.inputs[i, $1] * w[$1] }
      expected += Double.log(1 + Double.exp(points.labels[i] == 1 ? -score : score)) / 7
    }
    #expect(abs((problem.measures(of: w)["training loss"]?.scalar ?? .nan) - expected) < 1e-14)
    // A batch larger than the data is all of them.
    #expect(abs(problem.loss(w, on: problem.batches(key: Key(seed: 0))(0)).scalar - expected) < 1e-14)
  }

  @Test(arguments: ProblemCatalog.entries.map(\.name))
  func everyProblemOfTheCatalogCanBeStepped(name: String) throws {
    let problem = try #require(ProblemCatalog.entry(named: name)).make(key: Key(seed: 0))
    func check<P: Problem<Double>>(_ problem: P) {
      let start = problem.initialParameters(key: Key(seed: 1))
      let batches = problem.batches(key: Key(seed: 2))
      let result = valueAndGrad { (p: P.Parameters) in problem.loss(p, on: batches(3)) }(start)
      #expect(result.value.shape == [])
      #expect(result.value.scalar.isFinite)
      #expect(result.gradient.tensors.contains { Tensor<Double>($0).norm().scalar > 0 })
      // The same batch again, whatever was asked for in between.
      #expect(
        valueAndGrad { (p: P.Parameters) in problem.loss(p, on: problem.batches(key: Key(seed: 2))(3)) }(start).value
          == result.value)
    }
    check(problem)
  }
}
