import Datasets
import Tensors
import Testing

/// Mazes are spanning trees, their routes the only simple ways, and tokens say all of it.
@Suite struct MazeTests {
  private static func routes(_ side: Int, _ count: Int) -> [MazeRoute] {
    Key(seed: 5).split(count).map { MazeRoute(depthFirst: side, key: $0) }
  }

  /// Every simple way, by exhaustive search over the passages as they are stored.
  private static func ways(_ maze: Maze, from start: Int, to goal: Int) -> [[Int]] {
    var found: [[Int]] = []
    func follow(_ way: [Int]) {
      let cell = way[way.count - 1]
      guard cell != goal else { return found.append(way) }
      for next in 0..<maze.side * maze.side where !way.contains(next) {
        let (low, high) = (min(cell, next), max(cell, next))
        let isOpen =
          high - low == 1 && low / maze.side == high / maze.side && maze.opensRight[low]
          || high - low == maze.side && maze.opensDown[low]
        if isOpen { follow(way + [next]) }
      }
    }
    follow([start])
    return found
  }

  @Test(arguments: [2, 3, 4, 7]) func aMazeIsASpanningTree(_ side: Int) {
    for route in Self.routes(side, 40) {
      let maze = route.maze
      let passages = maze.opensRight.count { $0 } + maze.opensDown.count { $0 }
      #expect(passages == side * side - 1)
      #expect(Maze(side: side, opensRight: maze.opensRight, opensDown: maze.opensDown) == maze)
      // Connected, by joining what a passage connects.
      var component = Array(0..<side * side)
      for cell in component.indices {
        for next in maze.neighbours(of: cell) {
          #expect(maze.neighbours(of: next).contains(cell))
          let (a, b) = (component[cell], component[next])
          component = component.map { $0 == b ? a : $0 }
        }
      }
      #expect(Set(component).count == 1)
    }
  }

  @Test(arguments: [2, 3, 4]) func aRouteIsTheOnlyWay(_ side: Int) {
    for route in Self.routes(side, 40) {
      #expect(route.start != route.goal)
      #expect(Self.ways(route.maze, from: route.start, to: route.goal) == [[route.start] + route.path])
    }
  }

  @Test func passagesThatAreNoTreeAreRefused() {
    // Three of the four passages of a 2 by 2 grid are a tree; all four are a cycle; out of the grid there is none.
    let row = [true, false, true, false]
    #expect(Maze(side: 2, opensRight: row, opensDown: [true, false, false, false])?.path(from: 1, to: 3) == [1, 0, 2, 3])
    #expect(Maze(side: 2, opensRight: row, opensDown: [true, true, false, false]) == nil)
    #expect(Maze(side: 2, opensRight: row, opensDown: [false, false, false, false]) == nil)
    #expect(Maze(side: 2, opensRight: [true, true, true, false], opensDown: [false, false, false, false]) == nil)
    #expect(Maze(side: 2, opensRight: row, opensDown: [false, false, true, false]) == nil)
    // A cycle and a cell apart, with as many passages as a tree.
    let right = [true, false, false, true, true, false, true, true, false]
    let down = [true, true, false, false, false, true, false, false, false]
    #expect(Maze(side: 3, opensRight: right, opensDown: down) == nil)
  }

  @Test func searchBranchesAndReachesAllTrees() {
    // The 2 by 2 grid has four spanning trees, each a way along three sides: depth-first search makes them equally often.
    let mazes = Key(seed: 1).split(2000).map { Maze(depthFirst: 2, key: $0) }
    let counts = Dictionary(grouping: mazes) { $0 }.values.map(\.count)
    #expect(counts.count == 4)
    // Five standard deviations of a count, sqrt(2000 * 3 / 16).
    #expect(counts.allSatisfy { abs($0 - 500) < 97 })
    // On larger grids most mazes have junctions.
    let junctions = Self.routes(4, 100).count { route in (0..<16).contains { route.maze.neighbours(of: $0).count > 2 } }
    #expect(junctions > 50)
  }

  @Test func endsAreUniform() {
    let routes = Self.routes(2, 2400)
    let counts = Dictionary(grouping: routes) { [$0.start, $0.goal] }.values.map(\.count)
    #expect(counts.count == 12)
    // Five standard deviations of a count, sqrt(2400 * 11 / 144).
    #expect(counts.allSatisfy { abs($0 - 200) < 68 })
  }

  @Test func tokensOfAKnownRoute() throws {
    // 0 - 1
    // |
    // 2 - 3, from 1 to 3.
    let maze = try #require(Maze(side: 2, opensRight: [true, false, true, false], opensDown: [true, false, false, false]))
    let route = MazeRoute(maze, from: 1, to: 3)
    let tokens = MazeTokens(side: 2)
    #expect(tokens.vocabulary == 18)
    #expect(tokens.prompt(route) == [3, 4, 1, 8])
    #expect(tokens.answer(route) == [12, 14, 15, 16])
    #expect(tokens.end == 16 && tokens.mask == 17)
  }

  @Test(arguments: [2, 4, 6]) func tokensAreDecoded(_ side: Int) {
    let tokens = MazeTokens(side: side)
    for route in Self.routes(side, 40) {
      let (prompt, answer) = (tokens.prompt(route), tokens.answer(route))
      #expect(prompt.count == side * side && answer.count == side * side && answer.last == tokens.end)
      #expect(tokens.route(prompt: prompt) == route)
      #expect(tokens.path(answer: answer) == route.path)
    }
    let prompt = tokens.prompt(Self.routes(side, 1)[0])
    #expect(tokens.route(prompt: prompt.map { $0 % 4 }) == nil)
    #expect(tokens.route(prompt: prompt.dropLast()) == nil)
    #expect(tokens.path(answer: [tokens.cell(1), tokens.mask, tokens.cell(0)]) == [1])
  }
}
