import Tensors

/// What every family needs: how much to try, and randomness that comes again.
struct Trials {
  /// The same key, the same faults.
  var key: Key
  /// 1 for a few minutes in all; larger tries more of everything.
  var factor: Double

  /// How many of something that is tried `count` times by default.
  func scaled(_ count: Int) -> Int { max(1, Int(Double(count) * factor)) }
}
