import Datasets
import Notebook
import Plotting

extension MazeMultiStepPrediction {
  package static func figures(from results: Results) throws -> [Figure] {
    let tokens = MazeTokens(side: (try results.settings() as Settings).side)
    let solved = try results.tensor("solved")
    let forced = try results.tensor("forced")
    let infill = try results.tensor("infill")
    let share = { (label: String) in Axis(label, from: 0, to: 1.02) }
    let curves = { (name: String) in
      try Objective.allCases.map { objective in
        let trace = try results.trace("\(objective.rawValue)/\(name)")
        return Series.linesPoints(x: try trace.coordinate("step"), y: try trace.column(), label: objective.rawValue)
      }
    }
    let step = Axis("step of AdamW")
    return [
      Figure(
        "fig1", title: "Held-out mazes during training", mirrors: "the figure on training efficiency",
        Panel(title: "whole path", x: step, y: share("share of the mazes"), legend: .outside, series: try curves("full path")),
        Panel(
          title: "its first step", x: step, y: share("share of the mazes"), legend: .outside, series: try curves("first step"))),
      Figure(
        "fig2", title: "Where on the path the error is", mirrors: "accuracy against the length of the path",
        Panel(
          title: "solved mazes, ± one standard error", x: Axis("steps of the path", isCount: true), y: share("share"),
          legend: .outside,
          series: try Objective.allCases.flatMap { objective in
            try withErrors(try solved.column(["objective": .init(objective.rawValue)]).values, objective, results)
          }),
        Panel(
          title: "one token, the true ones before it known", x: Axis("step of the path", isCount: true), y: share("share"),
          legend: .outside,
          series: try Objective.allCases.map { objective in
            .linesPoints(
              x: try forced.coordinate("place"), y: try forced.column(["objective": .init(objective.rawValue)]),
              label: objective.rawValue)
          })),
      Figure(
        "fig3", title: "Masked steps of a path that are filled in right", mirrors: "beside the paper: infill",
        Panel(
          x: Axis("share of masked tokens u"), y: share("share"), legend: .outside,
          series: try Objective.allCases.map { objective in
            .linesPoints(
              x: try infill.coordinate("fraction"), y: try infill.column(["objective": .init(objective.rawValue)]),
              label: objective == .masked ? "MLM-U, all at once" : "next token, from left to right")
          })),
      Figure(
        "fig4", title: "The held-out mazes with the longest paths", mirrors: "the example mazes",
        panels: try longest(3, results, tokens).map { try drawn(maze: $0, results, tokens) }, columns: 3, panelWidth: 6,
        panelHeight: 5.6),
    ]
  }

  /// The share of solved mazes with its standard error, sqrt(p (1 - p) / n).
  private static func withErrors(_ shares: [Double], _ objective: Objective, _ results: Results) throws -> [Series] {
    let counts = try results.tensor("mazes")
    let present = counts.values.indices.filter { counts.values[$0] > 0 }
    let errors = present.map { (shares[$0] * (1 - shares[$0]) / counts.values[$0]).squareRoot() }
    let lengths = try counts.coordinate("length").values
    let (x, y) = (Column(present.map { lengths[$0] }), present.map { shares[$0] })
    return [
      .band(x: x, lower: Column(zip(y, errors).map { $0 - $1 }), upper: Column(zip(y, errors).map { $0 + $1 })),
      .linesPoints(x: x, y: Column(y), label: objective.rawValue),
    ]
  }

  // MARK: Mazes

  private static func row(_ array: RecordedArray, _ place: [String: Selector]) throws -> [Int32] {
    try array.column(place).values.map(token)
  }

  /// A number that names no token, as NaN, becomes one that is no cell.
  private static func token(_ recorded: Double) -> Int32 { Int32(exactly: recorded) ?? -1 }

  /// Held-out mazes by the length of their paths, the first of equals before the others.
  private static func longest(_ count: Int, _ results: Results, _ tokens: MazeTokens) throws -> [Int] {
    let answers = try results.tensor("answer").columns(over: "maze")
    let lengths = answers.map { tokens.path(answer: $0.map(token)).count }
    return Array(lengths.indices.sorted { (-lengths[$0], $0) < (-lengths[$1], $1) }.prefix(count))
  }

  /// Walls, the true path and what both objectives make of it.
  private static func drawn(maze index: Int, _ results: Results, _ tokens: MazeTokens) throws -> Panel {
    let prompt = try row(results.tensor("prompt"), ["maze": .init(index)])
    let side = Double(tokens.side)
    let axis = { (label: String) in Axis(label, from: -0.15, to: side + 0.15, isCount: true) }
    guard let route = tokens.route(prompt: prompt) else {
      return Panel(title: "maze \(index)", x: axis("column"), y: axis("row from below"), series: [])
    }
    // Lines that run together are drawn side by side.
    let path = { (cells: [Int], shift: Double, label: String, style: Style) in
      let points = cells.map { center(of: $0, tokens.side) }
      return Series.line(
        x: Column(points.map { $0.x + shift }), y: Column(points.map { $0.y + shift }), label: label, style: style)
    }
    let walls = walls(route.maze)
    let (start, goal) = (center(of: route.start, tokens.side), center(of: route.goal, tokens.side))
    return Panel(
      title: "maze \(index), \(route.path.count) steps", x: axis("column"), y: axis("row from below"), legend: .outside,
      series: [
        .line(
          x: Column(walls.map(\.x)), y: Column(walls.map(\.y)), style: Style(look: 6, width: 1.5, isSolid: true)),
        path([route.start] + route.path, 0, "true path", Style(look: 5, width: 6, isSolid: true)),
      ]
        + (try Objective.allCases.enumerated().map { i, objective in
          let answer = try row(
            results.tensor("decoded"), ["objective": .init(objective.rawValue), "maze": .init(index)])
          return path(
            [route.start] + tokens.path(answer: answer), i == 0 ? -0.06 : 0.06, objective.rawValue,
            Style(look: i, width: 1.5))
        }) + [
          .points(x: [start.x], y: [start.y], label: "start", style: .look(2)),
          .points(x: [goal.x], y: [goal.y], label: "goal", style: .look(3)),
        ])
  }

  private static func center(of cell: Int, _ side: Int) -> (x: Double, y: Double) {
    (Double(cell % side) + 0.5, Double(side - cell / side) - 0.5)
  }

  /// The ends of all pieces of wall, with a gap behind each.
  private static func walls(_ maze: Maze) -> [(x: Double, y: Double)] {
    let side = Double(maze.side)
    typealias Piece = (x: Double, y: Double, toX: Double, toY: Double)
    let frame: [Piece] = [(0, 0, 0, side), (0, side, side, side)]
    let pieces = (0..<maze.side * maze.side).flatMap { cell -> [Piece] in
      let (x, y) = center(of: cell, maze.side)
      let right: Piece = (x + 0.5, y - 0.5, x + 0.5, y + 0.5)
      let below: Piece = (x - 0.5, y - 0.5, x + 0.5, y - 0.5)
      return (maze.opensRight[cell] ? [] : [right]) + (maze.opensDown[cell] ? [] : [below])
    }
    return (frame + pieces).flatMap { x, y, toX, toY in [(x, y), (toX, toY), (.nan, .nan)] }
  }

  // MARK: Claims

  package static func claims(from results: Results) throws -> [Claim] {
    let settings: Settings = try results.settings()
    let table = try results.tensor("score")
    let score = { (objective: Objective, score: Examination.Score) in
      try table.value(["objective": .init(objective.rawValue), "quantity": .init(score.rawValue)])
    }
    let infill = { (fraction: Double) in
      settings.fractions.contains(fraction)
        ? try results.tensor("infill").value(["objective": .init(Objective.masked.rawValue), "fraction": .init(fraction)]) : .nan
    }
    let fullPath = try score(.nextToken, .fullPath)
    let open = try Objective.allCases.map { try score($0, .openFirstStep) }
    let bottleneck = "Next-token training puts almost all its error into the first decisions."
    let backwards = "MLM-U uses what is known of a path behind the masked steps."
    return [
      Claim(
        "first-step-bottleneck", bottleneck, source: "section on where next-token training fails",
        quantity: "next token: share of solved mazes over that of right first steps",
        measured: fullPath / (try score(.nextToken, .firstStep)), expected: .atLeast(0.85)),
      Claim(
        "first-step-bottleneck-tokens", bottleneck, source: "section on where next-token training fails",
        quantity: "next token: share of right tokens behind the true ones, less that of solved mazes",
        measured: try score(.nextToken, .token) - fullPath, expected: .atLeast(0.1)),
      Claim(
        "infills-backwards", backwards, source: "section on MLM-U",
        quantity: "MLM-U: share of the masked steps that are right at u = 0.5", measured: try infill(0.5),
        expected: .atLeast(0.85)),
      Claim(
        "infills-backwards-gain", backwards, source: "section on MLM-U",
        quantity: "MLM-U: that share less the one at u = 1", measured: try infill(0.5) - infill(1), expected: .atLeast(0.05)),
      Claim(
        "infills-backwards-suffix", backwards, source: "section on MLM-U",
        quantity: "right steps just before the true last half, MLM-U less next token",
        measured: try score(.masked, .beforeSuffix) - score(.nextToken, .beforeSuffix), expected: .atLeast(0.05)),
      Claim(
        "valid-moves", "Both learn where the walls are.", source: "section on the experiments",
        quantity: "share of first steps into an open neighbour of the start, the lesser of both objectives",
        measured: open.contains(where: \.isNaN) ? .nan : open.min() ?? .nan, expected: .atLeast(0.9)),
    ]
  }
}
