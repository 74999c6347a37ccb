import Foundation
import HDF5

/// The recorded numbers of a results file, array by array, to be changed and written into a copy of the file.
struct ResultArrays {
  /// One recorded array. Coordinates and texts are not among them: a perturbed run is another run of the same experiment.
  struct Item {
    /// Within the file: "/tensors/error".
    var path: String
    /// Whether it holds TRUE and FALSE, here 1 and 0.
    var isFlags: Bool
    var shape: [Int]
    /// The name of each axis, and whether its places have labels: methods, data sets.
    var axes: [(name: String, isLabelled: Bool)]
    /// Row-major.
    var values: [Double]

    /// The group it lies in.
    var group: Substring { path[..<(path.lastIndex(of: "/") ?? path.startIndex)] }

    /// The values with the places of one axis taken from others: place `i` is given what lay at `source(i)`.
    func taking(along axis: Int, _ source: (Int) -> Int) -> [Double] {
      let extent = shape[axis]
      let inner = shape[(axis + 1)...].reduce(1, *)
      return values.indices.map { index in
        let place = index / inner % extent
        return values[index + (source(place) - place) * inner]
      }
    }
  }

  var items: [Item]
  private let file: String

  /// - Throws: HDF5Error when the file cannot be read.
  init(of file: String) throws {
    self.file = file
    items = []
    let root = try HDF5File.open(file).root
    for name in ["tensors", "traces", "run/timings"] where root.contains(name) { try collect(root.group(name)) }
  }

  private mutating func collect(_ group: HDF5Group) throws {
    for child in try group.children {
      guard child.kind == .dataset else {
        try collect(group.group(child.name))
        continue
      }
      let dataset = try group.dataset(child.name)
      guard !dataset.isScale, [.float32, .float64, .bool].contains(dataset.type) else { continue }
      let axes = try dataset.shape.indices.map { axis in
        let scale = try dataset.scales(axis: axis)[0]
        return (name: scale.name, isLabelled: scale.type == .string)
      }
      items.append(
        Item(
          path: dataset.path, isFlags: dataset.type == .bool, shape: dataset.shape, axes: axes, values: try dataset.read()))
    }
  }

  /// Writes a copy of the file with these values. A flag is TRUE above a half: every comparison with NaN came out FALSE.
  func write(to path: String) throws {
    try FileManager.default.copyItem(atPath: file, toPath: path)
    let copy = try HDF5File.open(path, .readWrite)
    for item in items {
      let dataset = try copy.root.dataset(String(item.path.dropFirst()))
      if item.isFlags { try dataset.overwrite(item.values.map { $0 > 0.5 }) } else { try dataset.overwrite(item.values) }
    }
    try copy.close()
  }
}
