import Diagnostics
import Foundation
import Tensors
import Testing

/// Sums of a few terms near 1, and SciPy's own rounding: below this.
private let rounding = 1e-13

/// The samples of References/statistics.py, which printed the numbers below.
private let x = [3.5, -1.25, 7, 0.5, 2.75, 10, 4.125, 0.5, 3.5]
private let y = [2, 0.25, 5, 0.25, 4.5, 9, -3, 1, 2]
private let z = [0.5, 1.5, -2, 8, 3.5]

@Suite struct RankCorrelationTests {
  @Test func spreadOfAMean() {
    // numpy.var([1, 2, 4, 7], ddof=1) = 7, and the root of 7 / 4.
    #expect(sampleVariance([1, 2, 4, 7]) == 7)
    #expect(abs(standardError([1, 2, 4, 7]) - 1.3228756555322954) < 1e-15)
    #expect(sampleVariance([3]).isNaN && standardError([]).isNaN)
  }

  @Test func agreesWithSciPy() {
    #expect(abs(pearsonCorrelation(x, y) - 0.7093829825296661) < rounding)
    #expect(abs(spearmanCorrelation(x, y) - 0.5805084745762712) < rounding)
    #expect(abs(kendallCorrelation(x, y) - 0.5) < rounding)
  }

  /// All pairs one by one, on lengths around those of the merge sort's runs.
  @Test(arguments: [2, 3, 4, 5, 7, 8, 9, 33, 100]) func kendallCountsPairs(count: Int) {
    let key = Key(seed: 1)[count]
    let a = Tensor<Int32>.integers([count], in: 0..<12, key: key.named("a")).scalars.map(Double.init)
    let b = Tensor<Int32>.integers([count], in: 0..<12, key: key.named("b")).scalars.map(Double.init)
    var (sum, untiedA, untiedB) = (0.0, 0.0, 0.0)
    for i in 0..<count {
      for j in 0..<i {
        let (signA, signB) = (Double((a[i] - a[j]).sign0), Double((b[i] - b[j]).sign0))
        (sum, untiedA, untiedB) = (sum + signA * signB, untiedA + abs(signA), untiedB + abs(signB))
      }
    }
    #expect(abs(kendallCorrelation(a, b) - sum / (untiedA * untiedB).squareRoot()) < rounding)
  }

  @Test func ends() {
    #expect(abs(spearmanCorrelation([1, 2, 3], [1, 10, 100]) - 1) < rounding)
    #expect(kendallCorrelation([1, 2, 3], [9, 3, -1]) == -1)
    for correlation in [pearsonCorrelation, spearmanCorrelation, kendallCorrelation] {
      #expect(correlation([1, 1, 1], [1, 2, 3]).isNaN && correlation([1], [1]).isNaN && correlation([], []).isNaN)
      #expect(correlation([1, .nan, 2], [1, 2, 3]).isNaN)
    }
  }
}

extension Double {
  fileprivate var sign0: Int { self > 0 ? 1 : self < 0 ? -1 : 0 }
}

@Suite struct SampleDistanceTests {
  @Test func agreesWithSciPy() {
    #expect(abs(wasserstein1(x, z) - 1.280555555555556) < rounding)
    #expect(abs(energyDistance(x, z) - 0.6331383715514833) < rounding)
    #expect(abs(kolmogorovSmirnov(x, z) - 0.26666666666666666) < rounding)
    let statistic = kolmogorovSmirnov(x) { 0.5 * erfc(-($0 - 3) / 4 / 2.0.squareRoot()) }
    #expect(abs(statistic - 0.16703710638571512) < rounding)
  }

  @Test func anotherWayToTheSame() {
    // Points on a line through the plane: the distance of the samples on the line, by all pairs.
    let line = { (values: [Double]) in Tensor(shape: [values.count, 2], values.flatMap { [0.6 * $0, 0.8 * $0] }) }
    #expect(abs(energyDistance(line(x), line(z)) - energyDistance(x, z)) < rounding)
    // A shift is a distance in itself, exactly so in these numbers.
    #expect(wasserstein1(x, x.map { $0 + 2 }) == 2)
    #expect(wasserstein1(x, x.reversed()) == 0 && energyDistance(line(x), line(x)) < 1e-7 && kolmogorovSmirnov(x, x) == 0)
    #expect(kolmogorovSmirnov([1, 2], [3]) == 1)
    #expect(wasserstein1([], x).isNaN && energyDistance(x, [.nan]).isNaN && kolmogorovSmirnov(x, [] as [Double]).isNaN)
  }
}

@Suite struct ClassificationTests {
  private let confidences = [0.05, 0.2, 0.25, 0.5, 0.55, 0.75, 0.8, 0.95, 1.0, 0.6]
  private let isCorrect = [false, true, false, true, false, true, true, false, true, true]

  @Test func agreesWithTheDefinitions() {
    let scores = [0.1, 0.4, 0.35, 0.8, 0.4, 0.9, 0.2, 0.4]
    let isPositive = [false, false, true, true, true, true, false, false]
    #expect(auroc(scores: scores, isPositive: isPositive) == 0.8125)
    #expect(auroc(scores: scores, isPositive: isPositive.map { !$0 }) == 1 - 0.8125)
    let four = expectedCalibrationError(confidences: confidences, isCorrect: isCorrect, bins: 4)
    #expect(abs(four - 0.185) < rounding)
    let fifteen = expectedCalibrationError(confidences: confidences, isCorrect: isCorrect)
    #expect(abs(fifteen - 0.31500000000000006) < rounding)
    #expect(abs(riskCoverageArea(confidences: confidences, isCorrect: isCorrect) - 0.30107142857142855) < rounding)
  }

  @Test func ends() {
    #expect(auroc(scores: [1, 2, 3], isPositive: [false, false, true]) == 1)
    #expect(auroc(scores: [1, 1, 1, 1], isPositive: [true, false, true, false]) == 0.5)
    #expect(auroc(scores: [1, 2], isPositive: [true, true]).isNaN && auroc(scores: [], isPositive: []).isNaN)
    #expect(auroc(scores: [1, .nan], isPositive: [true, false]).isNaN)
    #expect(expectedCalibrationError(confidences: [0, 1], isCorrect: [false, true]) == 0)
    #expect(expectedCalibrationError(confidences: [0, 1], isCorrect: [true, false]) == 1)
    #expect(expectedCalibrationError(confidences: [0.5, .nan], isCorrect: [true, true]).isNaN)
    #expect(expectedCalibrationError(confidences: [], isCorrect: []).isNaN)
  }
}

@Suite struct SubspaceTests {
  @Test func agreesWithSciPy() throws {
    let a = Tensor<Double>(shape: [5, 2], [1, 2, 0, 1, 3, -1, 2, 0.5, -1, 1])
    let b = Tensor<Double>(shape: [5, 3], [0.5, 1, 2, 1, 0, -1, 2, 2, 0, 0, 1, 1, 1, -1, 3])
    let known = [0.18595975714495272, 0.8928958103538562]
    for angles in [try principalAngles(a, b), try principalAngles(b, a)] {
      #expect(angles.count == 2 && zip(angles, known).allSatisfy { abs($0 - $1) < rounding })
    }
    let overlap = known.reduce(0) { $0 + cos($1) * cos($1) } / 2
    #expect(abs(try subspaceOverlap(a, b) - overlap) < rounding)
  }

  /// An angle of 1e-10 has the cosine 1: only the sine sees it.
  @Test(arguments: [0, 1e-10, 1e-3, 0.785, 0.786, 1.5, .pi / 2]) func anglesOfAllSizes(angle: Double) throws {
    let rotation = Tensor<Double>.orthogonal([4, 4], key: Key(seed: 1))
    let a = matmul(rotation, Tensor<Double>(shape: [4, 1], [3, 0, 0, 0]))
    let b = matmul(rotation, Tensor<Double>(shape: [4, 1], [cos(angle), sin(angle), 0, 0]))
    // Entries near 1 are rounded, and rotated: absolute errors of a few units.
    #expect(abs(try principalAngles(a, b)[0] - angle) < 2e-15)
  }

  @Test func aMatrixWithNaNThrows() {
    #expect(throws: LinearAlgebraError.self) { try principalAngles(Tensor<Double>.full([3, 1], .nan), Tensor.zeros(3, 1)) }
  }
}

@Suite struct SeriesTests {
  @Test func movingAverages() {
    #expect(movingAverage([1, 2, 3, 4, 8], window: 2) == [1.5, 2.5, 3.5, 6])
    #expect(movingAverage([1, 2], window: 3) == [] && movingAverage([5], window: 1) == [5])
    let gap = movingAverage([1, .nan, 3, 5], window: 2)
    #expect(gap[0].isNaN && gap[1].isNaN && gap[2] == 4)
    // With decay 1/2: weights 1; 1, 2; 1, 2, 4.
    let smooth = exponentialMovingAverage([3, 6, 1], decay: 0.5)
    #expect(smooth[0] == 3 && abs(smooth[1] - 5) < rounding && abs(smooth[2] - 19.0 / 7) < rounding)
  }

  @Test func firstHits() {
    let losses = [5, 0.5, 2, 0.9, 0.8, 0.1]
    #expect(firstHit(losses) { $0 < 1 } == 1)
    #expect(firstHit(losses, stayingFor: 2) { $0 < 1 } == 3)
    #expect(firstHit(losses, stayingFor: 4) { $0 < 1 } == nil)
    #expect(firstHit([.nan]) { $0 < 1 } == nil && firstHit([]) { _ in true } == nil)
  }

  /// numpy.quantile of the same numbers.
  @Test(arguments: [
    (0, [[2.5, 1.75, 1.5, 2.5], [3.5, 2.5, 3.5, 4.5], [7.500000000000001, 4.4, 7.1000000000000005, 6.7]]),
    (
      1,
      [
        [1.25, 3.5, 1.0, 2.5, 8.25, 1.25, 3.5, 3.75], [1.5, 4.0, 2.0, 4.0, 8.5, 1.5, 4.0, 4.5],
        [1.9, 4.8, 3.6, 6.4, 8.9, 1.9, 4.8, 5.7],
      ]
    ),
    (
      2,
      [
        [2.0, 2.25, 1.75, 1.75, 3.75, 2.75, 3.0, 5.25], [3.0, 2.5, 2.5, 3.5, 5.5, 4.5, 3.0, 5.5],
        [4.6, 2.9, 3.7, 6.3, 8.3, 7.3, 3.0, 5.9],
      ]
    ),
  ])
  func quantileBandsAgreeWithNumPy(axis: Int, known: [[Double]]) {
    let grid = Tensor<Double>(shape: [4, 2, 2], [1, 5, 2, 3, 4, 1, 0, 7, 9, 2, 8, 1, 3, 3, 5, 6])
    let bands = quantileBands(grid, [0.25, 0.5, 0.9], axis: axis)
    for (band, known) in zip(bands, known) {
      #expect(band.shape == (axis == 0 ? [2, 2] : [4, 2]))
      #expect(zip(band.scalars, known).allSatisfy { abs($0 - $1) < rounding })
    }
    #expect(bands.count == 3)
  }

  @Test(arguments: [
    (0.975, 1, 12.706204736174694), (0.975, 2, 4.302652729749462), (0.975, 5, 2.5705818356363146), (0.01, 7, -2.9979515668685286),
    (0.9, 30, 1.3104150253913955), (0.999, 101, 3.1728926657405694), (0.6, 1000, 0.25341451583949876),
  ])
  func studentTQuantilesAgreeWithSciPy(p: Double, degrees: Int, known: Double) {
    // The probability is rounded to 1e-16, which the slope of the quantile magnifies: 600 times at p = 0.999.
    #expect(abs(studentTQuantile(p, degrees: degrees) - known) < 1e-12 * abs(known))
    #expect(abs(studentTQuantile(0.5, degrees: degrees)) < 1e-15)
  }
}
