import Solvers
import Tensors
import Testing
import Transforms

@Suite struct NaturalGradientTests {
  /// J^T H J with dense Jacobian and Hessian.
  @Test func gaussNewtonProductsAreTheDenseOnes() {
    let inputs = Tensor<Double>.normal([5, 3], key: Key(seed: 1))
    let outputs = { (w: Tensor<Double>) in matmul(inputs, w.reshaped(3, 2)).tanh().flattened() }
    let loss = { (y: Tensor<Double>) in (y.reshaped(5, 2).logSumExp() - y.reshaped(5, 2).slice(All(), 0)).mean() }
    let (w, v) = (Tensor<Double>.normal([6], key: Key(seed: 2)), Tensor<Double>.normal([6], key: Key(seed: 3)))
    let (j, h) = (forwardJacobian(outputs)(w), hessian(loss)(outputs(w)))
    let expected = matmul(j, matmul(h, matmul(j, v)), transposeA: true)
    let product = { (w: Tensor<Double>, v: Tensor<Double>) in gaussNewtonProduct(outputs, loss: loss, at: w, along: v) }
    #expect((product(w, v) - expected).abs().max().scalar < 1e-14)
    #expect((compile(product)(w, v) - expected).abs().max().scalar < 1e-14)
  }

  /// Without noise, (1 - dt A)^k from the solution; with it, the stationary law of the steps: mean within five standard errors,
  /// covariance within 10 % of 200 chains after 400 steps, every tenth of the next 2000.
  @Test func theProcessHasItsLaw() throws {
    let a = Tensor<Double>(shape: [2, 2], [2, 0.5, 0.5, 1])
    let (b, dt, beta) = (Tensor<Double>([1.0, -1]), 0.2, 50.0)
    let exact = try solve(a, b)
    let step = compile { (x: Tensor<Double>, temperature: Tensor<Double>, key: Key) in
      ornsteinUhlenbeckStep(x, { matmul($0, a) }, b, step: Tensor(dt), temperature: temperature, key: key)
    }
    var x = Tensor<Double>.zeros([2])
    var error = x - exact
    for i in 0..<20 {
      x = step(x, Tensor(0), Key(seed: 1)[i])
      error = matmul(.identity(2) - dt * a, error)
    }
    #expect((x - exact - error).abs().max().scalar < 1e-14)

    var chains = exact.broadcast(to: [200, 2])
    var samples: [Tensor<Double>] = []
    for i in 0..<2400 {
      chains = step(chains, Tensor(1 / beta), Key(seed: 2)[i])
      if i >= 400, i % 10 == 0 { samples.append(chains) }
    }
    let all = Tensor.concatenate(samples)
    let centred = all - all.mean(0)
    let covariance = matmul(centred, centred, transposeA: true) / Double(all.shape[0])
    let law = matmul(a.inverse(), (Tensor.identity(2) - dt / 2 * a).inverse()) / beta
    #expect((covariance - law).norm().scalar < 0.1 * law.norm().scalar)
    #expect(((all.mean(0) - exact).abs() - 5 * (law.diagonal() / 10_000).sqrt()).max().scalar < 0)
  }
}
