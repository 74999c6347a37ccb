import Diagnostics
import Plotting

extension RecordedArray {
  /// The median over one dimension and its whole range, as a line with a band: how a curve of several seeds is drawn.
  ///
  ///     loss.banded(at: ["rate": 0.01], label: "Adam")
  ///
  /// - Parameters:
  ///   - x: the abscissa; by default the coordinate of the one dimension that stays.
  ///   - dimension: what the median is taken over.
  ///   - selection: a place on each other dimension but one.
  ///   - from: how many places of the remaining dimension are left out at its beginning (step 0 has no place on a logarithmic axis).
  public func banded(
    x: Column? = nil, over dimension: String = "seed", at selection: [String: Selector] = [:], from: Int = 0, label: String = "",
    style: Style = .automatic
  ) throws -> [Series] {
    let columns = try columns(over: dimension, at: selection)
    let free = dimensions.map(\.name).first { $0 != dimension && selection[$0] == nil }
    let x = try x ?? coordinate(free ?? dimension)
    let places = from..<x.values.count
    let cut = Column(Array(x.values[places]))
    let bands = places.map { i in quantiles(columns.map { $0[i] }, [0, 0.5, 1]) }
    return [
      .band(x: cut, lower: Column(bands.map { $0[0] }), upper: Column(bands.map { $0[2] }), style: style),
      .line(x: cut, y: Column(bands.map { $0[1] }), label: label, style: style),
    ]
  }

  /// The columns along the one dimension that stays, one for each place of `dimension`.
  public func columns(over dimension: String = "seed", at selection: [String: Selector] = [:]) throws -> [[Double]] {
    try places(on: dimension, at: selection).map { try column($0).values }
  }

  /// The values along `dimension` at a place on every other one: of all seeds, say.
  public func values(over dimension: String = "seed", at selection: [String: Selector] = [:]) throws -> [Double] {
    try places(on: dimension, at: selection).map { try value($0) }
  }

  /// The last values of the columns along the one dimension that stays, after the last step of a trace say, one for each place of
  /// `dimension`.
  public func lastValues(over dimension: String = "seed", at selection: [String: Selector] = [:]) throws -> [Double] {
    try columns(over: dimension, at: selection).map { $0.last ?? .nan }
  }

  private func places(on dimension: String, at selection: [String: Selector]) throws -> [[String: Selector]] {
    guard let axis = dimensions.first(where: { $0.name == dimension }) else {
      throw NotebookError.missing(path, dimension, available: dimensions.map(\.name))
    }
    return (0..<axis.count).map { place in selection.merging([dimension: axis.selector(at: place)]) { $1 } }
  }
}

extension Dimension {
  func selector(at place: Int) -> Selector {
    switch coordinate {
    case .integers(let values): .number(Double(values[place]))
    case .numbers(let values): .number(values[place])
    case .labels(let labels): .label(labels[place])
    }
  }
}
