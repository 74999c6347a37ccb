// Rows picked by index, and their adjoints.
//
// Promise: an index outside of the axis stops the program with a message; additions to one place happen in the order of the indices,
// whatever the number of threads, which share the columns, not the rows. No allocation.

/// Rows of a matrix by index.
package enum Gather {
  /// target[i] = source[indices[i]] for a source of `rows` rows of `width` scalars.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Int32)
  package static func rows<Scalar: BitwiseCopyable & SendableMetatype>(
    _ source: UnsafePointer<Scalar>, rows: Int, _ indices: UnsafePointer<Int32>, count: Int, width: Int,
    _ target: UnsafeMutablePointer<Scalar>
  ) {
    let (source, indices, target) = (Shared(source), Shared(indices), Shared(target))
    Threads.forEachBlock(of: count, size: count * width >= 1 << 17 ? (count + 31) / 32 : count) { range in
      for i in range {
        (target.value + i * width).update(from: source.value + checked(indices.value[i], rows) * width, count: width)
      }
    }
  }

  /// target[o, i, j] = source[o, indices[o, i, j], j] for a source of [outer, extent, inner] and indices of [outer, count, inner].
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Int32)
  package static func takeAlongAxis<Scalar: BitwiseCopyable & SendableMetatype>(
    _ source: UnsafePointer<Scalar>, outer: Int, extent: Int, inner: Int, _ indices: UnsafePointer<Int32>, count: Int,
    _ target: UnsafeMutablePointer<Scalar>
  ) {
    let (source, indices, target) = (Shared(source), Shared(indices), Shared(target))
    let rows = outer * count
    Threads.forEachBlock(of: rows, size: rows * inner >= 1 << 17 ? (rows + 31) / 32 : rows) { range in
      for i in range {
        let source = source.value + i / count * extent * inner
        for j in 0..<inner {
          target.value[i * inner + j] = source[checked(indices.value[i * inner + j], extent) * inner + j]
        }
      }
    }
  }

  @inline(always)
  fileprivate static func checked(_ index: Int32, _ extent: Int) -> Int {
    if index < 0 || Int(index) >= extent { outOfRange(index, extent) }
    return Int(index)
  }

  @inline(never)
  private static func outOfRange(_ index: Int32, _ extent: Int) -> Never {
    fatalError("gather or scatter: index \(index) on an axis of extent \(extent)")
  }
}

/// Additions to places by index: the adjoints of `Gather`.
package enum ScatterAdd {
  /// target[indices[i]] += source[i] for a target of `rows` rows of `width` scalars.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Int32)
  package static func rows<Scalar: Numeric & BitwiseCopyable & SendableMetatype>(
    _ source: UnsafePointer<Scalar>, _ indices: UnsafePointer<Int32>, count: Int, rows: Int, width: Int,
    _ target: UnsafeMutablePointer<Scalar>
  ) {
    let (source, indices, target) = (Shared(source), Shared(indices), Shared(target))
    Threads.forEachBlock(of: width, size: count * width >= 1 << 17 ? max(64, (width / 8 + 63) & -64) : width) { range in
      for i in 0..<count {
        let x = source.value + i * width
        let y = target.value + Gather.checked(indices.value[i], rows) * width
        for j in range { y[j] += x[j] }
      }
    }
  }

  /// target[o, indices[o, i, j], j] += source[o, i, j] for a target of [outer, extent, inner] and indices of [outer, count, inner].
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Int32)
  package static func alongAxis<Scalar: Numeric & BitwiseCopyable & SendableMetatype>(
    _ source: UnsafePointer<Scalar>, outer: Int, extent: Int, inner: Int, _ indices: UnsafePointer<Int32>, count: Int,
    _ target: UnsafeMutablePointer<Scalar>
  ) {
    let (source, indices, target) = (Shared(source), Shared(indices), Shared(target))
    Threads.forEachBlock(of: outer, size: outer * count * inner >= 1 << 17 ? (outer + 31) / 32 : outer) { range in
      for o in range {
        let target = target.value + o * extent * inner
        for i in o * count..<(o + 1) * count {
          for j in 0..<inner {
            target[Gather.checked(indices.value[i * inner + j], extent) * inner + j] += source.value[i * inner + j]
          }
        }
      }
    }
  }
}
