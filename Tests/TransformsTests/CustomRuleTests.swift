import Tensors
import Testing
import Transforms

@Suite struct CustomRuleTests {
  @Test func straightThrough() {
    let quantize = customVJP({ (x: Tensor<Double>) in x.round() }, vjp: { _, _, cotangent in cotangent })
    let loss = { (x: Tensor<Double>) in (quantize(x) * Tensor([1, 10])).sum() }
    let x = Tensor<Double>([0.4, 1.7])
    #expect(loss(x).scalar == 20)
    #expect(grad(loss)(x).scalars == [1, 10])
    #expect(compile(grad(loss))(x).scalars == [1, 10])
    #expect(jvp(quantize, at: x, along: Tensor([2, 3])).tangent.scalars == [2, 3], "forwards by transposing")
    #expect(vmap(grad(loss))(Tensor.stack([x, x])).scalars == [1, 10, 1, 10])
  }

  @Test func forwardRuleRunsBackwards() {
    // A rule that is wrong on purpose, so that it shows.
    let f = customJVP({ (x: Tensor<Double>) in x * x }, jvp: { x, _, tangent in x * tangent * 7 })
    let x = Tensor<Double>([2, 3])
    #expect(grad { f($0).sum() }(x).scalars == [14, 21])
    #expect(jvp(f, at: x, along: Tensor([1, 0])).tangent.scalars == [14, 0])
    #expect(grad { (x: Tensor<Double>) in grad { f($0).sum() }(x).sum() }(x).scalars == [7, 7], "the rule is differentiated")
  }

  @Test func stoppedGradient() {
    let f = { (x: Tensor<Double>) in (x * stopGradient(x * x)).sum() }
    #expect(grad(f)(Tensor([2, 3])).scalars == [4, 9])
    #expect(compile(grad(f))(Tensor([2, 3])).scalars == [4, 9])
  }

  @Test func checkpointsComputeAgain() {
    let block = { (x: Tensor<Double>) in (x.tanh() * x).sin() }
    let plain = { (x: Tensor<Double>) in block(block(block(x))).sum() }
    let saved = { (x: Tensor<Double>) in
      let again = checkpoint(block)
      return again(again(again(x))).sum()
    }
    let x = Tensor<Double>.normal([50], key: Key(seed: 1))
    #expect(grad(saved)(x) == grad(plain)(x))
    var (plainPlan, savedPlan) = ("", "")
    #expect(compile(onPlan: { savedPlan = "\($0)" }, grad(saved))(x) == compile(onPlan: { plainPlan = "\($0)" }, grad(plain))(x))
    #expect(savedPlan.count { $0 == "," } > plainPlan.count { $0 == "," }, "more operations: \\(savedPlan)")
  }

  @Test func auxiliaryResults() {
    let result = valueAndGrad(withAuxiliary: { (x: Tensor<Double>) in ((x * x).sum(), ["double": x * 2]) })(Tensor([1, 2]))
    #expect(result.value.scalar == 5 && result.gradient.scalars == [2, 4] && result.auxiliary["double"]?.scalars == [2, 4])
  }
}
