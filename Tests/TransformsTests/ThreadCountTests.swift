import Tensors
import Testing
import Transforms

/// The same bits with one thread and with two, at sizes that both share.
@Suite(.serialized) struct ThreadCountTests {
  private func expectSameBits<Result: Equatable>(_ what: String, _ body: () -> Result) {
    let count = Threads.count
    defer { Threads.count = count }
    Threads.count = 1
    let one = body()
    Threads.count = 2
    #expect(body() == one, "\(what)")
  }

  let key = Key(seed: 11)

  @Test func trainingRun() {
    let x = Tensor<Float>.normal([256, 200], key: key.named("x"))
    let y = Tensor<Float>.oneHot(.integers([256], in: 0..<10, key: key.named("y")), classes: 10)
    expectSameBits("10 steps of gradient descent") {
      var model = [
        Tensor<Float>.normal([200, 300], key: key[0]) * 0.1, .zeros(300), .normal([300, 10], key: key[1]) * 0.1, .zeros(10),
      ]
      let loss = { (model: [Tensor<Float>], x: Tensor<Float>, y: Tensor<Float>) in
        let hidden = (matmul(x, model[0]) + model[1]).relu()
        return -(y * (matmul(hidden, model[2]) + model[3]).logSoftmax()).sum() / 256
      }
      let step = compile { (model: [Tensor<Float>], x: Tensor<Float>, y: Tensor<Float>) in
        zip(model, grad(loss)(model, x, y)).map { $0 - $1 * 0.1 }
      }
      for _ in 0..<10 { model = step(model, x, y) }
      return model
    }
  }

  @Test func kernels() {
    let x = Tensor<Float>.normal([600, 700], key: key[2])
    let a = matmul(x, x, transposeB: true)
    expectSameBits("sums") { [x.sum(), x.sum(0), x.sum(1), x.variance(), x.logSumExp(axis: 0)] }
    expectSameBits("products") { [a, matmul(x, x, transposeA: true), matmul(x, x.row(0))] }
    expectSameBits("sort") { [x.sorted(), x.flattened().sorted(), x.cumulativeSum(axis: 0)] }
    expectSameBits("Fourier transform") { [fft(complex(x)), fft(complex(x), axis: 0)] }
    expectSameBits("convolution") {
      let images = x.reshaped(30, 20, 70, 10)
      let filter = Tensor<Float>.normal([3, 3, 10, 8], key: key[3])
      return grad { (p: [Tensor<Float>]) in conv2d(p[0], p[1], padding: .same).square().sum() }([images, filter])
    }
    let positive = a + Tensor<Float>.identity(600) * 700
    expectSameBits("factorizations") { [positive.cholesky(), positive.eigh().values, positive.solve(x)] }
  }
}
