import Foundation
import Tensors

/// Classes in the plane that no straight line separates. Classes come in turn, but for the checkerboard's, which follow the points.
public enum PlanarShapes {
  /// Two half circles of radius 1 that reach into each other: around (0, 0) upwards, class 0, and around (1, 1/2) downwards, class 1.
  /// - Parameter noise: standard deviation of normal noise on both coordinates.
  public static func twoMoons<Scalar: RealScalar>(
    _ count: Int, noise: Double = 0.1, as type: Scalar.Type = Scalar.self, key: Key
  ) -> LabelledPoints<Scalar> {
    sample(count, classes: 2, noise, key) { label, u in
      let angle = Double.pi * u
      return label == 0 ? (cos(angle), sin(angle)) : (1 - cos(angle), 0.5 - sin(angle))
    }
  }

  /// Circles around the origin, class k of radius 1 - k / `classes`.
  public static func circles<Scalar: RealScalar>(
    _ count: Int, classes: Int = 2, noise: Double = 0.05, as type: Scalar.Type = Scalar.self, key: Key
  ) -> LabelledPoints<Scalar> {
    sample(count, classes: classes, noise, key) { label, u in
      let radius = 1 - Double(label) / Double(classes)
      return (radius * cos(2 * .pi * u), radius * sin(2 * .pi * u))
    }
  }

  /// Spiral arms from the origin out to radius 1, one a class: the radius grows in step with the angle and is uniform over the points.
  public static func spirals<Scalar: RealScalar>(
    _ count: Int, classes: Int = 2, turns: Double = 1, noise: Double = 0.02, as type: Scalar.Type = Scalar.self, key: Key
  ) -> LabelledPoints<Scalar> {
    sample(count, classes: classes, noise, key) { label, u in
      let angle = 2 * Double.pi * (turns * u + Double(label) / Double(classes))
      return (u * cos(angle), u * sin(angle))
    }
  }

  /// Points uniform in [-1, 1)^2, coloured as a board of `cells` x `cells` fields; the field at (-1, -1) is class 0.
  public static func checkerboard<Scalar: RealScalar>(
    _ count: Int, cells: Int = 4, labelNoise: Double = 0, as type: Scalar.Type = Scalar.self, key: Key
  ) -> LabelledPoints<Scalar> {
    let inputs = Tensor<Double>.uniform([count, 2], in: -1..<1, key: key.named("points"))
    let labels = (0..<count).map { i in
      (0..<2).reduce(0) { $0 + Int((inputs[i, $1] + 1) / 2 * Double(cells)) } % 2
    }
    return LabelledPoints(inputs: Tensor(rounding: inputs), labels: Tensor(labels.map { Int32($0) }), classes: 2)
      .withLabelNoise(labelNoise, key: key.named("labels"))
  }

  private static func sample<Scalar: RealScalar>(
    _ count: Int, classes: Int, _ noise: Double, _ key: Key, _ curve: (_ label: Int, _ u: Double) -> (Double, Double)
  ) -> LabelledPoints<Scalar> {
    let u = Tensor<Double>.uniform([count], key: key.named("points"))
    var inputs = Tensor<Double>.normal([count, 2], standardDeviation: noise, key: key.named("noise"))
    for i in 0..<count {
      let (x, y) = curve(i % classes, u[i])
      inputs[i, 0] += x
      inputs[i, 1] += y
    }
    return LabelledPoints(
      inputs: Tensor(rounding: inputs), labels: Tensor((0..<count).map { Int32($0 % classes) }), classes: classes)
  }
}
