import Foundation
import Tensors

/// Images with the classes they show.
public struct LabelledImages: Sendable {
  /// [count, side * side], row-major pixels from 0 (background) to 1 (ink).
  public var pixels: Tensor<Double>
  /// The class of each image.
  public var labels: [Int]
  /// Width and height in pixels.
  public var side: Int

  /// Images whose rows of `pixels` belong to `labels` in order.
  public init(pixels: Tensor<Double>, labels: [Int], side: Int) {
    self.pixels = pixels
    self.labels = labels
    self.side = side
  }

  /// The images as points with classes, 0 up to the largest label.
  public func points<Scalar: RealScalar>(as type: Scalar.Type = Scalar.self) -> LabelledPoints<Scalar> {
    LabelledPoints(inputs: Tensor(rounding: pixels), labels: Tensor(labels.map { Int32($0) }), classes: (labels.max() ?? -1) + 1)
  }
}

/// Handwriting without a data set: digits drawn as strokes, each image with a pen, a slant and a shake of its own.
///
/// A stand-in for MNIST that is the same on every machine: image i of a sample is a function of the key and i alone. Classes are
/// told apart well, not perfectly, by a linear classifier.
public enum DrawnDigits {
  /// Draws `count` images, their classes taken in turn from `classes`.
  /// - Parameters:
  ///   - side: width and height in pixels; 28 as in MNIST, 8 as in the UCI digits.
  ///   - noise: standard deviation of Gaussian noise on every pixel, before values are cut to 0...1.
  public static func sample(
    _ count: Int, classes: [Int] = Array(0...9), side: Int = 28, noise: Double = 0.05, key: Key
  ) -> LabelledImages {
    var pixels: [Double] = []
    pixels.reserveCapacity(count * side * side)
    let labels = (0..<count).map { classes[$0 % classes.count] }
    for (i, digit) in labels.enumerated() {
      let strokes = Pen(key: key[i].named("pen")).write(strokes(of: digit))
      let grain = Tensor<Double>.normal([side * side], key: key[i].named("grain"))
      pixels += render(strokes, side: side).enumerated().map { min(1, max(0, $1 + noise * grain[$0])) }
    }
    return LabelledImages(pixels: Tensor(shape: [count, side * side], pixels), labels: labels, side: side)
  }

  // MARK: Shapes, in a unit square with y downwards

  typealias Point = SIMD2<Double>

  private static func strokes(of digit: Int) -> [[Point]] {
    switch digit {
    case 0: [arc(0.5, 0.5, 0.25, 0.38, from: 0, to: 360)]
    case 1: [[Point(0.36, 0.27), Point(0.54, 0.12), Point(0.54, 0.88)]]
    case 2: [arc(0.5, 0.32, 0.24, 0.2, from: -170, to: 30) + [Point(0.26, 0.86), Point(0.77, 0.86)]]
    case 3: [arc(0.46, 0.3, 0.22, 0.18, from: -150, to: 90), arc(0.46, 0.68, 0.25, 0.2, from: -90, to: 150)]
    case 4: [[Point(0.62, 0.88), Point(0.62, 0.12), Point(0.22, 0.62), Point(0.8, 0.62)]]
    case 5: [[Point(0.74, 0.13), Point(0.34, 0.13), Point(0.31, 0.48)] + arc(0.48, 0.66, 0.24, 0.21, from: -125, to: 150)]
    case 6: [[Point(0.64, 0.12), Point(0.4, 0.36), Point(0.29, 0.64)], arc(0.5, 0.67, 0.21, 0.2, from: 0, to: 360)]
    case 7: [[Point(0.23, 0.14), Point(0.77, 0.14), Point(0.42, 0.88)]]
    case 8: [arc(0.5, 0.3, 0.19, 0.18, from: 0, to: 360), arc(0.5, 0.68, 0.23, 0.2, from: 0, to: 360)]
    case 9: [arc(0.5, 0.33, 0.2, 0.2, from: 0, to: 360), [Point(0.7, 0.33), Point(0.62, 0.88)]]
    default: fatalError("there is no digit \(digit)")
    }
  }

  private static func arc(_ x: Double, _ y: Double, _ rx: Double, _ ry: Double, from: Double, to: Double) -> [Point] {
    let pieces = 14
    return (0...pieces).map { i in
      let angle = (from + (to - from) * Double(i) / Double(pieces)) * .pi / 180
      return Point(x + rx * cos(angle), y + ry * sin(angle))
    }
  }

  /// Ink where a pixel's centre is nearer to a stroke than the pen is wide, with an edge one pixel soft.
  private static func render(_ writing: Pen.Writing, side: Int) -> [Double] {
    let softness = 1 / Double(side)
    return (0..<side * side).map { pixel in
      let p = Point((Double(pixel % side) + 0.5) / Double(side), (Double(pixel / side) + 0.5) / Double(side))
      var nearest = Double.infinity
      for (a, b) in writing.segments {
        let ab = b - a
        let along = min(1, max(0, ((p - a) * ab).sum() / max((ab * ab).sum(), 1e-12)))
        let offset = p - (a + along * ab)
        nearest = min(nearest, (offset * offset).sum())
      }
      return min(1, max(0, (writing.halfWidth - nearest.squareRoot()) / softness + 0.5))
    }
  }

  /// How one hand writes one image.
  private struct Pen {
    struct Writing {
      var segments: [(Point, Point)]
      var halfWidth: Double
    }

    private let u: Tensor<Double>
    private let shake: Key

    init(key: Key) {
      u = Tensor.uniform([6], in: -1..<1, key: key)
      shake = key.named("shake")
    }

    func write(_ strokes: [[Point]]) -> Writing {
      let (rotation, slant) = (0.2 * u[0], 0.25 * u[1])
      let (width, height) = (0.95 + 0.13 * u[2], 0.95 + 0.1 * u[3])
      let shift = Point(0.05 * u[4], 0.05 * u[5])
      let places = strokes.reduce(0) { $0 + $1.count }
      let jitter = Tensor<Double>.normal([places, 2], key: shake)
      var segments: [(Point, Point)] = []
      var place = 0
      for stroke in strokes {
        let points = stroke.map { point in
          defer { place += 1 }
          let q = point - 0.5
          let x = width * q.x - slant * q.y
          let y = height * q.y
          let turned = Point(cos(rotation) * x - sin(rotation) * y, sin(rotation) * x + cos(rotation) * y)
          return turned + 0.5 + shift + 0.008 * Point(jitter[place, 0], jitter[place, 1])
        }
        segments += zip(points, points.dropFirst())
      }
      return Writing(segments: segments, halfWidth: 0.045 + 0.012 * u[2])
    }
  }
}
