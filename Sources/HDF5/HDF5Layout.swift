/// How a dataset's elements lie in the file.
public enum HDF5Layout: Sendable, Equatable {
  /// In one piece, in row-major order, without a checksum: a flipped bit is read back in silence.
  case contiguous

  /// In blocks of this shape, each passing through the filters in the order shuffle, deflate (gzip, level 0...9), Fletcher32.
  ///
  /// A chunk is smaller than 4 GiB, has the dataset's rank and no empty axis; an axis longer than the dataset's is cut to it.
  /// Datasets that are scalar or without elements cannot be chunked, and text of variable length takes no filters: they are
  /// written contiguous whatever is asked for.
  case chunked([Int], deflate: Int? = nil, shuffle: Bool = false, fletcher32: Bool = true)

  /// The whole dataset as one chunk with Fletcher32 and no compression: checked, and readable in place (see
  /// ``HDF5Dataset/byteOffset()``).
  public static func oneChunk(_ shape: [Int]) -> HDF5Layout { .chunked(shape) }

  /// Chunks near 64 KiB of whole trailing axes, with shuffle, gzip 4 and Fletcher32: for large arrays that no figure plots.
  public static func compressed(_ shape: [Int], bytesPerElement: Int) -> HDF5Layout {
    var elements = max(1, 65_536 / max(1, bytesPerElement))
    var chunk = shape
    for axis in shape.indices.reversed() {
      chunk[axis] = max(1, min(shape[axis], elements))
      elements /= chunk[axis]
    }
    return .chunked(chunk, deflate: 4, shuffle: true, fletcher32: true)
  }
}
