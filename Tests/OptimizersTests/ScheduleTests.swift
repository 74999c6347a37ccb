import Foundation
import Optimizers
import Tensors
import Testing

@Suite struct ScheduleTests {
  static let references: [String: [Double]] = Reference.load("schedules")

  static let schedules: [(name: String, schedule: Schedule, perStep: Double)] = [
    ("staircase", .staircase(factor: 0.2, at: [3, 7]), 1), ("polynomial", .polynomial(steps: 10, power: 2), 1),
    ("cosine", .cosine(steps: 12, floor: 0.1), 1), ("warm-up", .warmUp(steps: 5), 1),
    ("warm-restarts", .warmRestarts(first: 4, multiplier: 2, floor: 0.05, until: 28), 0.5),
    ("held", Schedule.warmRestarts(first: 12, until: 24).held(for: 3), 1),
  ]

  /// PyTorch's recursive forms gather a rounding a step.
  @Test(arguments: schedules.indices) func followsPyTorch(_ index: Int) throws {
    let (name, schedule, perStep) = Self.schedules[index]
    let expected = try #require(Self.references[name])
    #expect(deviation(expected.indices.map { schedule.factor(at: Double($0) * perStep) }, expected) < 1e-14, "\(name)")
  }

  @Test func everyReferenceIsUsed() { #expect(Set(Self.schedules.map(\.name)) == Set(Self.references.keys)) }

  @Test func closedForms() {
    func close(_ schedule: Schedule, _ t: Double, _ expected: Double) -> Bool {
      abs(schedule.factor(at: t) - expected) <= 1e-15 * max(1, abs(expected))
    }
    #expect(Schedule.constant(0.3).factor(at: 99.0) == 0.3)
    #expect(close(.inverseTime(scale: 10), 5, 1 / 1.5))
    #expect(close(.inverseSquareRoot(), 8, 1.0 / 3))
    #expect(close(.inversePower(0.75, scale: 2), 30, 0.125))
    #expect(close(.polynomial(steps: 8, end: 0.2), 2, 0.8) && close(.polynomial(steps: 8, end: 0.2), 9, 0.2))
    #expect(close(.warmUp(steps: 4) * .inverseTime(), 1, 0.25) && close(.warmUp(steps: 4) * .inverseTime(), 9, 0.1))
    // Half way down a cosine, at fractions of steps; at the end and behind it the floor.
    #expect(close(.cosine(steps: 3), 1.5, 0.5) && close(.cosine(steps: 3, floor: 0.1), 3, 0.1))
    #expect(close(.cosine(steps: 3, floor: 0.1), 50, 0.1))
  }

  @Test func restartsBeginAtOneAndEndAtTheFloor() {
    let schedule = Schedule.warmRestarts(first: 100, multiplier: 2, floor: 0, until: 700)
    for restart in [0.0, 100, 300] { #expect(schedule.factor(at: restart) == 1) }
    for (middle, end) in [(50.0, 100.0), (200, 300), (500, 700)] {
      #expect(abs(schedule.factor(at: middle) - 0.5) < 1e-15)
      #expect(schedule.factor(at: end - 1e-6) < 1e-12)
    }
    // A multiplier that makes cycles end between steps.
    let uneven = Schedule.warmRestarts(first: 3, multiplier: 1.5, until: 20)
    #expect(abs(uneven.factor(at: 3 + 2.25) - 0.5) < 1e-15 && uneven.factor(at: 7.5) == 1)
  }

  @Test func factorsInFloatAreTheSame() {
    for (_, schedule, _) in Self.schedules {
      for t in [0.0, 2.5, 11] {
        #expect(abs(Double(schedule.factor(at: Tensor(Float(t))).scalar) - schedule.factor(at: t)) < 1e-6)
      }
    }
  }
}
