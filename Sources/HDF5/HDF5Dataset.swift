@preconcurrency import CHDF5

/// An array in a file: a shape, a type, a layout, and attributes. Keeps its file open.
public final class HDF5Dataset: Sendable {
  /// The path within the file: `/traces/loss`.
  public var path: String { place.object }

  /// The last part of the path.
  public var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The path of the file.
  public var filePath: String { place.file.path }

  /// The lengths of the axes, slowest first; `[]` for a scalar, `[0]` for a dataset of other programs that has no space at all.
  public let shape: [Int]

  /// What an element is on disk.
  public let type: HDF5Type

  /// How the elements lie in the file.
  public let layout: HDF5Layout

  /// The number of elements.
  public let count: Int

  /// The attributes of the dataset.
  public var attributes: HDF5Attributes { HDF5Attributes(place: place, handle: handle) }

  /// The bytes that the elements take in the file, after compression and with checksums; text itself lies elsewhere and is not
  /// counted.
  public var storageSize: Int {
    HDF5Library.locked { place.file.isOpen ? Int(clamping: H5Dget_storage_size(handle.id)) : 0 }
  }

  let place: Place
  let handle: Handle
  /// Whether the elements lie in another file.
  let isElsewhere: Bool
  /// Bytes of an element on disk, or of its reference for text of variable length.
  let elementSize: Int

  init(place: Place, handle: Handle) throws {
    self.place = place
    self.handle = handle
    let list = try place.make("open") { H5Dget_create_plist(handle.id) }
    isElsewhere = HDF5Library.locked { Self.isElsewhere(list.id) }
    let space = try place.make("open") { H5Dget_space(handle.id) }
    let libraryType = try place.makeType("open") { H5Dget_type(handle.id) }
    let shape = try place.shape(of: space)
    guard let count = elementCount(of: shape) else { throw place.error("open", "shape \(shape) is beyond this machine") }
    self.shape = shape
    self.count = count
    type = HDF5Library.locked { HDF5Type(of: libraryType.id) }
    elementSize = HDF5Library.locked { H5Tget_size(libraryType.id) }
    layout = HDF5Library.locked { HDF5Layout(of: list.id, rank: shape.count) }
  }

  /// The type is asked for anew each time: one that is kept would count as an open object after its file is closed.
  func transfer() throws -> Transfer { Transfer(place: place, type: type, libraryType: try makeLibraryType()) }

  func makeLibraryType() throws -> Handle { try place.makeType("open") { H5Dget_type(handle.id) } }
}

extension Place {
  /// A copy of the type that `body` gives: one that was named in the file would become invalid with it, any other would not.
  func makeType(_ operation: String, _ body: () -> hid_t) throws -> Handle {
    try make(operation) {
      let type = body()
      guard type >= 0 else { return type }
      defer { H5Tclose(type) }
      return H5Tcopy(type)
    }
  }

  /// The shape of a dataspace; a null space, which has no elements, is `[0]`.
  func shape(of space: Handle) throws -> [Int] {
    if HDF5Library.locked({ H5Sget_simple_extent_type(space.id) }) == H5S_NULL { return [0] }
    let rank = try call("open") { H5Sget_simple_extent_ndims(space.id) }
    var lengths = [hsize_t](repeating: 0, count: Int(rank))
    try call("open") { H5Sget_simple_extent_dims(space.id, &lengths, nil) }
    return lengths.map { Int(clamping: $0) }
  }
}
