import Datasets
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct SHA256Tests {
  /// FIPS 180-2, appendix B, and the empty message.
  @Test func knownVectors() {
    #expect(sha256(of: Data()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(sha256(of: Data("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      sha256(of: Data("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    #expect(
      sha256(of: Data(repeating: UInt8(ascii: "a"), count: 1_000_000))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func aSliceCountsFromItsOwnStart() {
    #expect(sha256(of: Data("xabc".utf8).dropFirst()) == sha256(of: Data("abc".utf8)))
  }
}

@Suite struct IDXTests {
  /// [2, 3] unsigned bytes.
  static let plain: [UInt8] = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 250]
  /// `plain`, by Python's gzip.compress(plain, 9, mtime=0).
  static let zipped: [UInt8] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 96, 224, 96, 98, 96, 96, 0, 97, 102, 70, 38, 102, 22, 214, 95, 0, 127, 42, 53, 81, 18, 0,
    0, 0,
  ]

  private func read(_ bytes: [UInt8], check: (IDX) -> Void = { _ in }) throws {
    try withFolder { folder in
      let path = "\(folder)/x"
      try Data(bytes).write(to: URL(filePath: path))
      check(try IDX(file: path))
    }
  }

  private func problem(_ bytes: [UInt8]) -> String {
    do {
      try read(bytes)
      return "none"
    } catch {
      return (error as? DataError)?.problem ?? "not a DataError: \(error)"
    }
  }

  @Test(arguments: [plain, zipped]) func plainAndZippedAreTheSame(bytes: [UInt8]) throws {
    try read(bytes) { idx in
      #expect(idx.shape == [2, 3])
      #expect(Array(idx.bytes) == [1, 2, 3, 4, 5, 250])
      #expect(idx.sha256 == "bcae679765205c462fa956cbfca1d7d7fc2907c71b7a0a4fcf4b59d2e3747700", "of the unpacked bytes")
    }
  }

  @Test func whatIsWrongIsSaid() {
    #expect(problem([]).hasPrefix("is not an IDX file"))
    #expect(problem(Array("no IDX file".utf8)).hasPrefix("is not an IDX file"))
    #expect(problem([0, 0, 8, 0]).hasPrefix("is not an IDX file"), "no axes")
    #expect(problem([0, 0, 13, 1, 0, 0, 0, 0]) == "has elements of IDX type 13, expected 8 (unsigned bytes)")
    #expect(problem(Array(Self.plain.prefix(10))) == "ends within its header; download it again")
    #expect(problem(Self.plain.dropLast()) == "has 5 bytes of data, its shape [2, 3] needs another number; download it again")
    #expect(problem(Self.plain + [0]).hasPrefix("has 7 bytes of data"))
    let overflow: [UInt8] = [0, 0, 8, 3] + [UInt8](repeating: 0xFF, count: 12)
    #expect(problem(overflow).hasPrefix("has 0 bytes of data"), "a product beyond Int is no trap")
  }

  @Test(arguments: [12, 20, 30]) func aZippedFileCutShortIsNoWholeFile(length: Int) {
    #expect(problem(Array(Self.zipped.prefix(length))).hasPrefix("is damaged or cut short"))
  }

  @Test func aFlippedBitInAZippedFileIsFound() {
    var bytes = Self.zipped
    bytes[24] ^= 1
    #expect(problem(bytes).hasPrefix("is damaged or cut short"))
  }

  @Test func aMissingFileIsMissing() {
    #expect(message { _ = try IDX(file: "/nowhere/x") } == "/nowhere/x cannot be opened: No such file or directory")
  }
}

@Suite struct DrawnDigitsTests {
  private static let key = Key(seed: 1)

  @Test func theSameKeyDrawsTheSameImages() {
    let a = DrawnDigits.sample(12, side: 12, key: Self.key)
    let b = DrawnDigits.sample(12, side: 12, key: Self.key)
    #expect(a.pixels == b.pixels && a.labels == b.labels)
    #expect(DrawnDigits.sample(12, side: 12, key: Key(seed: 2)).pixels != a.pixels)
    let fewer = DrawnDigits.sample(5, side: 12, key: Self.key)
    #expect(fewer.pixels.row(4) == a.pixels.row(4), "image i depends on the key and i alone")
    #expect(a.pixels.row(0) != a.pixels.row(10), "two zeros by two hands")
  }

  @Test func shapesLabelsAndValues() {
    let images = DrawnDigits.sample(7, classes: [3, 5], side: 10, key: Self.key)
    #expect(images.pixels.shape == [7, 100] && images.side == 10)
    #expect(images.labels == [3, 5, 3, 5, 3, 5, 3])
    #expect(images.pixels.scalars.allSatisfy { (0...1).contains($0) })
    for i in 0..<7 { #expect(images.pixels.row(i).scalars.max() ?? 0 > 0.8, "image \(i) has ink") }
    let points = images.points(as: Float.self)
    #expect(points.labels.scalars == [3, 5, 3, 5, 3, 5, 3] && points.classes == 6)
    #expect(points.inputs.scalars == images.pixels.scalars.map { Float($0) })
    let clean = DrawnDigits.sample(2, side: 28, noise: 0, key: Self.key)
    #expect(clean.pixels.scalars.contains(0) && clean.pixels.scalars.contains(1))
  }

  /// The nearest class mean of 200 images, on 200 fresh ones.
  @Test func classesAreToldApart() {
    let (known, fresh) = (
      DrawnDigits.sample(200, side: 14, key: Self.key.named("known")),
      DrawnDigits.sample(200, side: 14, key: Self.key.named("fresh"))
    )
    let means = (0...9).map { digit in
      let rows = known.labels.indices.filter { known.labels[$0] == digit }
      return rows.reduce(Tensor<Double>.zeros([196])) { $0 + known.pixels.row($1) } * (1 / Double(rows.count))
    }
    let right = fresh.labels.indices.count { i in
      let distances = means.map { (fresh.pixels.row(i) - $0).squaredNorm().scalar }
      return distances.indices.min { distances[$0] < distances[$1] } == fresh.labels[i]
    }
    #expect(right > 180, "\(right) of 200")
  }
}
