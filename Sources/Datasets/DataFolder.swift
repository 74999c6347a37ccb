import CZlib
import Foundation

/// Where real data sets lie: the folder that OFFPRINT_DATA names, else data/ at the project's root.
public enum DataFolder {
  /// The folder's path, which need not exist.
  public static var path: String { ProcessInfo.processInfo.environment["OFFPRINT_DATA"] ?? "data" }

  /// The file `name` below the folder, plain or gzipped; nil when it is not there.
  public static func file(_ name: String, in folder: String = path) -> String? {
    ["\(folder)/\(name)", "\(folder)/\(name).gz"].first { FileManager.default.fileExists(atPath: $0) }
  }

  /// The file `name` below the folder, plain or gzipped.
  /// - Parameter origin: where to get the file, for the message.
  /// - Throws: ``DataError`` when it is not there.
  public static func requiredFile(_ name: String, in folder: String = path, from origin: String) throws -> String {
    if let file = file(name, in: folder) { return file }
    throw DataError(
      file: "\(folder)/\(name)",
      problem: "is not there, nor as .gz: get it from \(origin), or let OFFPRINT_DATA name the folder of your data")
  }

  /// A gzipped file may be a thousandth of what it unpacks to; what people gzip is a hundredth at most, unless it is small.
  private static let mostUnpacked = 100
  private static let leastLimit = 1 << 28

  /// The bytes of a file, unpacked when it is gzipped.
  /// - Throws: ``DataError`` when it is missing, cut short or damaged, or unpacks to what no data set does.
  public static func contents(of file: String) throws -> Data {
    var status = stat()
    // A pipe or a device might never end.
    guard stat(file, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
      throw DataError(file: file, problem: "is not a file of data")
    }
    let most = max(leastLimit, mostUnpacked * Int(status.st_size))
    guard let stream = gzopen(file, "rb") else {
      throw DataError(file: file, problem: "cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { gzclose(stream) }
    var data = Data()
    var block = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = gzread(stream, &block, UInt32(block.count))
      if count > 0 { data.append(contentsOf: block[..<Int(count)]) }
      guard data.count <= most else {
        throw DataError(
          file: file, problem: "unpacks to over \(mostUnpacked) times its size: no data set does; download it again")
      }
      if count == block.count { continue }
      var code: Int32 = 0
      let message = gzerror(stream, &code).map { String(cString: $0) } ?? ""
      guard code == Z_OK || code == Z_STREAM_END else {
        throw DataError(file: file, problem: "is damaged or cut short (\(message)); download it again")
      }
      return data
    }
  }
}

/// What is wrong with a file of data.
public struct DataError: Error, CustomStringConvertible {
  /// The path as it was given.
  public var file: String
  /// What is wrong, and what to do: completes the sentence that begins with the path.
  public var problem: String

  /// An error about `file`.
  public init(file: String, problem: String) {
    self.file = file
    self.problem = problem
  }

  /// One line: the path and the problem, without control characters that a file may hold where text is expected.
  public var description: String {
    String(
      String.UnicodeScalarView("\(file) \(problem)".unicodeScalars.map { $0.properties.generalCategory == .control ? "�" : $0 }))
  }
}
