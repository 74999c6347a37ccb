import HDF5

extension HDF5Dataset {
  private static let blockElements = 1 << 20

  /// Gives the numbers of the dataset to `body`, block by block in row-major order, so that files larger than memory can be read.
  /// - Parameters:
  ///   - step: of so many blocks only the first is read.
  ///   - body: gets where the block begins, how many places it has along each axis, and its numbers.
  /// - Throws: also when the dataset is one that is not read, see ``HDF5Dataset/refusal``.
  func forEachBlock(every step: Int = 1, _ body: (_ offset: [Int], _ count: [Int], _ values: [Double]) throws -> Void) throws {
    if let refusal { throw HDF5Error(operation: "read", path: filePath, object: path, message: refusal) }
    guard !shape.isEmpty else { return try body([], [], read(as: Double.self)) }
    guard count > 0 else { return }
    // Blocks are cut along this axis: whole behind it, one place at a time before it.
    var axis = 0
    var width = count / shape[0]
    while width > Self.blockElements, axis + 1 < shape.count {
      axis += 1
      width /= shape[axis]
    }
    let length = min(shape[axis], max(1, Self.blockElements / width))
    let blocks = (shape[axis] + length - 1) / length
    for block in stride(from: 0, to: shape[..<axis].reduce(blocks, *), by: step) {
      var offset = shape.map { _ in 0 }
      offset[axis] = block % blocks * length
      var rest = block / blocks
      for earlier in (0..<axis).reversed() { (rest, offset[earlier]) = rest.quotientAndRemainder(dividingBy: shape[earlier]) }
      let count = shape.indices.map { $0 < axis ? 1 : $0 == axis ? min(length, shape[axis] - offset[axis]) : shape[$0] }
      try body(offset, count, read(as: Double.self, offset: offset, count: count))
    }
  }
}

extension HDF5Type {
  /// Whether it reads as Double.
  var isNumeric: Bool {
    switch self {
    case .string, .complex64, .complex128, .other: false
    default: true
    }
  }
}
