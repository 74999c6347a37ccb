import Tensors
import Testing
import Transforms

/// Random programs of many operations: every transform must agree with the plain one on all of them.
@Suite struct CompositionTests {
  /// Operations on matrices [4, 4] with values of order one.
  private static let operations: [@Sendable (Tensor<Double>, Tensor<Double>) -> Tensor<Double>] = [
    { a, b in (a + b) * 0.7 }, { a, b in a * b }, { a, _ in a.tanh() }, { a, b in a - b.sin() },
    { a, b in matmul(a, b, transposeB: true) * 0.4 }, { a, _ in a.transposed() }, { a, b in .where(a .< b, a, b * 0.5) },
    { a, _ in a.logSoftmax(axis: 0).exp() }, { a, _ in a.cumulativeSum(axis: 1) * 0.3 }, { a, b in a + b.sum(0) * 0.2 },
    { a, b in a.updating(1...2, Every(2), with: b.slice(..<2, 1..<3)) }, { a, _ in a.sorted(axis: 1) },
    { a, b in .concatenate([a.slice(2...), b.slice(..<2)]) }, { a, _ in a.gather(Tensor([3, 0, 0, 2]), axis: 1) },
    { a, b in einsum("ij,kj,il->kl", a, b, b) * 0.2 }, { a, _ in a.rolled(1).flipped(1) },
    { a, b in conv2d(a.reshaped(1, 4, 4, 1), b.slice(..<3, ..<2).reshaped(3, 2, 1, 1), padding: .same).reshaped(4, 4) * 0.4 },
    { a, b in a / (b.square() + 1) }, { a, b in maximum(a, b) }, { a, b in (a.max(1, keepingAxes: true) - b) * 0.5 },
    { a, _ in a.reshaped(1, 4, 4, 1).averagePool2D(ImageExtents(2, 2), stride: ImageExtents(1, 1), padding: .same).reshaped(4, 4)
    },
    { a, b in a.logSumExp(axis: 0) * 0.3 + b }, { a, _ in a.padded(axis: 0, low: 1, high: 0).slice(..<4) },
  ]

  @Test(arguments: 0..<24) func transformsAgree(_ seed: Int) {
    let key = Key(seed: UInt64(seed))
    let length = 12
    let choices = Tensor<Int32>.integers([length], in: 0..<Int32(Self.operations.count), key: key.named("operations"))
    let operands = Tensor<Double>.uniform([length, 2], key: key.named("operands"))
    checkRules(
      RuleCase("program \(seed): \(choices.scalars)", [2, 4, 4]) { x in
        var values = [x.row(0), x.row(1)]
        for i in 0..<length {
          let (a, b) = (Int(operands[i, 0] * Double(values.count)), Int(operands[i, 1] * Double(values.count)))
          values.append(Self.operations[Int(choices[i])](values[a], values[b]))
        }
        return values.suffix(4).reduce(x.row(0)) { $0 + $1 }
      }, key: key)
  }

  /// A product of a batched matrix with a stack of matrices that the batch shares, as in the Hessians of several networks.
  @Test func hessiansOfABatchAreALoop() {
    let (x, w) = (Tensor<Double>.normal([5, 3], key: Key(seed: 1)), Tensor<Double>.normal([2, 12], key: Key(seed: 2)))
    let loss = { (w: Tensor<Double>) in
      let hidden = matmul(x, w.slice(0..<6).reshaped(3, 2)).tanh()
      return matmul(hidden, w.slice(6..<12).reshaped(2, 3)).logSumExp().mean()
    }
    for count in 1...2 {
      let hessians = vmap(hessian(loss))(w.slice(0..<count))
      for i in 0..<count { #expect((hessians.row(i) - hessian(loss)(w.row(i))).abs().max().scalar < 1e-14) }
    }
  }
}
