@preconcurrency import CHDF5

/// The attributes of a group or dataset: small named values.
///
///     try dataset.attributes.set("units", to: "nats")
///     let seeds: [Int64] = try file.root.attributes.get("seeds")
public struct HDF5Attributes: Sendable {
  let place: Place
  let handle: Handle

  /// What an attribute may take in bytes; the format ends a little above, at 64 KiB with name, type and shape. Text counts 16
  /// bytes each, whatever its length.
  public static let byteLimit = 64_000

  /// What is read of a foreign one, in bytes.
  private static let mostRead = 1 << 26

  /// The names of all attributes, sorted by their bytes, those of the library's own (`CLASS`, `DIMENSION_LIST`) included.
  public var names: [String] {
    get throws {
      var names: [String] = []
      try withUnsafeMutablePointer(to: &names) { collected in
        _ = try place.call("list the attributes of") {
          H5Aiterate2(
            handle.id, H5_INDEX_NAME, H5_ITER_INC, nil,
            { _, name, _, collected in
              guard let name else { return 0 }
              collected?.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
              return 0
            }, collected)
        }
      }
      return names
    }
  }

  /// Whether there is an attribute of that name.
  public func contains(_ name: String) -> Bool {
    HDF5Library.locked { place.file.isOpen && H5Aexists(handle.id, name) > 0 }
  }

  /// The type of an attribute on disk.
  public func type(of name: String) throws -> HDF5Type { try open(name).transfer.type }

  /// The shape of an attribute; `[]` for a single value.
  public func shape(of name: String) throws -> [Int] { try open(name).shape }

  /// Reads a single value, which may be stored as an array of one. Numbers convert as in ``HDF5Dataset/read(as:)``.
  public func get<S: HDF5Scalar>(_ name: String, as: S.Type = S.self) throws -> S {
    let values = try get(name, as: [S].self)
    guard let value = values.first, values.count == 1 else {
      throw error("read", name, "it holds \(values.count) values, not one")
    }
    return value
  }

  /// Reads all values in row-major order; a single value is an array of one.
  public func get<S: HDF5Scalar>(_ name: String, as: [S].Type = [S].self) throws -> [S] {
    let attribute = try open(name)
    // Libraries of today write attributes of any size; this is a shape that no file fulfils.
    let size = HDF5Library.locked { H5Tget_size(attribute.transfer.libraryType.id) }
    guard let count = elementCount(of: attribute.shape), count <= Self.mostRead / max(1, size) else {
      throw error("read", name, "it promises \(attribute.shape) elements of \(size) bytes: too many for an attribute")
    }
    return try attribute.transfer.read(count: count, space: attribute.space) { type, buffer in
      H5Aread(attribute.handle.id, type, buffer)
    }
  }

  /// Writes a single value; an attribute of that name is replaced.
  public func set<S: HDF5Scalar>(_ name: String, to value: S) throws {
    try write(name, [value], shape: [])
  }

  /// Writes an array of one axis; an attribute of that name is replaced.
  public func set<S: HDF5Scalar>(_ name: String, to values: [S]) throws {
    try write(name, values, shape: [values.count])
  }

  /// Removes an attribute.
  public func delete(_ name: String) throws {
    guard contains(name) else { throw error("delete", name, "it does not exist") }
    try attributePlace(name).call("delete") { H5Adelete(handle.id, name) }
  }

  private func write<S: HDF5Scalar>(_ name: String, _ values: [S], shape: [Int]) throws {
    let place = attributePlace(name)
    if let strings = values as? [String] { try place.checkText(strings) }
    let type = try place.make("write") { S.hdf5Type.makeLibraryType() }
    let bytes = values.count * HDF5Library.locked { H5Tget_size(type.id) }
    guard bytes <= Self.byteLimit else {
      throw place.error("write", "an attribute takes \(Self.byteLimit) bytes at most, this has \(bytes): write it as a dataset")
    }
    let space = try place.makeSpace("write", shape: shape)
    if contains(name) { try delete(name) }
    let attribute = try place.open("write") {
      H5Acreate2(handle.id, name, type.id, space.id, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT))
    }
    try Transfer(place: place, type: S.hdf5Type, libraryType: type).write(values) { type, start in
      H5Awrite(attribute.id, type, start)
    }
  }

  private func open(_ name: String) throws -> (handle: Handle, space: Handle, shape: [Int], transfer: Transfer) {
    let place = attributePlace(name)
    // Opening one that is not there fails too, with words about headers.
    if HDF5Library.locked({ place.file.isOpen }), !contains(name) { throw place.error("read", "it does not exist") }
    let attribute = try place.open("read") { H5Aopen(handle.id, name, hid_t(H5P_DEFAULT)) }
    let space = try place.make("read") { H5Aget_space(attribute.id) }
    let libraryType = try place.makeType("read") { H5Aget_type(attribute.id) }
    let type = HDF5Library.locked { HDF5Type(of: libraryType.id) }
    return (attribute, space, try place.shape(of: space), Transfer(place: place, type: type, libraryType: libraryType))
  }

  private func attributePlace(_ name: String) -> Place { Place(file: place.file, object: "\(place.object)@\(name)") }

  private func error(_ operation: String, _ name: String, _ message: String) -> HDF5Error {
    attributePlace(name).error(operation, message)
  }
}
