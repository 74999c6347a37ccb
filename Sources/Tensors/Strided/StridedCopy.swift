// Copies between two strided windows of memory: slices, padding, concatenation, broadcasting, flips and permutations are all one of
// these.
//
// Promise: a plan is made once and allocates nothing when run. Axes that both sides walk through without a gap are one axis;
// contiguous runs go by memcpy, transposed planes by squares in registers; above 2^17 elements the first axis is shared among
// threads. No element is written by two threads, so the bits are the same for any number of them.

/// The axes of two windows of equal extents.
package struct StridedPlan: Sendable {
  struct Axis {
    var extent: Int
    var source: Int
    var target: Int
  }

  /// Outermost first, in falling order of the target's strides; at least two, the last ones of extent 1 if need be.
  private(set) var axes: [Axis] = []
  private(set) var count: Int
  let sourceOffset: Int
  let targetOffset: Int

  /// Windows in elements: where they begin and how far apart neighbours along each axis are. A stride of 0 in the source repeats
  /// it, a negative one walks backwards.
  package init(
    extents: [Int], sourceStrides: [Int], targetStrides: [Int], sourceOffset: Int = 0, targetOffset: Int = 0
  ) {
    guard extents.count == sourceStrides.count, extents.count == targetStrides.count else {
      fatalError("StridedPlan: extents \(extents) with strides \(sourceStrides) and \(targetStrides)")
    }
    count = extents.reduce(1, *)
    (self.sourceOffset, self.targetOffset) = (sourceOffset, targetOffset)
    let sorted = extents.indices.filter { extents[$0] != 1 }
      .sorted { (abs(targetStrides[$0]), $1) > (abs(targetStrides[$1]), $0) }
    for i in sorted {
      if let last = axes.last, last.source == sourceStrides[i] * extents[i], last.target == targetStrides[i] * extents[i] {
        axes[axes.count - 1] = Axis(extent: last.extent * extents[i], source: sourceStrides[i], target: targetStrides[i])
      } else {
        axes.append(Axis(extent: extents[i], source: sourceStrides[i], target: targetStrides[i]))
      }
    }
    // Next to the innermost axis, the one along which the source is contiguous: the two span the planes to transpose.
    if let last = axes.last, last.source != 1, let i = axes.firstIndex(where: { $0.source == 1 }), last.target == 1 {
      axes.insert(axes.remove(at: i), at: axes.count - 1)
    }
    while axes.count < 2 { axes.insert(Axis(extent: 1, source: 0, target: 0), at: 0) }
  }

  /// `plane(source offset, target offset, second last axis, last axis)` for every plane, blocks of the first axis among threads.
  @inline(always)
  func forEachPlane(_ plane: @Sendable (Int, Int, Axis, Axis) -> Void) {
    if count == 0 { return }
    axes.withUnsafeBufferPointer { axes in
      let first = axes[0]
      // Sixteenths, of a long axis in whole squares of 16. Elements that meet in one place of the target stay in one block.
      let sixteenth = first.extent > 256 ? (first.extent / 16 + 15) & -16 : max(1, first.extent / 16)
      let size = count >= 1 << 17 && first.target != 0 ? sixteenth : first.extent
      let shared = Shared(axes)
      Threads.forEachBlock(of: first.extent, size: size) { range in
        let (source, target) = (
          sourceOffset + range.lowerBound * first.source, targetOffset + range.lowerBound * first.target
        )
        descend(shared.value, 0, range.count, source, target, plane)
      }
    }
  }

  private func descend(
    _ axes: UnsafeBufferPointer<Axis>, _ depth: Int, _ extent: Int, _ source: Int, _ target: Int,
    _ plane: (Int, Int, Axis, Axis) -> Void
  ) {
    let axis = axes[depth]
    if depth == axes.count - 2 {
      return plane(source, target, Axis(extent: extent, source: axis.source, target: axis.target), axes[depth + 1])
    }
    for i in 0..<extent {
      descend(axes, depth + 1, axes[depth + 1].extent, source + i * axis.source, target + i * axis.target, plane)
    }
  }
}

/// target = source over two windows.
package struct StridedCopy: Sendable {
  private let plan: StridedPlan

  /// See `StridedPlan`.
  package init(
    extents: [Int], sourceStrides: [Int], targetStrides: [Int], sourceOffset: Int = 0, targetOffset: Int = 0
  ) {
    plan = StridedPlan(
      extents: extents, sourceStrides: sourceStrides, targetStrides: targetStrides, sourceOffset: sourceOffset,
      targetOffset: targetOffset)
  }

  /// Copies; the windows must not overlap.
  package func run<Scalar: BitwiseCopyable>(_ source: UnsafePointer<Scalar>, _ target: UnsafeMutablePointer<Scalar>) {
    // Only the size matters: four loops serve every type.
    switch MemoryLayout<Scalar>.size {
    case 1: run(source, target, as: UInt8.self)
    case 4: run(source, target, as: UInt32.self)
    case 8: run(source, target, as: UInt64.self)
    case 16: run(source, target, as: SIMD2<UInt64>.self)
    default: fatalError("StridedCopy: no loop for \(Scalar.self), \(MemoryLayout<Scalar>.size) bytes long")
    }
  }

  private func run<Word: BitwiseCopyable>(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, as: Word.Type) {
    let source = Shared(source.assumingMemoryBound(to: Word.self))
    let target = Shared(target.assumingMemoryBound(to: Word.self))
    plan.forEachPlane { offset, targetOffset, rows, run in
      let (x, y) = (source.value + offset, target.value + targetOffset)
      if run.source == 1, run.target == 1 {
        if run.extent * MemoryLayout<Word>.size >= 64 {
          for i in 0..<rows.extent { (y + i * rows.target).update(from: x + i * rows.source, count: run.extent) }
        } else {
          for i in 0..<rows.extent {
            let (x, y) = (x + i * rows.source, y + i * rows.target)
            for j in 0..<run.extent { y[j] = x[j] }
          }
        }
      } else if rows.source == 1, run.target == 1 {
        Self.transpose(x, run.source, y, rows.target, rows.extent, run.extent)
      } else {
        for i in 0..<rows.extent {
          let (x, y) = (x + i * rows.source, y + i * rows.target)
          if run.source == 0, run.target == 1 {
            y.update(repeating: x[0], count: run.extent)
          } else {
            for j in 0..<run.extent { y[j * run.target] = x[j * run.source] }
          }
        }
      }
    }
  }

  /// y[i, j] = x[j, i] for i < m, j < n.
  @inline(always)
  private static func transpose<Word: BitwiseCopyable>(
    _ x: UnsafePointer<Word>, _ strideX: Int, _ y: UnsafeMutablePointer<Word>, _ strideY: Int, _ m: Int, _ n: Int
  ) {
    let side = TransposeTile.side(ofSize: MemoryLayout<Word>.size) ?? 16
    let hasSquares = TransposeTile.side(ofSize: MemoryLayout<Word>.size) != nil && m >= side && n >= side
    for i in stride(from: 0, to: m, by: side) {
      for j in stride(from: 0, to: n, by: side) {
        if hasSquares {
          // The last square ends with the plane.
          let (i, j) = (min(i, m - side), min(j, n - side))
          TransposeTile.run(x + j * strideX + i, strideX, y + i * strideY + j, strideY)
        } else {
          for i in i..<min(i + side, m) {
            for j in j..<min(j + side, n) { y[i * strideY + j] = x[j * strideX + i] }
          }
        }
      }
    }
  }
}
