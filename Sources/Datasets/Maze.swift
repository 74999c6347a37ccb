import Tensors

/// A maze on a square grid without cycles: between any two of its cells, which are numbered row by row, there is one way.
public struct Maze: Sendable, Hashable {
  /// Cells in a row and in a column.
  public let side: Int
  /// For each cell, whether one passes to the cell on its right.
  public let opensRight: [Bool]
  /// For each cell, whether one passes to the cell below.
  public let opensDown: [Bool]

  /// The maze of these passages; nil unless there is exactly one way between any two cells.
  public init?(side: Int, opensRight: [Bool], opensDown: [Bool]) {
    let cells = side * side
    let leaves = (0..<cells).contains { i in
      i < opensRight.count && i < opensDown.count && (opensRight[i] && i % side == side - 1 || opensDown[i] && i >= cells - side)
    }
    guard side > 0, opensRight.count == cells, opensDown.count == cells, !leaves else { return nil }
    (self.side, self.opensRight, self.opensDown) = (side, opensRight, opensDown)
    // A graph that is connected by one edge less than it has nodes is a tree.
    let passages = opensRight.count { $0 } + opensDown.count { $0 }
    guard passages == cells - 1, steps(to: 0).allSatisfy({ $0 >= 0 }) else { return nil }
  }

  /// Randomized depth-first search: from a random cell on to a random neighbour that was not seen, and back where there is none, until
  /// all cells were seen.
  public init(depthFirst side: Int, key: Key) {
    guard side > 0 else { fatalError("Maze: a side of \(side) cells") }
    let cells = side * side
    // One number for the first cell and one for each passage.
    let draws = Tensor<Double>.uniform([cells], key: key).scalars
    var (right, down) = ([Bool](repeating: false, count: cells), [Bool](repeating: false, count: cells))
    var way = [Int(draws[0] * Double(cells))]
    var isSeen = [Bool](repeating: false, count: cells)
    isSeen[way[0]] = true
    var seen = 1
    while let cell = way.last, seen < cells {
      let choices = Self.neighbours(of: cell, side: side).filter { !isSeen[$0] }
      guard !choices.isEmpty else {
        way.removeLast()
        continue
      }
      let next = choices[Int(draws[seen] * Double(choices.count))]
      if abs(next - cell) == side { down[min(cell, next)] = true } else { right[min(cell, next)] = true }
      isSeen[next] = true
      seen += 1
      way.append(next)
    }
    (self.side, opensRight, opensDown) = (side, right, down)
  }

  /// The cells to which one passes from a cell: right, left, down, up.
  public func neighbours(of cell: Int) -> [Int] {
    Self.neighbours(of: cell, side: side).filter { next in
      abs(next - cell) == side ? opensDown[min(cell, next)] : opensRight[min(cell, next)]
    }
  }

  /// The cells from `start` to `goal`, both included.
  public func path(from start: Int, to goal: Int) -> [Int] {
    let steps = steps(to: goal)
    var path = [start]
    while let cell = path.last, cell != goal { path.append(steps[cell]) }
    return path
  }

  /// For each cell the next one on the way to the goal, itself for the goal, and -1 where no way leads.
  private func steps(to goal: Int) -> [Int] {
    var steps = [Int](repeating: -1, count: side * side)
    steps[goal] = goal
    var open = [goal]
    while let cell = open.popLast() {
      for next in neighbours(of: cell) where steps[next] < 0 {
        steps[next] = cell
        open.append(next)
      }
    }
    return steps
  }

  /// Those of the grid without walls. A grid of one column has none to the sides.
  private static func neighbours(of cell: Int, side: Int) -> [Int] {
    let column = cell % side
    return [
      column + 1 < side ? cell + 1 : -1, column > 0 ? cell - 1 : -1, cell + side < side * side ? cell + side : -1, cell - side,
    ].filter { $0 >= 0 }
  }
}

/// A maze, two of its cells and the way between them.
public struct MazeRoute: Sendable, Hashable {
  /// Where it runs.
  public let maze: Maze
  /// Its ends, two different cells.
  public let start, goal: Int
  /// The cells behind the start, the goal last.
  public let path: [Int]

  /// The route between two cells.
  public init(_ maze: Maze, from start: Int, to goal: Int) {
    guard start != goal else { fatalError("MazeRoute: from cell \(start) to itself") }
    (self.maze, self.start, self.goal) = (maze, start, goal)
    path = Array(maze.path(from: start, to: goal).dropFirst())
  }

  /// Between two random cells of a random maze.
  public init(depthFirst side: Int, key: Key) {
    guard side > 1 else { fatalError("MazeRoute: two cells of a grid with a side of \(side)") }
    let cells = side * side
    let ends = Tensor<Double>.uniform([2], key: key.named("ends"))
    let start = Int(ends[0] * Double(cells))
    let goal = (start + 1 + Int(ends[1] * Double(cells - 1))) % cells
    self.init(Maze(depthFirst: side, key: key.named("maze")), from: start, to: goal)
  }
}
