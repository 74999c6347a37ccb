@preconcurrency import CHDF5
import Foundation

/// Moves elements between Swift arrays and one dataset or attribute, converting types as the library does.
struct Transfer {
  let place: Place
  /// What is on disk.
  let type: HDF5Type
  let libraryType: Handle

  /// A call that moves elements between the disk and a buffer of elements of a library type.
  typealias Reading = (_ memoryType: hid_t, _ buffer: UnsafeMutableRawPointer) -> herr_t
  typealias Writing = (_ memoryType: hid_t, _ buffer: UnsafeRawPointer) -> herr_t

  /// Reads `count` elements; `space` has that many and is needed to free text.
  func read<S: HDF5Scalar>(count: Int, space: Handle, _ body: Reading) throws -> [S] {
    try checkReadable(as: S.self)
    guard count > 0 else { return [] }
    if S.self == String.self, let strings = try readStrings(count: count, space: space, body) as? [S] { return strings }
    return try [S](unsafeUninitializedCapacity: count) { buffer, initialized in
      try readRaw(into: UnsafeMutableRawBufferPointer(buffer), as: S.self, body)
      initialized = count
    }
  }

  /// Reads elements of fixed size to where they are wanted.
  func read<S: HDF5FixedSizeScalar>(into buffer: UnsafeMutableBufferPointer<S>, _ body: Reading) throws {
    try checkReadable(as: S.self)
    if !buffer.isEmpty { try readRaw(into: UnsafeMutableRawBufferPointer(buffer), as: S.self, body) }
  }

  private func checkReadable<S: HDF5Scalar>(as: S.Type) throws {
    guard type.converts(to: S.hdf5Type) else {
      throw place.error("read", "it holds \(type), which cannot be read as \(S.hdf5Type)")
    }
  }

  private func readRaw<S: HDF5Scalar>(into buffer: UnsafeMutableRawBufferPointer, as: S.Type, _ body: Reading) throws {
    guard let start = buffer.baseAddress else { return }
    let memoryType = try place.make("read") { S.hdf5Type.makeLibraryType() }
    try place.call("read") { body(memoryType.id, start) }
    // A foreign file may hold any byte in an enumeration, and a Swift Bool other than 0 or 1 is undefined behaviour.
    if S.self == Bool.self { for index in buffer.indices { buffer[index] = buffer[index] == 0 ? 0 : 1 } }
  }

  /// Text is read with the type it has on disk: the library does not convert between lengths or character sets.
  private func readStrings(count: Int, space: Handle, _ body: Reading) throws -> [String] {
    if isVariableLength {
      var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
      try place.call("read") { body(libraryType.id, &pointers) }
      defer { HDF5Library.locked { _ = H5Dvlen_reclaim(libraryType.id, space.id, hid_t(H5P_DEFAULT), &pointers) } }
      return pointers.map { $0.map { String(cString: $0) } ?? "" }
    }
    let (size, padding) = HDF5Library.locked { (H5Tget_size(libraryType.id), H5Tget_strpad(libraryType.id)) }
    var bytes = [UInt8](repeating: 0, count: count * size)
    try place.call("read") { body(libraryType.id, &bytes) }
    return (0..<count).map { element in
      let text = bytes[element * size..<(element + 1) * size].prefix { $0 != 0 }
      let end = padding == H5T_STR_SPACEPAD ? (text.lastIndex { $0 != 0x20 } ?? text.startIndex - 1) + 1 : text.endIndex
      return String(decoding: text[..<end], as: UTF8.self)
    }
  }

  private var isVariableLength: Bool { HDF5Library.locked { H5Tis_variable_str(libraryType.id) > 0 } }

  /// Writes all values.
  func write<S: HDF5Scalar>(_ values: [S], _ body: Writing) throws {
    // The type is asked first: an empty array of anything casts to an array of strings.
    guard S.self == String.self, let strings = values as? [String] else {
      return try values.withUnsafeBytes { try writeRaw($0, as: S.self, body) }
    }
    try checkWritable(as: S.self)
    try place.checkText(strings)
    guard isVariableLength else { throw place.error("write", "text of fixed length can be read but not written") }
    guard !strings.isEmpty else { return }
    let pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    try place.call("write") { body(libraryType.id, pointers) }
  }

  /// Writes elements of fixed size from where they lie.
  func writeRaw<S: HDF5Scalar>(_ bytes: UnsafeRawBufferPointer, as: S.Type, _ body: Writing) throws {
    try checkWritable(as: S.self)
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
    let memoryType = try place.make("write") { S.hdf5Type.makeLibraryType() }
    try place.call("write") { body(memoryType.id, start) }
  }

  private func checkWritable<S: HDF5Scalar>(as: S.Type) throws {
    guard S.hdf5Type.converts(to: type) else {
      throw place.error("write", "it holds \(type), into which \(S.hdf5Type) cannot be written")
    }
  }
}

extension Place {
  /// Text goes to the library as C strings, so a NUL would cut it off in silence.
  func checkText(_ strings: [String]) throws {
    guard let index = strings.firstIndex(where: { $0.utf8.contains(0) }) else { return }
    throw error("write", "text number \(index) contains a NUL character, which HDF5 strings cannot hold")
  }
}
