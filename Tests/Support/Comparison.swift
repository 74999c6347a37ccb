import HDF5

/// What differs between two HDF5 files, one line each: names, kinds, attributes, shapes, types, layouts, and values bit by bit.
///
/// - Parameter leavingOut: paths of groups that are not looked at, "/run" for example.
package func differences(between a: String, and b: String, leavingOut: Set<String> = ["/run"]) throws -> [String] {
  var comparison = Comparison(leavingOut: leavingOut)
  let (left, right) = (try HDF5File.open(a), try HDF5File.open(b))
  try comparison.compare(left.root, right.root)
  try left.close()
  try right.close()
  return comparison.found
}

private struct Comparison {
  let leavingOut: Set<String>
  var found: [String] = []

  mutating func compare(_ a: HDF5Group, _ b: HDF5Group) throws {
    try compare(a.attributes, b.attributes, at: a.path)
    let (left, right) = (try children(a), try children(b))
    guard left == right else { return found.append("\(a.path): \(left.map(\.name)) against \(right.map(\.name))") }
    for child in left {
      switch child.kind {
      case .group: try compare(a.group(child.name), b.group(child.name))
      case .dataset: try compare(a.dataset(child.name), b.dataset(child.name))
      default: found.append("\(a.path)/\(child.name): a \(child.kind), which no results file has")
      }
    }
  }

  private func children(_ group: HDF5Group) throws -> [HDF5Child] {
    try group.children.filter { child in
      !leavingOut.contains(group.path == "/" ? "/\(child.name)" : "\(group.path)/\(child.name)")
    }
  }

  mutating func compare(_ a: HDF5Dataset, _ b: HDF5Dataset) throws {
    try compare(a.attributes, b.attributes, at: a.path)
    guard a.shape == b.shape, a.type == b.type, a.layout == b.layout else {
      return found.append("\(a.path): \(a.type) \(a.shape) \(a.layout) against \(b.type) \(b.shape) \(b.layout)")
    }
    for axis in a.shape.indices where try a.scales(axis: axis).map(\.path) != b.scales(axis: axis).map(\.path) {
      found.append("\(a.path): the scales of axis \(axis)")
    }
    let isEqual =
      switch a.type {
      case .string: try a.read(as: String.self) == b.read(as: String.self)
      case .float32: try a.read(as: Float.self).map(\.bitPattern) == b.read(as: Float.self).map(\.bitPattern)
      case .float64: try a.read(as: Double.self).map(\.bitPattern) == b.read(as: Double.self).map(\.bitPattern)
      case .bool: try a.read(as: Bool.self) == b.read(as: Bool.self)
      default: try a.read(as: Int64.self) == b.read(as: Int64.self)
      }
    if !isEqual { found.append("\(a.path): the values") }
  }

  mutating func compare(_ a: HDF5Attributes, _ b: HDF5Attributes, at path: String) throws {
    guard try a.names == b.names else { return found.append("\(path): attributes \(try a.names) against \(try b.names)") }
    for name in try a.names {
      let type = try a.type(of: name)
      guard try type == b.type(of: name), try a.shape(of: name) == b.shape(of: name) else {
        found.append("\(path)@\(name): the type or shape")
        continue
      }
      let isEqual =
        switch type {
        case .string: try a.get(name, as: [String].self) == b.get(name, as: [String].self)
        case .float32, .float64:
          try a.get(name, as: [Double].self).map(\.bitPattern) == b.get(name, as: [Double].self).map(\.bitPattern)
        case .bool: try a.get(name, as: [Bool].self) == b.get(name, as: [Bool].self)
        // References of dimension scales: compared as the scales that they lead to.
        case .other: true
        default: try a.get(name, as: [Int64].self) == b.get(name, as: [Int64].self)
        }
      if !isEqual { found.append("\(path)@\(name): the value") }
    }
  }
}
