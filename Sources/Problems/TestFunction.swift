import Tensors
import Transforms

/// A smooth function of a few numbers with a known minimum, on which methods are compared by eye: always the same start, no noise.
public struct TestFunction<Scalar: RealScalar>: Problem, Sendable {
  /// As in a legend.
  public let name: String
  /// Where a run begins.
  public let start: Tensor<Scalar>
  /// Where the least value is.
  public let minimum: Tensor<Scalar>
  private let function: @Sendable (Tensor<Scalar>) -> Tensor<Scalar>

  /// A function of a vector like `start`.
  public init(
    _ name: String, start: [Double], minimum: [Double], _ function: @escaping @Sendable (Tensor<Scalar>) -> Tensor<Scalar>
  ) {
    self.name = name
    self.start = Tensor(start.map { Scalar($0) })
    self.minimum = Tensor(minimum.map { Scalar($0) })
    self.function = function
  }

  /// The start, whatever the key.
  public func initialParameters(key: Key) -> Tensor<Scalar> { start }
  /// Everything, always.
  public func batches(key: Key) -> (Int) -> WholeBatch { { _ in WholeBatch() } }
  /// The function.
  public func loss(_ x: Tensor<Scalar>, on batch: WholeBatch) -> Tensor<Scalar> { function(x) }
  /// The distance from the minimum, and the value.
  public func measures(of x: Tensor<Scalar>) -> [String: Tensor<Scalar>] {
    ["distance": (x - minimum).norm(), "value": function(x)]
  }
}

extension TestFunction {
  /// sum(l x^2) / 2 with curvatures l.
  public static func quadratic(curvatures: [Double], start: [Double]) -> TestFunction {
    let l = Tensor(curvatures.map { Scalar($0) })
    return TestFunction("quadratic", start: start, minimum: start.map { _ in 0 }) { (l * $0.square()).sum() * 0.5 }
  }

  /// (1 - x)^2 + 100 (y - x^2)^2 (Rosenbrock 1960).
  public static func rosenbrock(start: [Double] = [-1.2, 1]) -> TestFunction {
    plane("Rosenbrock", start: start, minimum: [1, 1]) { x, y in (1 - x).square() + 100 * (y - x.square()).square() }
  }

  /// (1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2 (Beale 1958).
  public static func beale(start: [Double] = [2, 2]) -> TestFunction {
    plane("Beale", start: start, minimum: [3, 0.5]) { x, y in
      (1.5 - x + x * y).square() + (2.25 - x + x * y.square()).square() + (2.625 - x + x * y.square() * y).square()
    }
  }

  /// A function of two numbers.
  public static func plane(
    _ name: String, start: [Double], minimum: [Double],
    _ function: @escaping @Sendable (_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar>
  ) -> TestFunction {
    TestFunction(name, start: start, minimum: minimum) { p in
      function(p.slice(0..<1).reshaped([]), p.slice(1..<2).reshaped([]))
    }
  }
}
