import Tensors

extension TrainingJacobian {
  /// A Jacobian J = U S V^T taken apart: right vectors are directions of the initial parameters, left vectors of the trained ones.
  package struct SingularRegions {
    /// Descending, [P].
    package var values: Tensor<Double>
    /// U and V, one vector a column, [P, P].
    private var left, right: Tensor<Double>

    /// - Parameter jacobian: [P, P], column j the derivative by the initial parameter j.
    /// - Throws: when the Jacobian is not finite.
    package init(of jacobian: Tensor<Double>) throws {
      let (u, s, vT) = try thinSVD(jacobian)
      (left, values, right) = (u, s, vT.transposed())
    }

    /// |u_i . v_i| for every i: 1 where training leaves a direction where it was.
    package func alignment() -> Tensor<Double> { (left * right).sum(0).abs() }

    /// The places of the bulk, |s - 1| <= 0.01.
    package var bulk: [Int] { places { abs($0 - 1) <= TrainingJacobian.bulkWidth } }

    /// What the trained parameters are perturbed in.
    /// - Parameter extremes: how many of the largest singular values are the chaotic region, and of the smallest the stable one.
    package func perturbedRegions(extremes: Int) -> [(name: String, places: [Int])] {
      let all = Array(0..<values.count)
      return [("bulk", bulk), ("stable", Array(all.suffix(extremes))), ("chaotic", Array(all.prefix(extremes)))]
        .filter { !$0.1.isEmpty }
    }

    /// Right singular vectors at some places, [P, places].
    package func inputs(_ places: [Int]) -> Tensor<Double> { right.gather(Tensor(places.map { Int32($0) }), axis: 1) }
    /// Left singular vectors at some places, [P, places].
    package func outputs(_ places: [Int]) -> Tensor<Double> { left.gather(Tensor(places.map { Int32($0) }), axis: 1) }

    private func places(where isChosen: (Double) -> Bool) -> [Int] {
      values.scalars.indices.filter { isChosen(values[$0]) }
    }
  }

  /// How far from 1 a singular value of the bulk may be.
  static let bulkWidth = 0.01

  /// The Kullback-Leibler divergence of softmax(after) from softmax(before), sum p log(p / q), mean over points: logits [points, classes].
  package static func divergence(_ before: Tensor<Double>, _ after: Tensor<Double>) -> Tensor<Double> {
    let logs = before.logSoftmax()
    return (logs.exp() * (logs - after.logSoftmax())).sum(-1).mean()
  }
}
