import Foundation
import Synchronization

/// The threads behind `Threads`, made at first use and kept.
///
/// Promise: a region of trivial bodies costs one to two microseconds when regions follow each other closely: a worker that has
/// nothing to do polls for some 400 microseconds before it sleeps, and costs nothing from then on. The caller never waits for a
/// worker that has not yet joined, so one that is asleep or held back by another program delays nobody. One region runs at a time:
/// whoever finds the pool taken, by a stranger or by a region it is itself part of, runs its loop alone; hence no deadlocks.
final class ThreadPool: Sendable {
  static let shared = ThreadPool()

  /// What the workers of the region that is open need. Written by the owner of the pool while no worker is in.
  private struct Region {
    var body: (@Sendable (Int) -> Void)?
    var count = 0
    var helpers = 0
  }

  /// Bits of `state`: how many workers are in, whether others may join, whether the owner sleeps until the last one leaves; then
  /// the number of the region.
  private static let active = 0xFFFF
  private static let open = 1 << 16
  private static let ownerSleeps = 1 << 17
  private static let region = 1 << 18
  private static let polls = 20_000

  private let isTaken = Atomic<Bool>(false)
  private let state = Atomic<Int>(0)
  private let next = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private let current: Shared<UnsafeMutablePointer<Region>>
  /// Guards nothing but going to sleep and waking up.
  private let door = Door()
  private let workers = Atomic<Int>(0)

  private init() {
    let region = UnsafeMutablePointer<Region>.allocate(capacity: 1)
    region.initialize(to: Region())
    current = Shared(region)
  }

  /// Calls `body` for every index with the help of up to `helpers` workers; false, with nothing done, if the pool is taken.
  func run(_ count: Int, helpers: Int, _ body: @Sendable (Int) -> Void) -> Bool {
    guard !isTaken.load(ordering: .relaxed), !isTaken.exchange(true, ordering: .acquiring) else { return false }
    defer { isTaken.store(false, ordering: .releasing) }
    while workers.load(ordering: .relaxed) < helpers, startWorker() {}
    withoutActuallyEscaping(body) { body in
      current.value.pointee = Region(body: body, count: count, helpers: helpers)
      next.store(0, ordering: .relaxed)
      let number = (state.load(ordering: .relaxed) & ~(Self.region - 1)) &+ Self.region
      state.store(number | Self.open, ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 { door.wakeWorkers(helpers) }
      while let i = nextIndex(below: count) { body(i) }
      close()
      current.value.pointee.body = nil
    }
    return true
  }

  private func nextIndex(below count: Int) -> Int? {
    let i = next.wrappingAdd(1, ordering: .relaxed).oldValue
    return i < count ? i : nil
  }

  /// Lets nobody join any more and waits until those who are in have left.
  private func close() {
    var now = state.bitwiseAnd(~Self.open, ordering: .acquiring).newValue
    for _ in 0..<Self.polls where now & Self.active != 0 {
      spinPause()
      now = state.load(ordering: .acquiring)
    }
    if now & Self.active == 0 { return }
    door.sleepAsOwner(
      while: { state.bitwiseOr(Self.ownerSleeps, ordering: .acquiring).newValue & Self.active != 0 })
    state.bitwiseAnd(~Self.ownerSleeps, ordering: .relaxed)
  }

  // MARK: workers

  private func startWorker() -> Bool {
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    // Without another thread the loops are slower, not wrong.
    guard
      pthread_create(&thread, nil, { _ in ThreadPool.shared.work() }, nil) == 0
    else { return false }
    #if canImport(Darwin)
      if let thread { pthread_detach(thread) }
    #else
      pthread_detach(thread)
    #endif
    workers.wrappingAdd(1, ordering: .relaxed)
    return true
  }

  private func work() -> Never {
    leaveSignalsToOthers()
    var done = 0
    while true {
      done = waitForRegion(after: done)
      guard join(done) else { continue }
      help()
      let now = state.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue
      if now & Self.ownerSleeps != 0, now & Self.active == 0 { door.wakeOwner() }
    }
  }

  /// The number of a region that is open and not `done`.
  private func waitForRegion(after done: Int) -> Int {
    func openRegion(_ now: Int) -> Int? {
      now & Self.open != 0 && now & ~(Self.region - 1) != done ? now & ~(Self.region - 1) : nil
    }
    for _ in 0..<Self.polls {
      if let number = openRegion(state.load(ordering: .acquiring)) { return number }
      spinPause()
    }
    sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
    defer { sleepers.wrappingSubtract(1, ordering: .relaxed) }
    door.sleepAsWorker(while: { openRegion(state.load(ordering: .sequentiallyConsistent)) == nil })
    // It may be closed by now; `join` finds out.
    return openRegion(state.load(ordering: .acquiring)) ?? done
  }

  private func join(_ number: Int) -> Bool {
    var now = state.load(ordering: .acquiring)
    while now & Self.open != 0, now & ~(Self.region - 1) == number {
      let (joined, found) = state.weakCompareExchange(
        expected: now, desired: now + 1, ordering: .acquiringAndReleasing)
      if joined { return true }
      now = found
    }
    return false
  }

  /// A function of its own, so that its hold on the closure ends before the worker leaves the region.
  @inline(never)
  private func help() {
    let region = current.value.pointee
    guard let body = region.body, state.load(ordering: .relaxed) & Self.active <= region.helpers else { return }
    while let i = nextIndex(below: region.count) { body(i) }
  }

  /// Interrupts belong to the program's own threads, traps to the thread that has them.
  private func leaveSignalsToOthers() {
    var signals = sigset_t()
    sigfillset(&signals)
    for signal in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] { sigdelset(&signals, signal) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}

#if arch(x86_64)
  /// Tells the processor that this is a loop that waits. (C's `_mm_pause` is a builtin without a symbol: Swift cannot call it.)
  @_silgen_name("llvm.x86.sse2.pause")
  private func spinPause()
#else
  private func spinPause() { sched_yield() }
#endif

/// A mutex with a condition for the workers and one for the owner of the pool.
private final class Door: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let workers = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let owner = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(workers, nil)
    pthread_cond_init(owner, nil)
  }

  func sleepAsWorker(while isIdle: () -> Bool) { sleep(workers, while: isIdle) }

  func sleepAsOwner(while isBusy: () -> Bool) { sleep(owner, while: isBusy) }

  func wakeWorkers(_ count: Int) {
    pthread_mutex_lock(mutex)
    for _ in 0..<count { pthread_cond_signal(workers) }
    pthread_mutex_unlock(mutex)
  }

  func wakeOwner() {
    pthread_mutex_lock(mutex)
    pthread_cond_signal(owner)
    pthread_mutex_unlock(mutex)
  }

  private func sleep(_ condition: UnsafeMutablePointer<pthread_cond_t>, while isWaiting: () -> Bool) {
    pthread_mutex_lock(mutex)
    while isWaiting() { pthread_cond_wait(condition, mutex) }
    pthread_mutex_unlock(mutex)
  }
}
