/// One series of numbers of a figure.
///
/// A column read from a results file says where its numbers lie, so that the figure's script plots the file itself. A derived column
/// has no source, and its numbers are written into the script.
public struct Column: Sendable, ExpressibleByArrayLiteral {
  /// The numbers; NaN leaves a gap.
  public var values: [Double]
  /// Where the numbers lie in the results file, nil when they are derived.
  public var source: FileSlice?

  /// A column of `values`, found in a file at `source`.
  public init(_ values: [Double], source: FileSlice? = nil) {
    self.values = values
    self.source = source
  }

  /// A derived column.
  public init(arrayLiteral elements: Double...) { self.init(elements) }
}

/// The bytes of a results file that hold a column.
///
/// Element i lies at `byteOffset + (i * stride + component) * scalar.size`, little-endian: records of `stride` scalars, of which
/// the `component`-th is ours.
public struct FileSlice: Sendable, Equatable, Hashable {
  /// How a number is stored.
  public enum Scalar: String, Sendable {
    /// The types that gnuplot reads, under the names it gives them.
    case float32, float64, int32, int64, uint8

    /// The size in bytes.
    public var size: Int {
      switch self {
      case .float64, .int64: 8
      case .float32, .int32: 4
      case .uint8: 1
      }
    }
  }

  /// The path of the file, as seen from the project's root.
  public var file: String
  /// The name of the dataset, "/traces/loss" for example: it names the array in the script.
  public var dataset: String
  /// Where the first record begins.
  public var byteOffset: Int
  /// The number of records.
  public var count: Int
  /// How a number is stored.
  public var scalar: Scalar
  /// The scalars of a record.
  public var stride: Int
  /// The position of ours in its record, from 0.
  public var component: Int

  /// The place of `count` numbers.
  public init(
    file: String, dataset: String, byteOffset: Int, count: Int, scalar: Scalar, stride: Int = 1, component: Int = 0
  ) {
    self.file = file
    self.dataset = dataset
    self.byteOffset = byteOffset
    self.count = count
    self.scalar = scalar
    self.stride = stride
    self.component = component
  }
}

/// A results file as a script was written for it: a file of another size holds other bytes at the same offsets.
public struct ResultsFile: Sendable, Equatable {
  /// The path, as seen from the project's root.
  public var path: String
  /// The size in bytes.
  public var size: Int
  /// The command that writes the scripts anew when the file has changed.
  public var remedy: String

  /// The results file at `path`, `size` bytes long.
  public init(path: String, size: Int, remedy: String) {
    self.path = path
    self.size = size
    self.remedy = remedy
  }
}
