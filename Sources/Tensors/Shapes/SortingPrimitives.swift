/// The places of numbers in order, along the last axis. They have no derivative; what is taken at them has.

/// Indices of the numbers in ascending order, or of the `largest` greatest in descending order; equal ones by place, NaN last.
struct SortIndices: Primitive {
  /// nil: all, ascending.
  let largest: Int?

  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireReal(inputs[0], largest == nil ? "argsort" : "topK")
    guard let extent = inputs[0].shape.last, (0...extent).contains(largest ?? 0) else {
      fatalError("Tensor.topK: the \(largest ?? 0) largest along the last axis of shape \(inputs[0].shape)")
    }
    return [Signature(.int32, inputs[0].shape.dropLast() + [largest ?? extent])]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    inputs[0].scalarType == .float ? kernel(Float.self, inputs[0].shape) : kernel(Double.self, inputs[0].shape)
  }

  private func kernel<S: RealScalar>(_ type: S.Type, _ shape: [Int]) -> Kernel {
    let (rows, count, largest) = (elementCount(shape.dropLast()), shape[shape.count - 1], largest)
    // Each block of rows has working memory of its own; sizes alone decide.
    let size = rows * count >= 1 << 12 ? (rows + 31) / 32 : Swift.max(1, rows)
    let blocks = rows == 0 ? 0 : (rows + size - 1) / size
    return Kernel(scratch: largest == nil ? blocks * count * 4 : 0) { inputs, outputs, scratch in
      let x = Shared(UnsafePointer(inputs[0].assumingMemoryBound(to: S.self)))
      let indices = Shared(outputs[0].assumingMemoryBound(to: Int32.self))
      let scratch = Shared(scratch.assumingMemoryBound(to: Int32.self))
      Threads.forEach(blocks) { block in
        for row in block * size..<Swift.min(rows, (block + 1) * size) {
          if let largest {
            Sorting.top(largest, of: x.value + row * count, count, indices.value + row * largest)
          } else {
            Sorting.argsort(x.value + row * count, count, indices.value + row * count, scratch: scratch.value + block * count)
          }
        }
      }
    }
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] { apply(inputs) }
}

/// For each number of the second operand its place among the first, a vector in ascending order: how many of them are less, or less or
/// equal (`fromRight`).
struct SearchSorted: Primitive {
  let fromRight: Bool

  func outputs(_ inputs: [Signature]) -> [Signature] {
    requireReal(inputs[0], "searchSorted")
    guard inputs[0].rank == 1, inputs[0].scalarType == inputs[1].scalarType else {
      fatalError("Tensor.searchSorted: \(inputs[1]) in \(inputs[0]), which must be a vector of the same type")
    }
    return [inputs[1].with(.int32)]
  }

  func kernel(_ inputs: [Signature], _ outputs: [Signature]) -> Kernel {
    inputs[0].scalarType == .float
      ? kernel(Float.self, inputs[0].count, inputs[1].count) : kernel(Double.self, inputs[0].count, inputs[1].count)
  }

  private func kernel<S: RealScalar>(_ type: S.Type, _ extent: Int, _ count: Int) -> Kernel {
    let fromRight = fromRight
    return Kernel { inputs, outputs, _ in
      let sorted = inputs[0].assumingMemoryBound(to: S.self)
      let values = inputs[1].assumingMemoryBound(to: S.self)
      let result = outputs[0].assumingMemoryBound(to: Int32.self)
      for i in 0..<count {
        var (low, high) = (0, extent)
        while low < high {
          let middle = (low + high) / 2
          // A NaN belongs behind every number, as sorting puts it.
          let isBefore = fromRight ? !(sorted[middle] > values[i]) : sorted[middle] < values[i] || values[i].isNaN
          if isBefore { low = middle + 1 } else { high = middle }
        }
        result[i] = Int32(truncatingIfNeeded: low)
      }
    }
  }

  func batch(_ inputs: [AnyTensor], _ isBatched: [Bool], size: Int) -> [AnyTensor] {
    if !isBatched[0] { return apply(inputs) }
    let results = (0..<size).map { self(inputs[0].element($0), isBatched[1] ? inputs[1].element($0) : inputs[1]) }
    return [.stack(results)]
  }
}
