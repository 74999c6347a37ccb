import Datasets
import Foundation
import Tensors
import Testing

@Suite struct DrawnShapesTests {
  /// By elementary geometry, in units of the radius squared.
  static let areas: [(DrawnShape, Double)] = [
    (.disk, .pi), (.ring, .pi * (1 - 0.36)), (.square, 1.4 * 1.4), (.frame, 1.4 * 1.4 - 0.8 * 0.8),
    (.triangle, 0.75 * 3.0.squareRoot()), (.plus, 2 * 1.9 * 0.5 - 0.25), (.bar, 1.9 * 0.5), (.halfDisk, .pi / 2),
  ]

  @Test(arguments: areas) func inkIsTheArea(shape: DrawnShape, area: Double) {
    for (angle, x) in [(0.0, 0.5), (0.7, 0.4)] {
      let ink = DrawnShapes.coverage(shape, x: x, y: 0.55, radius: 0.35, angle: angle, side: 128)
      // Corners are cut or rounded by less than a pixel's area each.
      #expect(abs(ink.reduce(0, +) / (128 * 128) - area * 0.35 * 0.35) < 1.5e-3)
      // Nothing beyond the circle around it, but for the soft edge.
      let outside = ink.enumerated().filter { place, _ in
        let (dx, dy) = ((Double(place % 128) + 0.5) / 128 - x, (Double(place / 128) + 0.5) / 128 - 0.55)
        return dx * dx + dy * dy > pow(0.35 + 0.01, 2)
      }
      #expect(outside.allSatisfy { $0.element == 0 })
    }
  }

  /// A quarter turn of the half disk, which lies on the side of positive y, puts it to the left.
  @Test func shapesTurn() {
    let ink = DrawnShapes.coverage(.halfDisk, x: 0.5, y: 0.5, radius: 0.4, angle: .pi / 2, side: 64)
    let left = ink.enumerated().reduce(0) { $0 + ($1.offset % 64 < 32 ? $1.element : 0) }
    #expect(left / ink.reduce(0, +) > 0.98)
  }

  @Test func imagesAreTheirOwn() {
    let key = Key(seed: 4)
    let (images, fewer) = (DrawnShapes.sample(20, side: 12, key: key), DrawnShapes.sample(9, side: 12, key: key))
    #expect(images.pixels.slice(0..<9) == fewer.pixels && Array(images.labels.prefix(9)) == fewer.labels)
    #expect(images.labels == (0..<20).map { $0 % 8 } && images.side == 12)
    #expect(images.pixels.min().scalar >= 0 && images.pixels.max().scalar <= 1)
    #expect(images.pixels.row(0) != images.pixels.row(8))
  }
}
