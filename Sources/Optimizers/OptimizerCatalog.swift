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

  // Made anew for each use: optimizers hold tensors.
  private let factory: @Sendable () -> any Optimizer<Double>

  init(
    _ name: String, _ title: String, source: String, formula: String, rates: [Double],
    _ factory: @escaping @Sendable () -> any Optimizer<Double>
  ) {
    (self.name, self.title, self.source, self.formula, self.rates) = (name, title, source, formula, rates)
    self.factory = factory
  }

  /// The optimizer with the defaults of its paper.
  public func make() -> any Optimizer<Double> { factory() }

  /// Its constants and their defaults, in the order in which they are declared; the learning rate is one of them.
  public var defaults: [(name: String, value: String)] {
    Mirror(reflecting: factory()).children.compactMap { child in
      guard let label = child.label else { return nil }
      let value = (child.value as? Tensor<Double>).map { "\($0.scalar)" } ?? "\(child.value)"
      return (label, value)
    }
  }
}

/// Every optimizer of the library by name.
public enum OptimizerCatalog {
  /// In the order in which they are listed: family by family.
  public static let entries: [OptimizerEntry] = descent + adaptive

  /// The entry named so; nil when there is none.
  public static func entry(named name: String) -> OptimizerEntry? { entries.first { $0.name == name } }

  /// Half decades between two powers of ten: 1e-4, 3e-4, ..., 1e-1.
  static func grid(_ exponents: ClosedRange<Int>) -> [Double] {
    exponents.flatMap { exponent in
      let power = Double("1e\(exponent)") ?? .nan
      return exponent == exponents.upperBound ? [power] : [power, 3 * power]
    }
  }
}

extension OptimizerCatalog {
  private static var descent: [OptimizerEntry] {
    [
      OptimizerEntry(
        "sgd", "SGD", source: "Robbins and Monro 1951", formula: "theta -= eta g", rates: grid(-3...0)
      ) { SGD() },
      OptimizerEntry(
        "momentum", "Momentum", source: "Polyak 1964", formula: "v = mu v + g; theta -= eta v", rates: grid(-4 ... -1)
      ) { Momentum() },
      OptimizerEntry(
        "nesterov", "Nesterov", source: "Nesterov 1983; Sutskever et al. 2013", formula: "v = mu v + g; theta -= eta (mu v + g)",
        rates: grid(-4 ... -1)
      ) { Momentum(isNesterov: true) },
    ]
  }

  private static var adaptive: [OptimizerEntry] {
    [
      OptimizerEntry(
        "adam", "Adam", source: "Kingma and Ba 2014, arXiv 1412.6980, Algorithm 1",
        formula:
          "m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; theta -= eta (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)",
        rates: grid(-4 ... -1)
      ) { Adam() }
    ]
  }
}
