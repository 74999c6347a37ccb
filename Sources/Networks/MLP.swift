import Tensors
import Transforms

/// An elementwise nonlinearity, by name.
public enum Activation: String, Sendable, Hashable, CaseIterable, Codable {
  case identity, relu, tanh, sigmoid, softplus, gelu, geluTanh, silu, square

  /// The function.
  public func callAsFunction<Scalar: RealScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    switch self {
    case .identity: x
    case .relu: x.relu()
    case .tanh: x.tanh()
    case .sigmoid: x.sigmoid()
    case .softplus: x.softplus()
    case .gelu: x.gelu()
    case .geluTanh: x.geluTanh()
    case .silu: x.silu()
    case .square: x.square()
    }
  }

  /// The factor on the initial standard deviation of the next layer that keeps the mean square of ReLU's units; 1 for others.
  public var gain: Double { self == .relu ? 2.0.squareRoot() : 1 }
}

/// Dense layers with an activation between them.
public struct MLP<Scalar: RealScalar>: TensorTree, Codable {
  /// From the input on.
  public var layers: [Dense<Scalar>]
  /// After every layer but the last.
  public var activation: Activation

  /// - Parameters:
  ///   - widths: of the input, the hidden layers and the output.
  ///   - activation: after every layer but the last.
  ///   - parametrization: of scales and learning rates by width; weights are normal, biases zero. With two widths there is no hidden
  ///     layer and the parametrization is standard's input layer.
  ///   - hasBias: of all layers.
  ///   - key: layer i draws from `key[i]`.
  public init(
    _ widths: [Int], activation: Activation = .relu, parametrization: Parametrization = .standard, hasBias: Bool = true, key: Key
  ) {
    guard widths.count >= 2 else { fatalError("MLP: widths \(widths) do not name an input and an output") }
    self.activation = activation
    let last = widths.count - 2
    layers = (0...last).map { i in
      let role: LayerRole = i == 0 ? .input : i == last ? .output : .hidden
      return Dense(
        widths[i], widths[i + 1], last == 0 ? .standard : parametrization, role, gain: i == 0 ? 1 : activation.gain,
        hasBias: hasBias,
        key: key[i])
    }
  }

  /// Weights from an initializer, the same for every layer (`.he()` for the usual ReLU network); biases zero.
  /// - Parameter key: layer i draws from `key[i]`.
  public init(
    _ widths: [Int], activation: Activation = .relu, initializer: Initializer, hasBias: Bool = true, key: Key
  ) {
    guard widths.count >= 2 else { fatalError("MLP: widths \(widths) do not name an input and an output") }
    self.activation = activation
    layers = (0..<widths.count - 1).map { i in
      Dense(widths[i], widths[i + 1], initializer: initializer, hasBias: hasBias, key: key[i])
    }
  }

  /// [..., inputs] to [..., outputs].
  public func callAsFunction(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    layers.dropFirst().reduce(layers[0](x)) { $1(activation($0)) }
  }

  /// The values after every layer, before the activation: the last are the result.
  public func preactivations(_ x: Tensor<Scalar>) -> [Tensor<Scalar>] {
    var values = [layers[0](x)]
    for layer in layers.dropFirst() { values.append(layer(activation(values[values.count - 1]))) }
    return values
  }

  /// A tree of rank-0 tensors: what an optimizer multiplies its learning rate with, tensor by tensor.
  public func learningRates(for rule: UpdateRule = .gradientDescent) -> MLP {
    var rates = self
    rates.layers = layers.map { $0.learningRates(for: rule) }
    return rates
  }
}
