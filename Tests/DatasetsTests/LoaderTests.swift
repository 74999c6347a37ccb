import Datasets
import Foundation
import Tensors
import TestSupport
import Testing

/// A file with this text in a scratch folder.
private func withFile<Result>(_ text: String, named name: String = "x.txt", _ body: (String) throws -> Result) throws -> Result {
  try withFolder { folder in
    try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    return try body("\(folder)/\(name)")
  }
}

/// What reading a file with this text complains about.
private func problem(_ text: String, _ read: (String) throws -> Void) throws -> String {
  try withFile(text) { file in
    do {
      try read(file)
      return "none"
    } catch {
      return (error as? DataError)?.problem ?? "not a DataError: \(error)"
    }
  }
}

@Suite struct CSVTests {
  @Test func namesAndNumbers() throws {
    try withFile("\u{FEFF}a, \"b c\" ,d\r\n1,-2.5,+3e2\r\n\r\n 4 , .5,6.\r\n", named: "table.csv") { file in
      let table = try CSV(file: file)
      #expect(table.names == ["a", "b c", "d"])
      #expect(table.values == Tensor(shape: [2, 3], [1, -2.5, 300, 4, 0.5, 6]))
      #expect(table["b c"]?.scalars == [-2.5, 0.5] && table["e"] == nil)
      let data = try Data(contentsOf: URL(filePath: file))
      #expect(table.source == DataSource(name: "table.csv", count: 2, sha256: sha256(of: data)))
      let last: (inputs: Tensor<Float>, targets: Tensor<Float>) = table.split()
      #expect(last.inputs == Tensor(shape: [2, 2], [1, -2.5, 4, 0.5]) && last.targets.scalars == [300, 6])
      let first: (inputs: Tensor<Double>, targets: Tensor<Double>) = table.split(target: 0)
      #expect(first.inputs == Tensor(shape: [2, 2], [-2.5, 300, 0.5, 6]) && first.targets.scalars == [1, 4])
    }
  }

  @Test func shapesOfFiles() throws {
    try withFile("1,2\n3,4") { file in try #expect(CSV(file: file).values == Tensor(shape: [2, 2], [1, 2, 3, 4])) }
    try withFile("1 \t 2  \n  3 4\n") { file in
      try #expect(CSV(file: file, separator: " ").values == Tensor(shape: [2, 2], [1, 2, 3, 4]))
    }
    try withFile("1\t2\n3\t4\n") { file in
      try #expect(CSV(file: file, separator: "\t").values == Tensor(shape: [2, 2], [1, 2, 3, 4]))
    }
    try withFile("569,30,malignant\n1,2\n3,4\n") { file in
      try #expect(CSV(file: file, hasHeader: false, skipping: 1).values.shape == [2, 2])
    }
    try withFile("1,2\n3,4\n") { file in
      let table = try CSV(file: file, hasHeader: true)
      #expect(table.names == ["1", "2"] && table.values.scalars == [3, 4])
    }
    try withFile("1,,nan\n-inf,2,\n") { file in
      let values = try CSV(file: file, missing: -1).values.scalars
      #expect(values[0] == 1 && values[1] == -1 && values[2].isNaN && values[3...] == [-.infinity, 2, -1])
    }
  }

  @Test func whatIsWrongIsSaid() throws {
    let read = { (file: String) in _ = try CSV(file: file) }
    #expect(try problem("a,b\n1,2\n3,x4\n", read) == "line 3, column 2 ('b') is 'x4', expected a number")
    #expect(try problem("1,2\n3,4x\n", read) == "line 2, column 2 is '4x', expected a number")
    #expect(try problem("1,2\n3 5,4\n", read) == "line 2, column 1 is '3 5', expected a number")
    #expect(try problem("1,2\n\n3,\n", read) == "line 3, column 2 is empty, expected a number")
    #expect(try problem("1,2\n3,4,5\n", read) == "line 2 has 3 columns, the first row has 2")
    #expect(try problem("a,b\n3\n", read) == "line 2 has 1 column, the header has 2")
    #expect(try problem("", read) == "has no rows of numbers")
    #expect(message { _ = try CSV(file: "/nowhere/x.csv") } == "/nowhere/x.csv cannot be opened: No such file or directory")
  }

  /// Every number as the C library reads it: exact products and quotients, their limits, and what goes beyond.
  @Test func numbersAreCorrectlyRounded() throws {
    var texts = [
      "0", "-0", "1e22", "1e23", "9007199254740993", "9007199254740992.5", "123456789012345678901234567890", "1e-22", "3e-23",
      "0.1", "1.7976931348623157e308", "1e400", "-1e400", "4.9e-324", "2e-324", "1e-99999999999", "1e99999999999",
      "00000000000000000000001.5",
      "0.000000000000000000000000000123", "18446744073709551616", "1.0E+2",
    ]
    for (i, bits) in Tensor<Int32>.integers([400], in: Int32.min..<Int32.max, key: Key(seed: 1)).scalars.enumerated() {
      let exponent = i % 60 - 30
      texts.append("\(Double(bits) * 0.001)e\(exponent)")
      texts.append("\(Double(bits) / 3 * pow(10, Double(exponent)))")
    }
    try withFile(texts.joined(separator: "\n")) { file in
      let values = try CSV(file: file).values.scalars
      #expect(values.count == texts.count)
      for (value, text) in zip(values, texts) { #expect(value.bitPattern == strtod(text, nil).bitPattern, "\(text)") }
    }
  }
}

@Suite struct LIBSVMTests {
  @Test func sparseLines() throws {
    try withFile("+1 1:0.5 3:-2\n-1 2:1e1 # a comment\n\n# another\n-1\n+1 4:7\t\r\n", named: "heart") { file in
      let data = try LIBSVM<Float>(file: file)
      #expect(data.inputs == Tensor(shape: [4, 4], [0.5, 0, -2, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]))
      #expect(data.targets.scalars == [1, -1, -1, 1])
      let points = data.classified()
      #expect(points.labels.scalars == [1, 0, 0, 1] && points.classes == 2 && points.inputs == data.inputs)
      #expect(data.source.name == "heart" && data.source.count == 4)
      try #expect(LIBSVM<Double>(file: file, width: 6).inputs.shape == [4, 6])
    }
  }

  @Test func whatIsWrongIsSaid() throws {
    let read = { (file: String) in _ = try LIBSVM<Double>(file: file, width: 5) }
    #expect(try problem("1 1:2\nx 1:2\n", read) == "line 2 does not begin with one number, the target")
    #expect(try problem("1,2 1:2\n", read) == "line 1 does not begin with one number, the target")
    #expect(try problem("1 1:2 3\n", read) == "line 1 has something else than index:value after entry 1")
    #expect(try problem("1 1:\n", read) == "line 1 has no number as the value of index 1")
    #expect(try problem("1 1:2:3\n", read) == "line 1 has no number as the value of index 1")
    #expect(try problem("1 0:2\n", read).hasPrefix("line 1 has index 0 after 0: indices are whole, begin with 1"))
    #expect(try problem("1 3:2 3:1\n", read).hasPrefix("line 1 has index 3 after 3"))
    #expect(try problem("1 1.5:2\n", read).hasPrefix("line 1 has index 1.5 after 0"))
    #expect(try problem("1 6:2\n", read) == "line 1 has index 6, beyond the width 5")
    #expect(try problem("# nothing\n", read) == "has no samples")
    let wide = try problem("1 2147483647:1\n2 1:1\n3 1:1\n", { _ = try LIBSVM<Double>(file: $0) })
    #expect(wide == "has 3 samples of 2147483647 inputs, 3 of them not 0: too many to be kept dense")
  }
}

@Suite struct CIFAR10Tests {
  /// A record with this label, whose pixel j is (j + shift) mod 256.
  private static func record(_ label: UInt8, shift: Int) -> [UInt8] {
    [label] + (0..<3072).map { UInt8(truncatingIfNeeded: $0 + shift) }
  }

  private func withBatches(_ batches: [String: [UInt8]], _ body: (String) throws -> Void) throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/cifar-10-batches-bin", withIntermediateDirectories: false)
      for (name, bytes) in batches { try Data(bytes).write(to: URL(filePath: "\(folder)/cifar-10-batches-bin/\(name).bin")) }
      try body(folder)
    }
  }

  @Test func images() throws {
    let bytes = Self.record(3, shift: 0) + Self.record(9, shift: 5)
    try withBatches(["test_batch": bytes]) { folder in
      let data = try CIFAR10<Float>(.test, in: folder)
      #expect(data.images.shape == [2, 3, 32, 32] && data.labels.scalars == [3, 9])
      // Image 1, channel 2, row 3, column 4 is byte 2 * 1024 + 3 * 32 + 4, plus 5, mod 256.
      #expect(data.images.row(1)[2, 3, 4] == Float(Double((2 * 1024 + 3 * 32 + 4 + 5) % 256) / 255))
      #expect(data.source == DataSource(name: "cifar-10-test", count: 2, sha256: sha256(of: Data(bytes))))
      try #expect(CIFAR10<Double>(.test, count: 1, in: folder).labels.scalars == [3])
    }
    let batches = (1...5).map { ("data_batch_\($0)", Self.record(UInt8($0), shift: $0)) }
    try withBatches(Dictionary(uniqueKeysWithValues: batches)) { folder in
      try #expect(CIFAR10<Float>(.train, in: folder).labels.scalars == [1, 2, 3, 4, 5])
    }
    try withBatches(["data_batch_1": bytes]) { folder in
      try #expect(CIFAR10<Float>(.train, count: 2, in: folder).labels.scalars == [3, 9], "the other files are not needed")
    }
  }

  @Test func whatIsWrongIsSaid() throws {
    let record = Self.record(3, shift: 0)
    func text(_ bytes: [UInt8], count: Int? = nil) throws -> String {
      var result = ""
      try withBatches(["test_batch": bytes]) { folder in
        result = message { _ = try CIFAR10<Float>(.test, count: count, in: folder) }
      }
      return result
    }
    #expect(
      try text(record.dropLast()).hasSuffix(
        "test_batch.bin has 3072 bytes, no whole number of records of 3073; download it again"))
    #expect(try text([]).hasSuffix("has 0 bytes, no whole number of records of 3073; download it again"))
    #expect(try text(record + Self.record(10, shift: 0)).hasSuffix("has label 10 in record 1, expected 0 to 9"))
    #expect(try text(record, count: 2).hasSuffix("has 1 images, 2 were asked for"))
    #expect(
      message { _ = try CIFAR10<Float>(.train, in: "/nowhere") }
        == "/nowhere/cifar-10-batches-bin/data_batch_1.bin is not there, nor as .gz: get it from "
        + "https://www.cs.toronto.edu/~kriz/cifar.html (binary version), or let OFFPRINT_DATA name the folder of your data")
  }
}
