// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

// The protocol's requirements carry the documentation.
import Tensors
import Transforms

/// One step of a recurrent network. All take inputs [..., inputs] with the leading axes of the state.
public protocol RecurrentCell<Scalar>: TensorTree, Codable {
  associatedtype Scalar: RealScalar
  associatedtype State: TensorTree

  /// The part of a step that depends on the input alone, so that a whole sequence takes one product.
  func project(_ input: Tensor<Scalar>) -> Tensor<Scalar>

  /// The next state, given the projected input.
  func step(_ state: State, projected: Tensor<Scalar>) -> State

  /// What the next layer sees of a state, [..., width].
  func output(_ state: State) -> Tensor<Scalar>

  /// The state before the first step, zeros.
  func initialState(_ leading: [Int]) -> State
}

extension RecurrentCell {
  /// The next state.
  public func callAsFunction(_ state: State, _ input: Tensor<Scalar>) -> State { step(state, projected: project(input)) }

  /// Runs over a sequence [..., time, inputs], from `state` or from zeros: the outputs [..., time, width] and the last state.
  ///
  /// For truncated back-propagation, call it piece by piece and pass `stopGradient` of the last state on.
  public func unroll(_ inputs: Tensor<Scalar>, from state: State? = nil) -> (outputs: Tensor<Scalar>, state: State) {
    guard inputs.rank >= 2, inputs.shape[inputs.rank - 2] > 0 else {
      fatalError("RecurrentCell.unroll: shape \(inputs.shape) has no axis of time before its last")
    }
    let (axis, leading) = (inputs.rank - 2, Array(inputs.shape.dropLast(2)))
    let projected = AnyTensor(project(inputs))
    var state = state ?? initialState(leading)
    var outputs: [AnyTensor] = []
    for time in 0..<inputs.shape[axis] {
      let input = projected.slice(axis: axis, time..<time + 1).reshaped(leading + projected.shape.suffix(1))
      state = step(state, projected: Tensor(input))
      outputs.append(AnyTensor(output(state)).insertingAxis(axis))
    }
    return (Tensor(.concatenate(outputs, axis: axis)), state)
  }
}

/// h' = tanh(x U + b + h W) (Elman 1990), or another activation.
public struct RNNCell<Scalar: RealScalar>: RecurrentCell {
  /// U and b.
  public var input: Dense<Scalar>
  /// W, orthogonal at first.
  public var recurrent: Dense<Scalar>
  /// In place of tanh.
  public var activation: Activation

  /// A cell of `width` units.
  public init(_ inputs: Int, _ width: Int, activation: Activation = .tanh, key: Key) {
    input = Dense(inputs, width, key: key.named("input"))
    recurrent = Dense(width, width, initializer: .orthogonal(gain: 1), hasBias: false, key: key.named("recurrent"))
    self.activation = activation
  }

  public func project(_ x: Tensor<Scalar>) -> Tensor<Scalar> { input(x) }
  public func step(_ state: Tensor<Scalar>, projected: Tensor<Scalar>) -> Tensor<Scalar> {
    activation(projected + recurrent(state))
  }
  public func output(_ state: Tensor<Scalar>) -> Tensor<Scalar> { state }
  public func initialState(_ leading: [Int]) -> Tensor<Scalar> { .zeros(leading + [recurrent.weight.shape[0]]) }
}

/// The gated recurrent unit (Cho et al. 2014), in the form of cuDNN and PyTorch, where the reset gate acts after the product:
///
///     r, z = sigmoid of their inputs;  n = tanh(x U_n + b_n + r (h W_n + c));  h' = (1 - z) n + z h
public struct GRUCell<Scalar: RealScalar>: RecurrentCell {
  /// The inputs' weights for r, z and n side by side, [inputs, 3 width], and their biases.
  public var input: Dense<Scalar>
  /// The state's weights for r, z and n side by side, [width, 3 width].
  public var recurrent: Dense<Scalar>
  /// The bias c within the reset, [width].
  public var candidateBias: Tensor<Scalar>

  /// A cell of `width` units.
  public init(_ inputs: Int, _ width: Int, key: Key) {
    input = Dense(inputs, 3 * width, key: key.named("input"))
    recurrent = Dense(width, 3 * width, initializer: .orthogonal(gain: 1), hasBias: false, key: key.named("recurrent"))
    candidateBias = .zeros(width)
  }

  public func project(_ x: Tensor<Scalar>) -> Tensor<Scalar> { input(x) }

  public func step(_ state: Tensor<Scalar>, projected: Tensor<Scalar>) -> Tensor<Scalar> {
    let (x, h) = (gates(projected, 3), gates(recurrent(state), 3))
    let reset = (x[0] + h[0]).sigmoid()
    let update = (x[1] + h[1]).sigmoid()
    let candidate = (x[2] + reset * (h[2] + candidateBias)).tanh()
    return candidate + update * (state - candidate)
  }

  public func output(_ state: Tensor<Scalar>) -> Tensor<Scalar> { state }
  public func initialState(_ leading: [Int]) -> Tensor<Scalar> { .zeros(leading + [recurrent.weight.shape[0]]) }
}

/// Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates):
///
///     i, f, o = sigmoid, g = tanh of x U + b + h W;  c' = f c + i g;  h' = o tanh(c')
public struct LSTMCell<Scalar: RealScalar>: RecurrentCell {
  /// The inputs' weights for i, f, g and o side by side, [inputs, 4 width], and the biases.
  public var input: Dense<Scalar>
  /// The state's weights for i, f, g and o side by side, [width, 4 width].
  public var recurrent: Dense<Scalar>

  /// What goes from step to step, both [..., width].
  public struct State: TensorTree, Codable {
    /// h, the output.
    public var hidden: Tensor<Scalar>
    /// c, the memory.
    public var cell: Tensor<Scalar>

    /// From h and c.
    public init(hidden: Tensor<Scalar>, cell: Tensor<Scalar>) {
      self.hidden = hidden
      self.cell = cell
    }
  }

  /// A cell of `width` units; the forget gates' biases begin with `forgetBias` (Jozefowicz et al. 2015 advise 1).
  public init(_ inputs: Int, _ width: Int, forgetBias: Scalar = 1, key: Key) {
    input = Dense(inputs, 4 * width, key: key.named("input"))
    input.bias = Tensor((0..<4 * width).map { $0 / max(1, width) == 1 ? forgetBias : 0 })
    recurrent = Dense(width, 4 * width, initializer: .orthogonal(gain: 1), hasBias: false, key: key.named("recurrent"))
  }

  public func project(_ x: Tensor<Scalar>) -> Tensor<Scalar> { input(x) }

  public func step(_ state: State, projected: Tensor<Scalar>) -> State {
    let gate = gates(projected + recurrent(state.hidden), 4)
    let cell = gate[1].sigmoid() * state.cell + gate[0].sigmoid() * gate[2].tanh()
    return State(hidden: gate[3].sigmoid() * cell.tanh(), cell: cell)
  }

  public func output(_ state: State) -> Tensor<Scalar> { state.hidden }

  public func initialState(_ leading: [Int]) -> State {
    let zeros = Tensor<Scalar>.zeros(leading + [recurrent.weight.shape[0]])
    return State(hidden: zeros, cell: zeros)
  }
}

/// [..., count * width] as `count` pieces [..., width].
private func gates<Scalar: RealScalar>(_ x: Tensor<Scalar>, _ count: Int) -> [Tensor<Scalar>] {
  let width = x.shape[x.rank - 1] / count
  return (0..<count).map { Tensor(AnyTensor(x).slice(axis: x.rank - 1, $0 * width..<($0 + 1) * width)) }
}
