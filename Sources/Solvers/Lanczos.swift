import RealModule
import Tensors
import Transforms

/// A symmetric operator, seen through the Krylov space of a start vector: the tridiagonal matrix Q^T A Q.
public struct LanczosResult<Scalar: RealScalar> {
  /// The diagonal, of as many numbers as steps were taken.
  public var diagonal: [Double]
  /// Beside the diagonal, one number less.
  public var offDiagonal: [Double]
  /// The orthonormal vectors q, one a row, [steps, dimension].
  public var basis: Tensor<Scalar>
  /// The norm of what the last step left over: 0 (to rounding) once the space is invariant.
  public var remainder: Double

  /// Approximations of eigenvalues of A, ascending: those at the ends of the spectrum are right first.
  public var ritzValues: [Double] { ritz.values }

  /// The Ritz values, ascending, and the square of each eigenvector's first component: the nodes and weights of the Gauss quadrature
  /// of the start vector's spectral measure (Golub and Welsch 1969).
  public var quadrature: (nodes: [Double], weights: [Double]) { (ritz.values, ritz.firstComponents.map { $0 * $0 }) }

  private var ritz: (values: [Double], firstComponents: [Double]) {
    guard let result = tridiagonalEigen(diagonal, offDiagonal) else {
      return (diagonal.map { _ in .nan }, diagonal.map { _ in .nan })
    }
    return result
  }
}

/// Lanczos iteration for a symmetric operator (Lanczos 1950). It ends early when the Krylov space is invariant.
/// - Parameters:
///   - product: A times a vector of the shape of `start`, rank 1; compile it.
///   - start: any vector but zero.
///   - steps: products with A.
///   - reorthogonalizing: whether every vector is made orthogonal to all before it, twice: without, copies of converged eigenvalues
///     ("ghosts") appear. It costs 4 steps^2 dimension operations.
public func lanczos<Scalar: RealScalar>(
  _ product: (Tensor<Scalar>) -> Tensor<Scalar>, start: Tensor<Scalar>, steps: Int, reorthogonalizing: Bool = true
) -> LanczosResult<Scalar> {
  guard start.rank == 1, steps >= 1 else { fatalError("lanczos: \(steps) steps from a start of shape \(start.shape)") }
  let norm = start.norm().scalar
  var vectors = [start * (1 / norm)]
  var (diagonal, offDiagonal): ([Double], [Double]) = ([], [])
  var scale = 0.0
  while true {
    let q = vectors[vectors.count - 1]
    var w = product(q)
    let alpha = Double(w.dot(q).scalar)
    diagonal.append(alpha)
    w -= q * Scalar(alpha)
    if let beta = offDiagonal.last { w -= vectors[vectors.count - 2] * Scalar(beta) }
    if reorthogonalizing {
      let basis = Tensor.stack(vectors)
      for _ in 0..<2 { w -= matmul(matmul(basis, w), basis) }
    }
    let beta = Double(w.norm().scalar)
    scale = max(scale, abs(alpha) + beta + (offDiagonal.last ?? 0))
    let isInvariant = !(beta > scale * Double(Scalar.ulpOfOne) * 8)
    if diagonal.count == min(steps, start.count) || isInvariant {
      return LanczosResult(diagonal: diagonal, offDiagonal: offDiagonal, basis: .stack(vectors), remainder: beta)
    }
    offDiagonal.append(beta)
    vectors.append(w * Scalar(1 / beta))
  }
}

/// The spectrum of a symmetric operator as a sum of point masses that add up to 1.
public struct SpectralDensity: Sendable {
  /// Places of the masses, eigenvalue estimates of all probes.
  public var nodes: [Double]
  /// The masses.
  public var weights: [Double]

  /// The density at each of `points`, the masses widened to normal densities of standard deviation `width`.
  public func density(at points: [Double], width: Double) -> [Double] {
    let scale = 1 / (width * (2 * Double.pi).squareRoot())
    return points.map { point in
      zip(nodes, weights).map { node, weight in
        let distance = (point - node) / width
        return weight * scale * Double.exp(-distance * distance / 2)
      }.reduce(0, +)
    }
  }

  /// The mean of `function` over the spectrum: its trace divided by the dimension.
  public func mean(of function: (Double) -> Double) -> Double {
    zip(nodes, weights).map { $1 * function($0) }.reduce(0, +)
  }
}

/// The spectral density of a symmetric operator by stochastic Lanczos quadrature (Ubaru, Chen and Saad 2017), for a Hessian say
/// (Ghorbani, Krishnan and Xiao 2019, arXiv 1901.10159).
/// - Parameters:
///   - product: A times a vector, [dimension].
///   - dimension: of A.
///   - probes: normal start vectors; the error falls with the root of probes times dimension.
///   - steps: of Lanczos for each probe.
///   - key: probe i draws from `key[i]`.
public func spectralDensity<Scalar: RealScalar>(
  _ product: (Tensor<Scalar>) -> Tensor<Scalar>, dimension: Int, probes: Int, steps: Int, key: Key
) -> SpectralDensity {
  var result = SpectralDensity(nodes: [], weights: [])
  for probe in 0..<probes {
    let (nodes, weights) = lanczos(product, start: .normal([dimension], key: key[probe]), steps: steps).quadrature
    result.nodes += nodes
    result.weights += weights.map { $0 / Double(probes) }
  }
  return result
}
