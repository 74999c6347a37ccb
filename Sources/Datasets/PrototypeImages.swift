import Foundation
import Tensors

/// Images as a smooth pattern of their class, one of several if so wished, plus noise on every pixel: a stand-in for natural images whose
/// difficulty is one number. With two patterns or more a class is no longer one cloud, and hidden units pay.
public struct PrototypeImages: Sendable {
  /// The patterns, [patterns, channels * side * side], with mean square 1 over the pixels; pattern p belongs to class p modulo classes.
  public var prototypes: Tensor<Double>
  /// Number of classes.
  public var classes: Int
  /// Width and height in pixels.
  public var side: Int
  /// Number of channels, one after the other in a row.
  public var channels: Int

  /// Patterns of random low-pass noise: normal coefficients on the cosines of the lowest `frequencies` x `frequencies` frequencies,
  /// the constant left out.
  public init(
    classes: Int, prototypesPerClass: Int = 1, side: Int, channels: Int = 1, frequencies: Int = 4, key: Key
  ) {
    guard frequencies >= 2, frequencies <= side else {
      fatalError("PrototypeImages: frequencies \(frequencies) is not from 2 to the side, \(side)")
    }
    // cosines [side, frequencies] of the discrete cosine transform; a pattern is cosines C cosines^T.
    let cosines = Tensor<Double>(
      shape: [side, frequencies],
      (0..<side * frequencies).map { cos(.pi * (Double($0 / frequencies) + 0.5) * Double($0 % frequencies) / Double(side)) })
    var rows: [Tensor<Double>] = []
    for planes in key.split(classes * prototypesPerClass) {
      let coefficients = Tensor<Double>.normal([channels, frequencies, frequencies], key: planes).updating(All(), 0, 0, with: 0)
      let image = matmul(matmul(cosines, coefficients), cosines, transposeB: true).flattened()
      rows.append(image * (Double(image.count).squareRoot() / image.norm()))
    }
    prototypes = .stack(rows)
    self.classes = classes
    self.side = side
    self.channels = channels
  }

  /// `count` images of shape [channels * side * side], the patterns in turn, and so the classes.
  /// - Parameter noise: standard deviation of normal noise on every pixel, beside patterns of mean square 1.
  public func sample<Scalar: RealScalar>(
    _ count: Int, noise: Double, labelNoise: Double = 0, as type: Scalar.Type = Scalar.self, key: Key
  ) -> LabelledPoints<Scalar> {
    let patterns = (0..<count).map { $0 % prototypes.shape[0] }
    let grain = Tensor<Double>.normal([count, prototypes.shape[1]], standardDeviation: noise, key: key.named("grain"))
    return LabelledPoints(
      inputs: Tensor(rounding: prototypes.rows(patterns) + grain), labels: Tensor(patterns.map { Int32($0 % classes) }),
      classes: classes
    ).withLabelNoise(labelNoise, key: key.named("labels"))
  }
}
