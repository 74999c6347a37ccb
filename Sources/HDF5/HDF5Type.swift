/// What one element of a dataset or attribute on disk is.
///
/// The byte order on disk does not show: reading converts. What Offprint writes is little-endian.
public enum HDF5Type: Sendable, Equatable, CustomStringConvertible {
  case float32, float64
  case int8, int16, int32, int64
  case uint8, uint16, uint32, uint64
  /// h5py's enumeration: int8 with `FALSE` = 0 and `TRUE` = 1.
  case bool
  /// Text, of fixed or variable length.
  case string
  /// A compound of two 32-bit floats named `r` and `i`, as h5py has it.
  case complex64
  /// A compound of two 64-bit floats named `r` and `i`, as h5py has it.
  case complex128
  /// Anything else, which this module does not read; the text says what.
  case other(String)

  /// The name NumPy has for it: `float64`, `bool`, `str`.
  public var description: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .int8: "int8"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .uint8: "uint8"
    case .uint16: "uint16"
    case .uint32: "uint32"
    case .uint64: "uint64"
    case .bool: "bool"
    case .string: "str"
    case .complex64: "complex64"
    case .complex128: "complex128"
    case .other(let name): name
    }
  }

  /// Whether values convert: numbers into numbers, complex into complex, bools into bools and numbers, text into text.
  func converts(to other: HDF5Type) -> Bool {
    switch (kind, other.kind) {
    case (.unknown, _), (_, .unknown): false
    case (.bool, .number): true
    case (let ours, let theirs): ours == theirs
    }
  }

  /// Whether elements are numbers or pairs of them, all of one size and stored in place; text and anything else is not.
  var isFixedSize: Bool { kind != .text && kind != .unknown }

  private enum Kind { case number, bool, complex, text, unknown }

  private var kind: Kind {
    switch self {
    case .float32, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64: .number
    case .bool: .bool
    case .complex64, .complex128: .complex
    case .string: .text
    case .other: .unknown
    }
  }
}
