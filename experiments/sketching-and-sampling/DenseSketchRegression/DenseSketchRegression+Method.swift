import Solvers
import Tensors

/// The sketches that are compared.
package enum SketchKind: Hashable, Sendable {
  case hadamard
  case gaussian
  /// With this many nonzeros in a column; 1 is CountSketch.
  case sparse(Int)

  static func all(nonzeros: [Int]) -> [SketchKind] { [.hadamard, .gaussian] + nonzeros.map { .sparse($0) } }

  /// Names the group of its results.
  var slug: String {
    switch self {
    case .hadamard: "srht"
    case .gaussian: "gaussian"
    case .sparse(let nonzeros): "sparse\(nonzeros)"
    }
  }

  var label: String {
    switch self {
    case .hadamard: "SRHT"
    case .gaussian: "Gaussian"
    case .sparse(let nonzeros): nonzeros == 1 ? "CountSketch" : "s = \(nonzeros)"
    }
  }

  /// S a for a of [n, d] and an S of `rows` rows.
  func sketch(_ a: Tensor<Double>, rows: Int, key: Key) -> Tensor<Double> {
    let count = a.shape[0]
    return switch self {
    case .hadamard: SubsampledHadamard(of: count, into: rows, key: key)(a)
    case .gaussian: GaussianSketch(of: count, into: rows, key: key)(a)
    case .sparse(1): CountSketch(of: count, into: rows, key: key)(a)
    case .sparse(let nonzeros): SparseEmbedding(of: count, into: rows, nonzeros: nonzeros, key: key)(a)
    }
  }
}

/// Least squares with a known solution.
package struct RegressionProblem {
  let name: String
  /// A and b side by side, [n, d + 1].
  let system: Tensor<Double>
  /// x*, [d].
  let solution: Tensor<Double>
  /// |A x* - b| |A^+|: the unit of errors of the solution.
  let errorUnit: Double

  /// A = [I; 0], b = (N(0, I), 1, 0, ..., 0): what is left over sits on one row.
  static func adversarial(count: Int, dimension: Int, key: Key) -> RegressionProblem {
    let solution = Tensor<Double>.normal([dimension], key: key)
    let b = Tensor.concatenate([solution, .ones(1), .zeros([count - dimension - 1])])
    let a = Tensor<Double>.identity(count).slice(All(), 0..<dimension)
    return RegressionProblem(name: "adversarial", system: joined(a, b), solution: solution, errorUnit: 1)
  }

  /// Normal numbers of variance 1 / n in A, and as many added to A x with a normal x.
  static func benign(count: Int, dimension: Int, key: Key) -> RegressionProblem {
    let scale = 1 / Double(count).squareRoot()
    let a = Tensor<Double>.normal([count, dimension], key: key.named("A")) * scale
    let b = matmul(a, .normal([dimension], key: key.named("x"))) + .normal([count], key: key.named("noise")) * scale
    let solution = a.leastSquares(b)
    let residual = (matmul(a, solution) - b).norm().scalar
    let smallest = a.thinSVD().s.min().scalar
    return RegressionProblem(name: "benign", system: joined(a, b), solution: solution, errorUnit: residual / smallest)
  }

  /// x' - x* with x' = argmin |S A x - S b|.
  func error(sketchedBy kind: SketchKind, rows: Int, key: Key) -> Tensor<Double> {
    shortestSolution(of: kind.sketch(system, rows: rows, key: key)) - solution
  }
}

/// A = A1 kron A2 with A_i = [I; 0] and b = (X, 1 on one row outside): x* is X, and the unit of errors is 1.
package struct KroneckerProblem {
  private let factors: [Tensor<Double>]
  /// b as a matrix, [n1, n2].
  private let right: Tensor<Double>
  /// x*, [d1 d2].
  let solution: Tensor<Double>

  init(counts: (Int, Int), dimensions: (Int, Int), key: Key) {
    let x = Tensor<Double>.normal([dimensions.0, dimensions.1], key: key)
    factors = [counts.0, counts.1].enumerated().map { i, n in .identity(n).slice(All(), 0..<x.shape[i]) }
    right = .zeros([counts.0, counts.1]).updating(0..<dimensions.0, 0..<dimensions.1, with: x)
      .updating(dimensions.0, dimensions.1, with: 1)
    solution = x.flattened()
  }

  /// x' - x* for TensorSRHT: sqrt(1 / m) P (H1 D1 kron H2 D2), whose rows are Kronecker products of rows of the factors.
  func error(rows: Int, key: Key) -> Tensor<Double> {
    let signs = right.shape.enumerated().map { i, n in Tensor<Double>.rademacher([n, 1], key: key.named("signs")[i]) }
    let transformed = zip(factors, signs).map { walshHadamard($0 * $1, axis: 0) }
    let image = walshHadamard(walshHadamard(right * signs[0] * signs[1].transposed(), axis: 0), axis: 1)
    let chosen = Tensor<Int32>.permutation(right.count, key: key.named("rows")).slice(0..<rows)
    let places = zip(transformed, [{ $0 / right.shape[1] }, { $0 % right.shape[1] }]).map { factor, place in
      factor.gather(Tensor<Int32>((0..<right.count).map { Int32(place($0)) }).gather(chosen))
    }
    let a = places[0].outer(places[1]).reshaped(rows, solution.count)
    let b = image.flattened().gather(chosen)
    return shortestSolution(of: joined(a, b) / Double(rows).squareRoot()) - solution
  }
}

/// A and b side by side.
private func joined(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Tensor<Double> {
  .concatenate([a, b.expandingDimensions(1)], axis: 1)
}

/// The shortest x that minimizes |A x - b|, from A and b side by side: A = Q R, x = R^+ Q^T b.
private func shortestSolution(of system: Tensor<Double>) -> Tensor<Double> {
  let d = system.shape[1] - 1
  let (q, r) = qr(system.slice(All(), 0..<d))
  return matmul(r.pseudoInverse(), matmul(q, system.slice(All(), d), transposeA: true))
}

/// The orthonormal Walsh-Hadamard matrix by its definition.
func hadamardMatrix(_ n: Int) -> Tensor<Double> {
  let scale = 1 / Double(n).squareRoot()
  return Tensor(shape: [n, n], (0..<n * n).map { ($0 / n & $0 % n).nonzeroBitCount % 2 == 0 ? scale : -scale })
}
