import HDF5
import Testing

extension HDF5Tests {
  @Suite struct Hyperslabs {
    /// Plain slicing of a row-major array, the reference for the library's.
    func slice(_ values: [Int32], shape: [Int], offset: [Int], count: [Int], stride: [Int]) -> [Int32] {
      var indices = [0]
      for axis in shape.indices {
        indices = indices.flatMap { base in
          (0..<count[axis]).map { base * shape[axis] + offset[axis] + $0 * stride[axis] }
        }
      }
      return indices.map { values[$0] }
    }

    @Test func agreeWithPlainSlicing() throws {
      let shape = [4, 5, 6]
      let values = (0..<120).map { Int32($0) }
      try withRoundTrip { root in
        try root.write(values, shape: shape, to: "tiled", layout: .chunked([2, 2, 4], deflate: 1))
        try root.write(values, shape: shape, to: "whole", layout: .contiguous)
        try root.write(values.map(String.init), shape: shape, to: "text", layout: .oneChunk(shape))
      } read: { root in
        let text = try root.dataset("text")
        for offset in [[0, 0, 0], [1, 2, 3], [3, 4, 5]] {
          for count in [[1, 1, 1], [2, 1, 2], [0, 1, 1], [1, 3, 2], [4, 5, 6]] {
            for stride in [[1, 1, 1], [2, 3, 2], [3, 1, 5]] {
              let fits = shape.indices.allSatisfy {
                count[$0] == 0 || offset[$0] + (count[$0] - 1) * stride[$0] < shape[$0]
              }
              for name in ["tiled", "whole"] {
                let read = { try root.dataset(name).read(as: Int32.self, offset: offset, count: count, stride: stride) }
                if fits {
                  let expected = slice(values, shape: shape, offset: offset, count: count, stride: stride)
                  #expect(try read() == expected, "\(name) \(offset) \(count) \(stride)")
                } else {
                  #expect(throws: HDF5Error.self, "\(name) \(offset) \(count) \(stride)") { try read() }
                }
              }
            }
          }
        }
        #expect(
          try text.read(as: String.self, offset: [3, 0, 4], count: [1, 2, 2]) == ["94", "95", "100", "101"])
      }
    }

    @Test func errorsNameTheBlockAndTheShape() throws {
      try withRoundTrip { root in
        try root.write([1.0, 2, 3, 4, 5, 6], shape: [2, 3], to: "x", layout: .contiguous)
        try root.write([7.0], shape: [], to: "one", layout: .contiguous)
      } read: { root in
        let x = try root.dataset("x")
        func refusal(_ offset: [Int], _ count: [Int], _ stride: [Int]? = nil) -> String {
          message { _ = try x.read(as: Double.self, offset: offset, count: count, stride: stride) }
        }
        #expect(
          refusal([1, 0], [2, 3]).hasSuffix("at [1, 0] of [2, 3] by steps of [1, 1] reaches beyond shape [2, 3] on axis 0"))
        #expect(refusal([0], [1]).contains("has another rank than shape [2, 3]"))
        #expect(refusal([-1, 0], [1, 1]).contains("negative offset"))
        #expect(refusal([0, 0], [1, 2], [1, .max]).contains("reaches beyond"))
        #expect(refusal([0, 0], [1, 2], [1, 0]).contains("step below 1"))
        #expect(try x.read(as: Double.self, offset: [2, 0], count: [0, 3]) == [])
        #expect(try root.dataset("one").read(as: Double.self, offset: [], count: []) == [7])
      }
    }
  }
}
