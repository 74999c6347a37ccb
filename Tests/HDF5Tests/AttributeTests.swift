import ComplexModule
import HDF5
import Testing

extension HDF5Tests {
  @Suite struct Attributes {
    @Test func roundTripOfEveryType() throws {
      try withRoundTrip { root in
        let attributes = try root.createGroup("claims/gap").attributes
        try attributes.set("measured", to: 0.25)
        try attributes.set("counts", to: [1, -2, 3] as [Int64])
        try attributes.set("small", to: 7 as Int32)
        try attributes.set("bytes", to: [] as [UInt8])
        try attributes.set("dirty", to: true)
        try attributes.set("units", to: "µs")
        try attributes.set("names", to: ["", "b"])
        try attributes.set("z", to: [Complex<Double>(1, -1)])
        try attributes.set("w", to: Complex<Float>(1, -1))
        try attributes.set("small", to: "replaced")
      } read: { root in
        let attributes = try root.group("claims/gap").attributes
        #expect(try attributes.names == ["bytes", "counts", "dirty", "measured", "names", "small", "units", "w", "z"])
        #expect(try attributes.get("measured") == 0.25)
        #expect(try attributes.get("measured") == [0.25])
        #expect(try attributes.get("counts") == [1, -2, 3] as [Int64])
        #expect(try attributes.get("counts", as: [Double].self) == [1, -2, 3])
        #expect(try attributes.get("bytes", as: [UInt8].self).isEmpty)
        #expect(try attributes.get("dirty") == true)
        #expect(try attributes.get("units") == "µs")
        #expect(try attributes.get("names") == ["", "b"])
        #expect(try attributes.get("z") == Complex<Double>(1, -1))
        #expect(try attributes.get("w") == Complex<Float>(1, -1))
        #expect(try attributes.get("small") == "replaced")
        #expect(try attributes.type(of: "dirty") == .bool)
        #expect(try attributes.shape(of: "dirty") == [] && attributes.shape(of: "z") == [1])
        #expect(attributes.contains("w") && !attributes.contains("W"))
      }
    }

    @Test func refusals() throws {
      try withScratch { path in
        let file = try HDF5File.create(path)
        let attributes = file.root.attributes
        #expect(
          message { try attributes.set("big", to: [Double](repeating: 0, count: 8_001)) }
            == "cannot write /@big in \(path): an attribute takes 64000 bytes at most, this has 64008: write it as a dataset")
        try attributes.set("big", to: [Double](repeating: 1, count: 8_000))
        try attributes.set("text", to: String(repeating: "λ", count: 100_000))
        #expect(try attributes.get("big", as: [Double].self).count == 8_000)
        #expect(try attributes.get("text", as: String.self).count == 100_000)
        #expect(message { _ = try attributes.get("none", as: Double.self) }.hasSuffix("/@none in \(path): it does not exist"))
        #expect(
          message { _ = try attributes.get("text", as: Double.self) }.hasSuffix("it holds str, which cannot be read as float64"))
        #expect(message { _ = try attributes.get("big", as: Double.self) }.hasSuffix("it holds 8000 values, not one"))
        #expect(message { try attributes.set("nul", to: "a\0b") }.contains("contains a NUL character"))
        try attributes.delete("big")
        #expect(!attributes.contains("big") && !attributes.contains("nul"))
        try file.close()
      }
    }
  }
}
