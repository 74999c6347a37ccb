import Optimizers
import Tensors
import Testing
import Transforms

/// Known answers from NumPy: a = [g w] of the samples in the batch, a.mean(0), a.var(0, ddof=1),
/// ceil(var.sum() / (eta² mean @ mean)) and ceil(max(var / (eta mean)²)).
@Suite struct AdaptiveBatchSizeTests {
  /// Two parameters of five samples; the last sample is not in the batch, and would change everything.
  let batch = BatchMoments(
    TensorList([
      Tensor<Double>(shape: [5, 3], [1, 2, -1, 0.5, -1, 3, 2, 0, 1, -1, 1, 0.25, 10, 10, 10]),
      Tensor<Double>(shape: [5, 1], [0.5, 1.5, -2, 1, 7]),
    ]), isInBatch: Tensor([true, true, true, true, false]))

  @Test func momentsAreThoseOfTheBatch() {
    // A few roundings of numbers near 1.
    let tolerance = 1e-14
    for (measured, expected) in zip(batch.mean.elements.flatMap(\.scalars), [0.625, 0.5, 0.8125, 0.25]) {
      #expect(abs(measured - expected) < tolerance)
    }
    let variances = [1.5625, 1.6666666666666667, 2.8072916666666665, 2.4166666666666665]
    for (measured, expected) in zip(batch.variance.elements.flatMap(\.scalars), variances) {
      #expect(abs(measured - expected) < tolerance)
    }
  }

  @Test(arguments: [
    (AdaptiveBatchSize<Double>.Test.norm, 0.5, 25.0), (.norm, 2, 4), (.coordinateWise, 0.5, 155), (.coordinateWise, 2, 10),
  ])
  func sizeIsWhatTheTestAsksFor(test: AdaptiveBatchSize<Double>.Test, tolerance: Double, expected: Double) {
    let sizes = AdaptiveBatchSize<Double>(tolerance: tolerance, test: test, largest: 1000)
    #expect(sizes.next(after: Tensor(4), batch).scalar == expected)
    let compiled = compile { (size: Tensor<Double>, batch: BatchMoments<Double>) in sizes.next(after: size, batch) }
    #expect(compiled(Tensor(4), batch).scalar == expected)
  }

  @Test func batchesNeitherShrinkNorExceedTheSamples() {
    #expect(AdaptiveBatchSize<Double>(tolerance: 0.5, largest: 20).next(after: Tensor(4), batch).scalar == 20)
    #expect(AdaptiveBatchSize<Double>(tolerance: 0.5, largest: 1000).next(after: Tensor(600), batch).scalar == 600)
    #expect(AdaptiveBatchSize<Double>(tolerance: .infinity, largest: 1000).next(after: Tensor(4), batch).scalar == 4)
  }

  @Test func noGradientAndNoNoiseChangeNothing() {
    let nothing = BatchMoments(TensorList([Tensor<Double>.zeros([4, 2])]), isInBatch: Tensor([true, true, true, false]))
    for test in [AdaptiveBatchSize<Double>.Test.norm, .coordinateWise] {
      #expect(AdaptiveBatchSize<Double>(tolerance: 0.5, test: test, largest: 9).next(after: Tensor(3), nothing).scalar == 3)
    }
  }
}
