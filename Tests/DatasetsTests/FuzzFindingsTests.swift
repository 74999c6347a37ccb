import Datasets
import Foundation
import TestSupport
import Testing

/// What fuzz/run.sh and a look at the parsers found: each crashed, filled the memory, or complained in words that no terminal should see.
@Suite struct FuzzFindingsTests {
  private func problem(_ bytes: [UInt8], named name: String = "x", _ read: (String) throws -> Void) throws -> String {
    try withFolder { folder in
      let file = "\(folder)/\(name)"
      try FileManager.default.createDirectory(
        atPath: URL(filePath: file).deletingLastPathComponent().path, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(filePath: file))
      return message { try read(file) }
    }
  }

  private func words(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) } }

  /// The product of the axes is 2^63 - 1: adding the header's length to it overflowed.
  @Test func axesThatFillAnInteger() throws {
    let axes = [7, 7, 73, 127, 337, 92_737, 649_657] as [UInt32]
    let text = try problem([0, 0, 8, UInt8(axes.count)] + axes.flatMap(words)) { _ = try IDX(file: $0) }
    #expect(
      text.hasSuffix("has 0 bytes of data, its shape [7, 7, 73, 127, 337, 92737, 649657] needs another number; download it again")
    )
  }

  /// All 255 axes were in the message.
  @Test func aThousandWordsAboutAShape() throws {
    let text = try problem([0, 0, 8, 255] + (0..<255).flatMap { _ in words(.max) }) { _ = try IDX(file: $0) }
    #expect(text.hasSuffix("its shape of 255 axes needs another number; download it again"))
  }

  /// 15 bytes that asked for 16 GiB.
  @Test func oneEntryAtAnIndexOfTwoThousandMillion() throws {
    let text = try problem(Array("1 2147483647:1\n".utf8)) { _ = try LIBSVM<Double>(file: $0) }
    #expect(text.hasSuffix("has 1 samples of 2147483647 inputs, 1 of them not 0: too many to be kept dense"))
  }

  /// A field went to the terminal with its control characters.
  @Test func controlCharactersInAField() throws {
    let text = try problem(Array("1,2\n3,\u{1B}]0;x\u{7}\0\n".utf8)) { _ = try CSV(file: $0) }
    #expect(text.hasSuffix("line 2, column 2 is '\u{FFFD}]0;x\u{FFFD}\u{FFFD}', expected a number"))
  }

  /// The whole name of a column was in the message.
  @Test func aColumnWithALongName() throws {
    let text = try problem(Array((String(repeating: "n", count: 4000) + "\nx\n").utf8)) { _ = try CSV(file: $0) }
    #expect(text.utf8.count < 300 && text.hasSuffix("('\(String(repeating: "n", count: 30))') is 'x', expected a number"))
  }

  /// 261 KiB that unpack to 256 MiB and go on.
  @Test func aFileThatUnpacksForEver() throws {
    try withFolder { folder in
      let file = "\(folder)/x.gz"
      // A member of 16 MiB of zeros, again and again: gzip allows it.
      let zeros = "\(folder)/zeros"
      try Data(count: 1 << 24).write(to: URL(filePath: zeros))
      let gzip = Process()
      gzip.executableURL = URL(filePath: "/usr/bin/env")
      gzip.arguments = ["gzip", zeros]
      try gzip.run()
      gzip.waitUntilExit()
      let member = try Data(contentsOf: URL(filePath: "\(zeros).gz"))
      try Data((0..<20).flatMap { _ in member }).write(to: URL(filePath: file))
      let text = message { _ = try IDX(file: file) }
      #expect(text == "\(file) unpacks to over 100 times its size: no data set does; download it again")
    }
  }

  @Test func aPipeIsNoDataSet() throws {
    try withFolder { folder in
      #expect(mkfifo("\(folder)/x", 0o600) == 0)
      #expect(message { _ = try CSV(file: "\(folder)/x") } == "\(folder)/x is not a file of data")
    }
  }
}
