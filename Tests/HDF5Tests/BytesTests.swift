import ComplexModule
import Foundation
import HDF5
import Testing

extension HDF5Tests {
  /// What the file holds, byte by byte, seen without libhdf5.
  @Suite struct Bytes {
    func bytes(of path: String, at offset: Int, count: Int) throws -> [UInt8] {
      let file = try #require(FileHandle(forReadingAtPath: path))
      defer { try? file.close() }
      try file.seek(toOffset: UInt64(offset))
      return Array(try #require(try file.read(upToCount: count)))
    }

    @Test(arguments: [HDF5Layout.contiguous, .oneChunk([2, 3])])
    func byteOffsetIsWhereTheElementsAre(_ layout: HDF5Layout) throws {
      try withScratch { path in
        let file = try HDF5File.create(path)
        func check<S: HDF5Scalar>(_ name: String, _ values: [S]) throws {
          let offset = try file.root.write(values, shape: [2, 3], to: name, layout: layout).byteOffset()
          let expected = values.withUnsafeBytes { Array($0) }
          #expect(try bytes(of: path, at: try #require(offset), count: expected.count) == expected, "\(name)")
        }
        try check("doubles", (0..<6).map { 1 / Double($0) })
        try check("floats", (0..<6).map { Float($0) / 7 })
        try check("ints", (0..<6).map { Int64($0) << 40 })
        try check("bools", [true, false, true, true, false, false])
        try check("complex", (0..<6).map { Complex<Double>(Double($0), -1) })
        try file.close()
        let again = try HDF5File.open(path)
        let offset = try #require(try again.root.dataset("ints").byteOffset())
        #expect(try bytes(of: path, at: offset + 8, count: 8) == [0, 0, 0, 0, 0, 1, 0, 0])
        try again.close()
      }
    }

    @Test func byteOffsetIsNilForEverythingElse() throws {
      try withScratch { path in
        let file = try HDF5File.create(path)
        let layouts: [HDF5Layout] = [.chunked([2, 2]), .chunked([2, 3], deflate: 1), .chunked([2, 3], shuffle: true)]
        for (index, layout) in layouts.enumerated() {
          let dataset = try file.root.write([1.0, 2, 3, 4, 5, 6], shape: [2, 3], to: "\(index)", layout: layout)
          #expect(try dataset.byteOffset() == nil, "\(layout)")
        }
        #expect(try file.root.write([] as [Double], shape: [0], to: "empty", layout: .oneChunk([0])).byteOffset() == nil)
        #expect(try file.root.write(["a"], shape: [1], to: "text", layout: .oneChunk([1])).byteOffset() == nil)
        #expect(try file.root.write([1.0], shape: [], to: "one", layout: .oneChunk([])).byteOffset() != nil)
        try file.close()
      }
    }

    @Test func aFlippedBitInCheckedDataIsAnError() throws {
      try withScratch { path in
        let file = try HDF5File.create(path)
        let values = (0..<100).map { Double($0) }
        let checked = try #require(
          try file.root.write(values, shape: [100], to: "checked", layout: .oneChunk([100])).byteOffset())
        let plain = try #require(try file.root.write(values, shape: [100], to: "plain", layout: .contiguous).byteOffset())
        try file.close()
        var content = try Data(contentsOf: URL(fileURLWithPath: path))
        content[checked + 123] ^= 0x10
        content[plain + 123] ^= 0x10
        try content.write(to: URL(fileURLWithPath: path))

        let again = try HDF5File.open(path)
        #expect(
          message { _ = try again.root.dataset("checked").read(as: Double.self) }
            == "cannot read /checked in \(path): data error detected by Fletcher32 checksum")
        #expect(try again.root.dataset("plain").read(as: Double.self) != values, "without a checksum it goes unnoticed")
        try again.close()
      }
    }

    @Test func equalContentMakesEqualBytes() throws {
      func write() throws -> Data {
        try withScratch { path in
          let file = try HDF5File.create(path)
          let step = try file.root.write([1, 2, 3] as [Int64], shape: [3], to: "traces/step", layout: .oneChunk([3]))
          try step.makeScale("step")
          for index in 0..<20 {
            let loss = try file.root.write([0.1, 0.2, 0.3], shape: [3], to: "traces/\(index)", layout: .oneChunk([3]))
            try loss.attach(scale: step, axis: 0)
            try loss.attributes.set("long_name", to: "the loss number \(index)")
            try loss.setLabel("step", axis: 0)
          }
          try file.root.write(["a", "bcd", "efghij"], shape: [3], to: "names", layout: .oneChunk([3]))
          try file.root.write((0..<9_000).map { Float($0) }, shape: [90, 100], to: "big", layout: .chunked([8, 64], deflate: 4))
          try file.root.attributes.set("flag", to: true)
          try file.close()
          return try Data(contentsOf: URL(fileURLWithPath: path))
        }
      }
      let first = try write()
      // A second apart, since that is the resolution of the times that must not be there.
      Thread.sleep(forTimeInterval: 1.1)
      #expect(try write() == first)
    }
  }
}
