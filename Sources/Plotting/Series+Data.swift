/// What a series covers: the ground for ranges, for the place of the legend, and for finding series with nothing to draw.
extension Series {
  /// Corners of everything drawn, in data numbers, curves in their order.
  func outline(in panel: Panel) -> [(x: Double, y: Double)] {
    func points(_ x: Column, _ ys: Column...) -> [(x: Double, y: Double)] {
      ys.flatMap { y in zip(x.values, y.values).map { (x: $0, y: $1) } }
    }
    switch kind {
    case .curve(let x, let y, _): return points(x, y)
    case .band(let x, let lower, let upper): return points(x, lower, upper)
    case .errorBars(let x, let y, let lower, let upper): return points(x, y, lower, upper)
    case .bars(let categories, let groups):
      let positions = Column(categories.indices.map { Double($0 + 1) })
      return groups.flatMap { points(positions, $0.values) + ($0.errors.map { points(positions, $0.upper, $0.lower) } ?? []) }
    case .histogram(let edges, let counts):
      return zip(edges, counts).map { ($0, $1) } + zip(edges.dropFirst(), counts).map { ($0, $1) }
    case .heatMap(let grid, _):
      let rows = Self.edges(grid.y.values, log: panel.y.isLog)
      return Self.edges(grid.x.values, log: panel.x.isLog).flatMap { x in rows.map { (x, $0) } }
    case .contours(let grid, _):
      return grid.x.values.flatMap { x in grid.y.values.map { (x, $0) } }
    case .guide: return []
    }
  }

  /// The columns of the series with their names in messages.
  var columns: [(name: String, column: Column)] {
    switch kind {
    case .curve(let x, let y, _): [("x", x), ("y", y)]
    case .band(let x, let lower, let upper): [("x", x), ("lower", lower), ("upper", upper)]
    case .errorBars(let x, let y, let lower, let upper): [("x", x), ("y", y), ("lower", lower), ("upper", upper)]
    case .bars(_, let groups):
      groups.flatMap { group in
        [(group.label, group.values)] + (group.errors.map { [("lower", $0.lower), ("upper", $0.upper)] } ?? [])
      }
    default: []
    }
  }

  /// Bars and histograms stand on zero.
  var standsOnZero: Bool {
    switch kind {
    case .bars, .histogram: true
    default: false
    }
  }

  /// Whether the outline is a solid body whose inside is covered too.
  var isFilled: Bool {
    switch kind {
    case .heatMap, .contours: true
    default: standsOnZero
    }
  }

  /// Whether marks at the ends of the x axis would be cut by the frame.
  var needsRoomAtEnds: Bool {
    switch kind {
    case .curve(_, _, .points), .curve(_, _, .linesPoints), .errorBars: true
    default: false
    }
  }

  /// The boundaries between cells centred on `centers`: midways, or geometric means on a log axis.
  static func edges(_ centers: [Double], log: Bool) -> [Double] {
    guard centers.count > 1 else { return centers.flatMap { log ? [$0 / 2, $0 * 2] : [$0 - 0.5, $0 + 0.5] } }
    func middle(_ a: Double, _ b: Double) -> Double { log ? (a * b).squareRoot() : (a + b) / 2 }
    let inner = zip(centers, centers.dropFirst()).map(middle)
    let n = centers.count
    let first = log ? centers[0] * centers[0] / inner[0] : 2 * centers[0] - inner[0]
    let last = log ? centers[n - 1] * centers[n - 1] / inner[n - 2] : 2 * centers[n - 1] - inner[n - 2]
    return [first] + inner + [last]
  }
}
