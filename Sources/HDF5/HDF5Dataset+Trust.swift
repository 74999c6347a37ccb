@preconcurrency import CHDF5

/// What a dataset says of itself may be a lie: how much it holds, and where.
extension HDF5Dataset {
  /// Compression makes at most this of a byte (deflate: 1032).
  private static let mostPerByte = 1100
  /// What any dataset may make of nothing: elements that were never written have the value that stands for them.
  private static let leastLimit = 1 << 26

  /// Bytes that may be read at once: what the elements take in the file, times the best compression.
  private var byteLimit: Int {
    // Where a header says how much is stored, it may lie too; not beyond its file.
    let stored = min(storageSize, place.file.size)
    let (bytes, overflow) = stored.multipliedReportingOverflow(by: Self.mostPerByte)
    return overflow ? .max : max(Self.leastLimit, bytes)
  }

  /// Why the elements as a whole are not read, as the end of a sentence; nil when they are. They may lie in another file, as
  /// external storage or as a virtual dataset: from a stranger, it could be any file of ours. Or the shape promises far more than
  /// the file holds, so that reading it would take the memory of the machine.
  public var refusal: String? { refusal(ofReading: count) }

  /// The same for so many of the elements.
  func refusal(ofReading elements: Int) -> String? {
    if isElsewhere { return "its data lie in another file, and those are not followed" }
    let (bytes, overflow) = elements.multipliedReportingOverflow(by: max(1, elementSize))
    guard overflow || bytes > byteLimit else { return nil }
    return "it promises \(elements) elements of \(elementSize) bytes, and the file holds \(storageSize) bytes of them"
  }

  func checkReadable(_ elements: Int) throws {
    if let refusal = refusal(ofReading: elements) { throw place.error("read", refusal) }
  }

  /// Whether the list of properties of a dataset names other files. Call it under the lock.
  static func isElsewhere(_ list: hid_t) -> Bool {
    let layout = H5Pget_layout(list)
    return layout == H5D_VIRTUAL || (layout == H5D_CONTIGUOUS && H5Pget_external_count(list) != 0)
  }
}
