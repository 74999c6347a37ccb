import Foundation

extension Tensor: Equatable {
  /// Equal shape and equal bits: a NaN equals itself, and 0 differs from -0. This is the equality of checkpoints and of
  /// reproducibility checks; compare numbers with a tolerance of your own.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape && (a.storage === b.storage || memcmp(a.storage.memory, b.storage.memory, a.byteCount) == 0)
  }

  var byteCount: Int { count * MemoryLayout<Scalar>.stride }
}

extension Tensor: Codable {
  private enum CodingKeys: String, CodingKey { case shape, bytes }

  /// Writes the shape and the scalars as raw little-endian bytes, so every bit survives, NaN payloads included.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(shape, forKey: .shape)
    // Every machine Swift runs on is little-endian.
    try container.encode(Data(bytes: storage.memory, count: byteCount), forKey: .bytes)
  }

  /// Reads what `encode` wrote; throws when the number of bytes does not fit the shape.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let shape = try container.decode([Int].self, forKey: .shape)
    let bytes = try container.decode(Data.self, forKey: .bytes)
    // A damaged file is no programming error: check before `elementCount` would stop the program.
    var size = MemoryLayout<Scalar>.stride
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      size = extent < 0 || overflow ? -1 : product
      if size < 0 { break }
    }
    guard size == bytes.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .bytes, in: container,
        debugDescription: "\(bytes.count) bytes for a tensor of \(Scalar.self) with shape \(shape)")
    }
    self.init(uninitialized: shape)
    bytes.copyBytes(to: storage.memory.assumingMemoryBound(to: UInt8.self), count: bytes.count)
  }
}

extension Tensor: CustomStringConvertible {
  /// The shape and the first scalars.
  public var description: String {
    let shown = 8
    let list = scalars.prefix(shown).map { "\($0)" }.joined(separator: ", ") + (count > shown ? ", ..." : "")
    return "Tensor<\(Scalar.self)>(shape: \(shape), [\(list)])"
  }
}
