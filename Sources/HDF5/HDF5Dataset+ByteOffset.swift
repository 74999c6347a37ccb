@preconcurrency import CHDF5

extension HDF5Dataset {
  /// Where in the file the elements begin when they lie there as they would in memory: in one piece, in row-major order,
  /// little-endian, uncompressed; nil when they do not. Their length is ``count`` times the size of an element; after those of a
  /// chunk with Fletcher32 come 4 bytes of checksum.
  ///
  /// So it is nil for text, for several chunks, for chunks with filters other than Fletcher32, for datasets without elements,
  /// and for files that begin with a user block.
  public func byteOffset() throws -> Int? {
    guard type.isFixedSize, count > 0, !isElsewhere else { return nil }
    // What waits in a cache has no place in the file yet.
    if place.file.access == .readWrite { try place.call("locate") { H5Dflush(handle.id) } }
    guard try isLittleEndian(), try !hasUserBlock() else { return nil }
    guard case .chunked(let chunk, _, _, _) = layout else { return Self.offset(HDF5Library.locked { H5Dget_offset(handle.id) }) }
    let list = try place.make("locate") { H5Dget_create_plist(handle.id) }
    let filters = HDF5Library.locked { HDF5Layout.filters(of: list.id) }
    guard chunk == shape, filters.allSatisfy({ $0.id == H5Z_FILTER_FLETCHER32 }) else { return nil }
    var (mask, address, size): (UInt32, haddr_t, hsize_t) = (0, offprint_undefined_address(), 0)
    let origin = [hsize_t](repeating: 0, count: shape.count)
    try place.call("locate") { H5Dget_chunk_info_by_coord(handle.id, origin, &mask, &address, &size) }
    return Self.offset(address)
  }

  private static func offset(_ address: haddr_t) -> Int? {
    address == offprint_undefined_address() ? nil : Int(clamping: address)
  }

  /// Single bytes have an order in the library too, always the native one; h5py's enumeration is of that kind.
  private func isLittleEndian() throws -> Bool {
    let type = try makeLibraryType()
    let order = HDF5Library.locked { H5Tget_order(type.id) }
    return order == H5T_ORDER_LE || order == H5T_ORDER_NONE
  }

  /// The library counts addresses from after the user block in some functions and from the start of the file in others.
  private func hasUserBlock() throws -> Bool {
    let list = try place.make("locate") { H5Fget_create_plist(place.file.id) }
    var size: hsize_t = 0
    try place.call("locate") { H5Pget_userblock(list.id, &size) }
    return size > 0
  }
}
