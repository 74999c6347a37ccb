@preconcurrency import CHDF5
import Foundation

/// The one libhdf5 of the process.
///
/// Debian's libhdf5 is not thread-safe, not even for two different files. This module guards every call with one process-wide
/// lock, so its objects may be used from any thread; they take turns, and a step of several calls is not atomic. Whoever calls
/// libhdf5 past this module must not do so at the same time.
///
/// Starting the library also has two lasting effects on the process: libhdf5 prints nothing by itself (every failure becomes an
/// ``HDF5Error``), and external links are never followed, by any call, because a results file from a stranger could point at
/// any file of ours.
public enum HDF5Library {
  /// The version of libhdf5 in use, such as `1.10.8`.
  public static var version: String {
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    _ = locked { H5get_libversion(&major, &minor, &release) }
    return "\(major).\(minor).\(release)"
  }

  /// How many files, groups, datasets, named types and attributes are open in the whole process: 0 when nothing leaks.
  public static var openObjectCount: Int {
    locked { H5Fget_obj_count(hid_t(offprint_all_objects()), offprint_all_objects()) }
  }

  /// Recursive, since the last reference to a handle may go away, and close its id, inside a guarded call.
  private static let lock = NSRecursiveLock()

  private static let start: Void = {
    H5open()
    H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil)
    // Without their class, links to other files can be listed and deleted but not traversed.
    H5Lunregister(H5L_TYPE_EXTERNAL)
  }()

  /// Runs `body` with the library started and for itself alone. The globals of libhdf5 (`H5T_NATIVE_DOUBLE_g`) are set from then on.
  static func locked<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    _ = start
    lock.lock()
    defer { lock.unlock() }
    return try body()
  }

  /// Runs one call of the library and turns a negative result into an error, with the reason from the library's error stack,
  /// which is read under the same lock.
  static func call<Result: SignedInteger>(
    _ operation: String, path: String, object: String? = nil, _ body: () -> Result
  ) throws(HDF5Error) -> Result {
    try locked { () throws(HDF5Error) in
      let result = body()
      guard result >= 0 else {
        throw HDF5Error(operation: operation, path: path, object: object, message: ErrorStack.reason())
      }
      return result
    }
  }
}
