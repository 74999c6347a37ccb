import Tensors
import Transforms

/// min f(x) subject to c(x) = 0, both smooth; neither needs to be convex.
public protocol EqualityConstrained: Sendable {
  /// Length of x.
  var dimension: Int { get }
  /// Length of c.
  var constraintCount: Int { get }
  /// Where a method begins.
  var start: Tensor<Double> { get }
  /// f(x), of rank 0; traceable.
  func value(at x: Tensor<Double>) -> Tensor<Double>
  /// c(x); traceable.
  func constraints(at x: Tensor<Double>) -> Tensor<Double>
}

extension EqualityConstrained {
  /// grad f(x).
  public func gradient(at x: Tensor<Double>) -> Tensor<Double> { grad { value(at: $0) }(x) }

  /// G(x), the Jacobian of c, [constraints, dimension].
  public func jacobian(at x: Tensor<Double>) -> Tensor<Double> { reverseJacobian { constraints(at: $0) }(x) }

  /// The multipliers for which the gradient of f + lambda . c is shortest.
  public func multipliers(at x: Tensor<Double>) -> Tensor<Double> {
    -jacobian(at: x).transposed().leastSquares(gradient(at: x))
  }

  /// The norm of (grad_x L, c) with those multipliers: 0 at solutions, and at other critical points.
  public func residualNorm(at x: Tensor<Double>) -> Double {
    let slope = gradient(at: x) + matmul(multipliers(at: x), jacobian(at: x))
    return (slope.squaredNorm() + constraints(at: x).squaredNorm()).sqrt().scalar
  }
}

/// A problem written down as two functions, with its solution where that is known.
public struct ConstrainedFunction: EqualityConstrained {
  /// "HS7".
  public let name: String
  /// Where a method begins.
  public let start: Tensor<Double>
  /// A solution.
  public let solution: Tensor<Double>?
  private let f: @Sendable (Tensor<Double>) -> Tensor<Double>
  private let c: @Sendable (Tensor<Double>) -> Tensor<Double>

  /// The problem of a function and constraints, stacked to a vector.
  public init(
    _ name: String, start: [Double], solution: [Double]? = nil,
    _ f: @escaping @Sendable (Tensor<Double>) -> Tensor<Double>,
    subjectTo c: @escaping @Sendable (Tensor<Double>) -> Tensor<Double>
  ) {
    (self.name, self.start, self.solution) = (name, Tensor(start), solution.map { Tensor($0) })
    (self.f, self.c) = (f, c)
  }

  /// Of the start.
  public var dimension: Int { start.count }
  /// Of the constraints at the start.
  public var constraintCount: Int { c(start).count }
  /// f.
  public func value(at x: Tensor<Double>) -> Tensor<Double> { f(x) }
  /// c.
  public func constraints(at x: Tensor<Double>) -> Tensor<Double> { c(x) }
}

extension ConstrainedFunction {
  /// Small problems of the collection of Hock and Schittkowski (1981), by their numbers there: 6, 7, 28 and 39, with their starts.
  public static let hockSchittkowski: [ConstrainedFunction] = [
    ConstrainedFunction(
      "HS6", start: [-1.2, 1], solution: [1, 1], { x in (1 - x.slice(0)).square() },
      subjectTo: { x in 10 * (x.slice(1..<2) - x.slice(0..<1).square()) }),
    ConstrainedFunction(
      "HS7", start: [2, 2], solution: [0, 3.0.squareRoot()], { x in (1 + x.slice(0).square()).log() - x.slice(1) },
      subjectTo: { x in (1 + x.slice(0..<1).square()).square() + x.slice(1..<2).square() - 4 }),
    ConstrainedFunction(
      "HS28", start: [-4, 1, 1], solution: [0.5, -0.5, 0.5],
      { x in (x.slice(0) + x.slice(1)).square() + (x.slice(1) + x.slice(2)).square() },
      subjectTo: { x in x.slice(0..<1) + 2 * x.slice(1..<2) + 3 * x.slice(2..<3) - 1 }),
    ConstrainedFunction(
      "HS39", start: [2, 2, 2, 2], solution: [1, 1, 0, 0], { x in -x.slice(0) },
      subjectTo: { x in
        .concatenate([
          x.slice(1..<2) - x.slice(0..<1).power(3) - x.slice(2..<3).square(),
          x.slice(0..<1).square() - x.slice(1..<2) - x.slice(3..<4).square(),
        ])
      }),
  ]
}
