import Tensors
import Transforms

/// The loss along a segment from one model to another.
public struct LossProfile: Sendable, Equatable {
  /// t from 0, the first model, to 1, the second.
  public var positions: [Double]
  /// The loss at each.
  public var losses: [Double]

  /// Losses at positions that begin with 0 and end with 1.
  public init(positions: [Double], losses: [Double]) {
    guard positions.count == losses.count, positions.first == 0, positions.last == 1 else {
      fatalError("LossProfile: \(losses.count) losses at positions \(positions), expected as many from 0 to 1")
    }
    (self.positions, self.losses) = (positions, losses)
  }

  /// The loss between two models at `points` evenly spaced positions, the ends included.
  public init<Model: TensorTree>(from a: Model, to b: Model, points: Int = 11, loss: (Model) throws -> Double) rethrows {
    guard points >= 2 else { fatalError("LossProfile: \(points) points have no ends") }
    let positions = (0..<points).map { Double($0) / Double(points - 1) }
    self.init(positions: positions, losses: try positions.map { try loss(a.interpolated(to: b, at: $0)) })
  }

  /// The loss above the line through the ends, (1 - t) L(0) + t L(1), at each position.
  public var excess: [Double] {
    zip(positions, losses).map { t, loss in loss - (1 - t) * losses[0] - t * losses[losses.count - 1] }
  }

  /// The loss barrier (Frankle et al. 2020; Entezari et al. 2022): the largest excess. Not negative, since the ends have none; NaN where a
  /// loss is.
  public var barrier: Double { excess.contains(where: \.isNaN) ? .nan : excess.max() ?? .nan }
}

extension TensorTree {
  /// (1 - t) times this tree plus t times the other, tensor by tensor; exactly one of them at 0 and 1.
  public func interpolated(to other: Self, at t: Double) -> Self { interpolated(to: other, at: Tensor(t)) }

  /// The same where t may be traced.
  public func interpolated<Scalar: RealScalar>(to other: Self, at t: Tensor<Scalar>) -> Self {
    combined(with: other) { a, b in
      a * AnyTensor(1 - t).converted(to: a.scalarType) + b * AnyTensor(t).converted(to: b.scalarType)
    }
  }
}
