import Tensors

/// What is known of an optimizer besides its rule: what a list of them shows, and what a race of them starts from.
public struct OptimizerEntry: Sendable {
  /// On the command line: "adam".
  public let name: String
  /// In a legend: "Adam".
  public let title: String
  /// Paper and place: "Kingma and Ba 2014, arXiv 1412.6980, Algorithm 1".
  public let source: String
  /// The rule in one line; g is the gradient, eta the learning rate.
  public let formula: String
  /// The learning rates among which a race chooses.
  public let rates: [Double]
  /// Whether it looks at the gradients of workers that share a batch: not every problem has them.
  public let needsWorkers: Bool

  // Made anew for each use: optimizers hold tensors.
  private let factory: @Sendable () -> any Optimizer<Double>

  init(
    _ name: String, _ title: String, source: String, formula: String, rates: [Double], needsWorkers: Bool = false,
    _ factory: @escaping @Sendable () -> any Optimizer<Double>
  ) {
    (self.name, self.title, self.source, self.formula, self.rates) = (name, title, source, formula, rates)
    self.needsWorkers = needsWorkers
    self.factory = factory
  }

  /// The optimizer with the defaults of its paper.
  public func make() -> any Optimizer<Double> { factory() }

  /// Its constants and their defaults, in the order in which they are declared, those of what it wraps among them; the learning rate is
  /// one of them. Read from ``make()``, so that they are what runs.
  public var defaults: [(name: String, value: String)] { Self.constants(of: factory()) }

  private static func constants(of value: Any) -> [(name: String, value: String)] {
    Mirror(reflecting: value).children.flatMap { child -> [(name: String, value: String)] in
      guard let label = child.label else { return [] }
      switch child.value {
      case let tensor as Tensor<Double>: return [(label, "\(tensor.scalar)")]
      case is any Optimizer, is any GradientTransform, is any PolyakMetric: return constants(of: child.value)
      default: return [(label, "\(child.value)")]
      }
    }
  }
}

/// Every optimizer of the library by name.
public enum OptimizerCatalog {
  /// In the order in which they are listed: family by family.
  public static let entries: [OptimizerEntry] =
    descent + accumulating + adaptive + signed + layerwise + lossBased + polyak + explored + curved + wrapped
    + workerBased

  /// The entry named so; nil when there is none.
  public static func entry(named name: String) -> OptimizerEntry? { entries.first { $0.name == name } }

  /// Half decades between two powers of ten: 1e-4, 3e-4, ..., 1e-1.
  static func grid(_ exponents: ClosedRange<Int>) -> [Double] {
    exponents.flatMap { exponent -> [Double] in
      // Read as text, so that 3e-4 is the number nearest to it.
      (exponent == exponents.upperBound ? [1] : [1, 3]).compactMap { Double("\($0)e\(exponent)") }
    }
  }
}
