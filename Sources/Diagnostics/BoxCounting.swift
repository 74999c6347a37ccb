import Foundation

/// How many boxes a set of cells of a square image touches, for boxes of side 1, 2, 4, ...: what a fractal dimension is read off.
///
/// A line touches boxes in number proportional to side^-1, a filled square to side^-2; a set between them has a box-counting dimension
/// between 1 and 2.
public struct BoxCounts: Sendable, Equatable {
  /// 1, 2, 4, ..., below the side of the image.
  public var sides: [Int]
  /// Boxes of each side that hold a cell of the set.
  public var counts: [Int]

  /// Counts of recorded numbers.
  public init(sides: [Int], counts: [Int]) {
    (self.sides, self.counts) = (sides, counts)
  }

  /// Boxes lie side by side from the first cell on; those at the far ends may stick out.
  /// - Parameters:
  ///   - cells: whether each cell is in the set, row-major.
  ///   - size: rows, and columns.
  public init(of cells: [Bool], size: Int) {
    guard cells.count == size * size else { fatalError("BoxCounts: \(cells.count) cells for a side of \(size)") }
    (sides, counts) = ([], [])
    var (coarse, extent, side) = (cells, size, 1)
    while side == 1 || side < size {
      sides.append(side)
      counts.append(coarse.count { $0 })
      let half = (extent + 1) / 2
      var next = [Bool](repeating: false, count: half * half)
      for row in 0..<extent {
        for column in 0..<extent where coarse[row * extent + column] { next[row / 2 * half + column / 2] = true }
      }
      (coarse, extent, side) = (next, half, 2 * side)
    }
  }

  /// The local dimension between each side and the next, log2 of the ratio of their counts; none where the set is empty.
  public var slopes: [Double] {
    zip(counts, counts.dropFirst()).filter { $1 > 0 }.map { log2(Double($0) / Double($1)) }
  }

  /// The power law through all counts: minus its slope is the dimension.
  public var powerLaw: LineFit { .powerLaw(x: sides.map(Double.init), y: counts.map(Double.init)) }

  /// The box-counting dimension by least squares over all sides.
  public var dimension: Double { -powerLaw.slope }
}
