import Foundation
import OptimalTransport
import Tensors
import Testing
import Transforms

/// Against POT's own implementation of the paper: References/semi_dual.py.
@Suite struct SemiDualTests {
  struct Reference: Decodable {
    var cardinality: Int
    var gamma, value: Double
    var plan: [Double]
  }

  @Test func valueAndPlanArePOTs() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "References/semi_dual.json")
    let references = try JSONDecoder().decode([Reference].self, from: Data(contentsOf: file))
    let (i, j) = (Tensor<Double>.arange(12), Tensor<Double>.arange(7))
    let (a, b) = (2 + i.sin(), 2 + (3 * j).cos())
    let cost = 1 + (outer(i, j) + 0.3 * i.expandingDimensions(1)).cos()
    let alpha = (2.0 * i).sin()
    for reference in references {
      let dual = SparsityConstrained.SemiDual(
        cost: cost, a: a / a.sum(), b: b / b.sum(), gamma: reference.gamma, cardinality: reference.cardinality)
      let plan = Tensor(shape: [12, 7], reference.plan)
      let result = valueAndGrad { dual.value($0) }(alpha)
      #expect(abs(result.value.scalar - reference.value) < 1e-13, "k = \(reference.cardinality), gamma = \(reference.gamma)")
      #expect((dual.plan(alpha) - plan).abs().max().scalar < 1e-13, "k = \(reference.cardinality), gamma = \(reference.gamma)")
      #expect((result.gradient - (dual.a - plan.sum(1))).abs().max().scalar < 1e-13)
    }
  }
}
