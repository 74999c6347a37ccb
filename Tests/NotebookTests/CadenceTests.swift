import Foundation
import Notebook
import Testing

@Suite struct CadenceTests {
  private func steps(_ cadence: Cadence, upTo last: Int) -> [Int] {
    var steps = [0]
    while let step = steps.last, step < last { steps.append(cadence.next(after: step)) }
    return steps.filter { $0 <= last }
  }

  @Test func everyNth() {
    #expect(steps(.every(3), upTo: 10) == [0, 3, 6, 9])
    #expect(steps(.every(1), upTo: 3) == [0, 1, 2, 3])
    #expect(Cadence.every(5).next(after: 7) == 10, "after a resume at any step")
  }

  @Test func even() {
    #expect(Cadence.even(2000, of: 8000) == .every(4))
    #expect(Cadence.even(2000, of: 100) == .every(1))
    #expect(Cadence.even(0, of: 100) == .every(100))
  }

  /// The grid 10^(i/perDecade) rounded to whole steps, without repetitions.
  @Test(arguments: [1, 2, 3, 7, 10, 33, 100]) func geometricIsTheRoundedGrid(perDecade: Int) {
    let last = 100_000
    let grid = Set((0...5 * perDecade).map { Int(pow(10, Double($0) / Double(perDecade)).rounded()) })
    #expect(steps(.geometric(perDecade: perDecade), upTo: last) == [0] + grid.sorted())
  }

  @Test func geometricDoesNotDependOnWhereItStarts() {
    let cadence = Cadence.geometric(perDecade: 10)
    let all = steps(cadence, upTo: 10_000)
    for step in 0..<1500 { #expect(cadence.next(after: step) == all.first { $0 > step }) }
  }

  @Test func geometricIsDenseAtTheStartAndHasItsPointsLater() {
    let all = steps(.geometric(perDecade: 100), upTo: 1_000_000)
    #expect(Array(all.prefix(21)) == Array(0...20))
    #expect(zip(all, all.dropFirst()).allSatisfy(<))
    for decade in [1000, 10_000, 100_000] {
      #expect(all.count { $0 > decade && $0 <= 10 * decade } == 100)
    }
  }
}
