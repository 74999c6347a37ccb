import Foundation
import HDF5
import Tensors

/// One way of damaging a file's bytes.
enum Mutation: CaseIterable {
  case truncated
  case bit, bits8, bits64
  case metadataBit, metadataBits8, metadataBits64
  case zeroed, filled, metadataZeroed, metadataFilled
  case moved, emptied, appended, random, otherFormat, spliced

  /// As the table names it; several mutations make a row.
  var row: String {
    switch self {
    case .truncated: "result cut short anywhere"
    case .bit, .bits8, .bits64: "1, 8 or 64 bits of a result flipped anywhere"
    case .metadataBit, .metadataBits8, .metadataBits64: "1, 8 or 64 bits flipped in headers, trees and heaps"
    case .zeroed, .filled: "bytes of a result overwritten with 0x00 or 0xFF"
    case .metadataZeroed, .metadataFilled: "bytes of headers, trees and heaps overwritten with 0x00 or 0xFF"
    case .moved, .appended, .spliced: "block copied elsewhere, garbage appended, two results spliced"
    case .emptied, .random, .otherFormat: "empty file, random bytes, text, PNG, gzip"
    }
  }

  /// The damaged bytes of `source`; the same for the same random numbers.
  func damaged(_ source: Source, other: Source, _ random: inout RandomWords) -> Data {
    var bytes = source.bytes
    switch self {
    case .truncated: return bytes.prefix(random.below(bytes.count))
    case .bit: flip(1, in: &bytes, nil, &random)
    case .bits8: flip(8, in: &bytes, nil, &random)
    case .bits64: flip(64, in: &bytes, nil, &random)
    case .metadataBit: flip(1, in: &bytes, source.metadata, &random)
    case .metadataBits8: flip(8, in: &bytes, source.metadata, &random)
    case .metadataBits64: flip(64, in: &bytes, source.metadata, &random)
    case .zeroed: overwrite(with: 0, in: &bytes, nil, &random)
    case .filled: overwrite(with: 0xFF, in: &bytes, nil, &random)
    case .metadataZeroed: overwrite(with: 0, in: &bytes, source.metadata, &random)
    case .metadataFilled: overwrite(with: 0xFF, in: &bytes, source.metadata, &random)
    case .moved:
      let length = 1 + random.below(min(4096, bytes.count / 2))
      let (from, to) = (random.below(bytes.count - length), random.below(bytes.count - length))
      bytes.replaceSubrange(to..<to + length, with: source.bytes[from..<from + length])
    case .emptied: return Data()
    case .appended: bytes.append(noise(1 + random.below(10_000), &random))
    case .random: return noise(1 + random.below(100_000), &random)
    case .otherFormat: return Self.formats[random.below(Self.formats.count)] + noise(random.below(1000), &random)
    case .spliced: return bytes.prefix(random.below(bytes.count)) + other.bytes.suffix(random.below(other.bytes.count))
    }
    return bytes
  }

  private static let formats = [
    Data("step,loss\n1,0.5\n".utf8), Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), Data([0x1F, 0x8B, 8, 0]),
    Data("CDF\u{1}".utf8), Data("%PDF-1.4\n".utf8), Data([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]),
  ]

  /// - Parameter places: where; anywhere when nil.
  private func flip(_ count: Int, in bytes: inout Data, _ places: [Int]?, _ random: inout RandomWords) {
    for _ in 0..<count {
      let place = places.map { $0[random.below($0.count)] } ?? random.below(bytes.count)
      bytes[place] ^= 1 << UInt8(random.below(8))
    }
  }

  private func overwrite(with byte: UInt8, in bytes: inout Data, _ places: [Int]?, _ random: inout RandomWords) {
    let start = places.map { $0[random.below($0.count)] } ?? random.below(bytes.count)
    let end = min(bytes.count, start + 1 << random.below(10))
    bytes.replaceSubrange(start..<end, with: repeatElement(byte, count: end - start))
  }

  private func noise(_ count: Int, _ random: inout RandomWords) -> Data {
    Data((0..<count).map { _ in UInt8(random.below(256)) })
  }
}

/// A file that is damaged.
struct Source {
  let bytes: Data
  /// The bytes that are not elements of arrays: superblock, headers, B-trees, heaps, and what lies between.
  let metadata: [Int]

  init(_ path: String) throws {
    let bytes = try Data(contentsOf: URL(filePath: path))
    var isData = [Bool](repeating: false, count: bytes.count)
    let file = try HDF5File.open(path)
    try file.root.walk { step in
      guard case .dataset(let dataset) = step.thing, let offset = try dataset.byteOffset() else { return }
      for place in offset..<min(bytes.count, offset + dataset.storageSize) { isData[place] = true }
    }
    try file.close()
    self.bytes = bytes
    metadata = isData.indices.filter { !isData[$0] }
  }
}

/// Random numbers one after the other, all following from a key.
struct RandomWords {
  private var words: [UInt32] = []
  private var position = 0
  private let key: Key

  init(_ key: Key) { self.key = key }

  /// A number from 0 to `bound` - 1; 0 where there is none.
  mutating func below(_ bound: Int) -> Int {
    guard bound > 1 else { return 0 }
    if position == words.count {
      let drawn = Tensor<Double>.uniform([256], key: key.named("words \(words.count)"))
      words += drawn.scalars.map { UInt32($0 * 0x1p32) }
    }
    position += 1
    return Int(words[position - 1]) * bound >> 32
  }
}
