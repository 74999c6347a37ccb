import ComplexModule
import HDF5
import Testing

extension HDF5Tests {
  @Suite struct RoundTrip {
    static let shapes: [[Int]] = [[], [1], [0], [7], [2, 3], [0, 3], [2, 0], [2, 1, 3, 2]]

    static func layouts(_ shape: [Int]) -> [HDF5Layout] {
      let tile = shape.map { max(1, ($0 + 1) / 2) }
      return [
        .contiguous, .oneChunk(shape), .chunked(tile, deflate: nil, shuffle: false, fletcher32: false),
        .chunked(tile, deflate: 9, shuffle: true, fletcher32: true), .compressed(shape, bytesPerElement: 4),
      ]
    }

    /// Writes values of one type in every shape and layout and reads them back.
    func check<S: HDF5Scalar & Equatable>(_ type: HDF5Type, _ sample: (Int) -> S) throws {
      try withScratch { path in
        let file = try HDF5File.create(path)
        for (index, shape) in Self.shapes.enumerated() {
          let values = (0..<shape.reduce(1, *)).map(sample)
          for (number, layout) in Self.layouts(shape).enumerated() {
            try file.root.write(values, shape: shape, to: "g/\(index)-\(number)", layout: layout)
          }
        }
        try file.close()
        let again = try HDF5File.open(path)
        for (index, shape) in Self.shapes.enumerated() {
          let values = (0..<shape.reduce(1, *)).map(sample)
          for (number, layout) in Self.layouts(shape).enumerated() {
            let dataset = try again.root.dataset("g/\(index)-\(number)")
            let unchunked = shape.isEmpty || shape.contains(0) || type == .string
            #expect(dataset.shape == shape)
            #expect(dataset.type == type)
            #expect(dataset.layout == (unchunked ? .contiguous : layout), "shape \(shape)")
            #expect(try dataset.read(as: S.self) == values, "\(type), shape \(shape), layout \(layout)")
          }
        }
        try again.close()
      }
    }

    @Test func everyTypeInEveryShapeAndLayout() throws {
      try check(.float32) { Float($0) / 3 - 1 }
      try check(.float64) { $0 == 0 ? -0.0 : 1 / Double($0) }
      try check(.int32) { Int32($0) &* 300_000_000 &- .max }
      try check(.int64) { $0 == 0 ? Int64.min : .max - Int64($0) }
      try check(.uint8) { UInt8(255 - $0) }
      try check(.bool) { $0 % 3 == 1 }
      try check(.string) { ["", "naïve λ", String(repeating: "long ", count: 40), "x"][$0 % 4] }
      try check(.complex64) { Complex<Float>(Float($0), -1.5) }
      try check(.complex128) { Complex<Double>(0.1, Double($0)) }
    }

    @Test func buffersAreWrittenAndReadInPlace() throws {
      let values: [Complex<Float>] = (0..<6).map { Complex(Float($0), 1) }
      try withRoundTrip { root in
        try values.withUnsafeBufferPointer { _ = try root.write($0, shape: [2, 3], to: "z", layout: .oneChunk([2, 3])) }
      } read: { root in
        var result = [Complex<Float>](repeating: 0, count: 6)
        try result.withUnsafeMutableBufferPointer { try root.dataset("z").read(into: $0) }
        #expect(result == values)
        #expect(
          message { try result.withUnsafeMutableBufferPointer { try root.dataset("z").read(into: .init(rebasing: $0[..<5])) } }
            .contains("the buffer has 5 elements, shape [2, 3] has 6"))
      }
    }

    @Test func numbersConvertAndClamp() throws {
      try withRoundTrip { root in
        try root.write([1.9, -1.9, 1e10, 0.1], shape: [4], to: "x", layout: .contiguous)
        try root.write([true, false], shape: [2], to: "b", layout: .contiguous)
        try root.write([Complex<Double>(0.1, 2)], shape: [1], to: "z", layout: .contiguous)
      } read: { root in
        let x = try root.dataset("x")
        #expect(try x.read(as: Int32.self) == [1, -1, .max, 0])
        #expect(try x.read(as: UInt8.self) == [1, 0, 255, 0])
        #expect(try x.read(as: Float.self) == [1.9, -1.9, 1e10, 0.1])
        #expect(try root.dataset("b").read(as: Double.self) == [1, 0])
        #expect(try root.dataset("z").read(as: Complex<Float>.self) == [Complex(0.1, 2)])
      }
    }

    @Test func overwritingKeepsShapeAndPlace() throws {
      try withScratch { path in
        let file = try HDF5File.create(path)
        let dataset = try file.root.write([1.0, 2, 3], shape: [3], to: "x", layout: .oneChunk([3]))
        let text = try file.root.write(["a"], shape: [], to: "t", layout: .contiguous)
        let offset = try dataset.byteOffset()
        try dataset.overwrite([4.0, 5, 6])
        try text.overwrite(["longer than before"])
        #expect(message { try dataset.overwrite([1.0]) }.hasSuffix("1 values were given for shape [3], which takes 3 values"))
        try file.close()
        let again = try HDF5File.open(path, .readWrite)
        #expect(try again.root.dataset("x").read() == [4.0, 5, 6])
        #expect(try again.root.dataset("x").byteOffset() == offset)
        #expect(try again.root.dataset("t").read() == ["longer than before"])
        try again.close()
      }
    }
  }
}
