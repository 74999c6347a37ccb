import Foundation
import HDF5
import Notebook
import Plotting
import TestSupport
import Testing

extension FileTests {
  @Suite struct EqualRuns {
    @Test func equalInputsMakeEqualFiles() throws {
      try withFolder { first in
        try withFolder { second in
          let (a, b) = (try finish(TwoLoops.self, in: first), try finish(TwoLoops.self, in: second))
          #expect(try differences(between: a, and: b) == [])
          let sizes = try [a, b].map { try FileManager.default.attributesOfItem(atPath: $0)[.size] as? Int }
          #expect(sizes[0] == sizes[1])
        }
      }
    }

    /// The comparison that other tests rest on sees what differs.
    @Test func otherInputsMakeOtherFiles() throws {
      try withFolder { folder in
        let a = try finish(TwoLoops.self, in: folder)
        let b = try finish(TwoLoops.self, in: folder, seed: 1)
        let found = try differences(between: a, and: b)
        #expect(found.contains("/@seed: the value"))
        #expect(found.contains("/traces/descent/x: the values"))
        let c = try finish(TwoLoops.self, in: folder, set: ["steps=4"])
        #expect(try differences(between: a, and: c).contains { $0.hasPrefix("/traces/descent/x: float64 [6, 2]") })
        let copy = "\(folder)/copy.h5"
        try FileManager.default.copyItem(atPath: a, toPath: copy)
        let file = try HDF5File.open(copy, .readWrite)
        try file.root.attributes.set("extra", to: 1.0)
        try file.root.delete("tensors/end")
        try file.root.dataset("traces/descent/norm").attributes.set("units", to: "m")
        try file.close()
        let seen = try differences(between: a, and: copy)
        #expect(seen.count == 3 && seen.contains("/traces/descent/norm@units: the value"))
      }
    }

    @Test(arguments: [1, 3]) func theStoredScriptsNameTheTrueSizeOfTheirFile(figures: Int) throws {
      try withFolder { folder in
        let file = try Toy.method.withValue({ notebook in
          let trace = try notebook.trace("x", "x")
          var state = 0.0
          try notebook.steps("loop", 50, state: &state, cadence: .every(1)) { _, state in
            state += 1
          } measure: { state, record in
            record(trace, state)
          }
        }) {
          try Toy.drawing.withValue({ results in
            let trace = try results.trace("x")
            let series = Series.line(x: try trace.coordinate("step"), y: try trace.column(), label: "x")
            return (1...figures).map { number in
              Figure(
                "fig\(number)", mirrors: "Figure \(number)", Panel(x: Axis("step"), y: Axis("x"), series: [series]))
            }
          }) { try finish(Toy.self, in: folder) }
        }
        let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
        let root = try HDF5File.open(file).root
        #expect(try root.group("figures").children.map(\.name) == (1...figures).map { "fig\($0)" })
        for number in 1...figures {
          let dataset = try root.dataset("figures/fig\(number)")
          let script = try dataset.read(as: String.self)[0]
          #expect(script.contains("if (size ne '\(size)')"))
          #expect(script.contains("results = 'results/toy/quick-seed0.h5'"), "the standard place, wherever the file lies")
          #expect(!script.contains(folder))
          #expect(try dataset.attributes.get("mirrors", as: String.self) == "Figure \(number)")
        }
      }
    }

    /// The numbers of a finished run are not lost to a mistake in what is drawn from them.
    @Test func aMistakeInTheFiguresKeepsTheNumbers() throws {
      struct Mistake: Error {}
      try withFolder { folder in
        let file = try Toy.method.withValue({ try $0.scalar("x", 2, "two") }) {
          try Toy.drawing.withValue({ _ in throw Mistake() }) { try finish(Toy.self, in: folder) }
        }
        #expect(try Results(file).scalar("x") == 2)
        #expect(try Results(file).storedClaims().isEmpty)
      }
    }
  }
}
