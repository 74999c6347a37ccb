import Solvers
import Tensors
import Transforms

extension RobustAltminCompletion {
  /// A matrix M of which only some entries are seen.
  package struct Completion: TensorTree {
    /// M, [n, m].
    package var target: Tensor<Double>
    /// 1 where an entry is seen, else 0.
    package var mask: Tensor<Double>

    package init(target: Tensor<Double>, mask: Tensor<Double>) { (self.target, self.mask) = (target, mask) }

    /// The same problem with rows and columns exchanged.
    package var transposed: Completion { Completion(target: target.transposed(), mask: mask.transposed()) }

    /// U_0: the top k left singular vectors of P_Omega(M)/p, rows longer than `threshold` set to zero, made orthonormal again.
    package func start(rank: Int, share: Double, threshold: Double) throws -> Tensor<Double> {
      let u = try thinSVD(target * mask / share).u.slice(All(), 0..<rank)
      return qr(Tensor.where(u.norm(1, keepingAxes: true) .> threshold, 0, u)).q
    }
  }

  /// How the row problems min_v |A v - b| of a half-sweep are solved, A being the rows of U that the column sees.
  package enum RowSolver: Hashable {
    /// Normal equations.
    case exact
    /// The error model of the theorem: exact, then moved by epsilon |v| in a random direction.
    case perturbed(epsilon: Double)
    /// Conjugate gradients from zero, so many steps, on normal equations that a sketch of 4 k rows preconditions.
    case sketched(iterations: Int)
  }

  /// One half-sweep from an orthonormal U, [n, k]: V solves the row problems; the next factor is V made orthonormal.
  /// - Returns: the next factor, and |U V^T - M|_F / |M|_F, over all entries and with V as it was before that.
  package static func halfSweep(
    _ problem: Completion, _ u: Tensor<Double>, _ solver: RowSolver, key: Key
  ) -> (factor: Tensor<Double>, error: Tensor<Double>) {
    let rows = RowProblems(problem, u)
    let v: Tensor<Double>
    switch solver {
    case .exact: v = rows.exactSolutions()
    case .perturbed(let epsilon):
      v = perturbed(rows.exactSolutions(), by: epsilon, along: .normal([problem.target.shape[1], u.shape[1]], key: key))
    case .sketched(let iterations):
      v = rows.sketchedSolutions(CountSketch(of: u.shape[0], into: 4 * u.shape[1], key: key), iterations: iterations)
    }
    return (qr(v).q, (matmul(u, v, transposeB: true) - problem.target).norm() / problem.target.norm())
  }

  /// Each row v moved by epsilon |v| in the direction given.
  package static func perturbed(_ v: Tensor<Double>, by epsilon: Double, along direction: Tensor<Double>) -> Tensor<Double> {
    v + epsilon * v.norm(1, keepingAxes: true) * direction / direction.norm(1, keepingAxes: true)
  }

  /// All the row problems of a half-sweep at once: for each column j, min_v |W_j (U v - M_j)| with W_j the 0-1 diagonal of what is seen.
  ///
  /// The masked products below cost n m k where a sparse one would cost |Omega| k; what the paper counts is counted in `Operations`.
  package struct RowProblems {
    let u, mask, values: Tensor<Double>

    package init(_ problem: Completion, _ u: Tensor<Double>) {
      (self.u, mask, values) = (u, problem.mask, problem.target * problem.mask)
    }

    /// A^T b of all problems, [m, k].
    private var rightSides: Tensor<Double> { matmul(values, u, transposeA: true) }

    package func exactSolutions() -> Tensor<Double> {
      let (m, k) = (mask.shape[1], u.shape[1])
      // A^T A is the sum of u_i u_i^T over the rows i that are seen: one product for all columns.
      let squares = u.outer(u).reshaped(u.shape[0], k * k)
      let normal = matmul(mask, squares, transposeA: true).reshaped(m, k, k)
      return choleskySolve(normal.cholesky(), rightSides.expandingDimensions(-1)).squeezed(-1)
    }

    /// One sketch S for all problems of a half-sweep: R from the QR of each S A, then z with R v = z by conjugate gradients on
    /// (A R^-1)^T (A R^-1) z = (A R^-1)^T b. A step of the paper's own iteration, z <- z - (A R^-1)^T (A R^-1 z - b), is valid only
    /// when the sketch distorts little; conjugate gradients, our choice, converge for any distortion.
    package func sketchedSolutions(_ sketch: CountSketch<Double>, iterations: Int) -> Tensor<Double> {
      let (n, m, k) = (u.shape[0], mask.shape[1], u.shape[1])
      let terms = sketch.transposedMatrix.outer(u).reshaped(n, sketch.rows * k)
      let r = qr(matmul(mask, terms, transposeA: true).reshaped(m, sketch.rows, k)).r
      let back = { (z: Tensor<Double>) in triangularSolve(r, z.expandingDimensions(-1), isLower: false).squeezed(-1) }
      let forth = { (z: Tensor<Double>) in
        triangularSolve(r, z.expandingDimensions(-1), isLower: false, transposed: true).squeezed(-1)
      }
      var z = Tensor<Double>.zeros([m, k])
      var residual = forth(rightSides)
      var direction = residual
      var energy = residual.squaredNorm(1, keepingAxes: true)
      for _ in 0..<iterations {
        let seen = mask * matmul(u, back(direction), transposeB: true)
        let image = forth(matmul(seen, u, transposeA: true))
        let step = ratio(energy, (direction * image).sum(1, keepingAxes: true))
        z += step * direction
        residual -= step * image
        let next = residual.squaredNorm(1, keepingAxes: true)
        direction = residual + ratio(next, energy) * direction
        energy = next
      }
      return back(z)
    }

    /// 0 where nothing is left to be done: with as many steps as unknowns a residual may vanish.
    private func ratio(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Tensor<Double> { Tensor.where(b .> 0, a / b, 0) }
  }

  /// Additions and multiplications of the row problems of a half-sweep, problem j seeing |Omega_j| rows of k numbers, counted as for a
  /// sparse A. The masked products of `RowProblems` do more.
  package struct Operations {
    /// Entries that each column sees.
    let seen: [Double]
    let k: Double

    package init(seen: [Double], columns: Int) { (self.seen, k) = (seen, Double(columns)) }

    private func sum(_ count: (Double) -> Double) -> Double { seen.map(count).reduce(0, +) }

    /// A Householder QR or the normal equations, 2 |Omega_j| k² each.
    package var exact: Double { sum { 2 * $0 * k * k } }

    /// S A, |Omega_j| k, and its QR.
    package var sketch: Double { sum { $0 * k + 2 * (4 * k) * k * k } }

    /// In each step A R^-1 and its transpose once.
    package func iterations(_ count: Int) -> Double { sum { 4 * $0 * k * Double(count) } }
  }
}
