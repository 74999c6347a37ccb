import Tensors

/// Sequences that each are a regression of their own, to be learned in context: y_t = F(x_t) + noise with a new F for every sequence,
/// F(x) = w . x unless said otherwise (Garg, Tsipras, Liang and Valiant, "What can transformers learn in-context?", 2022).
///
/// Keys may be traced: a compiled training step draws its tasks itself.
public struct InContextRegression<Scalar: RealScalar>: Sendable, Equatable {
  /// How each coordinate of an input is drawn.
  public enum InputLaw: Sendable, Hashable, Codable {
    /// Standard normal.
    case normal
    /// Uniform between minus and plus this bound.
    case uniform(Double)
  }

  /// What F is.
  public enum Response: Sendable, Hashable, Codable {
    /// w . x with standard normal w.
    case linear
    /// sqrt(2 / k) sum_j a_j relu(u_j . x) of k hidden units, a_j and u_j standard normal: a law that neither rotations nor a change of
    /// sign change, with variance d at standard normal x of dimension d, as w . x has.
    case reluNetwork(units: Int)
    /// a sin(x + phi) of one input, a uniform in 0.1..<5 and phi in 0..<pi (Finn, Abbeel and Levine 2017, arXiv 1703.03400).
    case sine
  }

  /// x, [sequences, length, dimension].
  public var inputs: Tensor<Scalar>
  /// y, [sequences, length].
  public var targets: Tensor<Scalar>
  /// F(x), the targets without noise, [sequences, length].
  public var noiselessTargets: Tensor<Scalar>
  /// What F is made of: w, [sequences, dimension]; of a network u_j and behind it a_j, [sequences, units, dimension + 1]; a and
  /// phi, [sequences, 2].
  public var weights: Tensor<Scalar>

  /// - Parameters:
  ///   - length: examples in a sequence, the query included.
  ///   - law: of the inputs.
  ///   - response: F.
  ///   - noise: standard deviation of the noise on the targets.
  ///   - weightScale: multiplies F.
  public init(
    _ sequences: Int, length: Int, dimension: Int, inputs law: InputLaw = .normal, response: Response = .linear,
    noise: Double = 0, weightScale: Double = 1, key: Key
  ) {
    let x = law.draw([sequences, length, dimension], key: key.named("inputs"))
    let (weights, values) = response.draw(at: x, scale: weightScale, key: key.named("weights"))
    let errors = Tensor<Double>.normal([sequences, length], standardDeviation: noise, key: key.named("noise"))
    // Conversions, and no copies of known numbers: the draws may be traced.
    inputs = x.converted(to: Scalar.self)
    targets = (noise == 0 ? values : values + errors).converted(to: Scalar.self)
    noiselessTargets = values.converted(to: Scalar.self)
    self.weights = weights.converted(to: Scalar.self)
  }

  /// The same targets at inputs A x, so that w becomes A^-T w. Standard normal inputs and weights become normal ones with covariances
  /// A A^T and its inverse. For linear responses.
  /// - Parameter map: A, [dimension, dimension], invertible.
  public func mapped(by map: Tensor<Scalar>) -> InContextRegression {
    guard weights.shape == [inputs.shape[0], inputs.shape[2]] else {
      fatalError("InContextRegression.mapped: only linear responses have weights for other coordinates")
    }
    var result = self
    result.inputs = matmul(inputs.reshaped(-1, map.shape[0]), map, transposeB: true).reshaped(inputs.shape)
    result.weights = matmul(weights, map.inverse())
    return result
  }

  /// The number of examples in front of the query.
  public var contextLength: Int { inputs.shape[1] - 1 }

  /// One token an example, (x_t, y_t), [sequences, length, dimension + 1]; the last one is the query, with 0 for its target.
  public func prompts() -> Tensor<Scalar> { .concatenate([context, query], axis: 1) }

  /// The tokens (x_t, y_t) in front of the query, [sequences, length - 1, dimension + 1].
  public var context: Tensor<Scalar> {
    let (x, y) = (inputs.slice(All(), 0..<contextLength), targets.slice(All(), 0..<contextLength))
    return .concatenate([x, y.expandingDimensions(-1)], axis: 2)
  }

  /// The last token, (x, 0), [sequences, 1, dimension + 1].
  public var query: Tensor<Scalar> {
    inputs.slice(All(), contextLength..<contextLength + 1).padded(axis: 2, low: 0, high: 1)
  }

  /// y of the query, [sequences].
  public var queryTarget: Tensor<Scalar> { targets.slice(All(), contextLength) }

  /// F of the query, [sequences].
  public var noiselessQueryTarget: Tensor<Scalar> { noiselessTargets.slice(All(), contextLength) }
}

extension InContextRegression.InputLaw {
  fileprivate func draw(_ shape: [Int], key: Key) -> Tensor<Double> {
    switch self {
    case .normal: .normal(shape, key: key)
    case .uniform(let bound): .uniform(shape, in: -bound..<bound, key: key)
    }
  }
}

extension InContextRegression.Response {
  /// What F is made of, and F(x), [sequences, length].
  fileprivate func draw(at x: Tensor<Double>, scale: Double, key: Key) -> (weights: Tensor<Double>, values: Tensor<Double>) {
    let (sequences, dimension) = (x.shape[0], x.shape[2])
    switch self {
    case .linear:
      let w = Tensor<Double>.normal([sequences, dimension], standardDeviation: scale, key: key)
      return (w, matmul(x, w.expandingDimensions(-1)).squeezed(-1))
    case .reluNetwork(let units):
      let weights = Tensor<Double>.normal([sequences, units, dimension + 1], key: key)
      let hidden = matmul(x, weights.slice(All(), All(), 0..<dimension), transposeB: true).relu()
      let outputs = weights.slice(All(), All(), dimension..<dimension + 1) * (scale * (2 / Double(units)).squareRoot())
      return (weights, matmul(hidden, outputs).squeezed(-1))
    case .sine:
      guard dimension == 1 else { fatalError("InContextRegression: a sine has one input, not \(dimension)") }
      let amplitude = Tensor<Double>.uniform([sequences, 1], in: 0.1..<5, key: key.named("amplitude"))
      let phase = Tensor<Double>.uniform([sequences, 1], in: 0..<Double.pi, key: key.named("phase"))
      return (.concatenate([amplitude, phase], axis: 1), amplitude * scale * (x.squeezed(-1) + phase).sin())
    }
  }
}
