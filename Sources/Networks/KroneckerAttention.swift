import Tensors

/// Attention of one query over pairs of keys (Alman and Song 2024, arXiv 2310.04064), which sees relations of three tokens:
///
///     Z_i = sum over j, k of A_i,jk (V1_j * V2_k) / sum over j, k of A_i,jk,   A_i,jk = exp(sum over l of Q_il K1_jl K2_kl / d)
///
/// All five inputs are [n, d]; `vmap` takes several.
public enum KroneckerAttention {
  /// The scores of all triples, Q (K1 * K2)^T / scale, [..., n, n, n] for inputs [..., n, d].
  /// - Parameter scale: by default d, as in the paper (not its root).
  public static func scores<Scalar: RealScalar>(
    _ q: Tensor<Scalar>, _ k1: Tensor<Scalar>, _ k2: Tensor<Scalar>, scale: Scalar? = nil
  ) -> Tensor<Scalar> {
    let scale = scale ?? Scalar(q.shape[q.rank - 1])
    let pairs = (q * (1 / scale)).expandingDimensions(-2) * k1.expandingDimensions(-3)
    // One product for all queries.
    let (leading, rows) = (Array(q.shape.dropLast(2)), q.shape[q.rank - 2] * k1.shape[k1.rank - 2])
    let products = matmul(pairs.reshaped(leading + [rows, q.shape[q.rank - 1]]), k2, transposeB: true)
    return products.reshaped(pairs.shape.dropLast() + [k2.shape[k2.rank - 2]])
  }

  /// The output by its definition, in O(n³ d).
  /// - Parameter rowsTogether: how many queries are looked at together, so that A need not be stored. By default all.
  public static func direct<Scalar: RealScalar>(
    _ q: Tensor<Scalar>, _ k1: Tensor<Scalar>, _ k2: Tensor<Scalar>, _ v1: Tensor<Scalar>, _ v2: Tensor<Scalar>,
    rowsTogether: Int? = nil
  ) -> Tensor<Scalar> {
    let n = q.shape[0]
    let together = rowsTogether ?? n
    return .concatenate(
      stride(from: 0, to: n, by: together).map { start in
        output(scores(q.slice(start..<min(n, start + together)), k1, k2).exp(), v1, v2)
      })
  }

  /// The output for any weights A, [queries, n, n], of which the exponentials of the scores are one kind.
  public static func output<Scalar: RealScalar>(
    _ weights: Tensor<Scalar>, _ v1: Tensor<Scalar>, _ v2: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let (queries, n) = (weights.shape[0], weights.shape[2])
    let inner = matmul(weights.reshaped(queries * n, n), v2).reshaped(queries, n, v2.shape[1])
    return (inner * v1).sum(1) / weights.sum(1, 2).expandingDimensions(1)
  }
}

/// Kronecker attention with a Taylor polynomial for the exponential, in O(n r d) with r = C(d + g, g) monomials.
///
/// p_g(<q, k1, k2> / d) is a sum over multi-indices a of degree at most g of c_a q^a k1^a k2^a with c_a = 1 / (a! d^|a|), so A = U1 (U2 x U3)^T
/// with monomials for columns, and the sums over pairs of keys fall apart: (U2 x U3)^T (V1 x V2) = (U2^T V1) * (U3^T V2).
/// For large entries and odd g the polynomial, and with it the denominator, may be negative or 0.
public struct PolynomialKroneckerAttention<Scalar: RealScalar> {
  /// g.
  public let degree: Int
  /// d.
  public let dimension: Int
  /// c_a, [r].
  public let coefficients: Tensor<Scalar>
  /// For each degree from 1 on: which monomial of the degree below is multiplied by which variable.
  private let products: [(parents: Tensor<Int32>, variables: Tensor<Int32>)]

  /// The polynomial of this degree for queries of `dimension` numbers.
  public init(degree: Int, dimension: Int) {
    (self.degree, self.dimension) = (degree, dimension)
    // Each multi-index once: from its lowest variables upwards, the last variable never falls.
    var level = [(exponents: Array(repeating: 0, count: dimension), last: 0, coefficient: 1.0)]
    var coefficients = [1.0]
    var products: [(Tensor<Int32>, Tensor<Int32>)] = []
    for _ in 0..<degree {
      var next: [(exponents: [Int], last: Int, coefficient: Double)] = []
      var (parents, variables): ([Int32], [Int32]) = ([], [])
      for (parent, monomial) in level.enumerated() {
        for variable in monomial.last..<dimension {
          var exponents = monomial.exponents
          exponents[variable] += 1
          let coefficient = monomial.coefficient / Double(exponents[variable] * dimension)
          next.append((exponents, variable, coefficient))
          parents.append(Int32(parent))
          variables.append(Int32(variable))
        }
      }
      level = next
      coefficients += level.map(\.coefficient)
      products.append((Tensor(parents), Tensor(variables)))
    }
    self.coefficients = Tensor(coefficients.map { Scalar($0) })
    self.products = products
  }

  /// r.
  public var rank: Int { coefficients.count }

  /// The monomials of each row of x, [n, d] to [r, n].
  public func monomials(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let variables = x.transposed()
    var levels: [Tensor<Scalar>] = [.ones([1, x.shape[0]])]
    for product in products {
      levels.append(levels[levels.count - 1].gather(product.parents) * variables.gather(product.variables))
    }
    return .concatenate(levels)
  }

  /// The output, with the same polynomial in its denominator.
  /// - Parameter rowsTogether: how many tokens' monomials are in memory at once. By default all.
  public func callAsFunction(
    _ q: Tensor<Scalar>, _ k1: Tensor<Scalar>, _ k2: Tensor<Scalar>, _ v1: Tensor<Scalar>, _ v2: Tensor<Scalar>,
    rowsTogether: Int? = nil
  ) -> Tensor<Scalar> {
    let n = q.shape[0]
    let together = rowsTogether ?? n
    let blocks = stride(from: 0, to: n, by: together).map { $0..<min(n, $0 + together) }
    let first = sums(k1, v1, blocks) * coefficients.expandingDimensions(1)
    let moments = first * sums(k2, v2, blocks)
    return .concatenate(
      blocks.map { block in
        let parts = matmul(monomials(q.slice(block)), moments, transposeA: true).split(axis: 1, sizes: [v1.shape[1], 1])
        return parts[0] / parts[1]
      })
  }

  /// U^T (V, 1), [r, d + 1].
  private func sums(_ k: Tensor<Scalar>, _ v: Tensor<Scalar>, _ blocks: [Range<Int>]) -> Tensor<Scalar> {
    var total = Tensor<Scalar>.zeros([rank, v.shape[1] + 1])
    for block in blocks {
      let columns = Tensor.concatenate([v.slice(block), .ones([block.count, 1])], axis: 1)
      total = total + matmul(monomials(k.slice(block)), columns)
    }
    return total
  }
}
