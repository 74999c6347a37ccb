import Tensors

/// The matrix W of least norm with <A_k, W> = sum_ij A_k,ij W_ij >= 1 for every constraint matrix A_k: a support vector machine with
/// hard margins whose weights are a matrix.
///
///     let problem = MatrixMargin.attention(tokens: x, queries: z, selected: [3, 0, 5])
///     let machine = problem.leastFrobenius()
///     machine.norm, machine.relativeGap                 // and a proof of how far the norm is from the least one
///
/// Both solvers end with a feasible W and multipliers lambda >= 0. The multipliers bound every feasible norm from below, by duality: with
/// ||.||* the dual norm, ||W|| >= sum_k lambda_k / ||sum_k lambda_k A_k||*.
///
/// Promise: cyclic coordinate ascent on plain arrays, K² multiply-adds a sweep for K constraints; no random numbers.
public struct MatrixMargin: Sendable {
  /// A_k, [K, rows, columns].
  public let constraints: Tensor<Double>
  /// Their entries as rows, [K, rows columns].
  let flattened: Tensor<Double>
  let ascent: MarginAscent

  /// - Parameter constraints: A_k, [K, rows, columns].
  public init(_ constraints: Tensor<Double>) {
    guard constraints.rank == 3, constraints.count > 0 else {
      fatalError("MatrixMargin: constraints of shape \(constraints.shape), expected [count, rows, columns]")
    }
    self.constraints = constraints
    flattened = constraints.reshaped(constraints.shape[0], -1)
    ascent = MarginAscent(gram: matmul(flattened, flattened, transposeB: true))
  }

  /// That softmax attention with scores x_t^T W z prefers one token of each sequence to all others: A = (x_selected - x_t) z^T for every
  /// t but the selected one (Tarzanagh et al. 2023, arXiv 2308.16898, Att-SVM).
  /// - Parameters:
  ///   - tokens: x, [sequences, tokens, d].
  ///   - queries: z, [sequences, d].
  ///   - selected: one token of each sequence.
  public static func attention(tokens: Tensor<Double>, queries: Tensor<Double>, selected: [Int]) -> MatrixMargin {
    guard tokens.rank == 3, queries.shape[0] == tokens.shape[0], selected.count == tokens.shape[0] else {
      fatalError("MatrixMargin: tokens \(tokens.shape), queries \(queries.shape), \(selected.count) selected")
    }
    return MatrixMargin(
      .stack(
        selected.enumerated().flatMap { i, chosen in
          (0..<tokens.shape[1]).filter { $0 != chosen }.map { t in
            outer(tokens.slice(i, chosen) - tokens.slice(i, t), queries.row(i))
          }
        }))
  }

  /// <A_k, W> of every constraint.
  public func margins(of weights: Tensor<Double>) -> Tensor<Double> { matmul(flattened, weights.reshaped(-1)) }

  /// sum_k lambda_k A_k.
  func combination(_ multipliers: [Double]) -> Tensor<Double> {
    matmul(Tensor(multipliers), flattened).reshaped(Array(constraints.shape.dropFirst()))
  }

  /// The W of least Frobenius norm, by cyclic coordinate ascent on the dual problem max sum lambda - ||sum lambda_k A_k||² / 2, as
  /// `liblinear` does (Hsieh et al. 2008); W is the combination scaled to a least margin of 1.
  /// - Parameters:
  ///   - tolerance: of the relative gap.
  ///   - maximumSweeps: after which it ends anyway. Constraints that cannot be met end here.
  public func leastFrobenius(tolerance: Double = 1e-10, maximumSweeps: Int = 100_000) -> MaximumMargin {
    let ones = [Double](repeating: 1, count: ascent.count)
    var (multipliers, products) = (ones.map { _ in 0.0 }, ones.map { _ in 0.0 })
    var (sweeps, gap) = (0, Double.infinity)
    while sweeps < maximumSweeps, !(gap <= tolerance) {
      _ = ascent.sweep(targets: ones, &multipliers, &products)
      sweeps += 1
      let square = zip(multipliers, products).reduce(0) { $0 + $1.0 * $1.1 }
      gap = 1 - (products.min() ?? 0) * multipliers.reduce(0, +) / square
    }
    let weights = combination(multipliers)
    return MaximumMargin(
      scaling: weights, in: self, norm: weights.norm().scalar, multipliers: multipliers, dualNorm: weights.norm().scalar,
      iterations: sweeps)
  }
}

/// What ``MatrixMargin`` finds.
public struct MaximumMargin: Sendable {
  /// W, its least margin 1.
  public let weights: Tensor<Double>
  /// Its norm; infinite when no W was found that meets all constraints.
  public let norm: Double
  /// What no feasible norm is below.
  public let lowerBound: Double
  /// lambda, not negative, one for each constraint; positive for support vectors.
  public let multipliers: [Double]
  /// Sweeps, or steps of the alternating directions.
  public let iterations: Int

  /// 1 - lower bound / norm: at most this share of the norm could be saved. 1 when nothing feasible was found.
  public var relativeGap: Double { 1 - lowerBound / norm }
  /// Whether a feasible W was found.
  public var isFeasible: Bool { norm.isFinite }

  init(
    scaling direction: Tensor<Double>, in problem: MatrixMargin, norm: Double, multipliers: [Double], dualNorm: Double,
    iterations: Int
  ) {
    let margin = problem.margins(of: direction).min().scalar
    weights = margin > 0 ? direction / margin : direction
    self.norm = margin > 0 ? norm / margin : .infinity
    lowerBound = multipliers.reduce(0, +) / dualNorm
    (self.multipliers, self.iterations) = (multipliers, iterations)
  }
}

/// Cyclic coordinate ascent on max sum_k h_k lambda_k - ||sum_k lambda_k A_k||² / 2 over lambda >= 0, with the Gram matrix of the A_k.
struct MarginAscent: Sendable {
  /// K.
  let count: Int
  /// <A_k, A_l>, row-major.
  private let gram: [Double]

  init(gram: Tensor<Double>) { (count, self.gram) = (gram.shape[0], gram.scalars) }

  /// sum_l <A_k, A_l> lambda_l for every k.
  func products(_ multipliers: [Double]) -> [Double] {
    (0..<count).map { k in multipliers.indices.reduce(0) { $0 + gram[k * count + $1] * multipliers[$1] } }
  }

  /// Maximizes over one multiplier after the other: lambda_k <- max(0, lambda_k + (h_k - <A_k, sum lambda A>) / ||A_k||²).
  /// - Parameter products: of these multipliers; goes on with them.
  /// - Returns: the largest step, as the change of norm that it makes.
  func sweep(targets: [Double], _ multipliers: inout [Double], _ products: inout [Double]) -> Double {
    var largest = 0.0
    gram.withUnsafeBufferPointer { gram in
      products.withUnsafeMutableBufferPointer { products in
        // A matrix of zeros has no margin to give.
        for k in 0..<count where gram[k * count + k] > 0 {
          let square = gram[k * count + k]
          let next = max(0, multipliers[k] + (targets[k] - products[k]) / square)
          let step = next - multipliers[k]
          guard step != 0 else { continue }
          multipliers[k] = next
          for l in 0..<count { products[l] += step * gram[k * count + l] }
          largest = max(largest, abs(step) * square.squareRoot())
        }
      }
    }
    return largest
  }
}
