import HDF5

extension HDF5Dataset {
  private static let blockElements = 1 << 20

  /// Gives the numbers of the dataset to `body`, block by block of whole rows, so that files larger than memory can be read.
  /// - Parameters:
  ///   - step: of so many blocks only the first is read.
  ///   - body: gets the first row of the block, the numbers a row has, and the block's numbers.
  func forEachBlock(every step: Int = 1, _ body: (_ row: Int, _ width: Int, _ values: [Double]) throws -> Void) throws {
    guard let rows = shape.first else { return try body(0, 1, read(as: Double.self)) }
    let width = shape.dropFirst().reduce(1, *)
    let rowsPerBlock = max(1, Self.blockElements / max(1, width))
    for start in stride(from: 0, to: rows, by: rowsPerBlock * step) {
      let count = min(rowsPerBlock, rows - start)
      let block: [Double] = try read(
        offset: [start] + shape.dropFirst().map { _ in 0 }, count: [count] + shape.dropFirst(), stride: nil)
      try body(start, width, block)
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
