@preconcurrency import CHDF5

extension HDF5Group {
  /// Writes values in row-major order as a new dataset, making the groups on the way to it.
  ///
  /// `[]` is the shape of a scalar, which takes one value; with an axis of length 0 there are no values, and nothing is read
  /// back. Such datasets, and text, are written contiguous whatever `layout` says. The values are in the operating system's hands on
  /// return, so a full disk shows here.
  ///
  /// - Throws: when the number of values is not that of the shape, when the name is taken, when the layout does not fit, or
  ///   when a text contains a NUL character.
  @discardableResult
  public func write<S: HDF5Scalar>(
    _ values: [S], shape: [Int], to name: String, layout: HDF5Layout
  ) throws -> HDF5Dataset {
    if let strings = values as? [String] { try place(of: name).checkText(strings) }
    let dataset = try create(S.self, count: values.count, shape: shape, name: name, layout: layout)
    try dataset.overwrite(values)
    return dataset
  }

  /// The same from memory that is not an array, such as a tensor's, without a copy.
  @discardableResult
  public func write<S: HDF5FixedSizeScalar>(
    _ values: UnsafeBufferPointer<S>, shape: [Int], to name: String, layout: HDF5Layout
  ) throws -> HDF5Dataset {
    let dataset = try create(S.self, count: values.count, shape: shape, name: name, layout: layout)
    try dataset.overwrite(values)
    return dataset
  }

  private func create<S: HDF5Scalar>(
    _: S.Type, count: Int, shape: [Int], name: String, layout: HDF5Layout
  ) throws -> HDF5Dataset {
    let target = place(of: name)
    guard shape.allSatisfy({ $0 >= 0 }) else { throw target.error("write", "shape \(shape) has a negative length") }
    guard elementCount(of: shape) == count else {
      let expected = elementCount(of: shape).map { "\($0) values" } ?? "more values than there can be"
      throw target.error("write", "\(count) values were given for shape \(shape), which takes \(expected)")
    }
    switch find(target.object) {
    case .missing: break
    case let found: throw target.error("write", "the name is taken: it \(found.summary)")
    }
    // Before anything is made, so that a layout that does not fit leaves nothing behind.
    let list = try layout.makeCreationList(for: S.hdf5Type, shape: shape, at: target)
    let type = try target.make("create") { S.hdf5Type.makeLibraryType() }
    let space = try target.makeSpace("create", shape: shape)
    let parents = target.object.split(separator: "/").dropLast()
    if !parents.isEmpty { _ = try createGroup("/" + parents.joined(separator: "/")) }
    return try HDF5Dataset(
      place: target,
      handle: try target.open("create") {
        H5Dcreate2(target.file.id, target.object, type.id, space.id, hid_t(H5P_DEFAULT), list.id, hid_t(H5P_DEFAULT))
      })
  }
}

/// The number of elements of a shape, 1 for `[]`; nil when it is beyond `Int`.
package func elementCount(of shape: [Int]) -> Int? {
  if shape.contains(0) { return 0 }
  var count = 1
  for length in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: length)
    guard !overflow else { return nil }
    count = product
  }
  return count
}
