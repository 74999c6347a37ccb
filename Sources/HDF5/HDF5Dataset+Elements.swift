@preconcurrency import CHDF5

extension HDF5Dataset {
  /// Reads all elements in row-major order.
  ///
  /// Numbers convert as libhdf5 does it: to the nearest float, and to integers by dropping the fraction and clamping to the
  /// type's range; complex numbers, part by part. Bools read as numbers are 0 and 1.
  ///
  /// - Throws: when the type does not convert, the data fail their checksum, or ``refusal`` says why not.
  public func read<S: HDF5Scalar>(as: S.Type = S.self) throws -> [S] {
    try checkReadable(count)
    let space = try place.makeSpace("read", shape: shape)
    return try transfer().read(count: count, space: space) { type, buffer in
      H5Dread(handle.id, type, H5S_ALL, H5S_ALL, hid_t(H5P_DEFAULT), buffer)
    }
  }

  /// Reads all elements to where they are wanted, such as a tensor's memory. The buffer must have as many elements.
  public func read<S: HDF5FixedSizeScalar>(into buffer: UnsafeMutableBufferPointer<S>) throws {
    guard buffer.count == count else {
      throw place.error("read", "the buffer has \(buffer.count) elements, shape \(shape) has \(count)")
    }
    try checkReadable(count)
    try transfer().read(into: buffer) { type, start in
      H5Dread(handle.id, type, H5S_ALL, H5S_ALL, hid_t(H5P_DEFAULT), start)
    }
  }

  /// Reads a block: along axis k the elements `offset[k] + i * stride[k]` for `i` in `0..<count[k]`, in row-major order. No
  /// stride means 1 everywhere.
  ///
  /// - Throws: when the ranks differ, when the block reaches beyond the dataset, and as ``read(as:)`` does.
  public func read<S: HDF5Scalar>(
    as: S.Type = S.self, offset: [Int], count: [Int], stride: [Int]? = nil
  ) throws -> [S] {
    let stride = stride ?? [Int](repeating: 1, count: count.count)
    try checkBlock(offset: offset, count: count, stride: stride)
    guard !shape.isEmpty else { return try read() }
    guard let selected = elementCount(of: count) else { throw place.error("read", "the block \(count) is beyond this machine") }
    try checkReadable(selected)
    let memory = try place.makeSpace("read", shape: [selected])
    let space = try place.make("read") { H5Dget_space(handle.id) }
    // The library does not take a stride for an empty selection; there is nothing to read in it either.
    if selected > 0 {
      try place.call("read") {
        H5Sselect_hyperslab(
          space.id, H5S_SELECT_SET, offset.map { hsize_t($0) }, stride.map { hsize_t($0) }, count.map { hsize_t($0) }, nil)
      }
    }
    return try transfer().read(count: selected, space: memory) { type, buffer in
      H5Dread(handle.id, type, memory.id, space.id, hid_t(H5P_DEFAULT), buffer)
    }
  }

  private func checkBlock(offset: [Int], count: [Int], stride: [Int]) throws {
    let block = "the block at \(offset) of \(count) by steps of \(stride)"
    guard offset.count == shape.count, count.count == shape.count, stride.count == shape.count else {
      throw place.error("read", "\(block) has another rank than shape \(shape)")
    }
    for axis in shape.indices {
      guard offset[axis] >= 0, count[axis] >= 0, stride[axis] >= 1 else {
        throw place.error("read", "\(block) has a negative offset or count, or a step below 1")
      }
      let (span, overflow) = max(0, count[axis] - 1).multipliedReportingOverflow(by: stride[axis])
      let needed = count[axis] == 0 ? 0 : 1
      guard offset[axis] <= shape[axis], !overflow, span <= shape[axis] - offset[axis] - needed else {
        throw place.error("read", "\(block) reaches beyond shape \(shape) on axis \(axis)")
      }
    }
  }

  /// Replaces all elements in place; the shape and the type on disk stay. The elements are in the operating system's hands on
  /// return. Text that is replaced keeps taking space in the file.
  ///
  /// - Throws: when the number of values is not that of the shape, when they do not convert, when the file is read-only.
  public func overwrite<S: HDF5Scalar>(_ values: [S]) throws {
    try checkCount(values.count)
    try checkWritable()
    try transfer().write(values) { type, start in
      H5Dwrite(handle.id, type, H5S_ALL, H5S_ALL, hid_t(H5P_DEFAULT), start)
    }
    try flush()
  }

  /// The same from memory that is not an array, without a copy.
  public func overwrite<S: HDF5FixedSizeScalar>(_ values: UnsafeBufferPointer<S>) throws {
    try checkCount(values.count)
    try checkWritable()
    try transfer().writeRaw(UnsafeRawBufferPointer(values), as: S.self) { type, start in
      H5Dwrite(handle.id, type, H5S_ALL, H5S_ALL, hid_t(H5P_DEFAULT), start)
    }
    try flush()
  }

  private func checkWritable() throws {
    if isElsewhere { throw place.error("write", "its data lie in another file, and those are not touched") }
  }

  private func checkCount(_ given: Int) throws {
    guard given == count else {
      throw place.error("write", "\(given) values were given for shape \(shape), which takes \(count) values")
    }
  }

  /// Chunks and small pieces wait in caches, and a failure to write them would otherwise come to light in a deinit.
  private func flush() throws { try place.call("write") { H5Dflush(handle.id) } }
}
