import Foundation
import Synchronization

/// Why a run stopped before its end: the signal that asked for it.
public struct Interruption: Error, Equatable, CustomStringConvertible {
  /// SIGINT or SIGTERM.
  public var signal: Int32
  /// An interruption by `signal`.
  public init(signal: Int32) { self.signal = signal }

  /// 130 for SIGINT, 143 for SIGTERM: what a shell reports.
  public var exitCode: Int32 { 128 + signal }
  /// "interrupted" or "terminated", for messages.
  public var description: String { signal == SIGINT ? "interrupted" : "terminated" }
}

/// Turns SIGINT and SIGTERM into a flag that loops look at between two steps. A second signal ends the process at once.
public enum Signals {
  private static let pending = Atomic<Int32>(0)
  private static let endsAtOnce = Atomic<Bool>(true)

  /// Call it once, before the first loop; also makes writes to closed pipes and beyond file-size limits errors.
  public static func install() {
    // Whoever starts us from a thread that holds signals back hands that down: threads of Dispatch do.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        // Only async-signal-safe calls here: a store, and _exit.
        let isSecond = Signals.pending.exchange(number, ordering: .relaxed) != 0
        if isSecond, Signals.endsAtOnce.load(ordering: .relaxed) { _exit(128 + number) }
      }
    }
    // A write beyond a file-size limit or into a closed pipe is an error with a message, not a silent death.
    signal(SIGXFSZ, SIG_IGN)
    signal(SIGPIPE, SIG_IGN)
  }

  /// A second signal is taken like the first: in a child, which a terminal or a cluster may tell to end beside its parent's telling.
  public static func repeatsAreOne() { endsAtOnce.store(false, ordering: .relaxed) }

  /// The signal that has come, if one has.
  public static var interruption: Interruption? {
    let signal = pending.load(ordering: .relaxed)
    return signal == 0 ? nil : Interruption(signal: signal)
  }
}
