import Foundation
import Solvers
import Tensors
import Testing
import Transforms

struct References: Decodable {
  var solution, eigenvalues, vanDerPol, minimum: [Double]
  var rosenbrock: Int

  static func load() throws -> References {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "References/solvers.json")
    return try JSONDecoder().decode(References.self, from: Data(contentsOf: file))
  }
}

struct Pair: TensorTree {
  var first, second: Tensor<Double>
}

func distance(_ a: Tensor<Double>, _ b: [Double]) -> Double { (a.reshaped([-1]) - Tensor(b)).norm().scalar }

/// The matrix of References/solvers.py.
let matrix: Tensor<Double> = {
  var a = Tensor<Double>.identity(6) * 3
  for i in 0..<6 {
    for j in 0..<6 { a[i, j] += cos(Double(i * j)) / 4 }
  }
  return a
}()
let right = Tensor<Double>((0..<6).map { sin(Double($0)) })

/// A matrix with the given eigenvalues.
func symmetric(_ values: [Double], _ key: Key) -> Tensor<Double> {
  let q = Tensor<Double>.orthogonal([values.count, values.count], key: key)
  return matmul(q * Tensor(values), q, transposeB: true)
}

@Suite struct LinearSolverTests {
  let key = Key(seed: 9)

  @Test func conjugateGradientsSolve() throws {
    let reference = try References.load().solution
    let result = conjugateGradient({ matmul(matrix, $0) }, right, tolerance: 1e-12)
    #expect(result.isConverged && result.iterations <= 6 && result.residuals.count == result.iterations + 1)
    #expect(distance(result.solution, reference) < 1e-11)
    // From the solution there is nothing to do; a tree is a vector too.
    #expect(conjugateGradient({ matmul(matrix, $0) }, right, start: result.solution, tolerance: 1e-9).iterations == 0)
    let tree = Pair(first: Tensor(Array(right.scalars[..<2])), second: Tensor(Array(right.scalars[2...])).reshaped(2, 2))
    let solved = conjugateGradient(
      { (v: Pair) in v.unraveled(matmul(matrix, v.raveled(as: Double.self))) }, tree, tolerance: 1e-12)
    #expect(distance(solved.solution.raveled(), reference) < 1e-11)
    #expect(conjugateGradient({ matmul(matrix, $0) }, right * 0).isConverged)
    let (a, b) = (matrix.map { Float($0) }, right.map { Float($0) })
    let single = conjugateGradient({ matmul(a, $0) }, b, tolerance: 1e-6)
    #expect(single.isConverged && distance(single.solution.map { Double($0) }, reference) < 1e-6)
  }

  @Test func preconditioningHelps() {
    let scales = Tensor((0..<40).map { pow(10, Double($0) / 8) })
    let a = symmetric((0..<40).map { 1 + 0.01 * Double($0) }, key)
    let product = { (v: Tensor<Double>) in scales * matmul(a, scales * v) }
    let b = Tensor<Double>.normal([40], key: key.named("b"))
    let plain = conjugateGradient(product, b, maximumIterations: 40)
    let better = conjugateGradient(product, b, preconditioner: { $0 / (scales * scales) })
    #expect(!plain.isConverged && better.isConverged && better.iterations < 12)
    #expect((product(better.solution) - b).norm().scalar < 1e-7 * b.norm().scalar)
  }

  @Test func failuresAreValues() {
    let indefinite = conjugateGradient({ (v: Tensor<Double>) in v * Tensor([1, -1]) }, Tensor([0.0, 1.0]))
    #expect(!indefinite.isConverged && indefinite.iterations == 0)
    let broken = conjugateGradient({ (v: Tensor<Double>) in v * .nan }, Tensor([1.0, 1.0]))
    #expect(!broken.isConverged)
  }

  @Test func lanczosFindsTheSpectrum() throws {
    let result = lanczos({ matmul(matrix, $0) }, start: right, steps: 6)
    let values = try References.load().eigenvalues
    for (a, b) in zip(result.ritzValues, values) { #expect(abs(a - b) < 1e-12) }
    // A measure: f(x) = x^k for k < 2 steps is integrated exactly.
    let short = lanczos({ matmul(matrix, $0) }, start: right, steps: 3).quadrature
    var power = right
    for degree in 0..<6 {
      let exact = right.dot(power).scalar / right.squaredNorm().scalar
      let sum: Double = zip(short.nodes, short.weights).map { pow($0, Double(degree)) * $1 }.reduce(0, +)
      #expect(abs(sum / exact - 1) < 1e-12)
      power = matmul(matrix, power)
    }
    let v = result.basis
    #expect((matmul(v, v, transposeB: true) - .identity(6)).norm().scalar < 1e-14)
  }

  @Test func reorthogonalizationPreventsGhosts() {
    let values = (0..<60).map { $0 == 59 ? 1000 : Double($0) / 59 }
    let a = symmetric(values, key)
    let start = Tensor<Double>.normal([60], key: key.named("start"))
    let with = lanczos({ matmul(a, $0) }, start: start, steps: 50)
    let without = lanczos({ matmul(a, $0) }, start: start, steps: 50, reorthogonalizing: false)
    #expect(with.ritzValues.filter { $0 > 900 }.count == 1)
    #expect(without.ritzValues.filter { $0 > 900 }.count > 1)
    // An invariant space ends it.
    let twice = lanczos({ (v: Tensor<Double>) in v * 2 }, start: start, steps: 5).ritzValues
    #expect(twice.count == 1 && abs(twice[0] - 2) < 1e-14)
  }

  @Test func spectralDensityOfAHessian() {
    // f(x) = sum c_i x_i^4 / 12 at 1 has the Hessian diag(c): half ones, half threes.
    let c = Tensor((0..<200).map { $0 % 2 == 0 ? 1.0 : 3.0 })
    let f = { (x: Tensor<Double>) in (c * x.square().square()).sum() * (1 / 12.0) }
    let ones = Tensor<Double>.full([200], 1)
    let product = compile { (v: Tensor<Double>) in hvp(f)(ones, v) }
    let density = spectralDensity(product, dimension: 200, probes: 40, steps: 10, key: key)
    #expect(abs(density.weights.reduce(0, +) - 1) < 1e-12)
    // The share of ones in a probe's norm has a standard deviation of 0.05 around 1/2, over 40 probes 0.008; three of these.
    let low = zip(density.nodes, density.weights).filter { $0.0 < 2 }.map(\.1).reduce(0, +)
    #expect(abs(low - 0.5) < 0.024)
    #expect(abs(density.mean { $0 } - 2) < 0.05)
    let grid = (0..<400).map { Double($0) / 100 }
    let integral = density.density(at: grid, width: 0.1).reduce(0, +) / 100
    #expect(abs(integral - 1) < 1e-6)
  }

  @Test func powerIterationsFindTheTop() {
    let values = [5, -4, 3, 1, 0.5, -0.25, 0.1]
    let a = symmetric(values, key)
    let one = powerIteration({ matmul(a, $0) }, dimension: 7, tolerance: 1e-10, key: key)
    #expect(one.isConverged && abs(one.values[0] - 5) < 1e-9)
    #expect((matmul(a, one.vectors.row(0)) - one.vectors.row(0) * one.values[0]).norm().scalar < 1e-9)
    let three = orthogonalIteration({ matmul(a, $0) }, dimension: 7, count: 3, tolerance: 1e-9, key: key)
    #expect(three.isConverged && zip(three.values, [5, -4, 3]).allSatisfy { abs($0 - $1) < 1e-8 })
    let gram = matmul(three.vectors, three.vectors, transposeB: true)
    #expect((gram - .identity(3)).norm().scalar < 1e-13)
    #expect(!powerIteration({ matmul(a, $0) }, dimension: 7, tolerance: 0, maximumIterations: 5, key: key).isConverged)
  }
}

@Suite struct CountSketchTests {
  let sketch = CountSketch<Double>(of: 500, into: 60, key: Key(seed: 3))
  let a = Tensor<Double>.normal([500, 3], key: Key(seed: 4))

  @Test func itIsItsMatrix() {
    #expect((sketch(a) - matmul(sketch.transposedMatrix, a, transposeA: true)).norm().scalar < 1e-13)
    #expect(sketch.transposedMatrix.abs().sum(1) == .ones([500]))
    #expect(Set(sketch.signs.scalars) == [-1, 1] && Set(sketch.buckets.scalars).isSubset(of: 0..<60))
  }

  /// E |S a|² = |a|², with a relative variance below 2 / rows for one column: five standard errors of 200 sketches.
  @Test func itPreservesLengthsOnAverage() {
    let ratios = (0..<200).map { i -> Double in
      let image = CountSketch<Double>(of: 500, into: 60, key: Key(seed: 5)[i])(a)
      return image.squaredNorm().scalar / a.squaredNorm().scalar
    }
    let mean: Double = ratios.reduce(0, +) / 200
    #expect(abs(mean - 1) < 5 * (2.0 / 60 / 200).squareRoot())
  }

  /// The key may be the argument of a compiled function.
  @Test func itIsTraced() {
    let compiled = compile { (key: Key, a: Tensor<Double>) in CountSketch<Double>(of: 500, into: 60, key: key)(a) }
    #expect((compiled(Key(seed: 3), a) - sketch(a)).norm().scalar < 1e-13)
  }
}

@Suite struct MinimizerTests {
  @Test func lbfgsMatchesSciPy() throws {
    let reference = try References.load()
    let g = Tensor(shape: [7, 5], (0..<35).map { sin(Double($0 / 5 + 2 * ($0 % 5))) })
    let fit = minimizeLBFGS(
      { (x: Tensor<Double>) in matmul(g, x).exp().sum() + x.squaredNorm() }, from: .zeros(5), tolerance: 1e-10)
    #expect(fit.isConverged && distance(fit.point, reference.minimum) < 1e-9)
    #expect(zip(fit.values, fit.values.dropFirst()).allSatisfy { $0 >= $1 })

    let start = Pair(first: .full([4], -1), second: .full([2, 3], -1))
    let rosenbrock = { (x: Pair) -> Tensor<Double> in
      let x = AnyTensor(x.raveled(as: Double.self))
      let (front, back) = (Tensor<Double>(x.slice(axis: 0, 0..<9)), Tensor<Double>(x.slice(axis: 0, 1..<10)))
      return ((back - front.square()).square() * 100 + (1 - front).square()).sum()
    }
    let valley = minimizeLBFGS(rosenbrock, from: start, tolerance: 1e-8)
    #expect(valley.isConverged && distance(valley.point.raveled(), Array(repeating: 1, count: 10)) < 1e-7)
    // SciPy's L-BFGS-B, the same method with another line search, needs as many evaluations, more or less.
    #expect(valley.evaluations < 2 * reference.rosenbrock)
  }

  @Test func unboundedAndBrokenEndAsValues() {
    let down = minimizeLBFGS({ (x: Tensor<Double>) in x.sum() }, from: .zeros(2), maximumIterations: 5)
    #expect(!down.isConverged && down.values.last! < down.values[0])
    let broken = minimizeLBFGS({ (x: Tensor<Double>) in x.log().sum() }, from: .full([2], -1))
    #expect(!broken.isConverged && broken.iterations == 0)
  }

  @Test func scalarRoots() {
    let half = bisection({ $0 * $0 - 2 }, in: 0...2)
    #expect(half.isConverged && abs(half.x - 2.0.squareRoot()) < 1e-15)
    #expect(bisection({ 8 - $0 }, in: 0...10, tolerance: 0.01).iterations < 12)
    #expect(!bisection({ $0 * $0 + 1 }, in: 0...2).isConverged)
    let fast = newton({ $0.cos() - $0 }, from: 1)
    #expect(fast.isConverged && abs(fast.x - 0.7390851332151607) < 1e-15 && fast.iterations < 7)
    #expect(!newton({ $0.square() + 1 }, from: 0.5).isConverged)
    #expect(!newton({ $0 * 0 + 1 }, from: 0.5).isConverged)
  }
}
