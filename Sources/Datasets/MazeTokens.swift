import Tensors

/// Routes through mazes as sequences of tokens: a prompt with one token for each cell (whether one passes to the right and down, and
/// whether it is the start or the goal), and an answer of the cells behind the start, filled up with `end` to one token for each cell.
public struct MazeTokens: Sendable, Hashable, Codable {
  /// Of the mazes.
  public let side: Int

  /// The tokens of mazes with this side.
  public init(side: Int) { self.side = side }

  /// Cells of a maze: the length of a prompt, and of an answer.
  public var cells: Int { side * side }
  /// How many tokens there are.
  public var vocabulary: Int { Self.prompts + cells + 2 }
  /// In an answer, a cell of the path.
  public func cell(_ cell: Int) -> Int32 { Int32(Self.prompts + cell) }
  /// In an answer, behind the goal. No path fills an answer, so that every answer ends with it.
  public var end: Int32 { Int32(Self.prompts + cells) }
  /// In place of a token that is to be predicted.
  public var mask: Int32 { end + 1 }

  /// Four combinations of passages by three roles.
  private static let prompts = 12

  /// The maze with its start and goal.
  public func prompt(_ route: MazeRoute) -> [Int32] {
    check(route.maze)
    return (0..<cells).map { cell in
      let passages = (route.maze.opensRight[cell] ? 1 : 0) + (route.maze.opensDown[cell] ? 2 : 0)
      return Int32(passages + 4 * (cell == route.start ? 1 : cell == route.goal ? 2 : 0))
    }
  }

  /// The path.
  public func answer(_ route: MazeRoute) -> [Int32] {
    check(route.maze)
    return route.path.map(cell) + [Int32](repeating: end, count: cells - route.path.count)
  }

  /// The route that a prompt asks for; nil where it is no prompt of a maze with one start and one goal.
  public func route(prompt: some Collection<Int32>) -> MazeRoute? {
    let tokens = Array(prompt)
    let ends = [1, 2].map { role in tokens.indices.filter { tokens[$0] / 4 == Int32(role) } }
    guard tokens.allSatisfy({ (0..<Int32(Self.prompts)).contains($0) }), ends.allSatisfy({ $0.count == 1 }),
      let maze = Maze(side: side, opensRight: tokens.map { $0 & 1 != 0 }, opensDown: tokens.map { $0 & 2 != 0 })
    else { return nil }
    return MazeRoute(maze, from: ends[0][0], to: ends[1][0])
  }

  /// The cells that an answer names before the first token that is none.
  public func path(answer: some Collection<Int32>) -> [Int] {
    answer.prefix { (cell(0)..<end).contains($0) }.map { Int($0) - Self.prompts }
  }

  private func check(_ maze: Maze) {
    guard maze.side == side else { fatalError("MazeTokens: a maze with a side of \(maze.side), tokens for \(side)") }
  }
}
