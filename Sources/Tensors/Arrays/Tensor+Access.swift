extension Tensor {
  /// Calls `body` with the scalars in row-major order, 64-byte aligned. The pointer must not outlive the call.
  @inlinable
  public func withUnsafeBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(start: storage.memory.assumingMemoryBound(to: Scalar.self), count: count))
  }

  /// Calls `body` with the scalars for reading and writing, after making this tensor their only owner.
  @inlinable
  public mutating func withUnsafeMutableBufferPointer<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    makeUnique()
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeMutableBufferPointer(start: storage.memory.assumingMemoryBound(to: Scalar.self), count: count))
  }

  @inlinable
  mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&storage) { copyStorage() }
  }

  @usableFromInline
  mutating func copyStorage() { storage = storage.copy() }

  // The pointers below are for code in this module that keeps `self` alive across their use.
  var pointer: UnsafePointer<Scalar> { UnsafePointer(storage.memory.assumingMemoryBound(to: Scalar.self)) }

  var mutablePointer: UnsafeMutablePointer<Scalar> {
    mutating get {
      makeUnique()
      return storage.memory.assumingMemoryBound(to: Scalar.self)
    }
  }

  /// The scalar of a vector at `i`.
  @inlinable
  public subscript(i: Int) -> Scalar {
    get { load(offset(i)) }
    set { store(newValue, offset(i)) }
  }

  /// The scalar of a matrix in row `i` and column `j`.
  @inlinable
  public subscript(i: Int, j: Int) -> Scalar {
    get { load(offset(i, j)) }
    set { store(newValue, offset(i, j)) }
  }

  /// The scalar of a rank-3 tensor.
  @inlinable
  public subscript(i: Int, j: Int, k: Int) -> Scalar {
    get { load(offset(i, j, k)) }
    set { store(newValue, offset(i, j, k)) }
  }

  /// The only scalar of a tensor that holds one, whatever its rank.
  public var scalar: Scalar {
    guard count == 1 else { fatalError("Tensor.scalar: shape \(shape) holds \(count) scalars, not one") }
    return load(0)
  }

  @inlinable
  func load(_ offset: Int) -> Scalar { storage.memory.assumingMemoryBound(to: Scalar.self)[offset] }

  @inlinable
  mutating func store(_ value: Scalar, _ offset: Int) {
    makeUnique()
    storage.memory.assumingMemoryBound(to: Scalar.self)[offset] = value
  }

  @inlinable
  func offset(_ i: Int) -> Int {
    if rank != 1 || UInt(bitPattern: i) >= UInt(bitPattern: shape[0]) { indexOutOfRange([i], shape) }
    return i
  }

  @inlinable
  func offset(_ i: Int, _ j: Int) -> Int {
    if rank != 2 || UInt(bitPattern: i) >= UInt(bitPattern: shape[0]) || UInt(bitPattern: j) >= UInt(bitPattern: shape[1]) {
      indexOutOfRange([i, j], shape)
    }
    return i * shape[1] + j
  }

  @inlinable
  func offset(_ i: Int, _ j: Int, _ k: Int) -> Int {
    if rank != 3 || UInt(bitPattern: i) >= UInt(bitPattern: shape[0]) || UInt(bitPattern: j) >= UInt(bitPattern: shape[1])
      || UInt(bitPattern: k) >= UInt(bitPattern: shape[2])
    {
      indexOutOfRange([i, j, k], shape)
    }
    return (i * shape[1] + j) * shape[2] + k
  }
}

@usableFromInline
@inline(never)
func indexOutOfRange(_ index: [Int], _ shape: [Int]) -> Never {
  fatalError("Tensor[\(index.map(String.init).joined(separator: ", "))]: no such element in shape \(shape)")
}
