import Lenses
import Networks
import Notebook
import Tensors
import Transforms

// Everything of a training step is a lens; the step itself is one line:
//
//     model.reparametrized(by: optimizer).then(loss).then(learningRate)

/// Two affine layers with a sigmoid between them, as the composition of three lenses.
package struct Perceptron: TensorTree, Codable {
  package typealias Layer = Learner<Affine, Tensor<Double>, Tensor<Double>>
  package typealias Weights = Pair<Affine, Affine>

  package var weights: Weights

  package init(widths: (Int, Int, Int), key: Key) {
    let layers = Affine.chain([widths.0, widths.1, widths.2], key: key)
    weights = Pair(layers[0], layers[1])
  }

  package static var lens: Learner<Weights, Tensor<Double>, Tensor<Double>> {
    let layer = Layer(reverseDerivativeOf: { $0($1) })
    return layer.then(Lens(reverseDerivativeOf: { (x: Tensor<Double>) in x.sigmoid() })).then(layer)
  }
}

/// A convolution, ReLU, maxima of 2 x 2 pixels, and an affine layer.
package struct ConvolutionalNetwork: TensorTree, Codable {
  package var filter: Tensor<Double>
  package var affine: Affine

  package init(side: Int, filters: Int, classes: Int, key: Key) {
    filter = Initializer.he().tensor([3, 3, 1, filters], key: key.named("filter"))
    affine = Affine.chain([side / 2 * (side / 2) * filters, classes], key: key.named("affine"))[0]
  }

  package func callAsFunction(_ images: Tensor<Double>) -> Tensor<Double> { Self.lens.get(self, images) }

  /// The composition of the lenses of its parts; a lens of the parameters takes the two of them from the network.
  package static var lens: Learner<ConvolutionalNetwork, Tensor<Double>, Tensor<Double>> {
    let convolution = Learner<Tensor<Double>, Tensor<Double>, Tensor<Double>>(reverseDerivativeOf: { filter, images in
      conv2d(images, filter, padding: .same)
    })
    let pooling = Lens(reverseDerivativeOf: { (x: Tensor<Double>) in x.relu().maxPool2D(ImageExtents(2, 2)) })
    let flattening = Lens(reverseDerivativeOf: { (x: Tensor<Double>) in x.reshaped(x.shape[0], -1) })
    let affine = Perceptron.Layer(reverseDerivativeOf: { $0($1) })
    return convolution.then(pooling).then(flattening).then(affine)
      .reparametrized(by: Lens(reverseDerivativeOf: { (network: ConvolutionalNetwork) in Pair(network.filter, network.affine) }))
  }
}

/// A loss as a parametric lens, its parameter the label. Means over the batch.
package enum Loss: String, CaseIterable, Sendable {
  case meanSquared = "mean squared"
  case crossEntropy = "cross-entropy"

  package func callAsFunction(_ label: Tensor<Double>, _ output: Tensor<Double>) -> Tensor<Double> {
    switch self {
    case .meanSquared: (output - label).square().sum(-1).mean() * 0.5
    case .crossEntropy: Networks.crossEntropy(output, probabilities: label)
    }
  }

  package var lens: Learner<Tensor<Double>, Tensor<Double>, Tensor<Double>> { Learner(reverseDerivativeOf: { self($0, $1) }) }
}

/// An optimizer as a lens, and what it is compared with.
package struct OptimizerRule<State: TensorTree & Codable>: AnyOptimizerRule {
  package typealias Weights = Perceptron.Weights

  package var name: String
  package var lens: OptimizerLens<State, Weights>
  /// What the learning rate sends back is minus this.
  package var sent: Double
  package var initialState: (Weights) -> State
  package var twin: Twin

  /// What should give the same parameters at every step.
  package enum Twin {
    /// The update rule as textbooks have it, of state, parameters and the gradient as a function.
    case rule((State, Weights, (Weights) -> Weights) -> (State, Weights))
    /// Another lens, wired in the same way.
    case lens(OptimizerLens<State, Weights>)
  }

  /// State and parameters of the two.
  private struct Runs: TensorTree, Codable {
    var lens: Pair<State, Weights>
    var twin: Pair<State, Weights>
  }

  package func race(
    _ loss: Loss, data: Pair<Tensor<Double>, Tensor<Double>>, from start: Perceptron, steps: Int, _ prefix: String,
    _ notebook: Recorder
  ) throws {
    let (inputs, labels) = (data.first, data.second)
    let model = Perceptron.lens
    let step = { (optimizer: OptimizerLens<State, Weights>, now: Pair<State, Weights>) in
      model.reparametrized(by: optimizer).then(loss.lens).then(.learningRate(sent)).put(Pair(now, labels), inputs, Unit())
        .first.first
    }
    let update = compile { (runs: Runs) in
      var next = Runs(lens: step(lens, runs.lens), twin: runs.twin)
      switch twin {
      case .lens(let other): next.twin = step(other, runs.twin)
      case .rule(let rule):
        let gradient = { grad { loss(labels, model.get($0, inputs)) }($0) }
        (next.twin.first, next.twin.second) = rule(runs.twin.first, runs.twin.second, gradient)
      }
      return next
    }
    let measured = compile { (runs: Runs) in
      let output = model.get(runs.lens.second, inputs)
      return Tensor<Double>.stack([
        loss(labels, output), (output.argmax() .== labels.argmax()).converted(to: Double.self).mean(),
        runs.lens.second.largestDifference(from: runs.twin.second),
      ])
    }
    let loop = "\(prefix)\(loss.rawValue) \(name)"
    let names = [
      ("loss", "training loss"), ("accuracy", "training accuracy"),
      ("difference", "largest difference of a parameter, lens and twin"),
    ]
    let traces = try names.map { try notebook.trace("\(loop)/\($0)", $1) }
    let first = Pair(initialState(start.weights), start.weights)
    var runs = Runs(lens: first, twin: first)
    try notebook.steps(loop, steps, state: &runs, cadence: .every(1)) { _, runs in
      runs = update(runs)
    } measure: { runs, record in
      for (trace, value) in zip(traces, measured(runs).scalars) { record(trace, value) }
    }
  }
}

/// Rules with states of different types, in one list.
package protocol AnyOptimizerRule {
  var name: String { get }
  /// Trains both and records them in a loop whose name begins with `prefix`.
  func race(
    _ loss: Loss, data: Pair<Tensor<Double>, Tensor<Double>>, from start: Perceptron, steps: Int, _ prefix: String,
    _ notebook: Recorder) throws
}

/// A Boolean function that is learned by the model lens, the loss lens of Z_2 and a learning rate that sends the loss back as it is.
package enum Circuit {
  /// The share of right rows before the first example and after each: p <- p + R_p[f](p, a, f(p, a) + b).
  package static func learn(_ truth: [Bool], model: BooleanMap, bits: Int, order: [Int]) -> [Double] {
    typealias Bits = Wire<[Bool]>
    // b* + b, whose reverse derivative sends every change both ways.
    let loss = ParametricLens<Bits, Bits, Bits> { label, output in
      zip(label, output).map { $0 != $1 }
    } put: { _, _, change in
      Pair(change, change)
    }
    let count = model.inputs - bits
    let circuit = model.model(parameters: count)
    let step = circuit.reparametrized(by: .flipping).then(loss).then(.answering { $0 })
    let row = { (number: Int) in (0..<bits).map { (number >> $0) & 1 == 1 } }
    let rightRows = { (p: [Bool]) in
      Double(truth.indices.count { circuit.get(p, row($0)) == [truth[$0]] }) / Double(truth.count)
    }
    var parameters = [Bool](repeating: false, count: count)
    return [rightRows(parameters)]
      + order.map { number in
        parameters = step.put(Pair(parameters, [truth[number]]), row(number), Unit()).first.first
        return rightRows(parameters)
      }
  }
}
