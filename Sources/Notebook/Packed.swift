import Foundation

/// Encodes an array of numbers as its bytes: a checkpoint of a long trace is then one block, not an object for each number.
@propertyWrapper
struct Packed<Element: BitwiseCopyable>: Codable {
  var wrappedValue: [Element]

  init(wrappedValue: [Element]) { self.wrappedValue = wrappedValue }

  init(from decoder: any Decoder) throws {
    let data = try decoder.singleValueContainer().decode(Data.self)
    wrappedValue = data.withUnsafeBytes { bytes in
      // A Data's bytes need not be aligned for Element.
      (0..<bytes.count / MemoryLayout<Element>.stride).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.stride, as: Element.self)
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue.withUnsafeBytes { Data($0) })
  }
}
