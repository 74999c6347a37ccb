/// Rows too short to keep vectors busy, taken a vector of rows at a time: turned into columns, which the kernels for columns do at full
/// width. A softmax of rows of 4 costs a tenth so, of rows of 64 a third.
enum ShortRows {
  /// The longest rows that are turned: 64 vectors are a block of 4 KiB on the stack.
  static let longest = 64

  /// Calls `body(columns, row, count)` for every group of up to a vector of rows: `columns` holds the scalars of rows from `row` on as
  /// [extent, width], where columns from `count` on repeat the last row.
  @inline(always)
  static func forEachGroup<Lanes: ReductionLanes>(
    _ x: UnsafePointer<Lanes.Scalar>, _ lanes: Lanes.Type, rows: Int, extent: Int, isLarge: Bool,
    _ body: @Sendable (_ columns: UnsafeMutablePointer<Lanes.Scalar>, _ row: Int, _ count: Int) -> Void
  ) {
    let x = Shared(x)
    let width = Lanes.scalarCount
    let groups = (rows + width - 1) / width
    Threads.forEachBlock(of: groups, size: isLarge ? (groups + 31) / 32 : groups) { range in
      var memory = InlineArray<64, Lanes>(repeating: Lanes())
      withUnsafeMutablePointer(to: &memory) { memory in
        let columns = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Lanes.Scalar.self)
        for group in range {
          let row = group * width
          let count = min(width, rows - row)
          turn(x.value + row * extent, extent: extent, count: count, width: width, into: columns)
          body(columns, row, count)
        }
      }
    }
  }

  /// columns[e, j] = rows[j, e].
  @inline(always)
  private static func turn<Scalar: BitwiseCopyable>(
    _ rows: UnsafePointer<Scalar>, extent: Int, count: Int, width: Int, into columns: UnsafeMutablePointer<Scalar>
  ) {
    var turned = 0
    if count == width, let side = TransposeTile.side(ofSize: MemoryLayout<Scalar>.size) {
      while turned + side <= extent {
        for j in stride(from: 0, to: width, by: side) {
          TransposeTile.run(rows + j * extent + turned, extent, columns + turned * width + j, width)
        }
        turned += side
      }
    }
    for j in 0..<width {
      let row = rows + min(j, count - 1) * extent
      for e in turned..<extent { columns[e * width + j] = row[e] }
    }
  }

  /// The columns as rows again.
  @inline(always)
  static func store<Scalar: BitwiseCopyable>(
    _ columns: UnsafePointer<Scalar>, extent: Int, width: Int, count: Int, to rows: UnsafeMutablePointer<Scalar>
  ) {
    var turned = 0
    if count == width, let side = TransposeTile.side(ofSize: MemoryLayout<Scalar>.size) {
      while turned + side <= extent {
        for j in stride(from: 0, to: width, by: side) {
          TransposeTile.run(columns + turned * width + j, width, rows + j * extent + turned, extent)
        }
        turned += side
      }
    }
    for j in 0..<count {
      for e in turned..<extent { rows[j * extent + e] = columns[e * width + j] }
    }
  }
}
