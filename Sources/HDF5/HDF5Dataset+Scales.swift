@preconcurrency import CHDF5

/// Dimension scales: datasets of one axis that give another dataset's axis its name and coordinates. xarray and netCDF take the
/// name from the scale's own name in the file, so a scale `step` makes an axis `step`. They look for it in the dataset's own
/// group: with the scale in another group xarray refuses the dataset's, and with one in a parent it shows no coordinates.
extension HDF5Dataset {
  /// Makes this dataset a dimension scale; `name` is the text in its attribute `NAME`.
  ///
  /// - Throws: also when scales are attached to the dataset itself, which a scale may not have.
  public func makeScale(_ name: String) throws {
    try place.call("make a dimension scale of") { H5DSset_scale(handle.id, name) }
  }

  /// Whether this dataset is a dimension scale.
  public var isScale: Bool { HDF5Library.locked { place.file.isOpen && H5DSis_scale(handle.id) > 0 } }

  /// Gives an axis a scale; doing so again with the same one is fine.
  ///
  /// - Throws: when there is no such axis, when `scale` is no scale of one axis of that length (the library would take it, and
  ///   readers fail), or when this dataset is a scale itself.
  public func attach(scale: HDF5Dataset, axis: Int) throws {
    try checkAxis(axis, "attach a scale to")
    guard !isScale else { throw place.error("attach a scale to", "it is a dimension scale itself, which can have none") }
    guard scale.isScale, scale.shape == [shape[axis]] else {
      let what = scale.isScale ? "has shape \(scale.shape)" : "has not been made a scale"
      throw place.error("attach a scale to", "\(scale.path) \(what), axis \(axis) needs a scale of shape [\(shape[axis])]")
    }
    try place.call("attach \(scale.path) as a scale to") { H5DSattach_scale(handle.id, scale.handle.id, UInt32(axis)) }
  }

  /// The scales of an axis, in the order in which they were attached.
  public func scales(axis: Int) throws -> [HDF5Dataset] {
    try checkAxis(axis, "list the scales of")
    var ids: [hid_t] = []
    try withUnsafeMutablePointer(to: &ids) { collected in
      _ = try place.call("list the scales of") {
        H5DSiterate_scales(
          handle.id, UInt32(axis), nil,
          { _, _, scale, collected in
            // The library closes the id after this visit; one more count keeps it for us.
            H5Iinc_ref(scale)
            collected?.assumingMemoryBound(to: [hid_t].self).pointee.append(scale)
            return 0
          }, collected)
      }
    }
    let handles = ids.map { Handle($0, of: place.file) }
    var scales: [HDF5Dataset] = []
    for handle in handles {
      scales.append(try HDF5Dataset(place: Place(file: place.file, object: Self.path(of: handle)), handle: handle))
    }
    return scales
  }

  private static func path(of handle: Handle) -> String {
    HDF5Library.locked {
      let length = H5Iget_name(handle.id, nil, 0)
      guard length > 0 else { return "a dimension scale without a path" }
      var bytes = [CChar](repeating: 0, count: length + 1)
      H5Iget_name(handle.id, &bytes, bytes.count)
      return String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  /// The label of an axis, a text for people; empty when it has none.
  public func label(axis: Int) throws -> String {
    try checkAxis(axis, "read the labels of")
    let length = try place.call("read the labels of") { H5DSget_label(handle.id, UInt32(axis), nil, 0) }
    var bytes = [CChar](repeating: 0, count: length + 1)
    try place.call("read the labels of") { H5DSget_label(handle.id, UInt32(axis), &bytes, bytes.count) }
    return String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Gives an axis a label.
  public func setLabel(_ label: String, axis: Int) throws {
    try checkAxis(axis, "label")
    try place.call("label") { H5DSset_label(handle.id, UInt32(axis), label) }
  }

  private func checkAxis(_ axis: Int, _ operation: String) throws {
    guard shape.indices.contains(axis) else { throw place.error(operation, "there is no axis \(axis) in shape \(shape)") }
  }
}
