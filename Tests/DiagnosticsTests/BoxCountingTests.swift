import Diagnostics
import Foundation
import Testing

@Suite struct BoxCountingTests {
  private func counts(_ size: Int, _ contains: (_ row: Int, _ column: Int) -> Bool) -> BoxCounts {
    BoxCounts(of: (0..<size * size).map { contains($0 / size, $0 % size) }, size: size)
  }

  @Test func aDiagonalHasDimensionOne() {
    let line = counts(64) { $0 == $1 }
    #expect(line.sides == [1, 2, 4, 8, 16, 32])
    #expect(line.counts == [64, 32, 16, 8, 4, 2])
    #expect(line.slopes.allSatisfy { $0 == 1 })
    #expect(abs(line.dimension - 1) < 1e-12)
  }

  @Test func aFilledSquareHasDimensionTwo() {
    let square = counts(64) { _, _ in true }
    #expect(square.counts == [4096, 1024, 256, 64, 16, 4])
    #expect(abs(square.dimension - 2) < 1e-12)
  }

  /// Pascal's triangle modulo 2: boxes of powers of 2 fit, so each side has three times the boxes of the next.
  @Test func aSierpinskiTriangleHasItsDimensionExactly() {
    let triangle = counts(64) { $0 & $1 == 0 }
    #expect(triangle.counts == [729, 243, 81, 27, 9, 3])
    #expect(abs(triangle.dimension - log2(3)) < 1e-12)
  }

  /// The counts of References/box_counting.py. Boxes of powers of 2 do not fit the powers of 3, and those at the far ends are mostly outside:
  /// the dimension is 1.829 in place of log 8 / log 3 = 1.893.
  @Test func aSierpinskiCarpetHasItsCounts() {
    let carpet = counts(729) { row, column in
      var (r, c) = (row, column)
      while r > 0 || c > 0 {
        if r % 3 == 1 && c % 3 == 1 { return false }
        (r, c) = (r / 3, c / 3)
      }
      return true
    }
    #expect(carpet.counts == [262_144, 82_680, 23_340, 6520, 1768, 456, 134, 35, 9, 4])
    #expect(abs(carpet.dimension - 1.8292858406518222) < 1e-12)
    #expect(abs(carpet.dimension - log(8) / log(3)) < 0.1)
  }

  @Test func boxesMayStickOut() {
    let corners = counts(5) { row, column in (row, column) == (0, 0) || (row, column) == (4, 4) }
    #expect(corners == BoxCounts(sides: [1, 2, 4], counts: [2, 2, 2]))
  }

  @Test func nothingHasNoDimension() {
    let empty = counts(8) { _, _ in false }
    #expect(empty.counts == [0, 0, 0])
    #expect(empty.slopes.isEmpty && empty.dimension.isNaN)
  }
}
