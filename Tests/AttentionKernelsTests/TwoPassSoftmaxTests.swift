import AttentionKernels
import Foundation
import Tensors
import Testing

/// What the experiment measures with; the kernels themselves are tested in TensorsTests.
@Suite struct TwoPassSoftmaxTests {
  @Test func referenceIsTheClosedForm() {
    // softmax(log 1, log 2, log 5) = (1, 2, 5)/8; a shift of the scores changes nothing. Scores are rounded to Float: 1e-7.
    for shift: Float in [0, -8, 64] {
      let p = referenceSoftmax([shift, shift + log(2), shift + log(5)])
      #expect(zip(p, [1.0 / 8, 2.0 / 8, 5.0 / 8]).allSatisfy { abs($0 / $1 - 1) < 1e-5 }, "\(p)")
    }
    #expect(referenceSoftmax([3e38, -3e38]) == [1, 0])
  }

  @Test func errorIsRelativeAndSeesWhatIsNotFinite() {
    #expect(largestRelativeError([0.5, 0.25], [0.5, 0.2]) == 0.25)
    #expect(largestRelativeError([0.5, 1], [0.5, 1e-39]) == 0, "below what a Float holds at full precision")
    #expect(largestRelativeError([.nan, 0.5], [0.5, 0.5]).isNaN)
    #expect(largestRelativeError([.infinity, 0.5], [0.5, 0.5]).isNaN)
  }

  /// x - max is up to 40 and rounded by half an ulp there, 1.9e-6, which the exponential makes relative; the rest is a few 1e-7.
  @Test(arguments: SoftmaxAlgorithm.allCases) func everyAlgorithmIsTheSoftmax(algorithm: SoftmaxAlgorithm) {
    let x = Tensor<Float>.uniform([1003], in: -20..<20, key: Key(seed: 7)).scalars
    for lanes: any FloatLanes.Type in [Float.self, SIMD8<Float>.self, SIMD16<Float>.self] {
      var y = [Float](repeating: -1, count: x.count)
      algorithm.run(x, x.count, into: &y, lanes)
      #expect(largestRelativeError(y, referenceSoftmax(x)) < 3e-6, "\(algorithm), \(lanes)")
    }
  }
}
