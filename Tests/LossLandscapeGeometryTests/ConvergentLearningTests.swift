import Foundation
import LossLandscapeGeometry
import Tensors
import Testing

/// Against References/convergent_learning.py, which has the same activations.
@Suite struct ConvergentLearningTests {
  private let a = Self.matrix(5) { sin(0.37 * $0 * ($1 + 1) + 0.5 * $1) }
  private var b: Tensor<Double> {
    let (first, second) = (a.gather(Tensor<Int32>([2, 0, 1, 3]), axis: 1), a.gather(Tensor<Int32>([0, 1, 3, 4]), axis: 1))
    return Self.matrix(4) { cos(0.29 * $0 * ($1 + 1)) } + 0.8 * first + 0.4 * second
  }
  /// The last but one unit of a is next to dead.
  private var units: UnitPair { UnitPair(a * Tensor<Double>([1, 1, 1, 1e-4, 1]), b, deadBelow: 1e-3) }

  /// Forty rows, counted from 1, and columns, counted from 0.
  private static func matrix(_ columns: Int, _ value: (Double, Double) -> Double) -> Tensor<Double> {
    let places = (0..<40 * columns).map { value(Double($0 / columns + 1), Double($0 % columns)) }
    return Tensor(shape: [40, columns], places)
  }

  private func expect(_ values: [Double], _ known: [Double], within tolerance: Double = 1e-12) {
    #expect(values.count == known.count)
    for (value, known) in zip(values, known) { #expect(abs(value - known) < tolerance) }
  }

  @Test func matching() throws {
    #expect(units.a.shape == [40, 4] && units.b.shape == [40, 4])
    expect(units.semiMatches, [0.6992169270156675, 0.5300950073294457, 0.5410926954911134, 0.2479521356820573])
    #expect(try units.bipartiteMatching() == [1, 2, 0, 3])
    expect(
      units.correlations(of: try units.bipartiteMatching()),
      [0.5035630118995525, 0.5300950073294457, 0.5410926954911134, 0.2479521356820573])
    // With fewer partners than units one goes without, at the correlation 0.
    let fewer = UnitPair(a, b.slice(All(), 0..<2), deadBelow: 1e-3)
    let correlations = fewer.correlations(of: try fewer.bipartiteMatching())
    #expect(correlations.count == 5 && correlations.count { $0 == 0 } == 3)
  }

  @Test func predictions() throws {
    let found = try units.predictions([0.5, 0.2, 0.05], few: 2)
    #expect(found.counts == [[1, 1, 1, 0], [2, 2, 1, 1], [3, 4, 3, 2]])
    let errors: [[Double]] = [
      [0.7610956889747664, 0.9689992832043947, 0.957218694886161, 1],
      [0.49912389400260226, 0.7099397896170057, 0.7472186948861612, 0.9785197384107068],
      [0.44331938318276826, 0.6267143920435958, 0.6740009187909883, 0.9400830509361929],
    ]
    for (error, known) in zip(found.errors, errors) { expect(error, known, within: 1e-6) }
    expect(found.single, [0.4889043110252333, 0.28100071679560507, 0.29278130511383876, 0.061480261589293345])
    expect(found.few, [0.5594008914171449, 0.3627661642426666, 0.3336784933534084, 0.0652171674518005])
    expect(found.all, [0.5665202026531617, 0.385274458611949, 0.34001730328391266, 0.06678070674787584])
  }

  @Test func aNetworkAndItself() throws {
    let same = UnitPair(a, a.gather(Tensor<Int32>([3, 1, 4, 0, 2]), axis: 1), deadBelow: 1e-3)
    #expect(try same.bipartiteMatching() == [3, 1, 4, 0, 2])
    #expect(try same.informationMatching(bins: 8) == [3, 1, 4, 0, 2])
    expect(try same.canonical(), [1, 1, 1, 1, 1])
    // Every unit shares its cluster with its copy.
    let clusters = try same.clusters(5, key: Key(seed: 0))
    #expect(same.shared(clusters).clusters == 5 && same.shared(clusters).units == 1)
  }

  @Test func shuffledInputs() {
    let order = (0..<40).map { ($0 * 7 + 3) % 40 }
    let other = UnitPair(a, b.gather(Tensor<Int32>(order.map { Int32($0) })), deadBelow: 1e-3)
    expect(UnitPair(a, b, deadBelow: 1e-3).shuffled(order).correlations.scalars, other.correlations.scalars)
  }
}
