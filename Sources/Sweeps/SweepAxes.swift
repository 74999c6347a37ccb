import HDF5
import Notebook

/// The dimensions that a sweep adds in front of those of a run.
struct SweepAxes {
  /// Each setting and the seed; of a random sweep the point and the seed.
  let dimensions: [Dimension]
  /// The settings along `point`, of a random sweep.
  let coordinates: [Dimension]

  var shape: [Int] { dimensions.map(\.count) }
  private var names: [String] { (dimensions + coordinates).map(\.name) }

  init(_ points: SweepPoints) {
    let sweep = points.sweep
    let seed = Dimension("seed", sweep.seeds.values.map { Int(truncatingIfNeeded: $0) }, "seed of the run's random numbers")
    func values(of axis: Int, at places: some Sequence<Int>) -> Dimension {
      let key = sweep.axes[axis].key
      return Self.dimension(key, places.map { points.combinations[$0].values[axis] })
    }
    if sweep.sample != nil {
      dimensions = [Dimension("point", count: points.combinations.count, "drawn combination of settings"), seed]
      coordinates = sweep.axes.indices.map { values(of: $0, at: points.combinations.indices) }
    } else {
      let lengths = sweep.axes.map { if case .values(let values) = $0.candidates { values.count } else { 0 } }
      dimensions =
        sweep.axes.indices.map { axis in
          let stride = lengths[(axis + 1)...].reduce(1, *)
          return values(of: axis, at: (0..<lengths[axis]).map { $0 * stride })
        } + [seed]
      coordinates = []
    }
  }

  private init(dimensions: [Dimension], coordinates: [Dimension]) {
    self.dimensions = dimensions
    self.coordinates = coordinates
  }

  /// The axes of what is computed over the seeds.
  var withoutSeed: SweepAxes { SweepAxes(dimensions: Array(dimensions.dropLast()), coordinates: coordinates) }

  private static func dimension(_ key: String, _ values: [JSONValue]) -> Dimension {
    let whole = values.compactMap { if case .integer(let value) = $0 { value } else { nil } as Int? }
    let numbers = values.compactMap { value in
      switch value {
      case .integer(let value): Double(value)
      case .number(let value): value
      default: nil as Double?
      }
    }
    let name = "setting \(key)"
    if whole.count == values.count { return Dimension(key, whole, name) }
    if numbers.count == values.count { return Dimension(key, numbers, name) }
    return Dimension(key, values.map(\.argument), name)
  }

  /// What a run's own array or dimension is called beside the sweep's axes, which keep their names: "seed_in_run".
  func ownName(_ name: String) -> String { names.contains(name) ? "\(name)_in_run" : name }

  /// Writes an array whose first axes are these.
  func write(
    _ values: [Double], to name: String, in group: HDF5Group, own: [Dimension] = [], units: String = "1", longName: String
  ) throws -> HDF5Dataset {
    let all = dimensions + own
    let dataset = try group.write(values, shape: all.map(\.count), to: name, layout: Self.layout(all.map(\.count)))
    try label(dataset, in: group, all, units: units, longName: longName)
    return dataset
  }

  /// The same for text.
  func write(_ texts: [String], to name: String, in group: HDF5Group, longName: String) throws {
    let dataset = try group.write(texts, shape: shape, to: name, layout: .contiguous)
    try label(dataset, in: group, dimensions, units: "1", longName: longName)
  }

  /// Names every axis. xarray looks for scales in the dataset's own group alone, so each group gets its own.
  private func label(
    _ dataset: HDF5Dataset, in group: HDF5Group, _ all: [Dimension], units: String, longName: String
  ) throws {
    try dataset.attributes.set("units", to: units)
    try dataset.attributes.set("long_name", to: longName)
    for (axis, dimension) in all.enumerated() {
      if !group.contains(dimension.name) { try Self.write(dimension, in: group).makeScale(dimension.name) }
      try dataset.attach(scale: group.dataset(dimension.name), axis: axis)
    }
    guard !coordinates.isEmpty else { return }
    for coordinate in coordinates where !group.contains(coordinate.name) {
      try Self.write(coordinate, in: group).attach(scale: group.dataset(dimensions[0].name), axis: 0)
    }
    // By this attribute of the climate and forecast conventions xarray knows them for coordinates.
    try dataset.attributes.set("coordinates", to: coordinates.map(\.name).joined(separator: " "))
  }

  private static func write(_ dimension: Dimension, in group: HDF5Group) throws -> HDF5Dataset {
    let shape = [dimension.count]
    let dataset =
      switch dimension.coordinate {
      case .integers(let values): try group.write(values, shape: shape, to: dimension.name, layout: layout(shape))
      case .numbers(let values): try group.write(values, shape: shape, to: dimension.name, layout: layout(shape))
      case .labels(let values): try group.write(values, shape: shape, to: dimension.name, layout: .contiguous)
      }
    try dataset.attributes.set("long_name", to: dimension.longName)
    try dataset.attributes.set("units", to: dimension.units)
    return dataset
  }

  private static func layout(_ shape: [Int]) -> HDF5Layout {
    if shape.isEmpty || shape.contains(0) { return .contiguous }
    return shape.reduce(8, *) <= 1 << 20 ? .oneChunk(shape) : .compressed(shape, bytesPerElement: 8)
  }
}
