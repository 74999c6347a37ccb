import Foundation
import Tensors
import Testing
import Transforms

@Suite struct ImplicitTests {
  let key = Key(seed: 11)

  // x = p cos x: dx/dp = cos x / (1 + p sin x).
  private func cosine(_ method: ImplicitMethod) -> (Tensor<Double>) -> Tensor<Double> {
    implicitFixedPoint(of: { x, p in x.cos() * p }, like: Tensor(0.0), method: method) { p in
      // Looking at numbers: this could not be traced.
      var x = 0.5
      for _ in 0..<200 { x = 0.5 * (x + cos(x) * p.scalar) }
      return Tensor(x)
    }
  }

  @Test(arguments: [ImplicitMethod.direct, .conjugateGradients(iterations: 2)])
  func fixedPointOfTheCosine(method: ImplicitMethod) {
    let root = cosine(method)
    let p = 0.8
    let x = root(Tensor(p)).scalar
    #expect(abs(x - p * cos(x)) < 1e-15)
    let slope = cos(x) / (1 + p * sin(x))
    let result = valueAndGrad(root)(Tensor(p))
    #expect(result.value.scalar == x && abs(result.gradient.scalar - slope) < 1e-14)
    #expect(abs(jvp(root, at: Tensor(p), along: Tensor(2)).tangent.scalar - 2 * slope) < 1e-14)
    let compiled = compile { (p: Tensor<Double>) in grad(root)(p) }
    #expect(abs(compiled(Tensor(p)).scalar - slope) < 1e-14)
    let many = Tensor([0.3, 0.8, 1.1])
    let slopes = vmap(grad(root))(many)
    for i in 0..<3 { #expect(abs(slopes[i] - grad(root)(Tensor(many[i])).scalar) < 1e-14) }
  }

  @Test func secondDerivativesByTheDirectMethod() {
    let root = cosine(.direct)
    let h = 1e-5
    let difference = (grad(root)(Tensor(0.8 + h)).scalar - grad(root)(Tensor(0.8 - h)).scalar) / (2 * h)
    #expect(abs(grad(grad(root))(Tensor(0.8)).scalar - difference) < 1e-9)
    #expect(abs(jvp(grad(root), at: Tensor(0.8), along: Tensor(1)).tangent.scalar - difference) < 1e-9)
  }

  @Test(arguments: [ImplicitMethod.direct, .conjugateGradients(iterations: 4)])
  func ridgeRegression(method: ImplicitMethod) {
    let a = Tensor<Double>.normal([10, 4], key: key.named("a"))
    let b = Tensor<Double>.normal([10], key: key.named("b"))
    struct Problem: TensorTree {
      var a, b, penalty: Tensor<Double>
    }
    let problem = Problem(a: a, b: b, penalty: Tensor(0.7))
    // The minimum by Gauss-Jordan, in operations that can be traced: the same function twice.
    func closedForm(_ p: Problem) -> Tensor<Double> {
      let gram = matmul(p.a, p.a, transposeA: true) + Tensor<Double>.identity(4) * p.penalty
      var work = Tensor.concatenate([gram, matmul(p.b, p.a).reshaped(4, 1)], axis: 1)
      for k in 0..<4 {
        let pivot = work.row(k) / work.row(k).row(k)
        work = Tensor.stack((0..<4).map { $0 == k ? pivot : work.row($0) - pivot * work.row($0).row(k) })
      }
      return work.transposed().row(4)
    }
    let objective = { (x: Tensor<Double>, p: Problem) in
      ((matmul(p.a, x) - p.b).squaredNorm() + x.squaredNorm() * p.penalty) * 0.5
    }
    let minimum = implicitMinimum(of: objective, like: Tensor<Double>.zeros(4), method: method) { closedForm($0) }
    let target = Tensor<Double>([1, -2, 3, 0.5])
    let (expected, found) = (
      grad { (p: Problem) in (closedForm(p) - target).squaredNorm() }(problem),
      grad { (p: Problem) in (minimum(p) - target).squaredNorm() }(problem)
    )
    for (x, y) in zip(expected.tensors, found.tensors) { #expect((Tensor<Double>(x) - Tensor<Double>(y)).norm().scalar < 1e-11) }
    let direction = Problem(a: a * 0.1, b: b + 1, penalty: Tensor(1))
    let (one, other) = (jvp(closedForm, at: problem, along: direction), jvp(minimum, at: problem, along: direction))
    #expect((one.tangent - other.tangent).norm().scalar < 1e-12)
    if method == .direct {
      func curvature(_ f: @escaping (Problem) -> Tensor<Double>) -> Tensor<Double> {
        hvp { (p: Problem) in (f(p) - target).squaredNorm() }(problem, direction).raveled()
      }
      #expect((curvature(closedForm) - curvature(minimum)).norm().scalar < 1e-10)
    }
  }

  @Test func hyperGradientOfLogisticRegression() {
    let x = Tensor<Double>.normal([30, 3], key: key.named("x"))
    let y = (matmul(x, Tensor([1.0, -2, 0.5])) + Tensor<Double>.normal([30], key: key.named("noise"))).sign()
    let objective = { (w: Tensor<Double>, penalty: Tensor<Double>) in
      (-(y * matmul(x, w))).softplus().mean() + w.squaredNorm() * penalty.exp() * 0.5
    }
    func newton(_ penalty: Tensor<Double>) -> Tensor<Double> {
      // Gradient descent on a function of curvature up to 3, until nothing moves.
      var w = Tensor<Double>.zeros(3)
      let slope = compile { (w: Tensor<Double>, penalty: Tensor<Double>) in grad(objective)(w, penalty) }
      for _ in 0..<2000 { w -= slope(w, penalty) * 0.5 }
      return w
    }
    let fit = implicitMinimum(of: objective, like: Tensor<Double>.zeros(3), solve: newton)
    let held = Tensor<Double>.normal([20, 3], key: key.named("held"))
    let loss = { (penalty: Tensor<Double>) in (-matmul(held, fit(penalty))).softplus().mean() }
    let (at, h) = (-2.0, 1e-4)
    let difference = (loss(Tensor(at + h)).scalar - loss(Tensor(at - h)).scalar) / (2 * h)
    #expect(abs(grad(loss)(Tensor(at)).scalar - difference) < 1e-8)
  }

  @Test func floatsWorkToo() {
    // x = p / 2 + x / 2, that is x = p, in a tensor with a shape.
    let same = implicitFixedPoint(
      of: { (x: Tensor<Float>, p: Tensor<Float>) in (x + p) * 0.5 }, like: .zeros(2, 2), solve: { $0 })
    let p = Tensor<Float>(shape: [2, 2], [1, 2, 3, 4])
    #expect(grad { (p: Tensor<Float>) in same(p).squaredNorm() }(p) == p * 2)
  }

  @Test func singularSystemsGiveNaN() {
    let flat = implicitRoot(of: { (x: Tensor<Double>, p: Tensor<Double>) in x * 0 + p * 0 }, like: Tensor(0.0)) { $0 }
    #expect(grad(flat)(Tensor(1)).scalar.isNaN)
  }
}
