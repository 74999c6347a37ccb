import Diagnostics
import Foundation
import Testing

@Suite struct RegretTests {
  private let points: [[Double]] = [[1, 0.5], [-0.2, 2], [0.7, -0.1], [3, 0.4]]

  /// The least over a fine grid of the disc: above the true one, by a second-order term inside and by a first-order one on the circle.
  private func least(radius: Double, _ loss: ([Double]) -> Double) -> Double {
    (0...200).flatMap { i in
      (0..<720).map { j -> Double in
        let (r, angle) = (radius * Double(i) / 200, Double(j) * .pi / 360)
        return loss([r * cos(angle), r * sin(angle)])
      }
    }.min() ?? .nan
  }

  @Test func linear() {
    var comparator = LinearComparator(dimension: 2)
    points.forEach { comparator.add($0) }
    let sum = { (x: [Double]) in points.reduce(0.0) { $0 + $1[0] * x[0] + $1[1] * x[1] } }
    #expect(abs(comparator.least(inBall: 1.5) - least(radius: 1.5, sum)) < 1e-3)
    #expect(abs(comparator.leastOnSimplex - min(sum([1, 0]), sum([0, 1]))) < 1e-14)
  }

  @Test(arguments: [0.3, 5]) func quadratic(radius: Double) {
    var comparator = QuadraticComparator(dimension: 2)
    #expect(comparator.least(inBall: radius) == 0)
    points.forEach { comparator.add($0) }
    let sum = { (x: [Double]) in
      points.reduce(0.0) { $0 + 0.5 * (($1[0] - x[0]) * ($1[0] - x[0]) + ($1[1] - x[1]) * ($1[1] - x[1])) }
    }
    #expect(abs(comparator.least(inBall: radius) - least(radius: radius, sum)) < 2e-3)
  }

  @Test func regret() {
    var regret = Regret()
    for (loss, least) in [(3.0, 1.0), (0.5, 0.25), (-1, -2)] { regret.suffer(loss, least: least) }
    #expect(regret.losses == 2.5 && regret.dynamic == 3.25 && regret.against(1.5) == 1)
    regret.suffer(1)
    #expect(regret.dynamic.isNaN && regret.losses == 3.5)
  }
}
