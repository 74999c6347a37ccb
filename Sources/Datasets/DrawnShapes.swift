import Foundation
import Tensors

/// A figure of the plane around the origin, within the unit circle.
public enum DrawnShape: Int, CaseIterable, Sendable {
  case disk, ring, square, frame, triangle, plus, bar, halfDisk

  /// Below 0 within the shape, above outside; near the boundary its distance.
  public func distance(x: Double, y: Double) -> Double {
    let (a, b) = (abs(x), abs(y))
    let radius = (x * x + y * y).squareRoot()
    return switch self {
    case .disk: radius - 1
    case .ring: abs(radius - 0.8) - 0.2
    case .square: max(a, b) - 0.7
    case .frame: abs(max(a, b) - 0.55) - 0.15
    // Three sides at 1/2 from the centre.
    case .triangle: max(-y, max(0.75.squareRoot() * x, -0.75.squareRoot() * x) + y / 2) - 0.5
    case .plus: min(max(a - 0.25, b - 0.95), max(a - 0.95, b - 0.25))
    case .bar: max(a - 0.95, b - 0.25)
    case .halfDisk: max(radius - 1, -y)
    }
  }
}

/// Grey images of simple shapes, one each, anywhere, of any size and turned by any angle: told apart by form alone, and the same on every
/// machine. Image i is a function of the key and i.
public enum DrawnShapes {
  /// Draws `count` images, the shapes in turn.
  /// - Parameters:
  ///   - side: width and height in pixels.
  ///   - radii: of the circle around the shape, as a share of the side.
  ///   - noise: standard deviation of normal noise on every pixel, before values are cut to 0...1.
  public static func sample(
    _ count: Int, side: Int, radii: ClosedRange<Double> = 0.2...0.38, noise: Double = 0.1, key: Key
  ) -> LabelledImages {
    let shapes = DrawnShape.allCases
    let labels = (0..<count).map { $0 % shapes.count }
    var pixels: [Double] = []
    pixels.reserveCapacity(count * side * side)
    for (i, label) in labels.enumerated() {
      let u = Tensor<Double>.uniform([6], key: key[i].named("pose")).scalars
      let grain = Tensor<Double>.normal([side * side], standardDeviation: noise, key: key[i].named("grain")).scalars
      let radius = radii.lowerBound + u[0] * (radii.upperBound - radii.lowerBound)
      let ink = coverage(
        shapes[label], x: radius + u[1] * (1 - 2 * radius), y: radius + u[2] * (1 - 2 * radius), radius: radius,
        angle: 2 * .pi * u[3], side: side)
      let (background, contrast) = (0.3 * u[4], 0.4 + 0.3 * u[5])
      pixels += zip(ink, grain).map { min(1, max(0, background + contrast * $0 + $1)) }
    }
    return LabelledImages(pixels: Tensor(shape: [count, side * side], pixels), labels: labels, side: side)
  }

  /// The share of each pixel that a shape covers, about: row-major, in an image whose sides are 1. Edges are one pixel soft.
  public static func coverage(
    _ shape: DrawnShape, x: Double, y: Double, radius: Double, angle: Double, side: Int
  ) -> [Double] {
    let (c, s) = (cos(angle) / radius, sin(angle) / radius)
    let pixel = 1 / Double(side)
    return (0..<side * side).map { place in
      let dx = (Double(place % side) + 0.5) * pixel - x
      let dy = (Double(place / side) + 0.5) * pixel - y
      let distance = radius * shape.distance(x: c * dx + s * dy, y: c * dy - s * dx)
      return min(1, max(0, 0.5 - distance / pixel))
    }
  }
}
