import Diagnostics
import Networks
import Tensors
import Transforms

extension TinyGradientSubspace {
  /// The gradient of the whole training set in the eigenvectors of the Hessian, at one point of a trajectory.
  package struct Spectrum {
    /// Of the Hessian, descending.
    package var eigenvalues: [Double]
    /// ||<v_i, g>||² / ||g||² in the same order: they sum to one.
    package var gradientShares: [Double]
    /// The eigenvectors of the largest eigenvalues in columns, [parameters, k].
    package var top: Tensor<Double>

    /// - Parameters:
    ///   - hessian: [parameters, parameters].
    ///   - gradient: [parameters].
    ///   - k: eigenvectors that are kept.
    /// - Throws: when the Hessian is not finite.
    package init(hessian: Tensor<Double>, gradient: Tensor<Double>, k: Int) throws {
      let (values, vectors) = try eigh(hessian)
      let count = values.count
      eigenvalues = values.scalars.reversed()
      let shares = matmul(vectors, gradient.expandingDimensions(1), transposeA: true).square() / gradient.square().sum()
      gradientShares = shares.scalars.reversed()
      top = vectors.slice(All(), count - k..<count)
    }

    /// f_top = ||P g||² / ||g||² for the projector P on the eigenvectors at some places; the bulk's for others than the first k.
    package func share(_ places: Range<Int>) -> Double { gradientShares[places].reduce(0, +) }
  }
}
