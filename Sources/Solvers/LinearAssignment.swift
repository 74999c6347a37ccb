import Tensors

/// A choice of one column for each row, no column twice, whose costs have the least (or greatest) sum, with the dual variables that
/// prove it.
public struct LinearAssignment: Sendable {
  /// The column of each row.
  public var columns: [Int]
  /// The sum of the costs chosen, row by row.
  public var value: Double
  /// u and v with u_i + v_j <= c_ij (>= for a maximum), equal where column j is row i's; v is nowhere above 0 (below, for a maximum),
  /// and 0 for columns that no row has. The sums of u and v add up to the value: all up to rounding.
  public var rowPotentials, columnPotentials: [Double]
}

/// The linear sum assignment problem, exactly: shortest augmenting paths of Jonker and Volgenant (1987) in the rectangular form of
/// Crouse, "On implementing 2D rectangular assignment algorithms" (2016), without the former's heuristic start. One row after the other
/// joins by a path of least reduced cost (Dijkstra on c_ij - u_i - v_j >= 0), rows^2 columns operations at most.
///
///     let matching = try linearAssignment(cost: squaredDistances(a, b)).columns          // a's row i goes with b's row matching[i]
///
/// Of several optima one is found, the same in every run. `exactTransport` of Transport is for weights that are not equal.
/// - Parameters:
///   - cost: [rows, columns], no more rows than columns.
///   - maximizing: whether the costs are gains.
/// - Throws: `LinearAlgebraError.invalidInput` for costs that are NaN, infinite, or so large that their sums overflow.
public func linearAssignment(cost: Tensor<Double>, maximizing: Bool = false) throws(LinearAlgebraError) -> LinearAssignment {
  guard cost.rank == 2, cost.shape[0] <= cost.shape[1] else {
    fatalError("linearAssignment: costs of shape \(cost.shape), expected no more rows than columns; transpose them")
  }
  return try linearAssignment(costs: cost.scalars, rows: cost.shape[0], maximizing: maximizing)
}

/// The same for costs that lie row by row in an array.
public func linearAssignment(
  costs: [Double], rows: Int, maximizing: Bool = false
) throws(LinearAlgebraError) -> LinearAssignment {
  guard rows > 0 else { return LinearAssignment(columns: [], value: 0, rowPotentials: [], columnPotentials: []) }
  let columns = costs.count / rows
  guard costs.count == rows * columns, rows <= columns else {
    fatalError("linearAssignment: \(costs.count) costs in \(rows) rows, expected rows of equal length, no more than columns")
  }
  // A path visits each column once at most.
  guard costs.allSatisfy({ ($0 * 4 * Double(columns)).isFinite }) else {
    throw .invalidInput(operation: "linearAssignment", shape: [rows, columns])
  }
  var paths = AugmentingPaths(costs: maximizing ? costs.map { -$0 } : costs, rows: rows, columns: columns)
  for row in 0..<rows { paths.assign(row) }
  let value = (0..<rows).reduce(0) { $0 + costs[$1 * columns + paths.columnOfRow[$1]] }
  return LinearAssignment(
    columns: paths.columnOfRow, value: value, rowPotentials: maximizing ? paths.u.map { -$0 } : paths.u,
    columnPotentials: maximizing ? paths.v.map { -$0 } : paths.v)
}

/// The rows assigned so far, optimally, and the dual variables.
private struct AugmentingPaths {
  let costs: [Double]
  let columns: Int
  var u, v: [Double]
  /// -1 for none.
  var columnOfRow, rowOfColumn: [Int]
  /// Of the current search: the length of the shortest path to each column, and the row before it on that path.
  private var lengths: [Double]
  private var previousRow: [Int]
  /// Columns without a final length in front, then those with one.
  private var order: [Int]

  init(costs: [Double], rows: Int, columns: Int) {
    (self.costs, self.columns) = (costs, columns)
    (u, v) = ([Double](repeating: 0, count: rows), [Double](repeating: 0, count: columns))
    (columnOfRow, rowOfColumn) = ([Int](repeating: -1, count: rows), [Int](repeating: -1, count: columns))
    lengths = [Double](repeating: 0, count: columns)
    previousRow = [Int](repeating: -1, count: columns)
    order = [Int](repeating: 0, count: columns)
  }

  /// Dijkstra's search from `start` to the nearest free column, the dual variables after it, and the exchange along the path.
  mutating func assign(_ start: Int) {
    for column in 0..<columns { (lengths[column], order[column]) = (.infinity, column) }
    var (row, length, open, sink) = (start, 0.0, columns, -1)
    while sink < 0 {
      let place = relax(row, length, open)
      let column = order[place]
      length = lengths[column]
      open -= 1
      order.swapAt(place, open)
      if rowOfColumn[column] < 0 { sink = column } else { row = rowOfColumn[column] }
    }
    u[start] += length
    for place in open..<columns where order[place] != sink {
      let column = order[place]
      u[rowOfColumn[column]] += length - lengths[column]
      v[column] -= length - lengths[column]
    }
    var column = sink
    while true {
      let row = previousRow[column]
      rowOfColumn[column] = row
      (columnOfRow[row], column) = (column, columnOfRow[row])
      if row == start { break }
    }
  }

  /// Paths that go on from `row`, whose own has `length`: the place in `order` of the nearest open column, a free one among equals.
  private mutating func relax(_ row: Int, _ length: Double, _ open: Int) -> Int {
    let offset = length - u[row]
    return lengths.withUnsafeMutableBufferPointer { lengths in
      previousRow.withUnsafeMutableBufferPointer { previousRow in
        order.withUnsafeBufferPointer { order in
          costs.withUnsafeBufferPointer { costs in
            v.withUnsafeBufferPointer { v in
              var (nearest, least) = (0, Double.infinity)
              for place in 0..<open {
                let column = order[place]
                let through = costs[row * columns + column] + offset - v[column]
                if through < lengths[column] { (lengths[column], previousRow[column]) = (through, row) }
                if lengths[column] < least || (lengths[column] == least && rowOfColumn[column] < 0) {
                  (nearest, least) = (place, lengths[column])
                }
              }
              return nearest
            }
          }
        }
      }
    }
  }
}
