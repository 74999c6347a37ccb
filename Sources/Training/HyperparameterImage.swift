import Tensors

/// A rectangle in the plane of two hyperparameters, often their logarithms.
public struct HyperparameterWindow: Codable, Sendable, Hashable {
  /// From left to right.
  public var x: ClosedRange<Double>
  /// From the bottom to the top.
  public var y: ClosedRange<Double>

  /// A rectangle.
  public init(x: ClosedRange<Double>, y: ClosedRange<Double>) {
    (self.x, self.y) = (x, y)
  }

  /// The middles of `size` pixels from left to right.
  public func columns(_ size: Int) -> [Double] { Self.middles(x, size) }
  /// The middles of `size` pixels from the bottom to the top.
  public func rows(_ size: Int) -> [Double] { Self.middles(y, size) }

  /// A window `factor` times smaller around a point.
  public func zoomed(by factor: Double, x: Double, y: Double) -> Self {
    let half = { (range: ClosedRange<Double>) in (range.upperBound - range.lowerBound) / factor / 2 }
    return Self(x: x - half(self.x)...x + half(self.x), y: y - half(self.y)...y + half(self.y))
  }

  private static func middles(_ range: ClosedRange<Double>, _ size: Int) -> [Double] {
    let width = (range.upperBound - range.lowerBound) / Double(size)
    return (0..<size).map { range.lowerBound + (Double($0) + 0.5) * width }
  }
}

/// A square image over two hyperparameters, each pixel the result of a training run: below zero where it converged, above where not.
public struct HyperparameterImage: Codable, Sendable {
  /// What it shows.
  public let window: HyperparameterWindow
  /// Rows, and columns.
  public let size: Int
  /// [row, column], the first row at the bottom; 0 where no run has been made yet.
  public private(set) var values: Tensor<Double>

  /// Without any run yet.
  public init(_ window: HyperparameterWindow, size: Int) {
    (self.window, self.size) = (window, size)
    values = .zeros([size, size])
  }

  /// Share of pixels whose run has been made.
  public var filledShare: Double { Double(values.scalars.count { $0 != 0 }) / Double(size * size) }

  /// The pixels, row-major places, in the order in which they are computed: every eighth of every eighth row first, then those between,
  /// halving the distance. What there is of an unfinished image is a coarse image of the whole.
  public static func order(size: Int) -> [Int] {
    var order: [Int] = []
    for stride in [8, 4, 2, 1] {
      for row in Swift.stride(from: 0, to: size, by: stride) {
        for column in Swift.stride(from: 0, to: size, by: stride)
        where stride == 8 || row % (2 * stride) != 0 || column % (2 * stride) != 0 {
          order.append(row * size + column)
        }
      }
    }
    return order
  }

  /// The hyperparameters of some pixels.
  func coordinates(of pixels: [Int]) -> (x: Tensor<Double>, y: Tensor<Double>) {
    let (columns, rows) = (window.columns(size), window.rows(size))
    return (Tensor(pixels.map { columns[$0 % size] }), Tensor(pixels.map { rows[$0 / size] }))
  }

  /// Puts results in their places.
  mutating func fill(_ pixels: [Int], with results: [Double]) {
    var scalars = values.scalars
    for (pixel, result) in zip(pixels, results) { scalars[pixel] = result }
    values = Tensor(shape: [size, size], scalars)
  }

  // MARK: The border

  /// Whether the block of 2 x 2 pixels that begins at each pixel holds both outcomes, row-major; never in the last row and column, where no
  /// block begins.
  public var edges: [Bool] {
    let converged = values.scalars.map { $0 < 0 }
    return (0..<size * size).map { pixel in
      guard pixel % size < size - 1, pixel / size < size - 1 else { return false }
      let first = converged[pixel]
      return converged[pixel + 1] != first || converged[pixel + size] != first || converged[pixel + size + 1] != first
    }
  }

  /// The window `factor` times smaller around the edge that has the most edges within `radius` rows and columns, the first such one; nil
  /// for an image without a border.
  public func zoomedWindow(by factor: Double, radius: Int = 4) -> HyperparameterWindow? {
    let edges = edges
    let crowd = { (place: Int) in
      let (row, column) = (place / size, place % size)
      return (max(0, row - radius)...min(size - 1, row + radius)).reduce(0) { sum, r in
        sum + (max(0, column - radius)...min(size - 1, column + radius)).count { edges[r * size + $0] }
      }
    }
    let crowds = edges.indices.filter { edges[$0] }.map { (place: $0, count: crowd($0)) }
    guard let most = crowds.map(\.count).max(), let center = crowds.first(where: { $0.count == most })?.place else { return nil }
    // The corner that the four pixels share.
    let (columns, rows) = (window.columns(size), window.rows(size))
    let (row, column) = (center / size, center % size)
    return window.zoomed(by: factor, x: (columns[column] + columns[column + 1]) / 2, y: (rows[row] + rows[row + 1]) / 2)
  }

  /// The ranks of the results for display, those below zero in -1...0 and those above in 0...1, both evenly: equal results have one shade.
  public var rankEqualized: Tensor<Float> {
    let scalars = values.scalars
    var shades = [Float](repeating: 0, count: scalars.count)
    for isNegative in [true, false] {
      let places = scalars.indices.filter { (scalars[$0] < 0) == isNegative && scalars[$0] != 0 }
        .sorted { abs(scalars[$0]) < abs(scalars[$1]) }
      var first = 0
      for (rank, place) in places.enumerated() {
        if abs(scalars[place]) != abs(scalars[places[first]]) { first = rank }
        let share = Float(first + 1) / Float(places.count)
        shades[place] = isNegative ? -share : share
      }
    }
    return Tensor(shape: [size, size], shades)
  }
}
