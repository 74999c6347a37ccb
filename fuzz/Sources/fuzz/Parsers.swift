import Datasets
import Foundation
import Tensors

/// The parser that OFFPRINT_FUZZ names is given whatever libFuzzer makes up: it may refuse with a ``DataError`` of one line, and do
/// nothing else but read.
private let parser = ProcessInfo.processInfo.environment["OFFPRINT_FUZZ"] ?? ""

/// In memory, since the parsers take files.
private let folder: String = {
  let folder = "/dev/shm/offprint-fuzz-\(getpid())/cifar-10-batches-bin"
  try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  return folder
}()

private func read(_ file: String) throws {
  switch parser {
  case "idx": _ = try IDX(file: file).bytes.count
  case "cifar": _ = try CIFAR10<Float>(.test, in: String(folder.dropLast("/cifar-10-batches-bin".count)))
  case "libsvm": _ = try LIBSVM<Double>(file: file).classified()
  case "csv":
    // Every way of reading a table, so that one input tries them all.
    for separator in [",", " ", "\t"] as [Character] {
      do {
        let table = try CSV(file: file, separator: separator, missing: separator == "," ? nil : 0)
        _ = table.split(as: Double.self)
        _ = table[table.names.first ?? ""]
      } catch is DataError where separator == "," {
        _ = try? CSV(file: file, hasHeader: true, skipping: 1)
      }
    }
  default: fatalError("OFFPRINT_FUZZ is idx, cifar, libsvm or csv, not '\(parser)'")
  }
}

/// One input of libFuzzer's.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryOne(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let file = "\(folder)/test_batch.bin"
  let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  guard descriptor >= 0, write(descriptor, start, count) == count else { fatalError("cannot write \(file)") }
  close(descriptor)
  do {
    try read(file)
  } catch let error as DataError {
    // The error is part of what is tried: one line, short, and text.
    let text = error.description
    let isPlain = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    guard isPlain, text.utf8.count < 1000 else { fatalError("an error that is no plain line: \(text.debugDescription)") }
  } catch {
    fatalError("not a DataError: \(error)")
  }
  return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ body: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt

/// The name that SwiftPM links as `main`; libFuzzer's own would be in its way.
@_cdecl("fuzz_main")
public func fuzz(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
  var (count, arguments) = (count, arguments)
  return runDriver(&count, &arguments, tryOne)
}
