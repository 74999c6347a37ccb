import Tensors
import Transport

/// Single kernels: matrix products, factorizations, softmax.
let kernelWorkloads: [Workload] = [
  Workload("softmax-16m") {
    let x = Tensor<Float>.normal([1 << 24], key: Key(seed: 0))
    var y = Tensor<Float>.zeros(1 << 24)
    return { x.softmax(into: &y) }
  },
  square(64), square(256), square(1024),
  Workload("matrix-sensing-gd") {
    let (n, k, m) = (50, 10, 1500)
    let a = Tensor<Double>.normal([m, n * n], key: Key(seed: 0))
    let b = Tensor<Double>.normal([m], key: Key(seed: 1))
    var x = Tensor<Double>.normal([n, k], key: Key(seed: 2)) * 0.1
    return {
      let residual = matmul(a, matmul(x, x, transposeB: true).reshaped(n * n)) - b
      let gradient = matmul(a, residual, transposeA: true).reshaped(n, n)
      x -= matmul(gradient + gradient.transposed(), x) * 1e-9
    }
  },
  Workload("cholesky-1500") {
    let a = positiveDefinite(1500)
    return { _ = try? cholesky(a) }
  },
  Workload("eigh-600") {
    let a = positiveDefinite(600)
    return { _ = try? eigh(a) }
  },
  Workload("sinkhorn-1000x100") {
    let (x, y) = (Tensor<Double>.normal([1000, 2], key: Key(seed: 0)), Tensor<Double>.normal([1000, 2], key: Key(seed: 1)))
    let squares = x.squaredNorm(1, keepingAxes: true) + y.squaredNorm(1) - matmul(x, y, transposeB: true) * 2
    let cost = squares / squares.max()
    let weights = Tensor<Double>.full([1000], 1e-3)
    let problem = TransportProblem(cost: cost, a: weights, b: weights, regularization: 0.05)
    return { _ = sinkhorn(problem, tolerance: 0, maximumSweeps: 100).plan }
  },
]

private func square(_ n: Int) -> Workload {
  Workload("sgemm-\(n)") {
    let (a, b) = (Tensor<Float>.normal([n, n], key: Key(seed: 0)), Tensor<Float>.normal([n, n], key: Key(seed: 1)))
    var c = Tensor<Float>.zeros(n, n)
    return { gemm(alpha: 1, a, b, beta: 0, into: &c) }
  }
}

private func positiveDefinite(_ n: Int) -> Tensor<Double> {
  let a = Tensor<Double>.normal([n, n], key: Key(seed: 0))
  return matmul(a, a, transposeB: true) + Tensor<Double>.identity(n) * Double(n)
}
