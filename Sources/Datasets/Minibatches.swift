import Synchronization
import Tensors

/// Minibatches for ever: every epoch is a new random order of all samples, cut into batches.
///
/// Batch i is a function of the key and i alone, whatever was asked for before: a run that is resumed goes on with the batches it would
/// have had. The order of the last epoch is kept, so that going through an epoch sorts once.
public final class Minibatches: Sendable {
  /// Number of samples.
  public let count: Int
  /// Samples in a batch.
  public let size: Int
  /// Whether the samples that do not fill a batch at the end of an epoch are left out of it; else they are a smaller batch.
  public let dropsLast: Bool
  private let key: Key
  private let last = Mutex<(epoch: Int, order: [Int])>((-1, []))

  /// Batches of `size` of `count` samples.
  public init(count: Int, size: Int, dropsLast: Bool = true, key: Key) {
    guard size > 0, count > 0, size <= count || !dropsLast else {
      fatalError("Minibatches: batches of \(size) from \(count) samples")
    }
    (self.count, self.size, self.dropsLast, self.key) = (count, size, dropsLast, key)
  }

  /// Number of batches in an epoch.
  public var batchesPerEpoch: Int { dropsLast ? count / size : (count + size - 1) / size }

  /// The indices of the samples of batch `i` = 0, 1, ..., counted over all epochs.
  public subscript(i: Int) -> [Int] {
    guard i >= 0 else { fatalError("Minibatches[\(i)]: batches begin with 0") }
    let (epoch, batch) = i.quotientAndRemainder(dividingBy: batchesPerEpoch)
    let order = last.withLock { last in
      if last.epoch != epoch { last = (epoch, key[epoch].permutation(count)) }
      return last.order
    }
    return Array(order[batch * size..<min(count, (batch + 1) * size)])
  }
}
