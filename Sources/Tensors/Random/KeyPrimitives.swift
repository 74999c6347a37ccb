/// Keys whose bits are not known yet: tensors of four words each, and the primitives that read them.

/// The words of a traced key, or of a batch of keys [n, 4].
final class KeyWords: Sendable {
  let tensor: AnyTensor

  init(_ tensor: AnyTensor) {
    guard tensor.scalarType == .uint32, tensor.shape.last == 4 else {
      fatalError("Key: made of \(tensor.signature), expected uint32[4]")
    }
    self.tensor = tensor
  }
}

extension Key: Hashable, Codable {
  private enum CodingKeys: String, CodingKey { case key, stream, batch }

  /// Equal bits. Keys whose bits are not known are equal if they are one and the same.
  public static func == (a: Key, b: Key) -> Bool {
    if let x = a.unknown, let y = b.unknown { return x === y }
    return a.unknown == nil && b.unknown == nil && a.key == b.key && a.stream == b.stream
  }

  /// Consistent with equality.
  public func hash(into hasher: inout Hasher) {
    if let unknown { return hasher.combine(ObjectIdentifier(unknown)) }
    hasher.combine(key)
    hasher.combine(stream)
  }

  /// Writes the 128 bits, or those of all keys of a batch.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if let unknown { return try container.encode(Tensor<UInt32>(unknown.tensor), forKey: .batch) }
    try container.encode(key, forKey: .key)
    try container.encode(stream, forKey: .stream)
  }

  /// Reads what `encode` wrote.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let batch = try container.decodeIfPresent(Tensor<UInt32>.self, forKey: .batch) {
      self.init(words: AnyTensor(batch))
      return
    }
    self.init(key: try container.decode(UInt64.self, forKey: .key), stream: try container.decode(UInt64.self, forKey: .stream))
  }

  /// The key whose words lie at `memory`.
  fileprivate init(at memory: UnsafePointer<UInt32>) {
    self.init(key: UInt64(memory[0]) | UInt64(memory[1]) << 32, stream: UInt64(memory[2]) | UInt64(memory[3]) << 32)
  }

  fileprivate func write(to memory: UnsafeMutablePointer<UInt32>) {
    (memory[0], memory[1]) = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
    (memory[2], memory[3]) = (UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32))
  }
}

/// The key derived from each key by one word.
struct DeriveKey: Primitive {
  let word: UInt64

  func outputs(_ inputs: [Signature]) -> [Signature] { inputs }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    let (word, count) = (word, inputs[0].count / 4)
    return Kernel { inputs, outputs, _ in
      let (from, to) = (inputs[0].assumingMemoryBound(to: UInt32.self), outputs[0].assumingMemoryBound(to: UInt32.self))
      for i in 0..<count { Key(at: from + 4 * i).knownDerived(word).write(to: to + 4 * i) }
    }
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] { apply(inputs) }
}

/// The key with a number that is data: key [..., 4] and numbers [...].
struct DeriveKeyAt: Primitive {
  func outputs(_ inputs: [Signature]) -> [Signature] {
    guard inputs[1].scalarType == .int32, inputs[0].shape == inputs[1].shape + [4] else {
      fatalError("Key[\(inputs[1])]: of keys \(inputs[0])")
    }
    return [inputs[0]]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    let count = inputs[1].count
    return Kernel { inputs, outputs, _ in
      let (from, to) = (inputs[0].assumingMemoryBound(to: UInt32.self), outputs[0].assumingMemoryBound(to: UInt32.self))
      let index = inputs[1].assumingMemoryBound(to: Int32.self)
      for i in 0..<count { Key(at: from + 4 * i)[Int(index[i])].write(to: to + 4 * i) }
    }
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    apply(zip(inputs, isBatched).map { $0.batched($1, size) })
  }
}

/// Draws of `shape` for each key: [..., 4] to [..., shape].
struct Draw: Primitive {
  let distribution: Distribution
  let shape: [Int]
  let scalarType: ScalarType

  var name: String { "random" }

  func outputs(_ inputs: [Signature]) -> [Signature] { [Signature(scalarType, inputs[0].shape.dropLast() + shape)] }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    let (distribution, count, keys) = (distribution, elementCount(shape), inputs[0].count / 4)
    func kernel<S: TensorScalar>(_ fill: @escaping @Sendable (UnsafeMutablePointer<S>, Key) -> Void) -> Kernel {
      Kernel { inputs, outputs, _ in
        let from = Shared(inputs[0].assumingMemoryBound(to: UInt32.self))
        let to = Shared(outputs[0].assumingMemoryBound(to: S.self))
        if keys == 1 { return fill(to.value, Key(at: from.value)) }
        Threads.forEachBlock(of: keys, size: Swift.max(1, 4096 / Swift.max(1, count))) { range in
          for i in range { fill(to.value + i * count, Key(at: from.value + 4 * i)) }
        }
      }
    }
    return switch scalarType {
    case .float: kernel { (target: UnsafeMutablePointer<Float>, key) in distribution.fill(target, count, key) }
    case .double: kernel { (target: UnsafeMutablePointer<Double>, key) in distribution.fill(target, count, key) }
    case .int32: kernel { (target: UnsafeMutablePointer<Int32>, key) in distribution.fill(target, count, key) }
    case .uint32: kernel { (target: UnsafeMutablePointer<UInt32>, key) in distribution.fill(target, count, key) }
    default: fatalError("Draw: no \(distribution) of \(scalarType)")
    }
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] { apply(inputs) }
}
