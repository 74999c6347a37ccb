import Datasets
import Foundation
import HDF5
import Notebook
import Plotting
import Tensors
import TestSupport
import Testing

extension FileTests {
  @Suite struct ResultsFiles {
    private static let side = Dimension("side", [1, 5, 25], "side of the matrix")
    private static let scale = Dimension("scale", [0.5, 0.25], "initial scale", units: "m")
    private static let rule = Dimension("rule", ["plain", "übermütig", "momentum", "x"], "update rule")

    /// 100 i + 10 j + k at (i, j, k), so that every value says where it stands.
    private static let cube = Tensor<Double>(
      shape: [3, 2, 4],
      [0, 1, 2, 3, 10, 11, 12, 13, 100, 101, 102, 103, 110, 111, 112, 113, 200, 201, 202, 203, 210, 211, 212, 213])

    private func recordAll(check: (Results) throws -> Void) throws {
      try record(
        { notebook in
          try notebook.tensor("cube", Self.cube, "the cube", along: [Self.side, Self.scale, Self.rule], units: "GB/s")
          try notebook.tensor("nested/floats", Tensor<Float>([0.1, 0.2, 0.3]), "floats", along: [Self.side])
          try notebook.tensor("nested/flags", [true, false, true, true], "flags", along: Self.rule)
          try notebook.scalar("one", 1 / 3, "a third", units: "s")
          try notebook.tensor(
            "large", Tensor<Double>.uniform([400, 400], key: notebook.key("large")), "more than 1 MiB",
            along: [Dimension("row", count: 400, "row"), Dimension("column", count: 400, "column")])
          try notebook.timing("seconds", Tensor([1.5, 2.5, 3.5]), "times", along: [Self.side], units: "s")
          // A second use is no second source.
          notebook.uses(DataSource(name: "iris", count: 150, sha256: "abc"))
          notebook.uses(DataSource(name: "iris", count: 150, sha256: "abc"))
          let empty = Dimension("nothing", [Int](), "no place at all")
          try notebook.tensor("empty", Tensor<Double>(shape: [0], []), "no values", along: [empty])
        }, check: check)
    }

    @Test func everythingComesBack() throws {
      try recordAll { results in
        let cube = try results.tensor("cube")
        #expect(cube.dimensions == [Self.side, Self.scale, Self.rule])
        #expect(cube.values == Self.cube.scalars)
        #expect(cube.units == "GB/s" && cube.longName == "the cube")
        #expect(try cube.coordinate("side").values == [1, 5, 25])
        #expect(try cube.coordinate("scale").values == [0.5, 0.25])
        #expect(try cube.labels("rule") == ["plain", "übermütig", "momentum", "x"])
        #expect(try results.tensor("nested/floats").values == [0.1, 0.2, 0.3].map { Double(Float($0)) })
        #expect(try results.tensor("nested/flags").values == [1, 0, 1, 1])
        #expect(try results.scalar("one") == 1 / 3)
        #expect(try results.timing("seconds").column().values == [1.5, 2.5, 3.5])
        #expect(try results.tensor("empty").values == [])
        #expect(results.hasTensor("cube") && !results.hasTensor("cuba") && !results.hasTrace("cube"))
        #expect(results.slug == "toy" && results.preset == .quick && results.seed == 0)
        #expect(try results.settings(as: Toy.Settings.self).steps == 9)
      }
    }

    @Test func columnsAndValuesBySelection() throws {
      try recordAll { results in
        let cube = try results.tensor("cube")
        #expect(try cube.column(["side": 5, "rule": "x"]).values == [103, 113])
        #expect(try cube.column(["scale": 0.25, "rule": "momentum"]).values == [12, 112, 212])
        #expect(try cube.value(["side": 25, "scale": 0.5, "rule": "plain"]) == 200)
        #expect(
          message { _ = try cube.column(["side": 5]) }
            == #"a column of /tensors/cube needs one free dimension, free are ["scale", "rule"]"#)
        #expect(message { _ = try cube.column() }.contains("needs one free dimension"))
        #expect(message { _ = try cube.value(["side": 5]) } == #"a value of /tensors/cube needs ["scale", "rule"] too"#)
        #expect(
          message { _ = try cube.value(["side": 4]) }.hasPrefix("/tensors/cube has no place 4 on its dimension 'side'"))
        #expect(
          message { _ = try cube.value(["rule": "adam"]) }.hasPrefix("/tensors/cube has no place 'adam' on its dimension 'rule'"))
        #expect(message { _ = try cube.value(["rule": 1]) }.contains("has no place"))
        #expect(
          message { _ = try cube.column(["step": 1]) } == "/tensors/cube holds no 'step'; there are: side, scale, rule")
        #expect(message { _ = try cube.labels("side") } == "the dimension 'side' of /tensors/cube has numbers, not labels")
        #expect(message { _ = try cube.coordinate("rule") } == "the dimension 'rule' of /tensors/cube has labels, not numbers")
        let there = "cube, empty, large, nested, nothing, one, column, row, rule, scale, side"
          .split(separator: ", ").sorted().joined(separator: ", ")
        #expect(message { _ = try results.tensor("loss") } == "\(results.path) holds no 'tensors/loss'; there are: \(there)")
        #expect(message { _ = try results.trace("loss") } == "\(results.path) holds no 'traces/loss'")
      }
    }

    /// The bytes that a slice names, read from the file with nothing but their place.
    private func bytes(of slice: FileSlice) throws -> [Double] {
      let data = try Data(contentsOf: URL(filePath: slice.file))
      return (0..<slice.count).map { i in
        let offset = slice.byteOffset + (i * slice.stride + slice.component) * slice.scalar.size
        return data.withUnsafeBytes { bytes in
          switch slice.scalar {
          case .float64: bytes.loadUnaligned(fromByteOffset: offset, as: Double.self)
          case .float32: Double(bytes.loadUnaligned(fromByteOffset: offset, as: Float.self))
          case .int64: Double(bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self))
          case .int32: Double(bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
          case .uint8: Double(bytes[offset])
          }
        }
      }
    }

    @Test func slicesOfEveryAxisAreTheBytesInTheFile() throws {
      try recordAll { results in
        let cube = try results.tensor("cube")
        let places: [String: [Selector]] = [
          "side": [1, 5, 25], "scale": [0.5, 0.25], "rule": ["plain", "übermütig", "momentum", "x"],
        ]
        var checked = 0
        for free in places.keys {
          let others = places.keys.filter { $0 != free }.sorted()
          for first in places[others[0], default: []] {
            for second in places[others[1], default: []] {
              let column = try cube.column([others[0]: first, others[1]: second])
              let slice = try #require(column.source)
              #expect(slice.dataset == "/tensors/cube" && slice.scalar == .float64 && slice.component < slice.stride)
              #expect(try bytes(of: slice) == column.values)
              checked += 1
            }
          }
        }
        #expect(checked == 2 * 4 + 3 * 4 + 3 * 2)
      }
    }

    @Test func slicesOfCoordinatesFloatsAndCompressedArrays() throws {
      try recordAll { results in
        let cube = try results.tensor("cube")
        for name in ["side", "scale"] {
          let column = try cube.coordinate(name)
          #expect(try bytes(of: #require(column.source)) == column.values)
        }
        let floats = try results.tensor("nested/floats").column()
        #expect(floats.source?.scalar == .float32)
        #expect(try bytes(of: #require(floats.source)) == floats.values)
        #expect(try results.tensor("large").column(["row": 7]).source == nil, "compressed data cannot be plotted in place")
        #expect(try results.tensor("large").column(["row": 7]).values.count == 400)
      }
    }

    @Test func theFileFollowsTheRules() throws {
      try recordAll { results in
        let file = try HDF5File.open(results.path)
        let cube = try file.root.dataset("tensors/cube")
        #expect(cube.layout == .chunked([3, 2, 4], fletcher32: true))
        #expect(cube.attributes.contains("units") && cube.attributes.contains("long_name"))
        #expect(
          try (0..<3).map { try cube.scales(axis: $0).map(\.path) } == [["/tensors/side"], ["/tensors/scale"], ["/tensors/rule"]])
        #expect(try file.root.dataset("tensors/scale").attributes.get("units", as: String.self) == "m")
        #expect(try file.root.dataset("tensors/nested/flags").type == .bool)
        guard case .chunked(_, deflate: 4, shuffle: true, fletcher32: true) = try file.root.dataset("tensors/large").layout else {
          Issue.record("the large array is not compressed")
          return
        }
        let data = try file.root.group("data/iris").attributes
        #expect(try data.get("count", as: Int64.self) == 150)
        #expect(try data.get("sha256", as: String.self) == "abc")
        #expect(try file.root.attributes.get("format_version", as: Int64.self) == 1)
        #expect(try file.root.group("run").attributes.get("command", as: String.self) == "offprint run toy")
        try file.close()
      }
    }

    @Test func whatDoesNotFitIsRefusedWhenItIsRecorded() {
      let refusal = { (method: @escaping @Sendable (Recorder) throws -> Void) in
        message {
          try record { notebook in
            try method(notebook)
            Issue.record("recorded")
          }
        }
      }
      let side = Self.side
      #expect(
        refusal { try $0.tensor("a", Tensor([1.0, 2]), "a", along: [side]) } == "'a' has shape [2], its dimensions are side: 3")
      #expect(
        refusal { try $0.tensor("a", Tensor([1.0, 2]), "a", along: []) }.hasPrefix("'a' has shape [2], its dimensions are"))
      #expect(refusal { try $0.tensor("a", [true], "a", along: side) } == "'a' has shape [1], its dimensions are side: 3")
      #expect(refusal { for _ in 0..<2 { try $0.scalar("a/b", 1, "a") } } == "'a/b' was recorded twice")
      #expect(refusal { for _ in 0..<2 { _ = try $0.trace("a", "a") } } == "'a' was recorded twice")
      let other = Dimension("side", [1, 5, 26], "another side")
      let text =
        "'b' runs along 'side' with other coordinates than the rest of its group; "
        + "give the dimension another name, or record it in another group"
      let three = Tensor([1.0, 2, 3])
      #expect(
        refusal {
          try $0.tensor("a", three, "a", along: [side])
          try $0.tensor("b", three, "b", along: [other])
        } == text)
      #expect(
        refusal {
          _ = try $0.trace("a", "a", along: [side])
          _ = try $0.trace("b", "b", along: [other])
        } == text)
    }

    @Test func theSameDimensionInAnotherGroupMayDiffer() throws {
      let other = Dimension("side", [7, 8, 9], "another side")
      try record { notebook in
        try notebook.tensor("a/x", Tensor([1.0, 2, 3]), "a", along: [Self.side])
        try notebook.tensor("b/x", Tensor([1.0, 2, 3]), "b", along: [other])
      } check: { results in
        let sides = try ["a/x", "b/x"].map { try results.tensor($0).coordinate("side").values }
        #expect(sides == [[1, 5, 25], [7, 8, 9]])
      }
    }
  }
}
