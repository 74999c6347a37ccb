import Foundation
import Tensors

/// Where a layer stands in a network: what happens to its fans as the network gets wide.
public enum LayerRole: Sendable, Hashable, Codable {
  /// From data of fixed width to hidden units.
  case input
  /// From hidden units to hidden units.
  case hidden
  /// From hidden units to a result of fixed width.
  case output
}

/// How initial scale, forward multiplier and learning rate of a layer depend on the width n of the hidden layers.
///
/// An abc-parametrization (Yang and Hu 2021, "Feature Learning in Infinite-Width Neural Networks", arXiv 2011.14522, definition 3.2
/// and table 1): the layer computes with W = n^-a w, w is drawn with standard deviation n^-b, and the learning rate is eta n^-c.
///
///     role             input             hidden            output
///                    a     b   c       a    b    c       a    b    c
///     standard       0     0   0       0   1/2   0       0   1/2   0
///     ntk            0     0   0      1/2   0    0      1/2   0    0
///     meanField      0     0  -1                         1    0   -1
///     muP          -1/2   1/2  0       0   1/2   0      1/2  1/2   0
///
/// The paper takes the width d of the data as a constant; here input weights are divided by sqrt(d) besides, which leaves the
/// dependence on n as it is. Mean-field is for one hidden layer. The c are those of gradient descent; for Adam muP has 1/2, 1, 1/2
/// (Yang et al. 2022, "Tensor Programs V", arXiv 2203.03466, table 3, in the form with multipliers) and standard has 0, 0, 0.
public enum Parametrization: String, Sendable, Hashable, CaseIterable, Codable {
  case standard, ntk, meanField, muP

  /// The scales of a layer with weights [fanIn, fanOut].
  /// - Parameter gain: of the activation before the layer, on the initial standard deviation: sqrt(2) for ReLU, 1 for others.
  public func scales(fanIn: Int, fanOut: Int, role: LayerRole, gain: Double = 1) -> LayerScales {
    let (a, b, c, adam) = exponents(role)
    let width = Double(role == .input ? fanOut : fanIn)
    let data = role == .input ? 1 / Double(max(1, fanIn)).squareRoot() : 1
    // A bias is a weight from a constant unit. Biases of hidden units move in gradient descent as input weights do, with the
    // multiplier 1 (table 3 of Tensor Programs V); the bias of the output does not depend on the width.
    let biasFollowsWidth = role != .output && (self == .muP || self == .meanField)
    return LayerScales(
      standardDeviation: gain * data * pow(width, -b), multiplier: pow(width, -a), learningRate: pow(width, -c),
      biasLearningRate: biasFollowsWidth ? Double(fanOut) : 1, adamLearningRate: adam.map { pow(width, -$0) })
  }

  private func exponents(_ role: LayerRole) -> (a: Double, b: Double, c: Double, adam: Double?) {
    switch (self, role) {
    case (.standard, .input): (0, 0, 0, 0)
    case (.standard, _): (0, 0.5, 0, 0)
    case (.ntk, .input): (0, 0, 0, nil)
    case (.ntk, _): (0.5, 0, 0, nil)
    case (.meanField, .input): (0, 0, -1, nil)
    case (.meanField, .output): (1, 0, -1, nil)
    case (.meanField, .hidden):
      fatalError("Parametrization.meanField is for one hidden layer: it gives none between hidden units")
    case (.muP, .input): (-0.5, 0.5, 0, 0.5)
    case (.muP, .hidden): (0, 0.5, 0, 1)
    case (.muP, .output): (0.5, 0.5, 0, 0.5)
    }
  }
}

/// What a parametrization says about one layer.
public struct LayerScales: Sendable, Hashable, Codable {
  /// Of the weights as they are drawn.
  public var standardDeviation: Double
  /// What the layer multiplies its weights with.
  public var multiplier: Double
  /// What gradient descent multiplies its learning rate with for the weights.
  public var learningRate: Double
  /// What gradient descent multiplies its learning rate with for the bias.
  public var biasLearningRate: Double
  /// What Adam multiplies its learning rate with for the weights (for the bias it is 1); nil where the literature gives none.
  public var adamLearningRate: Double?

  /// A layer by itself: no multipliers.
  public static func plain(standardDeviation: Double) -> LayerScales {
    LayerScales(standardDeviation: standardDeviation, multiplier: 1, learningRate: 1, biasLearningRate: 1, adamLearningRate: 1)
  }
}

/// The kind of optimizer that learning-rate multipliers are meant for.
public enum UpdateRule: Sendable, Hashable, Codable {
  case gradientDescent, adam
}
