import Foundation
import Synchronization

/// The memory of a tensor: aligned, uninitialised, freed with its last owner.
///
/// 64-byte alignment is one cache line and one AVX-512 register. From `hugePageThreshold` on, the block is aligned to 2 MiB and
/// the kernel is asked for huge pages: fewer page faults on first touch and fewer TLB misses in streaming kernels.
///
/// A value that is being traced has no memory yet: its storage is a `TracedValue`.
@usableFromInline
package class TensorStorage: @unchecked Sendable {
  // Unchecked because the memory is mutated only through a `Tensor` that has just made itself the unique owner.
  @usableFromInline final let base: UnsafeMutableRawPointer?
  package final let byteCount: Int

  /// How many blocks were ever made: what tests hold against promises not to allocate.
  package static let madeCount = Atomic<Int>(0)

  private static let hugePage = 2 << 20
  private static let hugePageThreshold = 4 << 20

  package init(byteCount: Int) {
    let isHuge = byteCount >= Self.hugePageThreshold
    var pointer: UnsafeMutableRawPointer?
    guard posix_memalign(&pointer, isHuge ? Self.hugePage : 64, Swift.max(byteCount, 64)) == 0, let pointer else {
      fatalError("Tensor: out of memory, \(byteCount) bytes were asked for")
    }
    #if os(Linux)
      if isHuge { madvise(pointer, byteCount, Int32(MADV_HUGEPAGE)) }  // A wish; without it everything works, slower.
    #endif
    self.base = pointer
    self.byteCount = byteCount
    Self.madeCount.wrappingAdd(1, ordering: .relaxed)
  }

  /// Without memory: for `TracedValue`.
  fileprivate init() {
    self.base = nil
    self.byteCount = 0
  }

  /// The memory; stops when the value is not known yet.
  @inlinable package final var memory: UnsafeMutableRawPointer {
    guard let base else { valueIsTraced() }
    return base
  }

  final func copy() -> TensorStorage {
    let result = TensorStorage(byteCount: byteCount)
    result.memory.copyMemory(from: memory, byteCount: byteCount)
    return result
  }

  deinit { free(base) }
}

/// Output number `index` of a node: the value of a tensor that is being traced.
package final class TracedValue: TensorStorage, @unchecked Sendable {
  package private(set) var node: Node
  package let index: Int

  init(_ node: Node, _ index: Int) {
    self.node = node
    self.index = index
    super.init()
  }

  /// Whether the node ends with this value.
  var isOnlyOwnerOfNode: Bool { isKnownUniquelyReferenced(&node) }
}

@usableFromInline
@inline(never)
func valueIsTraced() -> Never {
  fatalError(
    "Tensor: the numbers of this tensor are not known while a function is traced (inside grad, vmap, compile, ...);"
      + " use tensor operations, or compute it outside")
}
