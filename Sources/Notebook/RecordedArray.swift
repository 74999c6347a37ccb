import HDF5
import Plotting

/// A recorded array with its named dimensions. Its columns know where they lie in the file, so that figures plot them in place.
public struct RecordedArray: Sendable {
  /// Where it lies in the file: "/traces/symmetric/loss".
  public let path: String
  /// One for each axis, slowest first.
  public let dimensions: [Dimension]
  /// "s", "GB/s", or "1" for a pure number.
  public let units: String
  /// What it is, in words.
  public let longName: String
  /// Row-major.
  public let values: [Double]
  /// The first step with a value that is not finite, for a trace.
  public let divergedAtStep: Int?
  private let location: Location?
  private let scaleLocations: [Location?]

  /// Where the values lie in the results file.
  private struct Location: Sendable {
    var file: String
    var dataset: String
    var byteOffset: Int
    var scalar: FileSlice.Scalar

    init?(_ dataset: HDF5Dataset, of file: String) throws {
      guard let scalar = FileSlice.Scalar(dataset.type), let offset = try dataset.byteOffset() else { return nil }
      self.file = file
      self.dataset = dataset.path
      self.byteOffset = offset
      self.scalar = scalar
    }

    func slice(start: Int, count: Int, stride: Int) -> FileSlice {
      let record = start / stride * stride
      return FileSlice(
        file: file, dataset: dataset, byteOffset: byteOffset + record * scalar.size, count: count, scalar: scalar,
        stride: stride, component: start - record)
    }
  }

  init(_ dataset: HDF5Dataset, of file: String) throws {
    var dimensions: [Dimension] = []
    var scaleLocations: [Location?] = []
    for axis in dataset.shape.indices {
      guard let scale = try dataset.scales(axis: axis).first else {
        throw NotebookError.notAResult(file, reason: "\(dataset.path) has no scale on axis \(axis)")
      }
      guard scale.shape == [dataset.shape[axis]] else {
        throw NotebookError.notAResult(
          file,
          reason: "\(scale.path) has shape \(scale.shape), axis \(axis) of \(dataset.path) has \(dataset.shape[axis]) places")
      }
      let name = scale.path.split(separator: "/").last.map(String.init) ?? scale.path
      dimensions.append(
        Dimension(
          name, try Dimension.Coordinate(reading: scale), try scale.attributes.get("long_name"),
          units: try scale.attributes.get("units")))
      scaleLocations.append(try Location(scale, of: file))
    }
    path = dataset.path
    self.dimensions = dimensions
    self.scaleLocations = scaleLocations
    units = try dataset.attributes.get("units")
    longName = try dataset.attributes.get("long_name")
    values = try dataset.read()
    location = try Location(dataset, of: file)
    divergedAtStep =
      dataset.attributes.contains("diverged_at_step") ? Int(try dataset.attributes.get("diverged_at_step", as: Int64.self)) : nil
  }

  /// The coordinate of a dimension with numbers: `loss.coordinate("step")`.
  public func coordinate(_ name: String) throws -> Column {
    let axis = try axis(name)
    switch dimensions[axis].coordinate {
    case .integers(let values):
      return Column(values.map(Double.init), source: scaleLocations[axis]?.slice(start: 0, count: values.count, stride: 1))
    case .numbers(let values):
      return Column(values, source: scaleLocations[axis]?.slice(start: 0, count: values.count, stride: 1))
    case .labels: throw NotebookError.shape("the dimension '\(name)' of \(path) has labels, not numbers")
    }
  }

  /// The coordinate of a dimension with labels.
  public func labels(_ name: String) throws -> [String] {
    guard case .labels(let labels) = dimensions[try axis(name)].coordinate else {
      throw NotebookError.shape("the dimension '\(name)' of \(path) has numbers, not labels")
    }
    return labels
  }

  /// The values along the one dimension that `selection` leaves free.
  public func column(_ selection: [String: Selector] = [:]) throws -> Column {
    let (start, free) = try resolve(selection)
    guard free.count == 1 else {
      throw NotebookError.shape("a column of \(path) needs one free dimension, free are \(free.map { dimensions[$0].name })")
    }
    let stride = stride(of: free[0])
    let count = dimensions[free[0]].count
    return Column(
      (0..<count).map { values[start + $0 * stride] }, source: location?.slice(start: start, count: count, stride: stride))
  }

  /// The value at one place.
  public func value(_ selection: [String: Selector] = [:]) throws -> Double {
    let (start, free) = try resolve(selection)
    guard free.isEmpty else { throw NotebookError.shape("a value of \(path) needs \(free.map { dimensions[$0].name }) too") }
    return values[start]
  }

  private func resolve(_ selection: [String: Selector]) throws -> (start: Int, free: [Int]) {
    var start = 0
    var free = Array(dimensions.indices)
    for (name, selector) in selection {
      let axis = try axis(name)
      guard let index = selector.index(in: dimensions[axis].coordinate) else {
        throw NotebookError.shape("\(path) has no place \(selector) on its dimension '\(name)'")
      }
      start += index * stride(of: axis)
      free.removeAll { $0 == axis }
    }
    return (start, free)
  }

  private func axis(_ name: String) throws -> Int {
    guard let axis = dimensions.firstIndex(where: { $0.name == name }) else {
      throw NotebookError.missing(path, name, available: dimensions.map(\.name))
    }
    return axis
  }

  private func stride(of axis: Int) -> Int { dimensions[(axis + 1)...].reduce(1) { $0 * $1.count } }
}

extension FileSlice.Scalar {
  init?(_ type: HDF5Type) {
    switch type {
    case .float32: self = .float32
    case .float64: self = .float64
    case .int32: self = .int32
    case .int64: self = .int64
    case .uint8: self = .uint8
    default: return nil
    }
  }
}
