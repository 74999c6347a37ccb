/// Rows too short to fill a vector, taken a vector of rows at a time: turned into columns, which the kernels for columns do at full
/// width. A softmax of rows of 4 costs a tenth so.
enum ShortRows {
  /// The longest rows that are turned: up to here turning costs less than what it saves.
  static let longest = 16

  /// Calls `body(columns, count)` for every group of up to `width` rows: `columns` holds their scalars as [extent, width], where columns
  /// from `count` on repeat the last row.
  @inline(always)
  static func forEachGroup<Scalar: BitwiseCopyable & SendableMetatype>(
    _ x: UnsafePointer<Scalar>, rows: Int, extent: Int, width: Int, isLarge: Bool,
    _ body: @Sendable (_ columns: UnsafeMutablePointer<Scalar>, _ row: Int, _ count: Int) -> Void
  ) {
    let x = Shared(x)
    let groups = (rows + width - 1) / width
    Threads.forEachBlock(of: groups, size: isLarge ? (groups + 31) / 32 : groups) { range in
      // 1 KiB at most for Float and Double: on the stack.
      withUnsafeTemporaryAllocation(byteCount: extent * width * MemoryLayout<Scalar>.stride, alignment: 64) { memory in
        guard let base = memory.baseAddress else { return }
        let columns = base.assumingMemoryBound(to: Scalar.self)
        for group in range {
          let row = group * width
          let count = min(width, rows - row)
          let source = x.value + row * extent
          for j in 0..<width {
            let from = source + min(j, count - 1) * extent
            for e in 0..<extent { columns[e * width + j] = from[e] }
          }
          body(columns, row, count)
        }
      }
    }
  }

  /// The columns as rows again.
  @inline(always)
  static func store<Scalar: BitwiseCopyable>(
    _ columns: UnsafePointer<Scalar>, extent: Int, width: Int, count: Int, to rows: UnsafeMutablePointer<Scalar>
  ) {
    for j in 0..<count {
      for e in 0..<extent { rows[j * extent + e] = columns[e * width + j] }
    }
  }
}
