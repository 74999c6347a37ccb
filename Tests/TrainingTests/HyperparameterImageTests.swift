import Notebook
import Plotting
import Tensors
import TestSupport
import Testing
import Training

/// Runs without training: converged left of a line.
private enum Halves: Experiment {
  static let paper = Paper(
    slug: "halves", title: "Halves", authors: ["Offprint"], year: 2026, arxiv: "none", shows: "A border.", fidelity: .mechanism)
  struct Settings: Codable, Sendable {}
  static func settings(for preset: Preset) -> Settings { Settings() }
  static func figures(from results: Results) throws -> [Figure] { [] }
  static func claims(from results: Results) throws -> [Claim] { [] }
  static func run(_ settings: Settings, into notebook: Recorder) throws {
    let window = HyperparameterWindow(x: 0...1, y: 10...12)
    // 7 pixels to a step do not divide 256.
    let image = try notebook.image("halves", window, size: 16, batch: 7) { x, y in
      #expect(x.shape == [7] && y.shape == [7])
      return Tensor.where(x .< 0.3, -y, x)
    }
    let values = image.values.scalars
    for row in 0..<16 {
      for column in 0..<16 {
        let (x, y) = ((Double(column) + 0.5) / 16, 10 + (Double(row) + 0.5) / 8)
        #expect(values[row * 16 + column] == (x < 0.3 ? -y : x))
        // Pixels 4 and 5 lie on the two sides.
        #expect(image.edges[row * 16 + column] == (column == 4 && row < 15))
      }
    }
    // Rows 4 to 10 have all nine edges in reach; the first of them is taken.
    let zoomed = try #require(image.zoomedWindow(by: 8))
    #expect(abs(zoomed.x.lowerBound - (0.3125 - 1.0 / 16)) < 1e-12 && abs(zoomed.x.upperBound - (0.3125 + 1.0 / 16)) < 1e-12)
    #expect(abs(zoomed.y.lowerBound - (10.625 - 0.125)) < 1e-12 && abs(zoomed.y.upperBound - (10.625 + 0.125)) < 1e-12)
    // 5 columns of 16 rows converged; the smallest |y| is the first row's, the largest x the last column's.
    let shades = image.rankEqualized.scalars
    #expect(shades[0] == -1 / 80 && shades[15 * 16] == -76 / 80 && shades[5] == 1 / 176 && shades[15] == 161 / 176)
  }
}

@Suite struct HyperparameterImageTests {
  @Test func everyPixelIsTheProgramsAtItsPlace() throws {
    try withFolder { folder in
      let runner = Runner(folders: Folders(results: "\(folder)/results", figures: "\(folder)/figures"), isQuiet: true)
      guard case .finished(let file, _) = try runner.run(Halves.self, preset: .quick, start: .fresh) else {
        Issue.record("not finished")
        return
      }
      let filled = try Results(file).trace("halves/filled").column().values
      #expect(filled.first == 0 && filled[1] == 7.0 / 256 && filled.last == 1 && filled.count == 38)
    }
  }

  @Test func pixelsComeCoarseFirst() {
    let order = HyperparameterImage.order(size: 20)
    #expect(order.sorted() == Array(0..<400))
    #expect(order.prefix(9).map { [$0 / 20, $0 % 20] } == [0, 8, 16].flatMap { row in [0, 8, 16].map { [row, $0] } })
    #expect(order.prefix(25).allSatisfy { $0 / 20 % 4 == 0 && $0 % 20 % 4 == 0 })
  }
}
