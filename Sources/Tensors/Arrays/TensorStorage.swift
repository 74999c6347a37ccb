import Foundation

/// The memory of a tensor: aligned, uninitialised, freed with its last owner.
///
/// 64-byte alignment is one cache line and one AVX-512 register. From `hugePageThreshold` on, the block is aligned to 2 MiB and
/// the kernel is asked for huge pages: fewer page faults on first touch and fewer TLB misses in streaming kernels.
@usableFromInline
final class TensorStorage: @unchecked Sendable {
  // Unchecked because the memory is mutated only through a `Tensor` that has just made itself the unique owner.
  @usableFromInline let base: UnsafeMutableRawPointer
  let byteCount: Int

  private static let hugePage = 2 << 20
  private static let hugePageThreshold = 4 << 20

  init(byteCount: Int) {
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
  }

  func copy() -> TensorStorage {
    let result = TensorStorage(byteCount: byteCount)
    result.base.copyMemory(from: base, byteCount: byteCount)
    return result
  }

  deinit { free(base) }
}
