@preconcurrency import CHDF5
import Foundation

/// What an opened file may be used for.
public enum HDF5Access: Sendable {
  case readOnly, readWrite
}

/// An open HDF5 file.
///
///     let file = try HDF5File.create("x.h5")
///     try file.root.write([1.0, 0.5], shape: [2], to: "traces/loss", layout: .oneChunk([2]))
///     try file.close()
///
/// Files are written in the earliest format that holds them, so that old readers open them, without times, so that equal content
/// means equal bytes. May be used from any thread (see ``HDF5Library``).
public final class HDF5File: Sendable {
  /// The path that the file was opened with.
  public var path: String { file.path }

  /// The group that holds everything.
  public let root: HDF5Group

  private let file: OpenFile

  private init(_ file: OpenFile) throws {
    self.file = file
    let place = Place(file: file, object: "/")
    root = HDF5Group(place: place, handle: try place.open("open") { H5Gopen2(file.id, "/", hid_t(H5P_DEFAULT)) })
  }

  /// Makes a new file and opens it for reading and writing; a file that is there already is emptied.
  ///
  /// - Throws: when the folder does not exist or may not be written to, or when the file is open already, here or elsewhere.
  public static func create(_ path: String) throws -> HDF5File {
    let creation = try HDF5Library.call("create", path: path) { H5Pcreate(H5P_CLS_FILE_CREATE_ID_g) }
    let creationHandle = Handle(creation)
    _ = try HDF5Library.call("create", path: path) { H5Pset_obj_track_times(creationHandle.id, false) }
    let access = try makeAccessList("create", path)
    let id = try diagnosed("create", path, .readWrite) {
      try HDF5Library.call("create", path: path) {
        H5Fcreate(path, offprint_truncate(), creationHandle.id, access.id)
      }
    }
    closeOnExec(id)
    return try HDF5File(OpenFile(path: path, access: .readWrite, id: id))
  }

  /// Opens a file that exists. The library locks it: any number of readers or one writer, across processes.
  ///
  /// - Throws: an error whose message says whether the file does not exist, is not an HDF5 file, is truncated or damaged, may
  ///   not be read (or written), or is in use by another process.
  public static func open(_ path: String, _ access: HDF5Access = .readOnly) throws -> HDF5File {
    var status = stat()
    // Opening a pipe waits until somebody writes into it.
    if stat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
      throw HDF5Error(operation: "open", path: path, message: "it is no regular file")
    }
    let list = try makeAccessList("open", path)
    if access == .readOnly {
      // Whatever the file says, no other file is opened on its account.
      _ = try HDF5Library.call("open", path: path) { H5Pset_driver(list.id, HDF5Library.oneFileDriver, nil) }
    }
    let id = try diagnosed("open", path, access) {
      try HDF5Library.call("open", path: path) {
        access == .readOnly ? offprint_open_one_file(path, list.id) : H5Fopen(path, offprint_read_write(), list.id)
      }
    }
    closeOnExec(id)
    return try HDF5File(OpenFile(path: path, access: access, id: id))
  }

  /// Strong: closing the file closes whatever is open in it, so that a closed file is closed whoever still holds a dataset.
  private static func makeAccessList(_ operation: String, _ path: String) throws -> Handle {
    let list = Handle(try HDF5Library.call(operation, path: path) { H5Pcreate(H5P_CLS_FILE_ACCESS_ID_g) })
    _ = try HDF5Library.call(operation, path: path) { H5Pset_fclose_degree(list.id, H5F_CLOSE_STRONG) }
    _ = try HDF5Library.call(operation, path: path) {
      H5Pset_libver_bounds(list.id, H5F_LIBVER_EARLIEST, H5F_LIBVER_V110)
    }
    return list
  }

  /// Keeps the file's descriptor from programs that this process starts, such as gnuplot: with it they would hold the file's lock, and
  /// opening the file again would fail until they end. libhdf5 has no option for it.
  private static func closeOnExec(_ id: hid_t) {
    var descriptor: UnsafeMutableRawPointer?
    let result = HDF5Library.locked { H5Fget_vfd_handle(id, hid_t(H5P_DEFAULT), &descriptor) }
    guard result >= 0, let descriptor = descriptor?.load(as: Int32.self) else { return }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  /// Hands everything written so far to the operating system. No commit: a writer that is killed may still leave a broken file.
  public func flush() throws {
    try Place(file: file, object: "/").call("flush") { H5Fflush(file.id, H5F_SCOPE_LOCAL) }
  }

  /// Writes everything out and closes the file; groups and datasets of it cannot be used any more. Closing twice is fine.
  ///
  /// Without it the file closes, and errors go unseen, when the last of the file, its groups and its datasets goes away.
  ///
  /// - Throws: when something could not be written, as on a full disk. The file on disk is then broken and libhdf5 may be too:
  ///   drop the file and leave the process with `_exit`.
  public func close() throws { try file.close() }
}
