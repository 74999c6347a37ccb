import Diagnostics
import Foundation
import Testing

/// Sums of a few terms near 1: rounding stays below this.
private let rounding = 1e-13

@Suite struct LineFitTests {
  /// numpy.polyfit(x, y, 1, cov=True), and R² from its residuals.
  @Test func agreesWithNumPy() {
    let fit = LineFit(x: [1, 2, 3, 5, 8, 13], y: [2.1, 3.9, 6.2, 9.7, 16.5, 25.1])
    #expect(abs(fit.slope - 1.9404605263157897) < rounding)
    #expect(abs(fit.intercept - 0.23421052631578926) < rounding)
    #expect(abs(fit.slopeError - 0.04467845212338131) < rounding)
    #expect(abs(fit.rSquared - 0.9978839465207494) < rounding)
    #expect(fit.count == 6)
  }

  /// References/statistics.py: scipy.stats.linregress and t.ppf.
  @Test(arguments: [(0.95, 1.8164132566100213, 2.064507796021558), (0.5, 1.907367327105335, 1.9735537255262443)])
  func slopeIntervals(confidence: Double, lower: Double, upper: Double) {
    let interval = LineFit(x: [1, 2, 3, 5, 8, 13], y: [2.1, 3.9, 6.2, 9.7, 16.5, 25.1]).slopeInterval(confidence: confidence)
    #expect(abs(interval.lower - lower) < rounding && abs(interval.upper - upper) < rounding)
    #expect(LineFit(x: [1, 2], y: [1, 2]).slopeInterval().lower.isNaN, "two points say nothing of their scatter")
  }

  @Test func onlyTheRangeCounts() {
    let fit = LineFit(x: [0, 1, 2, 3, 4], y: [99, 1, 3, 5, -7], over: 1...3)
    #expect(fit.slope == 2 && fit.intercept == -1 && fit.count == 3 && fit.rSquared == 1 && fit.slopeError == 0)
  }

  @Test func whatIsNotANumberMakesTheFitNone() {
    for bad in [Double.nan, .infinity, -.infinity] {
      let fit = LineFit(x: [1, 2, 3], y: [1, bad, 3])
      #expect(fit.slope.isNaN && fit.intercept.isNaN && fit.rSquared.isNaN && fit.slopeError.isNaN, "\(bad): \(fit)")
    }
    #expect(LineFit(x: [1, 2, .nan], y: [1, 2, 3]).slope.isNaN)
    #expect(LineFit(x: [1], y: [1]).slope.isNaN)
    #expect(LineFit(x: [], y: []).slope.isNaN)
    #expect(LineFit(x: [2, 2], y: [1, 3]).slope.isNaN == true, "a vertical line has no slope")
    #expect(LineFit(x: [1, 2, .nan], y: [1, 2, 3], over: 0...5).slope == 1, "outside the range")
  }

  @Test func lawsAreRecovered() {
    let x = (1...40).map(Double.init)
    let power = LineFit.powerLaw(x: x, y: x.map { 3 * pow($0, -1.5) })
    #expect(abs(power.slope + 1.5) < rounding && abs(exp(power.intercept) - 3) < rounding)
    let exponential = LineFit.exponential(x: x, y: x.map { 5 * exp(-0.25 * $0) })
    #expect(abs(exponential.slope + 0.25) < rounding && abs(exp(exponential.intercept) - 5) < 10 * rounding)
    #expect(LineFit.powerLaw(x: x, y: x, over: 10...20).count == 11)
  }

  @Test func logarithmsLeaveOutWhatHasNone() {
    #expect(LineFit.powerLaw(x: [0, -1, 1, 2, 4], y: [1, 1, 1, 2, 4]).count == 3)
    #expect(LineFit.powerLaw(x: [1, 2, 4, 8], y: [1, 0, 4, 8]).slope == 1)
    #expect(LineFit.exponential(x: [0, 1, 2], y: [1, 0, exp(2)]).count == 2)
    #expect(LineFit.powerLaw(x: [1, 2, 4], y: [1, .nan, 4]).slope.isNaN, "left out is only what is not positive")
    #expect(LineFit.exponential(x: [0, 1, 2], y: [1, .nan, 3]).slope.isNaN)
  }
}

@Suite struct QuantileTests {
  /// numpy.quantile of the same numbers.
  @Test(arguments: [
    (0, -1.25), (0.1, -0.19999999999999984), (0.25, 1.625), (0.5, 3.5), (0.75, 5.5625), (0.9, 8.200000000000001), (1, 10.0),
  ])
  func agreesWithNumPy(share: Double, expected: Double) {
    #expect(abs(quantile([3.5, -1.25, 7, 0.5, 2.75, 10, 4.125], share) - expected) < rounding)
  }

  @Test func medians() {
    #expect(median([3, 1, 2]) == 2)
    #expect(median([4, 1, 2, 3]) == 2.5)
    #expect(median([7]) == 7)
    #expect(median([]).isNaN)
    #expect(median([1, .nan, 2]).isNaN)
    #expect(quantile([1, .infinity, .infinity], 0.75) == .infinity, "no inf - inf")
    #expect(quantile([1, 2, .nan], 0).isNaN)
  }
}

@Suite struct InterleavedTimingTests {
  @Test func everyAlternativeIsTimedInEveryRound() {
    var calls = [0, 0]
    let alternatives = calls.indices.map { i in
      { () -> Float in
        calls[i] += 1
        return 1
      }
    }
    let timing = InterleavedTiming(minimum: .zero, alternatives)
    let rounds = (0..<4).map { _ in timing.round() }
    #expect(rounds.allSatisfy { $0.count == 2 })
    #expect(rounds.joined().allSatisfy { $0 >= 0 && $0.isFinite })
    #expect(calls == [6, 6], "a warm-up, one to count, and four rounds of one")
  }
}
