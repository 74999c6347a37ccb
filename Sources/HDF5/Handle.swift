@preconcurrency import CHDF5

/// Owns one id of the library and gives it back when the last reference goes away.
///
/// Ids of objects in a file name that file: closing a file invalidates all its ids at once, and a stale one must not be given
/// back, lest it name something newer by then.
final class Handle: Sendable {
  let id: hid_t
  private let file: OpenFile?

  /// Takes over `id`, which must be valid.
  init(_ id: hid_t, of file: OpenFile? = nil) {
    self.id = id
    self.file = file
  }

  deinit {
    HDF5Library.locked {
      // Errors have nowhere to go; what was written is flushed by the call that wrote it, which reports them.
      if file?.isOpen ?? true { _ = H5Idec_ref(id) }
    }
  }
}

/// An open file, shared by the ``HDF5File`` and everything opened in it. The file closes when it is told to or when the last of
/// them goes away.
final class OpenFile: @unchecked Sendable {  // `isOpen` is touched under the library's lock only
  let path: String
  let access: HDF5Access
  let id: hid_t
  private(set) var isOpen = true

  init(path: String, access: HDF5Access, id: hid_t) {
    self.path = path
    self.access = access
    self.id = id
  }

  /// The bytes of the file, those included that wait to be written; 0 when it is closed.
  var size: Int {
    HDF5Library.locked {
      var size: hsize_t = 0
      return isOpen && H5Fget_filesize(id, &size) >= 0 ? Int(clamping: size) : 0
    }
  }

  /// Writes everything out and closes the file and all that is open in it; doing so twice is fine. The file is closed for us
  /// even when an error is thrown.
  func close() throws {
    try HDF5Library.locked {
      guard isOpen else { return }
      isOpen = false
      // Flushing first: of a failure inside H5Fclose the library may keep to itself which write it was.
      let flushed = H5Fflush(id, H5F_SCOPE_LOCAL)
      let flushReason = flushed < 0 ? ErrorStack.reason() : nil
      let closed = H5Fclose(id)
      guard flushed < 0 || closed < 0 else { return }
      throw HDF5Error(operation: "write out and close", path: path, message: flushReason ?? ErrorStack.reason())
    }
  }

  deinit { try? close() }
}

/// Where an operation takes place, for its errors: a file and an object's path within it.
struct Place: Sendable {
  let file: OpenFile
  let object: String

  func error(_ operation: String, _ message: String) -> HDF5Error {
    HDF5Error(operation: operation, path: file.path, object: object, message: message)
  }

  /// One call of the library; see ``HDF5Library/call(_:path:object:_:)``. Refuses when the file is closed.
  @discardableResult
  func call<Result: SignedInteger>(_ operation: String, _ body: () -> Result) throws -> Result {
    try HDF5Library.locked {
      guard file.isOpen else { throw error(operation, "the file is closed") }
      return try HDF5Library.call(operation, path: file.path, object: object, body)
    }
  }

  /// A call whose result is the id of something that lives in the file.
  func open(_ operation: String, _ body: () -> hid_t) throws -> Handle {
    Handle(try call(operation, body), of: file)
  }

  /// A call whose result is the id of something in memory: a type, a space, a property list.
  func make(_ operation: String, _ body: () -> hid_t) throws -> Handle {
    Handle(try call(operation, body))
  }

  /// A dataspace of that shape; `[]` is a scalar.
  func makeSpace(_ operation: String, shape: [Int]) throws -> Handle {
    try make(operation) {
      shape.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil)
    }
  }
}
