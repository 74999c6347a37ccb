import Foundation
import HDF5
import Notebook
import Tensors
import TestSupport
import Testing

extension FileTests {
  @Suite struct StepLoops {
    /// Counts the updates of a loop; gives the steps measured, the values measured there, and the number returned.
    private func count(
      _ steps: Int, cadence: Cadence, until: @escaping @Sendable (Int) -> Bool = { _ in false }
    ) throws -> (steps: [Double], values: [Double], updates: Double) {
      var found: (steps: [Double], values: [Double], updates: Double) = ([], [], 0)
      try record { notebook in
        let trace = try notebook.trace("count", "updates made")
        var state = 0
        let updates = try notebook.steps("loop", steps, state: &state, cadence: cadence, until: until) { step, state in
          #expect(step == state, "the step counts the updates before it")
          state += 1
        } measure: { state, record in
          #expect(record.step == state)
          record(trace, Double(state))
        }
        #expect(updates == state)
        try notebook.scalar("updates", Double(updates), "updates made")
      } check: { results in
        let trace = try results.trace("count")
        found = (try trace.coordinate("step").values, try trace.column().values, try results.scalar("updates"))
      }
      return found
    }

    @Test func measuresAtTheStartAtTheCadenceAndAtTheEnd() throws {
      #expect(try count(10, cadence: .every(4)) == ([0, 4, 8, 10], [0, 4, 8, 10], 10))
      #expect(try count(8, cadence: .every(4)) == ([0, 4, 8], [0, 4, 8], 8), "once where both fall together")
      #expect(try count(3, cadence: .every(100)).steps == [0, 3])
      #expect(try count(25, cadence: .geometric(perDecade: 3)).steps == [0, 1, 2, 5, 10, 22, 25])
    }

    @Test func endsWhenItIsDone() throws {
      #expect(try count(100, cadence: .every(4), until: { $0 >= 6 }) == ([0, 4, 6], [0, 4, 6], 6))
      #expect(try count(100, cadence: .every(4), until: { $0 >= 4 }) == ([0, 4], [0, 4], 4))
      #expect(try count(5, cadence: .every(4), until: { _ in true }).updates == 1, "looked at after an update, not before")
    }

    @Test func aLoopOfNoStepsMeasuresItsStart() throws {
      #expect(try count(0, cadence: .every(4)) == ([0], [0], 0))
    }

    @Test func twoLoopsOfOneNameAreRefused() {
      let text = message {
        try record { notebook in
          var state = 0
          for _ in 0..<2 { try notebook.steps("loop", 1, state: &state, cadence: .every(1)) { _, _ in } }
        }
      }
      #expect(text == "'loop loop' was recorded twice")
    }

    @Test func errorsOfAnUpdateComeThroughAndLeaveNoFile() throws {
      struct Odd: Error {}
      try withFolder { folder in
        _ = Toy.method.withValue({ notebook in
          var state = 0
          try notebook.steps("loop", 3, state: &state, cadence: .every(1)) { step, _ in if step == 2 { throw Odd() } }
        }) {
          #expect(throws: Odd.self) { try finish(Toy.self, in: folder) }
        }
        #expect(files(in: folder) == [])
      }
    }

    @Test func divergenceIsAnOutcomeWithItsStep() throws {
      try withFolder { folder in
        let file = try Toy.method.withValue({ notebook in
          let good = try notebook.trace("good", "stays")
          let bad = try notebook.trace("bad", "does not", along: [Dimension("run", count: 2, "run")])
          var state = [1.0, 1.0]
          try notebook.steps("loop", 6, state: &state, cadence: .every(2)) { step, state in
            if step == 2 { state[1] = .infinity }
            if step == 4 { state[1] = .nan }
          } measure: { state, record in
            record(good, 1)
            record(bad, state)
          }
        }) {
          try Toy.claiming.withValue({ results in
            let measured = try results.trace("bad").column(["run": 1]).values.last ?? 0
            return [Claim("small", "It is small.", source: "here", quantity: "bad", measured: measured, expected: .atMost(10))]
          }) { try finish(Toy.self, in: folder) }
        }
        let results = try Results(file)
        #expect(try results.status == "diverged")
        let bad = try results.trace("bad")
        #expect(bad.divergedAtStep == 4, "the first measured step after it happened")
        #expect(try results.trace("good").divergedAtStep == nil)
        let values = try bad.column(["run": 1]).values
        #expect(values[0..<3] == [1, 1, .infinity] && values[3].isNaN)
        #expect(try bad.column(["run": 0]).values == [1, 1, 1, 1])
        let verdicts = try results.storedClaims()
        #expect(verdicts.map(\.name) == ["small"] && verdicts.map(\.verdict) == [.notReproduced])
        let claim = try HDF5File.open(file).root.group("claims/small").attributes
        #expect(try claim.get("measured", as: Double.self).isNaN)
        #expect(try claim.get("expected", as: String.self) == "<= 10")
      }
    }

    @Test func aRunWithoutDivergenceIsComplete() throws {
      try record { notebook in
        try notebook.scalar("x", .nan, "a number of no loop")
      } check: { results in
        let status = try results.status
        #expect(status == "complete")
      }
    }

    @Test func keysDependOnTheirNamesAlone() throws {
      let drawn = { (names: [String], seed: UInt64) in
        var found: [String: [Double]] = [:]
        try record(
          { notebook in
            for name in names {
              let values = Tensor<Double>.normal([3], key: notebook.key(name))
              try notebook.tensor(name, values, "numbers", along: [Dimension("i", count: 3, "number")])
            }
          }, seed: seed
        ) { results in
          for name in names { found[name] = try results.tensor(name).values }
        }
        return found
      }
      let one = try drawn(["init", "data"], 0)
      let other = try drawn(["noise", "data", "init"], 0)
      #expect(one["init"] == other["init"] && one["data"] == other["data"])
      #expect(one["init"] != one["data"])
      #expect(try drawn(["init"], 1)["init"] != one["init"])
    }
  }
}
