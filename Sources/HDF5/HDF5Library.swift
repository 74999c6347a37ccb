@preconcurrency import CHDF5
import Foundation

/// The one libhdf5 of the process.
///
/// libhdf5 is not to be called from two threads at once, not even for two different files: builds differ in what they guard, and
/// the functions for dimension scales are never safe. This module guards every call with one process-wide lock, so its objects
/// may be used from any thread; they take turns, and a step of several calls is not atomic. Whoever calls libhdf5 past this
/// module must not do so at the same time.
///
/// Starting the library also has lasting effects on the process: libhdf5 prints nothing by itself (every failure becomes an
/// ``HDF5Error``), and because a results file from a stranger could point at any file of ours, external links are never followed, by
/// any call, nor is code loaded that a file asks for (filters as plugins).
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
    // Without their class, links to other files can be listed and deleted but not traversed.
    H5Lunregister(H5L_TYPE_EXTERNAL)
    H5PLset_loading_state(0)
  }()

  /// The driver that opens no file but ours; negative when the library refuses it. Call it under the lock.
  static let oneFileDriver: hid_t = offprint_register_one_file_driver()

  /// Runs `body` with the library started and for itself alone. The globals of libhdf5 (`H5T_NATIVE_DOUBLE_g`) are set from then on.
  package static func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    _ = start
    lock.lock()
    defer { lock.unlock() }
    // Debian's build keeps the setting per thread, with printing on in each new one.
    H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil)
    return try body()
  }

  /// Runs one call of the library and turns a negative result into an error, with the reason from the library's error stack,
  /// which is read under the same lock.
  static func call<Result: SignedInteger>(
    _ operation: String, path: String, object: String? = nil, _ body: () -> Result
  ) throws -> Result {
    try locked {
      let result = body()
      guard result >= 0 else {
        throw HDF5Error(operation: operation, path: path, object: object, message: ErrorStack.reason())
      }
      return result
    }
  }
}
