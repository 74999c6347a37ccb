import Tensors

extension DiffGradFriction {
  /// The paper's F1, F2 and F3 (Section IV), each of one coordinate of `x`. A kink belongs to the piece on its left, and so does its
  /// derivative, as `Tensor.where` passes it on.
  static func values(_ x: Tensor<Double>) -> [Tensor<Double>] {
    let coordinates = (0..<3).map { x.slice($0..<$0 + 1).reshaped([]) }
    return zip([f1, f2, f3], coordinates).map { $0($1) }
  }

  static func sum(_ values: [Tensor<Double>]) -> Tensor<Double> { values.dropFirst().reduce(values[0]) { $0 + $1 } }

  /// A minimum of 0 at -0.3 and one of 0.05 at 0.2.
  private static func f1(_ x: Tensor<Double>) -> Tensor<Double> {
    .where(x .<= 0, (x + 0.3).square(), (x - 0.2).square() + 0.05)
  }

  /// A steep slope down to a wave.
  private static func f2(_ x: Tensor<Double>) -> Tensor<Double> {
    .where(x .<= -0.9, -40 * x - 35.15, x * x.square() + x * (8 * x).sin() + 0.85)
  }

  /// Two teeth between two parabolas.
  private static func f3(_ x: Tensor<Double>) -> Tensor<Double> {
    let pieces: [(end: Double, value: Tensor<Double>)] = [
      (-0.5, x.square()), (-0.4, 0.75 + x), (0, -0.875 * x), (0.4, 0.875 * x), (0.5, 0.75 - x),
    ]
    return pieces.reversed().reduce(x.square()) { .where(x .<= $1.end, $1.value, $0) }
  }

  /// A curve of one of the functions for a figure.
  static func curve(_ function: Int, at points: [Double]) -> [Double] {
    points.map { point in values(Tensor([point, point, point]))[function].scalar }
  }
}
