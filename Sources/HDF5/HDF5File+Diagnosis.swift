@preconcurrency import CHDF5
import Foundation

extension HDF5File {
  /// Runs `body`, which opens or creates a file, and replaces the library's reason for a failure by a plain one where the cause
  /// can be found out.
  static func diagnosed<Result>(
    _ operation: String, _ path: String, _ access: HDF5Access, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try patiently(body)
    } catch var error as HDF5Error {
      error.message = diagnosis(of: path, creating: operation == "create", access, reason: error.message) ?? error.message
      throw error
    }
  }

  /// Tries again for a second where the file is locked: a lock outlives its file for the instant between fork and exec of a program
  /// that this process starts meanwhile, and readers come and go.
  private static func patiently<Result>(_ body: () throws -> Result) throws -> Result {
    let deadline = ContinuousClock.now + .seconds(1)
    while true {
      do {
        return try body()
      } catch let error as HDF5Error where error.message.contains(lockFailure) && ContinuousClock.now < deadline {
        usleep(10_000)
      }
    }
  }

  private static let lockFailure = "unable to lock file"

  private static func diagnosis(of path: String, creating: Bool, _ access: HDF5Access, reason: String) -> String? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      return creating ? folderDiagnosis(of: path) : "the file does not exist"
    }
    if isFolder.boolValue { return "it is a folder" }
    if !creating, Foundation.access(path, R_OK) != 0 { return "no permission to read it" }
    if access == .readWrite, Foundation.access(path, W_OK) != 0 { return "no permission to write it" }
    if reason.contains(lockFailure) {
      return "another process has it open (\(reason)); HDF5_USE_FILE_LOCKING=FALSE in the environment turns the lock off"
    }
    return creating ? nil : contentDiagnosis(of: path, reason: reason)
  }

  private static func folderDiagnosis(of path: String) -> String? {
    let folder = (path as NSString).deletingLastPathComponent
    let shown = folder.isEmpty ? "." : folder
    guard FileManager.default.fileExists(atPath: shown) else { return "the folder \(shown) does not exist" }
    return Foundation.access(shown, W_OK) == 0 ? nil : "no permission to write to the folder \(shown)"
  }

  /// Only a file that has the signature of HDF5 can be damaged; anything else is something else.
  private static func contentDiagnosis(of path: String, reason: String) -> String? {
    let isHDF5 = HDF5Library.locked { H5Fis_hdf5(path) }
    if isHDF5 == 0 { return "it is not an HDF5 file" }
    if reason.contains("truncated file") { return "the file is truncated: it is shorter than it says (\(reason))" }
    // Negative: the library gave up within the header. "already open" and the like are no damage.
    return isHDF5 < 0 || !reason.contains("open") ? "the file is damaged: \(reason)" : nil
  }
}
