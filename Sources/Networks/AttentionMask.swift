import Tensors

/// Which keys a query sees.
public enum AttentionMask: Sendable, Hashable, Codable {
  /// All.
  case full
  /// Those at its own place and before. With fewer queries than keys, the last query sees all.
  case causal
  /// As `causal`, but the first keys are seen from everywhere: a prompt that is read in both directions, and what is generated from it.
  case prefix(Int)

  /// 0 where a query sees a key, else `hidden`, [queries, keys]; nil where all see all.
  func bias<Scalar: RealScalar>(_ queries: Int, _ keys: Int) -> Tensor<Scalar>? {
    let seen: Int
    switch self {
    case .full: return nil
    case .causal: seen = 0
    case .prefix(let count): seen = count
    }
    let past = keys - queries
    return Tensor(
      shape: [queries, keys],
      (0..<queries * keys).map { i in
        let (query, key) = (i / keys, i % keys)
        return key <= query + past || key < seen ? 0 : Scalar(Self.hidden)
      })
  }

  /// A score that no other reaches, finite so that a row of nothing else is no NaN.
  static var hidden: Double { -1e30 }
}
